package io.zonewright.testkit.nvme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.testkit.nvme.tcp.NvmeTcpQueue;
import io.zonewright.testkit.nvme.tcp.Pdu;
import io.zonewright.testkit.nvme.tcp.TcpOptions;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The host's bytes, literally. */
class NvmeFormatsTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void aReadOfEightBlocks() {
        // opcode 02h, CID 1234h, NSID 1, a transport SGL of 4096 bytes, SLBA 0102030405060708h, NLB 7
        Sqe sqe = NvmeRequest.read(1, 0x0102030405060708L, 8, 512).sqe().copy().cid(0x1234);
        sqe.sgl(0, 4096, NvmeTcpQueue.SGL_TRANSPORT);
        assertEquals(
                "02403412" + "01000000" + "0000000000000000" + "0000000000000000" + "0000000000000000"
                        + "001000000000005a" + "0807060504030201" + "07000000" + "00000000" + "0000000000000000",
                HEX.formatHex(sqe.bytes()));
    }

    @Test
    void aZoneResetOfAllZones() {
        Sqe sqe = NvmeRequest.zoneSendAll(1, Nvme.ZSA_RESET).sqe();
        assertEquals(
                "79000000" + "01000000" + "00".repeat(44) + "04010000" + "00".repeat(8), HEX.formatHex(sqe.bytes()));
    }

    @Test
    void aCompletion() {
        Cqe cqe = Cqe.parse(HEX.parseHex("2a00000001000000" + "0500" + "0300" + "3412" + "7983"), 0);
        assertEquals(new Cqe(42, 1, 5, 3, 0x1234, true, 0x41BC), cqe);
    }

    @Test
    void anIcReq() {
        Pdu pdu = NvmeTcpQueue.initialize(
                TcpOptions.DEFAULT.withDigests(true, true).withMaxR2t(4));
        assertEquals(
                "0000800080000000" + "0000" + "00" + "03" + "03000000" + "00".repeat(112), HEX.formatHex(pdu.bytes()));
    }

    @Test
    void aZoneReport() {
        byte[] zone = HEX.parseHex("02e00000" + "00000000" + "6000000000000000" + "8000000000000000"
                + "ffffffffffffffff" + "00".repeat(32));
        byte[] report = new byte[128];
        report[0] = 1;
        System.arraycopy(zone, 0, report, 64, 64);
        NvmeZoneReport parsed = NvmeZoneReport.parse(report, 0);
        NvmeZoneReport.Zone only = parsed.zones().getFirst();
        assertEquals(1, parsed.count());
        assertEquals(Nvme.ZS_FULL, only.state());
        assertEquals(0x60, only.capacity());
        assertEquals(0x80, only.start());
        assertEquals(-1, only.pointer());
        report[64 + 4] = 1;
        assertThrows(IllegalStateException.class, () -> NvmeZoneReport.parse(report, 0));
    }
}
