package io.zonewright.frontend.nvme.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.frontend.nvme.command.Host.Command;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From the 64 bytes of a command to its status: dispatch, precedence, keep alive, several controllers. */
class NvmeControllerTest {
    private final Host host = Host.zoned();

    @ParameterizedTest
    @CsvSource({
        // queue, bytes 0 to 7 of the entry (opcode, flags, CID, NSID), status
        "0, 0d00010000000000, 4001, Namespace Management",
        "0, 8000010001000000, 4001, Format NVM",
        "0, 1000010000000000, 4001, Firmware Commit",
        "0, 1800010000000000, 4001, Keep Alive without a timer",
        "0, 7c00010000000000, 4001, Doorbell Buffer Config not offered",
        "0, 7f00010000000000, 4001, Fabrics over PCIe",
        "1, 0400010001000000, 4001, Write Uncorrectable",
        "1, 1900010001000000, 4001, Copy",
        "1, 0d00010001000000, 4001, Reservation Register",
        "1, 8000010001000000, 4001, vendor specific",
        "1, 7d00010002000000, 4001, Zone Append to an ordinary namespace",
        "1, 0201010001000000, 4002, fused, first",
        "1, 0202010001000000, 4002, fused, second",
        "1, 0280010001000000, 4002, PSDT 10b",
        "1, 02c0010001000000, 4002, PSDT 11b",
        "0, 0640010000000000, 4002, SGL for an admin command over PCIe",
        "0, 0800010001000000, 4002, Abort with an NSID",
        "0, 0c000100ffffffff, 4002, event request with an NSID",
        "1, 0200010000000000, 400b, Read of NSID 0",
        "1, 0200010003000000, 400b, Read above NN",
        "1, 02000100ffffffff, 400b, Read of all namespaces",
        "1, 0000010003000000, 400b, Flush above NN",
        // Pairs: what is told where two apply.
        "1, 0401010001000000, 4001, opcode before fused",
        "1, 0480010001000000, 4001, opcode before PSDT",
        "1, 0400010009000000, 4001, opcode before NSID",
        "1, 0201010009000000, 4002, fused before NSID",
        "1, 0280010009000000, 4002, PSDT before NSID",
        "0, 0d01010009000000, 4001, opcode before fused and NSID",
        "1, 7d01010002000000, 4002, fused before what the namespace's set has",
    })
    void refused(int queue, String head, String status, String why) {
        byte[] sqe = new byte[64];
        byte[] first = java.util.HexFormat.of().parseHex(head);
        System.arraycopy(first, 0, sqe, 0, 8);
        assertEquals(
                status, Integer.toHexString(host.run(queue, sqe, new byte[0]).status()), why);
        assertEquals(1, host.admin(0x02, 0, 0x000F0001).u64(0), "one entry in the error log: " + why);
    }

    @Test
    void fabricsTakeSglsOnly() {
        Host tcp = Host.zonedTcp();
        byte[] sqe = tcp.sqe(0x06, 0, 1);
        assertEquals(0, tcp.run(0, sqe, new byte[0]).status());
        sqe[1] = 0;
        assertEquals(0x4002, tcp.run(0, sqe, new byte[0]).status(), "PRP");
        sqe[1] = (byte) 0x80;
        assertEquals(0x4002, tcp.run(0, sqe, new byte[0]).status(), "PSDT 10b");
        assertEquals(0x4001, tcp.admin(0x05, 0).status(), "queues are not created by command");
        assertEquals(0, tcp.admin(0x18, 0).status(), "Keep Alive");
    }

    @Test
    void nothingBeforeReady() {
        Host off = Host.raw(Host.pcie());
        assertEquals(0x400C, off.admin(0x06, 0, 1).status());
        off.controller.registers().writeCc(Host.ENABLE_ALL);
        assertEquals(0, off.admin(0x06, 0, 1).status());
        off.controller.registers().fail();
        assertEquals(0x400C, off.admin(0x06, 0, 1).status());
        assertEquals(0x400C, off.io(0xEE, 9).status(), "before everything else");
    }

    @Test
    void fabricsCommandsComeBeforeReady() {
        Host off = Host.raw(Host.tcp());
        assertEquals(0, off.admin(0x7F, 4).status(), "byte 4 is FCTYPE, not an NSID");
        assertEquals(List.of("admin 7f"), off.carrier.calls);
        assertEquals(0x400C, off.io(0x7F, 4).status(), "on I/O queues the carrier alone knows them");
    }

    @Test
    void writeReadFlush() {
        byte[] data = new byte[3 * 512];
        Arrays.fill(data, (byte) 0x5A);
        // Zone 2 of the device is the zoned namespace's first: LBA 0.
        assertEquals(0, host.io(data, 0x01, 1, 0, 0, 2).status());
        assertArrayEquals(data, host.io(0x02, 1, 0, 0, 2).data());
        // Not at the write pointer any more: Zone Invalid Write.
        assertEquals(
                0x1BC,
                NvmeStatus.code(host.run(1, host.sqe(0x01, 1, 0, 0, 2), data).status()));
        assertEquals(0, host.io(0x00, 1).status());
        assertEquals(0, host.io(0x00, 0xFFFFFFFF).status());
        assertEquals(0, host.io(data, 0x01, 2, 7, 0, 2).status(), "conventional");
        assertArrayEquals(data, host.io(0x02, 2, 7, 0, 2).data());
    }

    @Test
    void appendTellsWhere() {
        byte[] data = new byte[1024];
        assertEquals(0, host.io(data, 0x7D, 1, 128, 0, 1).status());
        Host.Reply second = host.io(data, 0x7D, 1, 128, 0, 1);
        assertEquals(0, second.status());
        assertEquals(130, second.dw0());
        assertEquals(0, second.dw1());
    }

    @Test
    void moreThanMdts() {
        Host wide = Host.over(
                Host.shape(),
                new ControllerTraits(
                        Transport.PCIE, 4096, true, true, 0, 0, 16, 1, false, false, "", ControllerTraits.NO_HOST_ID));
        assertEquals(0, wide.io(0x02, 2, 0, 0, 7).status(), "4 KiB");
        assertEquals(0x4002, wide.io(0x02, 2, 0, 0, 8).status(), "4.5 KiB");
    }

    @Test
    void nvmCommandSetOnly() {
        Host nvm = Host.raw(Host.pcie());
        nvm.controller.registers().writeCc(Host.ENABLE_NVM);
        assertEquals(0x4002, nvm.io(0x02, 1, 0, 0, 0).status(), "the zoned namespace is not attached");
        assertEquals(0, nvm.io(0x02, 2, 0, 0, 0).status());
        assertEquals(0x4001, nvm.io(0x7D, 1, 0, 0, 0).status(), "Zone Append is not enabled");
    }

    @Test
    void carriersOwnCommands() {
        assertEquals(0, host.admin(0x01, 0, 0x000F0001, 0x00010001).status());
        assertEquals("admin 1", host.carrier.calls.getLast());
        Host shadow = Host.over(
                Host.shape(),
                new ControllerTraits(
                        Transport.PCIE, 4096, true, true, 0, 0, 16, 1, true, false, "", ControllerTraits.NO_HOST_ID));
        assertEquals(0x0100, shadow.admin(0x06, 0, 1).u16(256), "oacs");
        assertEquals(0x4001, shadow.admin(0x7C, 0).status(), "the carrier did not know it");
        assertEquals("admin 7c", shadow.carrier.calls.getLast());
    }

    @Test
    void refusedByTheCarrier() {
        Command command = new Command();
        System.arraycopy(host.sqe(0x02, 2, 0, 0, 7), 0, command.sqe(), 0, 64);
        assertTrue(host.controller.begin(command, 1));
        assertEquals(Transfer.TO_HOST, command.transfer());
        assertEquals(4096, command.transferBytes());
        host.controller.refuse(command, NvmeStatus.dnr(NvmeStatus.PRP_OFFSET_INVALID));
        assertEquals(0x4013, command.status());
        assertEquals(0x4013 << 1, host.admin(0x02, 0, 0x000F0001).u16(12), "in the error log");
        assertThrows(IllegalStateException.class, () -> command.finish(0));
    }

    @Test
    void wrongAmountOfDataIsTheCarriersFault() {
        Command command = new Command();
        System.arraycopy(host.sqe(0x02, 2, 0, 0, 7), 0, command.sqe(), 0, 64);
        assertTrue(host.controller.begin(command, 1));
        assertThrows(IllegalStateException.class, () -> host.controller.execute(command));
        assertEquals(0, command.ended);
    }

    @Test
    void keepAlive() {
        Host tcp = Host.zonedTcp();
        NvmeController controller = tcp.controller;
        assertEquals(Long.MAX_VALUE, controller.keepAliveDeadlineNanos());
        controller.setKeepAliveTimeout(5000);
        long start = tcp.nanos.get();
        long interval = TimeUnit.SECONDS.toNanos(5);
        assertEquals(start + interval, controller.keepAliveDeadlineNanos());
        tcp.io(0x00, 1);
        controller.checkKeepAlive(start + interval);
        assertEquals(start + 2 * interval, controller.keepAliveDeadlineNanos(), "there was traffic");
        controller.checkKeepAlive(start + 2 * interval - 1);
        assertEquals(List.of("enabled"), tcp.carrier.calls);
        controller.checkKeepAlive(start + 2 * interval);
        controller.checkKeepAlive(start + 3 * interval);
        assertEquals(List.of("enabled", "expired"), tcp.carrier.calls);
        assertEquals(0x3, controller.registers().csts(), "CFS");
        assertEquals(0x400C, tcp.admin(0x18, 0).status());
        assertEquals(Long.MAX_VALUE, controller.keepAliveDeadlineNanos());
    }

    @Test
    void keepAliveCommandRestartsTheTimer() {
        Host tcp = Host.zonedTcp();
        tcp.controller.setKeepAliveTimeout(5000);
        tcp.nanos.addAndGet(TimeUnit.SECONDS.toNanos(4));
        assertEquals(0, tcp.admin(0x18, 0).status());
        assertEquals(tcp.nanos.get() + TimeUnit.SECONDS.toNanos(5), tcp.controller.keepAliveDeadlineNanos());
    }

    @Test
    void controllerIdentifiers() {
        List<NvmeController> all = new ArrayList<>();
        for (int i = 2; i <= 1024; i++) {
            NvmeController next = host.subsystem.newController(Host.pcie(), new Host.Carrier());
            assertEquals(i, next.id());
            all.add(next);
        }
        assertThrows(IllegalStateException.class, () -> host.subsystem.newController(Host.pcie(), new Host.Carrier()));
        all.get(5).close();
        all.get(5).close();
        assertEquals(
                7, host.subsystem.newController(Host.pcie(), new Host.Carrier()).id(), "the free one");
        assertTrue(host.subsystem.hasController(7));
        host.subsystem.close();
        assertFalse(host.subsystem.hasController(7));
    }

    @Test
    void oneHostsFailureIsNotAnothers() {
        Host.Carrier carrier = new Host.Carrier();
        NvmeController other = host.subsystem.newController(Host.pcie(), carrier);
        carrier.controller = other;
        other.registers().writeCc(Host.ENABLE_ALL);
        other.registers().fail();
        assertEquals(0, host.io(0x02, 2, 0, 0, 0).status());
        assertEquals(1, host.controller.registers().csts());
        assertEquals(0, host.admin(0x02, 0, 0x000F0001).u64(0), "its error log is its own");
    }
}
