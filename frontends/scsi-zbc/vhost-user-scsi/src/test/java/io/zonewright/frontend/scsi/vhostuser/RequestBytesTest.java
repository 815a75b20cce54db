package io.zonewright.frontend.scsi.vhostuser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.testkit.scsi.Scsi;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.ScsiResult;
import io.zonewright.testkit.scsi.virtio.ChainQueue;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests and responses byte by byte (virtio 1.3, section 5.6.6.1). */
@Timeout(60)
class RequestBytesTest {
    private static final int RESPONSE = Adapter.RESPONSE;
    /** CDBs of 6 bytes are padded to the 32 of cdb_size. */
    private static final String PAD_6 = "00".repeat(26);

    private static final String PAD_16 = "00".repeat(16);
    /** LUN 0 of target 0, id 7, simple, no priority, no CRN. */
    private static final String TO_LUN_0 = "01 00 40 00 00 00 00 00" + "07 00 00 00 00 00 00 00" + "00 00 00";

    @TempDir
    Path directory;

    private Adapter adapter;
    private VirtioScsiDriver driver;
    private ChainQueue queue;

    @BeforeEach
    void connect() throws IOException {
        adapter = new Adapter(directory, 2, Map.of());
        driver = adapter.connect();
        queue = driver.requests(0);
    }

    @AfterEach
    void close() {
        driver.close();
        adapter.close();
    }

    @Test
    void theFirstCommandHearsThatPowerCameOn() {
        ChainQueue.Chain chain = Adapter.ask(queue, TO_LUN_0 + "00 00 00 00 00 00" + PAD_6, RESPONSE);
        assertEquals(RESPONSE, chain.usedBytes());
        // sense_len 18, residual 0, qualifier 0, CHECK CONDITION, OK; 6h/29h/00h in fixed format
        assertEquals(
                "12 00 00 00 00 00 00 00 00 00 02 00 70 00 06 00 00 00 00 0a 00 00 00 00 29 00 00 00 00 00",
                Adapter.hex(chain, 0, 30));
        assertEquals("00 ".repeat(77) + "00", Adapter.hex(chain, 30, RESPONSE), "no stale bytes behind the sense data");
        chain = Adapter.ask(queue, TO_LUN_0 + "00 00 00 00 00 00" + PAD_6, RESPONSE);
        assertEquals("00 ".repeat(RESPONSE - 1) + "00", Adapter.hex(chain, 0, RESPONSE));
    }

    @Test
    void inquiryGivesDataBehindTheResponseAndSaysWhatWasNotUsed() {
        // allocation length 36, room for 64
        ChainQueue.Chain chain = Adapter.ask(queue, TO_LUN_0 + "12 00 00 00 24 00" + PAD_6, RESPONSE + 64);
        assertEquals(RESPONSE + 36, chain.usedBytes());
        assertEquals("00 00 00 00 1c 00 00 00 00 00 00 00", Adapter.hex(chain, 0, 12));
        assertEquals("14 00 06 12", Adapter.hex(chain, RESPONSE, RESPONSE + 4), "host-managed, SPC-4, HISUP");
        assertEquals("ee ee", Adapter.hex(chain, RESPONSE + 36, RESPONSE + 38));
    }

    @Test
    void aWriteComesBackByARead() {
        driver.clearAttentions(0);
        byte[] data = new byte[1024];
        Arrays.fill(data, (byte) 0x5A);
        byte[] header = Adapter.HEX.parseHex(
                (TO_LUN_0 + "8a 00 00 00 00 00 00 00 00 00 00 00 00 02 00 00" + PAD_16).replace(" ", ""));
        byte[] write = Arrays.copyOf(header, header.length + data.length);
        System.arraycopy(data, 0, write, header.length, data.length);
        // In pieces that cut through the header, the CDB and a block.
        ChainQueue.Chain chain = queue.stage(write, List.of(3, 20, 100, write.length - 123), List.of(5, RESPONSE - 5));
        queue.submit();
        Adapter.await(queue, chain);
        assertEquals("00 00 00 00 00 00 00 00 00 00 00 00", Adapter.hex(chain, 0, 12));
        assertEquals(RESPONSE, chain.usedBytes());
        byte[] read = Adapter.HEX.parseHex(
                (TO_LUN_0 + "88 00 00 00 00 00 00 00 00 00 00 00 00 02 00 00" + PAD_16).replace(" ", ""));
        chain = queue.stage(read, List.of(read.length), List.of(11, RESPONSE - 11 + 7, 500, 517));
        queue.submit();
        Adapter.await(queue, chain);
        assertEquals(RESPONSE + 1024, chain.usedBytes());
        assertArrayEquals(data, Arrays.copyOfRange(chain.in(), RESPONSE, RESPONSE + 1024));
    }

    @Test
    void residualsAreWhatWasLeftOver() {
        driver.clearAttentions(0);
        ScsiRequest write = Adapter.write(0, 2);
        ScsiResult more = driver.run(ScsiRequest.sending(write.cdb(), Arrays.copyOf(write.out(), 1024 + 100)));
        assertEquals(0, more.code());
        assertEquals(100, more.residual());
        ScsiResult read = driver.run(ScsiRequest.read(0, 2, 512).withRoom(4096));
        assertEquals(0, read.code());
        assertEquals(3072, read.residual());
        assertEquals(1024, read.in().length);
        ScsiResult none = driver.run(ScsiRequest.testUnitReady().withRoom(8));
        assertEquals(8, none.residual());
        // Room for data-in that a write has no use for.
        byte[] writeOfNothing = VirtioScsi.command(VirtioScsi.lun(0), 1, 0, new byte[] {(byte) 0x8A}, 32, new byte[0]);
        ChainQueue.Chain chain = Adapter.await(queue, queue.send(writeOfNothing, RESPONSE + 9));
        assertEquals("00 00 00 00 09 00 00 00 00 00 00 00", Adapter.hex(chain, 0, 12));
    }

    @Test
    void commandsThatAskForMoreThanTheirBuffersHoldOverrun() {
        driver.clearAttentions(0);
        ScsiRequest write = Adapter.write(0, 2);
        ScsiResult less = driver.run(ScsiRequest.sending(write.cdb(), Arrays.copyOf(write.out(), 1023)));
        assertEquals(VirtioScsi.S_OVERRUN, less.response());
        assertEquals(1023, less.residual());
        // Nothing was written: the write pointer is where it was.
        assertEquals(0, driver.run(write).code());
        ScsiResult read = driver.run(ScsiRequest.read(0, 2, 512).withRoom(512));
        assertEquals(VirtioScsi.S_OVERRUN, read.response());
        assertEquals(0, read.residual());
        ScsiResult nothing =
                driver.run(ScsiRequest.plain(ScsiRequest.read(0, 2, 512).cdb()));
        assertEquals(VirtioScsi.S_OVERRUN, nothing.response());
        // An allocation length is no demand: the data is 36 bytes of the 74 that there are.
        ScsiResult inquiry = driver.run(ScsiRequest.inquiry(36));
        assertEquals(0, inquiry.code());
    }

    @Test
    void otherTargetsAreNotThere() {
        // target 1; 02h and 00h first; a second level; C1h 01h of target 0 is the well-known unit, but C1h 02h nobody
        for (String lun : List.of(
                "01 01 40 00 00 00 00 00",
                "02 00 40 00 00 00 00 00",
                "00 00 00 00 00 00 00 00",
                "01 00 40 00 00 01 00 00",
                "c1 02 00 00 00 00 00 00",
                "c1 01 00 00 00 00 00 01")) {
            ChainQueue.Chain chain = Adapter.ask(
                    queue, lun + "07 00 00 00 00 00 00 00 00 00 00" + "12 00 00 00 24 00" + PAD_6, RESPONSE + 36);
            assertEquals("00 00 00 00 24 00 00 00 00 00 00 03", Adapter.hex(chain, 0, 12), lun);
            assertEquals(RESPONSE, chain.usedBytes());
        }
    }

    @Test
    void aLunThatIsNotThereSaysSo() {
        ChainQueue.Chain chain = Adapter.ask(
                queue,
                "01 00 40 02 00 00 00 00" + "07 00 00 00 00 00 00 00 00 00 00" + "00 00 00 00 00 00" + PAD_6,
                RESPONSE);
        assertEquals(
                "12 00 00 00 00 00 00 00 00 00 02 00 70 00 05 00 00 00 00 0a 00 00 00 00 25 00",
                Adapter.hex(chain, 0, 26));
    }

    @Test
    void reportLunsIsAnsweredByTheWellKnownUnitToo() {
        String cdb = "a0 00 00 00 00 00 00 00 00 40 00 00" + "00".repeat(20);
        String expected = "00 00 00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00";
        for (String lun : List.of("c1 01 00 00 00 00 00 00", "01 00 c1 01 00 00 00 00", "01 00 00 01 00 00 00 00")) {
            ChainQueue.Chain chain = Adapter.ask(queue, lun + "07 00 00 00 00 00 00 00 00 00 00" + cdb, RESPONSE + 64);
            assertEquals("00 00 00 00 28 00 00 00 00 00 00 00", Adapter.hex(chain, 0, 12), lun);
            assertEquals(expected, Adapter.hex(chain, RESPONSE, RESPONSE + 24), lun);
        }
    }

    @Test
    void dataBothWaysAndUnknownAttributesAreTheDriversMistakes() {
        byte[] both = VirtioScsi.command(VirtioScsi.lun(0), 1, 0, new byte[6], 32, new byte[512]);
        ChainQueue.Chain chain = Adapter.await(queue, queue.send(both, RESPONSE + 512));
        // residual 1024, FAILURE
        assertEquals("00 00 00 00 00 04 00 00 00 00 00 09", Adapter.hex(chain, 0, 12));
        byte[] attribute = VirtioScsi.command(VirtioScsi.lun(0), 1, 4, new byte[6], 32, new byte[0]);
        chain = Adapter.await(queue, queue.send(attribute, RESPONSE));
        assertEquals("00 00 00 00 00 00 00 00 00 00 00 09", Adapter.hex(chain, 0, 12));
    }

    @Test
    void acaIsNotOfferedAndOrderedAndHeadOfQueueAre() {
        driver.clearAttentions(0);
        assertEquals(
                0, driver.run(ScsiRequest.testUnitReady().with(Scsi.ORDERED)).code());
        assertEquals(
                0,
                driver.run(ScsiRequest.testUnitReady().with(Scsi.HEAD_OF_QUEUE)).code());
        // 5h/49h/00h INVALID MESSAGE
        assertEquals(
                0x05_4900,
                driver.run(ScsiRequest.testUnitReady().with(Scsi.ACA)).code());
    }

    @Test
    void anOrderedCommandWaitsForThoseBeforeIt() {
        driver.clearAttentions(0);
        driver.must(Adapter.write(0, 1));
        adapter.media.getFirst().holding(operation -> true);
        var first = driver.submit(0, ScsiRequest.read(0, 1, 512));
        var ordered = driver.submit(0, ScsiRequest.read(0, 1, 512).with(Scsi.ORDERED));
        var last = driver.submit(0, ScsiRequest.read(0, 1, 512));
        awaitHeld(1);
        adapter.media.getFirst().carryOut(0);
        assertEquals(0, driver.await(0, first).code());
        awaitHeld(1);
        assertEquals(null, ordered.result());
        adapter.media.getFirst().carryOut(0);
        assertEquals(0, driver.await(0, ordered).code());
        awaitHeld(1);
        adapter.media.getFirst().carryOut(0);
        assertEquals(0, driver.await(0, last).code());
    }

    private void awaitHeld(int count) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (adapter.media.getFirst().held() != count) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "held: " + adapter.media.getFirst().waiting());
            }
            Thread.onSpinWait();
        }
    }
}
