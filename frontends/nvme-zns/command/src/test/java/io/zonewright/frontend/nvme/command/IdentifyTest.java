package io.zonewright.frontend.nvme.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.frontend.nvme.command.Host.Reply;
import io.zonewright.testkit.backend.Shape;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Identify (opcode 06h). Offsets are those of {@code struct nvme_id_ctrl}, {@code nvme_id_ns}, {@code nvme_zns_id_ns},
 * {@code nvme_id_independent_id_ns} and {@code nvme_ns_id_desc} in libnvme's types.h.
 */
class IdentifyTest {
    private static final int IDENTIFY = 0x06;

    private final Host host = Host.zoned();

    private Reply identify(Host who, int nsid, int cns, int csi) {
        Reply reply = who.admin(IDENTIFY, nsid, cns, csi << 24);
        assertEquals(0, reply.status());
        assertEquals(4096, reply.data().length);
        return reply;
    }

    private static String text(Reply reply, int offset, int length) {
        return new String(reply.data(), offset, length, StandardCharsets.US_ASCII);
    }

    @Test
    void controllerOverPcie() {
        Reply id = identify(host, 0, 0x01, 0);
        assertEquals(0x5A57, id.u16(0), "vid");
        assertEquals("00112233445566778899", text(id, 4, 20), "sn");
        assertEquals("Zonewright                              ", text(id, 24, 40), "mn");
        assertEquals("1       ", text(id, 64, 8), "fr");
        assertEquals(0x03, id.u8(76), "cmic");
        assertEquals(5, id.u8(77), "mdts: 128 KiB");
        assertEquals(1, id.u16(78), "cntlid");
        assertEquals(0x00020000, id.u32(80), "ver");
        assertEquals(0x08000100, id.u32(92), "oaes: namespace attributes, zone descriptors");
        assertEquals(0x00000001, id.u32(96), "ctratt: 128-bit host identifier");
        assertEquals(1, id.u8(111), "cntrltype");
        assertEquals(1, id.u8(253), "nvmsr");
        assertEquals(0, id.u16(256), "oacs");
        assertEquals(3, id.u8(258), "acl");
        assertEquals(3, id.u8(259), "aerl");
        assertEquals(0x03, id.u8(260), "frmw");
        assertEquals(0x26, id.u8(261), "lpa");
        assertEquals(63, id.u8(262), "elpe");
        assertEquals(343, id.u16(266), "wctemp");
        assertEquals(373, id.u16(268), "cctemp");
        assertEquals(0, id.u16(320), "kas");
        assertEquals(0x66, id.u8(512), "sqes");
        assertEquals(0x44, id.u8(513), "cqes");
        assertEquals(0, id.u16(514), "maxcmd");
        assertEquals(2, id.u32(516), "nn");
        assertEquals(0xDD, id.u16(520), "oncs: compare, dsm, write zeroes, save, timestamp, verify");
        assertEquals(0, id.u16(522), "fuses");
        assertEquals(0, id.u8(524), "fna");
        assertEquals(0x07, id.u8(525), "vwc");
        assertEquals(0x00040001, id.u32(536), "sgls");
        assertEquals(Host.NQN + "\0", text(id, 768, Host.NQN.length() + 1), "subnqn");
        assertEquals("00".repeat(256), id.hex(1792, 256), "fabrics fields");
    }

    @Test
    void controllerOverTcp() {
        Reply id = identify(Host.zonedTcp(), 0, 0x01, 0);
        assertEquals(0, id.u16(0), "vid");
        assertEquals(8, id.u8(77), "mdts: 1 MiB");
        assertEquals(0x41, id.u32(96), "ctratt: traffic based keep alive too");
        assertEquals(10, id.u16(320), "kas");
        assertEquals(128, id.u16(514), "maxcmd");
        assertEquals(0x00340001, id.u32(536), "sgls");
        assertEquals(516, id.u32(1792), "ioccsz");
        assertEquals(1, id.u32(1796), "iorcsz");
        assertEquals(0, id.u16(1800), "icdoff");
        assertEquals(1, id.u8(1803), "msdbd");
    }

    @Test
    void whatTheMediumCannotIsNotOffered() {
        Reply id = identify(Host.with(Capabilities.PLAIN), 0, 0x01, 0);
        assertEquals(0xD1, id.u16(520), "oncs: compare, save, timestamp, verify");
        assertEquals(0x06, id.u8(525), "vwc");
    }

    @Test
    void zonedNamespace() {
        Reply nvm = identify(host, 1, 0x00, 0);
        assertEquals(6 * 128, nvm.u64(0), "nsze");
        assertEquals(6 * 96, nvm.u64(8), "ncap");
        assertEquals(6 * 96, nvm.u64(16), "nuse");
        assertEquals(0, nvm.u8(25), "nlbaf");
        assertEquals(0, nvm.u8(26), "flbas");
        assertEquals(1, nvm.u8(30), "nmic");
        assertEquals(1, nvm.u8(33), "dlfeat");
        assertEquals(0, nvm.u8(99), "nsattr");
        assertEquals("00112233445566778899aabbccddeeff", nvm.hex(104, 16), "nguid");
        assertEquals(0, nvm.u64(120), "eui64");
        assertEquals("00000900", nvm.hex(128, 4), "lbaf0");

        Reply zns = identify(host, 1, 0x05, 2);
        assertEquals(0, zns.u16(0), "zoc");
        assertEquals(1, zns.u16(2), "ozcs: razb");
        assertEquals(2, zns.u32(4), "mar: 3");
        assertEquals(1, zns.u32(8), "mor: 2");
        assertEquals("00".repeat(41), zns.hex(12, 41), "recommended limits and areas");
        assertEquals(128, zns.u64(2816), "lbafe0.zsze");
        assertEquals(0, zns.u8(2824), "lbafe0.zdes");

        Reply common = identify(host, 1, 0x08, 0);
        assertEquals(1, common.u8(1), "nmic");
        assertEquals(1, common.u8(14), "nstat: ready");
        assertEquals("00".repeat(4096), identify(host, 1, 0x05, 0).hex(0, 4096), "no protection information");
    }

    @Test
    void noLimits() {
        Reply zns = identify(Host.over(Host.shape().with(ZoneLimits.NONE), Host.pcie()), 1, 0x05, 2);
        assertEquals(0xFFFFFFFF, zns.u32(4), "mar");
        assertEquals(0xFFFFFFFF, zns.u32(8), "mor");
    }

    @Test
    void conventionalZonesAreTheSecondNamespace() {
        Reply nvm = identify(host, 2, 0x00, 0);
        assertEquals(2 * 128, nvm.u64(0), "nsze");
        assertEquals(2 * 128, nvm.u64(8), "ncap");
        assertFalse(nvm.hex(104, 16).equals("00112233445566778899aabbccddeeff"), "an nguid of its own");
        assertEquals(nvm.hex(104, 16), identify(Host.zonedTcp(), 2, 0x00, 0).hex(104, 16), "the same on every carrier");
    }

    @Test
    void descriptors() {
        assertEquals(
                "02100000" + "00112233445566778899aabbccddeeff" + "03100000" + "00112233445566778899aabbccddeeff"
                        + "0401000002" + "00000000",
                identify(host, 1, 0x03, 0).hex(0, 49));
        assertEquals("0401000000", identify(host, 2, 0x03, 0).hex(40, 5));
    }

    @Test
    void controllerOfTheCommandSets() {
        assertEquals(3, identify(host, 0, 0x06, 2).u8(0), "zasl: 32 KiB");
        assertEquals(11, identify(host, 0, 0x06, 0).u8(0), "vsl: 8 MiB");
    }

    @Test
    void zaslIsZeroWhereMdtsIsTheLimit() {
        Host wide = Host.over(Host.shape().with(new ZoneLimits(0, 0, 48 * 1024)), Host.pcie());
        assertEquals(3, identify(wide, 0, 0x06, 2).u8(0), "48 KiB are told as 32");
        Shape big = Shape.hostManaged(2, 1024).with(new ZoneLimits(0, 0, 256 * 1024));
        assertEquals(0, identify(Host.over(big, Host.pcie()), 0, 0x06, 2).u8(0));
    }

    @Test
    void combinationOfCommandSets() {
        assertEquals("05" + "00".repeat(15), identify(host, 0, 0xFFFF001C, 0).hex(0, 16));
        assertEquals("05", identify(host, 0, 0x0001001C, 0).hex(0, 1));
        Host plain = Host.over(plain(), Host.pcie());
        assertEquals("01", identify(plain, 0, 0xFFFF001C, 0).hex(0, 1));
    }

    private static Shape plain() {
        return Host.shape().withConventional(0).with(ZoneLimits.NONE).with(ZoneGeometry.unzoned(1 << 20, 512));
    }

    @Test
    void lists() {
        assertEquals("0100000002000000" + "00000000", identify(host, 0, 0x02, 0).hex(0, 12));
        assertEquals("02000000" + "00000000", identify(host, 1, 0x02, 0).hex(0, 8));
        assertEquals("00000000", identify(host, 0xFFFFFFFD, 0x02, 0).hex(0, 4));
        assertEquals("0100000000000000", identify(host, 0, 0x07, 2).hex(0, 8));
        assertEquals("0200000000000000", identify(host, 0, 0x07, 0).hex(0, 8));
        assertEquals("0100000002000000", identify(host, 0, 0x10, 0).hex(0, 8));
        assertEquals("0100000000000000", identify(host, 0, 0x1A, 2).hex(0, 8));
    }

    @Test
    void controllerLists() {
        NvmeController second = host.subsystem.newController(Host.tcp(), new Host.Carrier());
        assertEquals(2, second.id());
        assertEquals("0200010002000000", identify(host, 0, 0x13, 0).hex(0, 8));
        assertEquals("010002000000", identify(host, 0, 0x00020013, 0).hex(0, 6));
        assertEquals("020001000200", identify(host, 1, 0x12, 0).hex(0, 6));
        second.close();
        assertEquals("010001000000", identify(host, 0, 0x13, 0).hex(0, 6));
    }

    @ParameterizedTest
    @CsvSource({
        // nsid, cdw10, csi, status with DNR
        "0,        00000000, 0, 400b, no namespace",
        "3,        00000000, 0, 400b, above NN",
        "FFFFFFFF, 00000000, 0, 400b, no common data without namespace management",
        "0,        00000003, 0, 400b, descriptors of none",
        "FFFFFFFE, 00000002, 0, 400b, list start",
        "FFFFFFFF, 00000002, 0, 400b, list start",
        "FFFFFFFF, 00000007, 2, 400b, list start comes before the set",
        "FFFFFFFE, 00000007, 9, 400b, list start comes before the set",
        "0,        00000007, 9, 412c, unknown set",
        "0,        00000006, 1, 412c, key value",
        "1,        00000005, 3, 412c, unknown set",
        "2,        00000005, 2, 412c, zoned data of an ordinary namespace",
        "9,        00000005, 9, 400b, namespace before the set",
        "0,        0063001C, 0, 411f, no such controller",
        "0,        00000004, 0, 4002, NVM sets",
        "0,        00000009, 0, 4002, format index",
        "0,        00000014, 0, 4002, primary controller capabilities",
        "0,        00000017, 0, 4002, UUID list",
        "0,        000000FF, 0, 4002, reserved",
    })
    void refused(String nsid, String cdw10, int csi, String status, String why) {
        Reply reply = host.admin(
                IDENTIFY, Integer.parseUnsignedInt(nsid, 16), Integer.parseUnsignedInt(cdw10, 16), csi << 24);
        assertEquals(status, Integer.toHexString(reply.status()), why);
    }

    /** fio names its namespace when it asks for the controller's zoned data. */
    @Test
    void namespaceIsNotLookedAtWhereNoneIsUsed() {
        assertArrayEquals(
                identify(host, 0, 0x01, 0).data(), identify(host, 1, 0x01, 0).data());
        assertArrayEquals(
                identify(host, 0, 0x06, 2).data(), identify(host, 1, 0x06, 2).data());
        assertArrayEquals(
                identify(host, 0, 0x13, 0).data(), identify(host, 9, 0x13, 0).data());
        assertArrayEquals(
                identify(host, 0, 0xFFFF001C, 0).data(),
                identify(host, 1, 0xFFFF001C, 0).data());
    }

    /** CC.CSS 000b: the zoned namespace is not attached. */
    @Test
    void nvmCommandSetOnly() {
        Host nvm = Host.raw(Host.pcie());
        nvm.controller.registers().writeCc(Host.ENABLE_NVM);
        assertEquals("0200000000000000", identify(nvm, 0, 0x02, 0).hex(0, 8), "active");
        assertEquals("0100000002000000", identify(nvm, 0, 0x10, 0).hex(0, 8), "allocated");
        assertArrayEquals(new byte[4096], identify(nvm, 1, 0x00, 0).data(), "inactive: zeroes");
        assertArrayEquals(new byte[4096], identify(nvm, 1, 0x05, 2).data(), "inactive: zeroes");
        assertArrayEquals(new byte[4096], identify(nvm, 1, 0x08, 0).data(), "inactive: zeroes");
        assertEquals(6 * 128, identify(nvm, 1, 0x11, 0).u64(0), "allocated namespace");
        assertEquals(128, identify(nvm, 1, 0x1B, 2).u64(2816), "allocated namespace");
        assertEquals(0x4002, nvm.admin(IDENTIFY, 1, 0x03).status(), "descriptors of an inactive namespace");
    }

    /** The whole entry in bytes: Identify, CID 7, PRPs, CNS 01h. */
    @Test
    void literalEntry() {
        byte[] sqe = new byte[64];
        sqe[0] = 0x06;
        sqe[2] = 0x07;
        sqe[25] = 0x10; // PRP1 1000h, which the core does not look at
        sqe[40] = 0x01;
        Reply reply = host.run(0, sqe, new byte[0]);
        assertEquals(0, reply.status());
        assertEquals(0, reply.dw0());
        assertEquals(0x5A57, reply.u16(0));
    }
}
