package io.zonewright.frontend.nvme.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.frontend.nvme.command.Host.Command;
import org.junit.jupiter.api.Test;

/** Asynchronous Event Request (0Ch) and Abort (08h). DW0: type, information, log page (Base 2.0). */
class AsyncEventsTest {
    private static final int REQUEST = 0x0C;
    private static final int ABORT = 0x08;
    private static final int ZONE_EVENT = 0x00BFEF02;
    private static final int NAMESPACE_EVENT = 0x00040002;
    private static final int TEMPERATURE_EVENT = 0x00020101;

    private final Host host = Host.zoned();

    private Command request(int cid) {
        byte[] sqe = host.sqe(REQUEST, 0);
        sqe[2] = (byte) cid;
        sqe[3] = 0;
        return host.start(0, sqe, new byte[0]);
    }

    private void enable(int mask) {
        assertEquals(0, host.admin(0x09, 0, 0x0B, mask).status());
    }

    private void readLog(int nsid, int lid) {
        assertEquals(0, host.admin(0x02, nsid, lid).status());
    }

    private void zoneFails(int zone) {
        host.administer(Operation.ZONE_SET_READ_ONLY, zone);
    }

    @Test
    void zoneDescriptorChanged() {
        enable(1 << 27);
        Command waiting = request(1);
        assertEquals(0, waiting.ended);
        zoneFails(4);
        assertEquals(1, waiting.ended);
        assertEquals(0, waiting.status());
        assertEquals(ZONE_EVENT, waiting.dw0());
        assertEquals(1, waiting.dw1(), "NSID");
    }

    @Test
    void maskedUntilTheLogIsRead() {
        enable(1 << 27);
        assertEquals(1, firstAfter(4).ended);
        Command second = request(2);
        zoneFails(5);
        assertEquals(0, second.ended, "masked: the log has not been read");
        readLog(1, 0xBF | (1 << 15));
        zoneFails(6);
        assertEquals(0, second.ended, "the read retained the event");
        readLog(1, 0xBF);
        assertEquals(0, second.ended, "what the log has told is over");
        zoneFails(7);
        assertEquals(1, second.ended);
        assertEquals(ZONE_EVENT, second.dw0());
    }

    private Command firstAfter(int zone) {
        Command command = request(1);
        zoneFails(zone);
        return command;
    }

    @Test
    void anEventWaitsForARequest() {
        enable(1 << 27);
        zoneFails(4);
        Command late = request(1);
        assertEquals(1, late.ended);
        assertEquals(ZONE_EVENT, late.dw0());
    }

    @Test
    void anEventWhoseLogWasReadIsNotTold() {
        enable(1 << 27);
        zoneFails(4);
        readLog(1, 0xBF);
        assertEquals(0, request(1).ended);
    }

    @Test
    void notEnabledNotTold() {
        Command waiting = request(1);
        zoneFails(4);
        enable(1 << 27);
        assertEquals(0, waiting.ended, "it happened before it was asked for");
        assertEquals(1, host.admin(0x02, 1, 0xBF).u8(0), "but the log has it");
    }

    @Test
    void conventionalZonesHaveNoDescriptor() {
        enable(1 << 27);
        Command waiting = request(1);
        host.controller.zoneChanged(0);
        assertEquals(0, waiting.ended);
        host.controller.zoneChanged(2);
        assertEquals(1, waiting.ended);
    }

    @Test
    void namespaceChanged() {
        enable((1 << 8) | (1 << 27));
        Command first = request(1);
        Command second = request(2);
        host.controller.namespacesChanged();
        assertEquals(NAMESPACE_EVENT, first.dw0());
        assertEquals(0, first.dw1());
        assertEquals(0, second.ended, "one event for both namespaces");
        zoneFails(4);
        assertEquals(ZONE_EVENT, second.dw0(), "one kind does not mask the other");
        assertEquals(
                "0100000002000000" + "00000000", host.admin(0x02, 0, 0x00020004).hex(0, 12));
        assertEquals("000000000000000000000000", host.admin(0x02, 0, 0x00020004).hex(0, 12));
    }

    @Test
    void temperature() {
        enable(1 << 1);
        Command waiting = request(1);
        assertEquals(0, host.admin(0x09, 0, 0x04, 310).status());
        assertEquals(TEMPERATURE_EVENT, waiting.dw0());
        assertEquals(0x02, host.admin(0x02, 0, 0x02).u8(0), "critical warning");
    }

    @Test
    void atMostFourRequests() {
        for (int i = 0; i < 4; i++) {
            assertEquals(0, request(i).ended);
        }
        Command fifth = request(4);
        assertEquals(1, fifth.ended);
        assertEquals(0x4105, fifth.status());
    }

    @Test
    void abort() {
        Command one = request(1);
        Command two = request(2);
        assertEquals(0, host.admin(ABORT, 0, 0x00020000).dw0());
        assertEquals(0x0007, two.status());
        assertEquals(0, one.ended);
        assertEquals(1, host.admin(ABORT, 0, 0x00020000).dw0(), "no longer there");
        assertEquals(1, host.admin(ABORT, 0, 0x00010001).dw0(), "another queue");
        assertEquals(0, host.admin(ABORT, 0, 0x00010001).status());
        assertEquals(0, host.admin(0x02, 0, 0x000F0001).u64(0), "the host's own wish is no error");
    }

    @Test
    void resetDropsRequestsAndEvents() {
        enable(1 << 27);
        Command waiting = request(1);
        host.controller.registers().writeCc(0);
        assertEquals(0x0008, waiting.status());
        host.controller.registers().writeCc(Host.ENABLE_ALL);
        Command next = request(1);
        zoneFails(4);
        assertEquals(0, next.ended, "no event is enabled after a reset");
    }

    @Test
    void everyControllerIsToldForItself() {
        Host.Carrier carrier = new Host.Carrier();
        NvmeController other = host.subsystem.newController(Host.pcie(), carrier);
        carrier.controller = other;
        other.registers().writeCc(Host.ENABLE_ALL);
        enable(1 << 27);
        Command mine = request(1);
        Command theirs = new Command();
        theirs.sqe()[0] = REQUEST;
        other.begin(theirs, 0);
        other.execute(theirs);
        zoneFails(4);
        assertEquals(1, mine.ended);
        assertEquals(0, theirs.ended, "it did not ask");
        other.close();
        assertEquals(0x0008, theirs.status());
    }

    @Test
    void aBrokenCarrierDoesNotSilenceTheOthers() {
        // The first controller's carrier throws when its event request ends.
        enable(1 << 27);
        NvmeCommand bad = new NvmeCommand() {
            @Override
            protected void onComplete() {
                throw new IllegalStateException("the test's carrier is broken");
            }
        };
        bad.sqe()[0] = REQUEST;
        host.controller.begin(bad, 0);
        host.controller.execute(bad);
        Host.Carrier carrier = new Host.Carrier();
        NvmeController other = host.subsystem.newController(Host.pcie(), carrier);
        other.registers().writeCc(Host.ENABLE_ALL);
        Command configure = new Command();
        System.arraycopy(host.sqe(0x09, 0, 0x0B, 1 << 27), 0, configure.sqe(), 0, 64);
        other.begin(configure, 0);
        other.execute(configure);
        Command theirs = new Command();
        theirs.sqe()[0] = REQUEST;
        other.begin(theirs, 0);
        other.execute(theirs);
        zoneFails(4);
        assertEquals(ZONE_EVENT, theirs.dw0());
    }
}
