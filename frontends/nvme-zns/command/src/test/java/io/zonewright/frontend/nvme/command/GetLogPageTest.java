package io.zonewright.frontend.nvme.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.frontend.nvme.command.Host.Reply;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Get Log Page (opcode 02h). Offsets are those of {@code struct nvme_error_log_page}, {@code nvme_smart_log},
 * {@code nvme_firmware_slot}, {@code nvme_cmd_effects_log} and {@code nvme_zns_changed_zone_log} in libnvme's types.h.
 */
class GetLogPageTest {
    private static final int GET_LOG = 0x02;
    private static final int ALL = 0xFFFFFFFF;
    private static final int RETAIN = 1 << 15;

    private final Host host = Host.zoned();

    private static int cdw10(int lid, int bytes) {
        return lid | ((bytes / 4 - 1) << 16);
    }

    private Reply log(int nsid, int lid, int bytes, int... rest) {
        int[] dwords = new int[5];
        dwords[0] = cdw10(lid, bytes);
        System.arraycopy(rest, 0, dwords, 1, rest.length);
        Reply reply = host.admin(GET_LOG, nsid, dwords);
        assertEquals(0, reply.status());
        assertEquals(bytes, reply.data().length);
        return reply;
    }

    @Test
    void errorEntries() {
        assertEquals("00".repeat(4096), log(ALL, 0x01, 4096).hex(0, 4096));
        // Write to NSID 9 on queue 3, then Read far beyond the end on queue 1.
        host.run(3, host.sqe(0x01, 9), new byte[0]);
        host.run(1, host.sqe(0x02, 1, 0x55667788, 0x11223344, 0), new byte[0]);
        Reply log = log(ALL, 0x01, 4096);
        assertEquals(2, log.u64(0), "error_count of the newest");
        assertEquals(1, log.u16(8), "sqid");
        assertEquals(0x1234, log.u16(10), "cmdid");
        assertEquals((0x4080 << 1), log.u16(12), "status_field: LBA Out of Range, DNR, phase 0");
        assertEquals(1, log.u32(24), "nsid");
        assertEquals(2, log.u8(30), "csi");
        assertEquals(0x02, log.u8(31), "opcode");
        assertEquals(1, log.u8(63), "log_page_version");
        assertEquals(1, log.u64(64), "error_count of the older");
        assertEquals(3, log.u16(72), "sqid");
        assertEquals((0x400B << 1), log.u16(76), "Invalid Namespace or Format, DNR");
        assertEquals(0x0004, log.u16(78), "parm_error_location: byte 4, bit 0");
        assertEquals(9, log.u32(88), "nsid");
        assertEquals(0x01, log.u8(95), "opcode");
        assertEquals("00".repeat(64), log.hex(128, 64));
    }

    @Test
    void errorLogKeepsTheLast64() {
        for (int i = 0; i < 70; i++) {
            host.run(i + 1, host.sqe(0x01, 9), new byte[0]);
        }
        Reply log = log(0, 0x01, 4096);
        assertEquals(70, log.u64(0));
        assertEquals(70, log.u16(8));
        assertEquals(7, log.u64(63 * 64));
        assertEquals(7, log.u16(63 * 64 + 8));
    }

    @Test
    void smart() {
        // 1001 units of 512 bytes written and read in the conventional namespace, in pieces of 91 blocks.
        for (int i = 0; i < 11; i++) {
            assertEquals(0, host.io(new byte[91 * 512], 0x01, 2, 0, 0, 90).status());
            assertEquals(0, host.io(0x02, 2, 0, 0, 90).status());
        }
        host.io(0x02, 9);
        host.nanos.addAndGet(TimeUnit.HOURS.toNanos(49));
        Reply smart = log(ALL, 0x02, 512);
        assertEquals(0, smart.u8(0), "critical_warning");
        assertEquals(313, smart.u8(1) | (smart.u8(2) << 8), "temperature");
        assertEquals(100, smart.u8(3), "avail_spare");
        assertEquals(10, smart.u8(4), "spare_thresh");
        assertEquals(0, smart.u8(5), "percent_used");
        assertEquals(2, smart.u64(32), "data_units_read");
        assertEquals(2, smart.u64(48), "data_units_written");
        assertEquals(11, smart.u64(64), "host_reads: what names no namespace reads nothing");
        assertEquals(11, smart.u64(80), "host_writes");
        assertEquals(1, smart.u64(112), "power_cycles");
        assertEquals(49, smart.u64(128), "power_on_hours");
        assertEquals(0, smart.u64(160), "media_errors");
        assertEquals(1, smart.u64(176), "num_err_log_entries");
    }

    @Test
    void firmwareSlot() {
        Reply log = log(ALL, 0x03, 512);
        assertEquals("01" + "00".repeat(7) + "3120202020202020" + "00".repeat(8), log.hex(0, 24));
    }

    @Test
    void supportedPages() {
        Reply log = log(0, 0x00, 1024);
        StringBuilder supported = new StringBuilder();
        for (int id = 0; id < 256; id++) {
            if (log.u32(id * 4) == 1) {
                supported.append(Integer.toHexString(id)).append(' ');
            } else {
                assertEquals(0, log.u32(id * 4));
            }
        }
        assertEquals("0 1 2 3 4 5 12 13 bf ", supported.toString());
    }

    @Test
    void effects() {
        Reply zns = log(ALL, 0x05, 4096, 0, 0, 0, 0x02000000);
        assertEquals(0x00200001, zns.u32(0x02 * 4), "Get Log Page");
        assertEquals(0x00200001, zns.u32(0x09 * 4), "Set Features");
        assertEquals(0, zns.u32(0x18 * 4), "Keep Alive over PCIe");
        assertEquals(0, zns.u32(0x80 * 4), "Format NVM");
        assertEquals(0x00000003, zns.u32(1024 + 0x01 * 4), "Write: LBCC");
        assertEquals(0x00000001, zns.u32(1024 + 0x02 * 4), "Read");
        assertEquals(0x00000003, zns.u32(1024 + 0x79 * 4), "Zone Management Send: LBCC");
        assertEquals(0x00000001, zns.u32(1024 + 0x7A * 4), "Zone Management Receive");
        assertEquals(0x00000003, zns.u32(1024 + 0x7D * 4), "Zone Append: LBCC");
        assertEquals(0, zns.u32(1024 + 0x04 * 4), "Write Uncorrectable");
        Reply nvm = log(ALL, 0x05, 4096);
        assertEquals(0x00000003, nvm.u32(1024 + 0x01 * 4), "Write");
        assertEquals(0, nvm.u32(1024 + 0x7D * 4), "Zone Append");
    }

    @Test
    void featureEffects() {
        Reply log = log(0, 0x12, 1024);
        assertEquals(0x00200001, log.u32(0x0B * 4), "Asynchronous Event Configuration");
        assertEquals(0x00100001, log.u32(0x05 * 4), "Error Recovery: per namespace");
        assertEquals(0, log.u32(0x0F * 4), "Keep Alive over PCIe");
        assertEquals(0, log.u32(0x0C * 4), "Autonomous Power State Transition");
        assertEquals("00".repeat(4096), log(0, 0x13, 4096).hex(0, 4096));
    }

    @Test
    void changedZones() {
        host.administer(Operation.ZONE_SET_READ_ONLY, 4);
        host.administer(Operation.ZONE_SET_OFFLINE, 3);
        String both = "0200" + "000000000000" + "8000000000000000" + "0001000000000000" + "00".repeat(8);
        assertEquals(both, log(1, 0xBF | RETAIN, 4096).hex(0, 32), "ZSLBAs counted from the namespace's first block");
        assertEquals(both, log(1, 0xBF, 4096).hex(0, 32), "retained");
        assertEquals("00".repeat(4096), log(1, 0xBF, 4096).hex(0, 4096), "cleared");
    }

    @Test
    void anyOffsetAndLength() {
        Reply whole = log(ALL, 0x05, 4096, 0, 0, 0, 0x02000000);
        assertEquals(
                whole.hex(1024, 8), log(ALL, 0x05, 8, 0, 1024, 0, 0x02000000).hex(0, 8));
        assertEquals(
                whole.hex(4092, 4) + "00000000",
                log(ALL, 0x05, 8, 0, 4092, 0, 0x02000000).hex(0, 8),
                "past the end");
        assertEquals("00000000", log(ALL, 0x02, 4, 0, 512).hex(0, 4), "exactly the end");
        // 128 KiB is what MDTS allows: NUMDL 7FFFh.
        assertEquals(100, log(ALL, 0x02, 128 * 1024).u8(3));
        // NUMDU counts too.
        Reply tooLong = host.admin(GET_LOG, ALL, 0x00000002, 0x0001);
        assertEquals(0x4002, tooLong.status(), "256 KiB and four bytes");
    }

    @ParameterizedTest
    @CsvSource({
        // nsid, lid, cdw12 (LPOL), cdw13 (LPOU), cdw14, status
        "0,        06, 0,   0, 00000000, 4109, device self-test",
        "0,        0D, 0,   0, 00000000, 4109, persistent events",
        "0,        70, 0,   0, 00000000, 4109, discovery",
        "1,        02, 0,   0, 00000000, 4002, SMART of one namespace (LPA bit 0 is 0)",
        "9,        02, 0,   0, 00000000, 400b, invalid NSID",
        "0,        BF, 0,   0, 00000000, 400b, zones of no namespace",
        "FFFFFFFF, BF, 0,   0, 00000000, 400b, zones of all",
        "2,        BF, 0,   0, 00000000, 4109, zones of an ordinary namespace",
        "0,        02, 2,   0, 00000000, 4002, offset no multiple of four",
        "0,        02, 516, 0, 00000000, 4002, offset past the end",
        "0,        02, 0,   1, 00000000, 4002, offset past the end: upper half",
        "0,        02, 0,   80000000, 00000000, 4002, offset past the end: unsigned",
        "0,        02, 0,   0, 00800000, 4002, offset type index",
        "0,        05, 0,   0, 01000000, 4002, effects of key value",
        "9,        06, 2,   0, 00000000, 4109, the page before everything else",
        "9,        02, 2,   0, 00000000, 4002, the offset's form before the NSID",
        "9,        02, 516, 0, 00000000, 400b, the NSID before the offset's size",
    })
    void refused(String nsid, String lid, int lpol, String lpou, String cdw14, String status, String why) {
        Reply reply = host.admin(
                GET_LOG,
                Integer.parseUnsignedInt(nsid, 16),
                cdw10(Integer.parseInt(lid, 16), 4),
                0,
                lpol,
                Integer.parseUnsignedInt(lpou, 16),
                Integer.parseUnsignedInt(cdw14, 16));
        assertEquals(status, Integer.toHexString(reply.status()), why);
    }
}
