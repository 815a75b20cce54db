package io.zonewright.frontend.nvme.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.spi.Capabilities;
import io.zonewright.frontend.nvme.command.Host.Reply;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Set Features (09h) and Get Features (0Ah); identifiers as in {@code enum nvme_features_id} of libnvme's types.h. */
class FeaturesTest {
    private static final int SET = 0x09;
    private static final int GET = 0x0A;
    private static final int DEFAULT = 1 << 8;
    private static final int SAVED = 2 << 8;
    private static final int CAPABILITIES = 3 << 8;
    private static final int ALL = 0xFFFFFFFF;

    private final Host host = Host.zoned();

    private int get(int cdw10, int cdw11) {
        Reply reply = host.admin(GET, 1, cdw10, cdw11);
        assertEquals(0, reply.status());
        return reply.dw0();
    }

    private void set(int fid, int value) {
        assertEquals(0, host.admin(SET, 0, fid, value).status());
    }

    @ParameterizedTest
    @CsvSource({
        // fid, default, set, then current
        "01, 00000000, 11223307, 11223307, arbitration",
        "01, 00000000, 000000FF, 00000007, arbitration: reserved bits",
        "02, 00000000, 00000040, 00000040, power state 0 with a workload hint",
        "06, 00000001, 00000000, 00000000, volatile write cache off",
        "08, 00000000, 0000FF10, 0000FF10, interrupt coalescing",
        "0A, 00000000, 00000001, 00000001, write atomicity",
        "0B, 00000000, 08000102, 08000102, asynchronous events",
        "19, 00000000, 00000000, 00000000, command set profile",
    })
    void simpleValues(String fid, String byDefault, String value, String current, String what) {
        int id = Integer.parseInt(fid, 16);
        assertEquals(Integer.parseUnsignedInt(byDefault, 16), get(id, 0), what);
        set(id, Integer.parseUnsignedInt(value, 16));
        assertEquals(Integer.parseUnsignedInt(current, 16), get(id, 0), what);
        assertEquals(Integer.parseUnsignedInt(byDefault, 16), get(id | DEFAULT, 0), what);
        assertEquals(Integer.parseUnsignedInt(byDefault, 16), get(id | SAVED, 0), "nothing is saved: " + what);
        assertEquals(4, get(id | CAPABILITIES, 0), "changeable: " + what);
        host.controller.registers().writeCc(0);
        host.controller.registers().writeCc(Host.ENABLE_ALL);
        assertEquals(Integer.parseUnsignedInt(byDefault, 16), get(id, 0), "after a reset: " + what);
    }

    @Test
    void temperature() {
        assertEquals(343, get(0x04, 0));
        assertEquals(0, get(0x04, 1 << 20));
        set(0x04, (1 << 20) | 280);
        set(0x04, 300);
        assertEquals(300, get(0x04, 0));
        assertEquals(280, get(0x04, 1 << 20));
        assertEquals(343, get(0x04 | DEFAULT, 0));
        set(0x04, 0x000F0000 | 350);
        assertEquals(350, get(0x04, 0));
    }

    @Test
    void errorRecoveryIsPerNamespace() {
        assertEquals(0, host.admin(SET, 2, 0x05, 7).status());
        assertEquals(0, host.admin(GET, 1, 0x05).dw0());
        assertEquals(7, host.admin(GET, 2, 0x05).dw0());
        assertEquals(6, host.admin(GET, 2, 0x05 | CAPABILITIES).dw0());
        assertEquals(0, host.admin(SET, ALL, 0x05, 9).status());
        assertEquals(9, host.admin(GET, 1, 0x05).dw0());
        assertEquals(9, host.admin(GET, 2, 0x05).dw0());
    }

    @Test
    void numberOfQueues() {
        assertEquals(0x00070007, get(0x07, 0), "what there is");
        Reply reply = host.admin(SET, 0, 0x07, 0x000F001F);
        assertEquals(0, reply.status());
        assertEquals(0x00030003, reply.dw0());
        assertEquals(0x00030003, get(0x07, 0));
        assertEquals("queues f001f", host.carrier.calls.getLast());
        assertEquals(0x4002, host.admin(SET, 0, 0x07, 0x0000FFFF).status());
        assertEquals(0x4002, host.admin(SET, 0, 0x07, 0xFFFF0000).status());
        // A completion queue is created.
        assertEquals(0, host.admin(0x05, 0, 0x000F0001, 1).status());
        assertEquals(0x400C, host.admin(SET, 0, 0x07, 0x00010001).status());
        assertEquals(0x4002, host.admin(SET, 0, 0x07, 0x0000FFFF).status(), "the value comes first");
        host.controller.registers().writeCc(0);
        host.controller.registers().writeCc(Host.ENABLE_ALL);
        assertEquals(0, host.admin(SET, 0, 0x07, 0x00010001).status());
    }

    @Test
    void interrupts() {
        set(0x08, 0x0A07);
        set(0x09, 0x00010003);
        assertEquals(List.of("enabled", "coalescing 7 10", "vector 3 true"), host.carrier.calls);
        assertEquals(0x00010003, get(0x09, 3));
        assertEquals(0x00000002, get(0x09, 2));
        assertEquals(0x00010000, get(0x09, 0), "the admin queue's is never coalesced");
        assertEquals(0x4002, host.admin(GET, 0, 0x09, 9).status(), "nine vectors, 0 to 8");
        assertEquals(0x4002, host.admin(SET, 0, 0x09, 9).status());
        assertEquals(0x4002, Host.zonedTcp().admin(GET, 0, 0x08).status(), "none over TCP");
    }

    @Test
    void writeCacheOff() {
        assertFalse(host.controller.writeThrough());
        set(0x06, 0);
        assertTrue(host.controller.writeThrough());
        Host stable = Host.with(Capabilities.PLAIN);
        assertEquals(0x4002, stable.admin(GET, 0, 0x06).status(), "no cache, no feature");
        assertEquals(0x4002, stable.admin(SET, 0, 0x06, 1).status(), "no cache, no feature");
    }

    @Test
    void timestamp() {
        host.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(300));
        Reply fresh = host.admin(GET, 0, 0x0E);
        assertEquals("2c01000000000000", fresh.hex(0, 8), "300 ms since enable, origin 000b");
        byte[] time = HexFormat.of().parseHex("0030f2a09a01ffff");
        assertEquals(0, host.run(0, host.sqe(SET, 0, 0x0E), time).status());
        host.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(2));
        assertEquals("0230f2a09a010200", host.admin(GET, 0, 0x0E).hex(0, 8), "origin 001b, two milliseconds later");
    }

    @Test
    void keepAlive() {
        assertEquals(0x4002, host.admin(GET, 0, 0x0F).status(), "PCIe has none");
        Host tcp = Host.zonedTcp();
        assertEquals(0, tcp.admin(SET, 0, 0x0F, 5001).status());
        assertEquals(6000, tcp.admin(GET, 0, 0x0F).dw0(), "steps of a second");
        assertEquals(tcp.nanos.get() + 6_000_000_000L, tcp.controller.keepAliveDeadlineNanos());
    }

    @Test
    void hostBehavior() {
        assertEquals("00".repeat(512), host.admin(GET, 0, 0x16).hex(0, 512));
        byte[] data = new byte[512];
        data[0] = 1;
        data[2] = 1;
        data[100] = 77;
        assertEquals(0, host.run(0, host.sqe(SET, 0, 0x16), data).status());
        assertEquals("010001" + "00".repeat(509), host.admin(GET, 0, 0x16).hex(0, 512));
        data[0] = 2;
        assertEquals(0x4002, host.run(0, host.sqe(SET, 0, 0x16), data).status());
    }

    @Test
    void hostIdentifier() {
        byte[] id = HexFormat.of().parseHex("0102030405060708090a0b0c0d0e0f10");
        assertEquals("00".repeat(8), host.admin(GET, 0, 0x81).hex(0, 8));
        assertEquals(0, host.run(0, host.sqe(SET, 0, 0x81, 1), id).status());
        assertEquals(
                "0102030405060708090a0b0c0d0e0f10", host.admin(GET, 0, 0x81, 1).hex(0, 16));
        assertEquals(0x4018, host.admin(GET, 0, 0x81).status(), "64 bits asked of 128");
        assertEquals(
                0, host.run(0, host.sqe(SET, 0, 0x81), Arrays.copyOf(id, 8)).status());
        assertEquals("0102030405060708", host.admin(GET, 0, 0x81).hex(0, 8));
    }

    @Test
    void hostIdentifierOfFabrics() {
        Host tcp = Host.zonedTcp();
        assertEquals(
                "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", tcp.admin(GET, 0, 0x81, 1).hex(0, 16), "as Connect told it");
        assertEquals(0x4018, tcp.admin(GET, 0, 0x81).status());
        assertEquals(0x400C, tcp.admin(SET, 0, 0x81, 1).status());
    }

    @ParameterizedTest
    @CsvSource({
        // opcode, nsid, cdw10, cdw11, status
        "0A, 0,        00000000, 0,        4002, reserved identifier",
        "0A, 0,        0000000C, 0,        4002, autonomous power states",
        "09, 0,        0000000C, 0,        4002, autonomous power states",
        "0A, 0,        00000401, 0,        4002, reserved Select",
        "0A, 0,        00000405, 0,        4002, reserved Select before the namespace",
        "0A, 0,        00000005, 0,        400b, Error Recovery of no namespace",
        "0A, FFFFFFFF, 00000005, 0,        400b, Error Recovery of all",
        "0A, 0,        00000004, 00010000, 4002, sensor 1",
        "0A, 0,        00000004, 000F0000, 4002, all sensors can only be set",
        "09, 0,        00000004, 00200000, 4002, THSEL 10b",
        "09, 0,        80000001, 0,        410d, save",
        "09, 1,        80000001, 0,        410d, save before the namespace",
        "09, 0,        8000000C, 0,        4002, unknown before save",
        "09, 1,        00000001, 0,        410f, not namespace specific",
        "09, 1,        00000002, 1,        410f, namespace before the value",
        "09, 9,        00000001, 0,        400b, no such namespace",
        "09, 0,        00000005, 0,        400b, Error Recovery of no namespace",
        "09, 1,        00000005, 00010000, 4002, DULBE",
        "09, 0,        00000002, 00000001, 4002, power state 1",
        "09, 0,        0000000B, 00000200, 4002, firmware activation notices",
        "09, 0,        00000019, 00000001, 412b, combination 1",
        "09, 0,        0000000F, 00001000, 4002, keep alive over PCIe",
    })
    void refused(String opcode, String nsid, String cdw10, String cdw11, String status, String why) {
        Reply reply = host.admin(
                Integer.parseInt(opcode, 16),
                Integer.parseUnsignedInt(nsid, 16),
                Integer.parseUnsignedInt(cdw10, 16),
                Integer.parseUnsignedInt(cdw11, 16));
        assertEquals(status, Integer.toHexString(reply.status()), why);
    }

    @Test
    void oneControllersFeaturesAreItsOwn() {
        NvmeController other = host.subsystem.newController(Host.pcie(), new Host.Carrier());
        set(0x06, 0);
        assertTrue(host.controller.writeThrough());
        assertFalse(other.writeThrough());
    }
}
