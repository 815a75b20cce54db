package io.zonewright.frontend.scsi.iscsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SCSI commands from PDU to answer, by their bytes (RFC 7143, sections 11.3 to 11.8). */
class CommandsTest {
    private static final int RESPONSE = 0x21;
    private static final int DATA_IN = 0x25;
    private static final int R2T = 0x31;
    private static final int READ = 0xC0;
    private static final int WRITE = 0xA0;

    @Test
    void loginAnswersInFull() {
        try (Target target = Target.open();
                Wire wire = target.wire()) {
            Wire.Got answer = wire.login(0x80_0001, 0, "MaxRecvDataSegmentLength=65536|");
            // T, full feature; version 0; ISID and a TSIH; StatSN 1, ExpCmdSN 1, MaxCmdSN 8; success.
            assertEquals("23870000", answer.hex(0, 4));
            assertEquals("000000800001", answer.hex(8, 14));
            assertEquals("0001", answer.hex(14, 16));
            assertEquals("00000000", answer.hex(16, 20));
            assertEquals("00000001" + "00000001" + "00000008" + "0000", answer.hex(24, 38));
        }
    }

    @Test
    void goodWithoutData() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            Wire.Got got = wire.command(2, 0x80, 0, "00 00*5");
            assertEquals(
                    "21800000 00000000 0000000000000000 00000002 00000000 00000003 00000003 0000000a 00000000 00000000 00000000"
                            .replace(" ", ""),
                    got.hex(0, 48));
        }
    }

    @Test
    void senseComesWithItsLength() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            Wire.Got got = wire.command(2, READ, 512, Wire.read16(8 * 8192, 1));
            // CHECK CONDITION, all 512 bytes unused; LBA OUT OF RANGE in fixed format, with valid INFORMATION or none.
            assertEquals("21820002", got.hex(0, 4));
            assertEquals(512, got.at(44));
            assertEquals("0012", got.data(0, 2));
            assertEquals("05", got.data(4, 5));
            assertEquals("2100", got.data(14, 16));
        }
    }

    @Test
    void writeThenRead() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            byte[] data = Wire.pattern(4096, 5);
            Wire.Got written = wire.command(2, WRITE, 4096, Wire.write16(0, 8), data);
            assertEquals("21800000", written.hex(0, 4));
            Wire.Got read = wire.command(3, READ, 4096, Wire.read16(0, 8));
            // F and S, GOOD; no transfer tag; StatSN 4, ExpCmdSN 4, MaxCmdSN 11, DataSN 0, offset 0, no residual.
            assertEquals("25810000", read.hex(0, 4));
            assertEquals(
                    "00000003 ffffffff 00000004 00000004 0000000b 00000000 00000000 00000000".replace(" ", ""),
                    read.hex(16, 48));
            assertArrayEquals(data, read.data());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HeaderDigest=CRC32C|", "DataDigest=CRC32C|", "HeaderDigest=CRC32C|DataDigest=CRC32C|"})
    void digests(String keys) {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn(keys)) {
            byte[] data = Wire.pattern(40 * 512, 9);
            assertEquals(
                    "21800000",
                    wire.command(2, WRITE, data.length, Wire.write16(0, 40), data)
                            .hex(0, 4));
            wire.send(wire.commandPdu(3, READ, data.length, Wire.read16(0, 40)));
            byte[] all = collect(wire, data.length, 8192, 3);
            assertArrayEquals(data, all);
            // Data that ends between two words.
            assertEquals(
                    "25830000", wire.command(4, READ, 100, "12 00 00 00 ff 00").hex(0, 4));
        }
    }

    /** Data-In PDUs of one command: numbers, offsets, and status with the last one. */
    private static byte[] collect(Wire wire, int bytes, int segment, int itt) {
        byte[] all = new byte[bytes];
        for (int from = 0, n = 0; from < bytes; from += segment, n++) {
            Wire.Got got = wire.expect(DATA_IN);
            boolean last = from + segment >= bytes;
            // F ends a sequence of MaxBurstLength.
            boolean ends = (from + segment) % (1 << 20) == 0;
            assertEquals(last ? "2581" : ends ? "2580" : "2500", got.hex(0, 2));
            assertEquals(itt, got.at(16));
            assertEquals(n, got.at(36));
            assertEquals(from, got.at(40));
            assertEquals(Math.min(segment, bytes - from), got.data().length);
            System.arraycopy(got.data(), 0, all, from, got.data().length);
        }
        return all;
    }

    @Test
    void longReadsComeInSegmentsAndSequences() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn("MaxRecvDataSegmentLength=8192|MaxBurstLength=16384|")) {
            byte[] data = Wire.pattern(8192, 1);
            wire.command(2, WRITE, 8192, Wire.write16(0, 16), data);
            wire.send(wire.commandPdu(3, READ, 40960, Wire.read16(0, 80)));
            String flags = "";
            byte[] first = {};
            for (int n = 0; n < 5; n++) {
                Wire.Got got = wire.expect(DATA_IN);
                flags += got.hex(1, 2) + " ";
                first = n == 0 ? got.data() : first;
            }
            // F ends each sequence of 16 KiB.
            assertEquals("00 80 00 80 81 ", flags);
            assertArrayEquals(data, first);
        }
    }

    @Test
    void lentReads() {
        try (Target target = Target.lending();
                Wire wire = target.wire().loggedIn("MaxRecvDataSegmentLength=65536|")) {
            byte[] data = Wire.pattern(256 * 512, 7);
            wire.send(wire.commandPdu(2, WRITE, data.length, Wire.write16(0, 256)));
            writeByRequest(wire, 2, data);
            wire.send(wire.commandPdu(3, READ, data.length, Wire.read16(0, 256)));
            assertArrayEquals(data, collect(wire, data.length, 65536, 3));
            target.letWork();
            assertEquals(0, target.lent());
        }
    }

    private static void writeByRequest(Wire wire, int itt, byte[] data) {
        for (int from = 0, n = 0; from < data.length; n++) {
            Wire.Got asked = wire.expect(R2T);
            assertEquals(n, asked.at(36));
            assertEquals(from, asked.at(40));
            int length = asked.at(44);
            wire.send(wire.dataOut(itt, asked.at(20), 0, from, true, Arrays.copyOfRange(data, from, from + length)));
            from += length;
        }
        assertEquals("21800000", wire.expect(RESPONSE).hex(0, 4));
    }

    // Residuals (section 11.4.5) -----------------------------------------------------------------------------------

    @Test
    void lessThanOffered() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            // READ CAPACITY (10) has 8 bytes of the 20 offered: U, 12.
            Wire.Got got = wire.command(2, READ, 20, "25 00*9");
            assertEquals("25830000 00000008".replace(" ", ""), got.hex(0, 8));
            assertEquals(12, got.at(44));
            assertEquals("0000ffff00000200", got.data(0, 8));
        }
    }

    @Test
    void moreThanOffered() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            Wire.Got got = wire.command(2, READ, 512, Wire.read16(0, 3));
            // O, two blocks.
            assertEquals("25850000", got.hex(0, 4));
            assertEquals(1024, got.at(44));
            assertEquals(512, got.data().length);
            Wire.Got written = wire.command(3, WRITE, 512, Wire.write16(0, 3), Wire.pattern(512, 1));
            assertEquals("21840000", written.hex(0, 4));
            assertEquals(1024, written.at(44));
        }
    }

    @Test
    void offeredForNothing() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            Wire.Got got = wire.command(2, READ, 4096, "00 00*5");
            assertEquals("21820000", got.hex(0, 4));
            assertEquals(4096, got.at(44));
            // Data to a command that takes none: it came with the command and is passed over.
            Wire.Got other = wire.command(3, WRITE, 512, "00 00*5", Wire.pattern(512, 3));
            assertEquals("21820000", other.hex(0, 4));
            assertEquals(512, other.at(44));
        }
    }

    // Data-Out -----------------------------------------------------------------------------------------------------

    @Test
    void readyToTransferSaysWhatIsMissing() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn("ImmediateData=Yes|")) {
            byte[] data = Wire.pattern(4096, 2);
            wire.send(wire.commandPdu(2, WRITE, 4096, Wire.write16(0, 8), Arrays.copyOf(data, 1000)));
            Wire.Got asked = wire.expect(R2T);
            // StatSN is the next one and does not count; R2TSN 0, from 1000, 3096 bytes.
            assertEquals("31800000 00000000 0000000000000000 00000002".replace(" ", ""), asked.hex(0, 20));
            assertNotEquals(-1, asked.at(20));
            assertEquals("00000003 00000003 00000009 00000000 000003e8 00000c18".replace(" ", ""), asked.hex(24, 48));
            int tag = asked.at(20);
            wire.send(wire.dataOut(2, tag, 0, 1000, false, Arrays.copyOfRange(data, 1000, 3000)));
            wire.send(wire.dataOut(2, tag, 1, 3000, true, Arrays.copyOfRange(data, 3000, 4096)));
            Wire.Got done = wire.expect(RESPONSE);
            assertEquals("21800000", done.hex(0, 4));
            assertEquals(3, done.at(24));
            assertEquals(1, done.at(36)); // ExpDataSN: one R2T
            assertArrayEquals(
                    data, wire.command(3, READ, 4096, Wire.read16(0, 8)).data());
        }
    }

    @Test
    void severalRequestsAtOnce() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn("MaxOutstandingR2T=3|MaxBurstLength=4096|InitialR2T=Yes|")) {
            byte[] data = Wire.pattern(5 * 4096, 4);
            wire.send(wire.commandPdu(2, WRITE, data.length, Wire.write16(0, 40)));
            int[] tags = new int[5];
            for (int n = 0; n < 3; n++) {
                Wire.Got asked = wire.expect(R2T);
                assertEquals(n, asked.at(36));
                assertEquals(n * 4096, asked.at(40));
                tags[n] = asked.at(20);
            }
            for (int n = 0; n < 5; n++) {
                wire.send(wire.dataOut(
                        2, tags[n], 0, n * 4096, true, Arrays.copyOfRange(data, n * 4096, (n + 1) * 4096)));
                if (n < 2) {
                    Wire.Got asked = wire.expect(R2T);
                    assertEquals(n + 3, asked.at(36));
                    tags[n + 3] = asked.at(20);
                }
            }
            assertEquals("21800000", wire.expect(RESPONSE).hex(0, 4));
        }
    }

    @Test
    void unsolicitedDataThenRequested() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn("InitialR2T=No|ImmediateData=Yes|FirstBurstLength=2048|")) {
            byte[] data = Wire.pattern(4096, 8);
            // F is not set: 512 bytes with the command, 1536 on their own, the rest when asked for.
            wire.send(wire.commandPdu(2, 0x20, 4096, Wire.write16(0, 8), Arrays.copyOf(data, 512)));
            wire.send(wire.dataOut(2, -1, 0, 512, false, Arrays.copyOfRange(data, 512, 1024)));
            wire.send(wire.dataOut(2, -1, 1, 1024, true, Arrays.copyOfRange(data, 1024, 2048)));
            Wire.Got asked = wire.expect(R2T);
            assertEquals(2048, asked.at(40));
            assertEquals(2048, asked.at(44));
            wire.send(wire.dataOut(2, asked.at(20), 0, 2048, true, Arrays.copyOfRange(data, 2048, 4096)));
            assertEquals("21800000", wire.expect(RESPONSE).hex(0, 4));
            assertArrayEquals(
                    data, wire.command(3, READ, 4096, Wire.read16(0, 8)).data());
        }
    }

    @Test
    void largeDataByEveryWay() {
        try (Target target = Target.open();
                Wire wire = target.wire()
                        .loggedIn("InitialR2T=No|MaxOutstandingR2T=8|MaxRecvDataSegmentLength=262144|"
                                + "FirstBurstLength=262144|MaxBurstLength=1048576|DataDigest=CRC32C|")) {
            byte[] data = Wire.pattern(3 << 20, 6);
            wire.send(wire.commandPdu(2, 0x20, data.length, Wire.write16(0, 6144), Arrays.copyOf(data, 100_000)));
            wire.send(wire.dataOut(2, -1, 0, 100_000, true, Arrays.copyOfRange(data, 100_000, 262_144)));
            int next = 262_144;
            while (next < data.length) {
                Wire.Got asked = wire.expect(R2T);
                assertEquals(next, asked.at(40));
                int end = next + asked.at(44);
                for (int n = 0; next < end; n++) {
                    // Of a length that does not divide the pieces of memory.
                    int to = Math.min(end, next + 200_000);
                    wire.send(wire.dataOut(2, asked.at(20), n, next, to == end, Arrays.copyOfRange(data, next, to)));
                    next = to;
                }
            }
            assertEquals("21800000", wire.expect(RESPONSE).hex(0, 4));
            wire.send(wire.commandPdu(3, READ, data.length, Wire.read16(0, 6144)));
            assertArrayEquals(data, collect(wire, data.length, 262_144, 3));
            target.letWork();
            assertEquals(0, target.lent());
        }
    }

    @Test
    void longWritesThatHaveBegunDoNotKeepEachOtherFromEnding() {
        try (Target target = Target.open();
                Wire wire = target.wire()
                        .loggedIn("InitialR2T=No|MaxRecvDataSegmentLength=262144|FirstBurstLength=65536|")) {
            byte[] data = Wire.pattern(4 << 20, 6);
            // Each holds memory for what came unasked, and none can have the rest beside the others.
            for (int itt = 2; itt < 5; itt++) {
                wire.send(wire.commandPdu(itt, 0x20, data.length, Wire.write16((itt - 2) * 8192, 8192)));
                wire.send(wire.dataOut(itt, -1, 0, 0, true, Arrays.copyOf(data, 65_536)));
            }
            for (int itt = 2; itt < 5; itt++) {
                for (int next = 65_536; next < data.length; ) {
                    Wire.Got asked = wire.expect(R2T);
                    assertEquals(itt, asked.at(16));
                    assertEquals(next, asked.at(40));
                    int end = next + asked.at(44);
                    for (int n = 0; next < end; n++) {
                        int to = Math.min(end, next + 262_144);
                        wire.send(wire.dataOut(
                                itt, asked.at(20), n, next, to == end, Arrays.copyOfRange(data, next, to)));
                        next = to;
                    }
                }
                assertEquals("21800000", wire.expect(RESPONSE).hex(0, 4));
            }
        }
    }

    @Test
    void moreUnsolicitedDataThanAllowed() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn("ImmediateData=No|")) {
            Wire.Got got = wire.command(2, WRITE, 512, Wire.write16(0, 1), Wire.pattern(512, 1));
            assertEquals("2102", got.hex(0, 1) + got.hex(3, 4));
            assertEquals("0b", got.data(4, 5));
            assertEquals("0c0c", got.data(14, 16));
        }
    }

    @Test
    void dataInTheWrongOrder() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            assertSense("4705", wrongData(wire, 2, 1, 0, 512)); // DataSN 1 first
            assertSense("4b05", wrongData(wire, 3, 0, 4, 508)); // not at the beginning
            assertSense("4b00", wrongData(wire, 4, 0, 0, 1024)); // more than was asked for
            assertSense("4b00", wrongData(wire, 5, 0, 0, 256)); // less
        }
    }

    private static Wire.Got wrongData(Wire wire, int itt, int dataSn, int offset, int length) {
        wire.send(wire.commandPdu(itt, WRITE, 512, Wire.write16(0, 1)));
        int tag = wire.expect(R2T).at(20);
        wire.send(wire.dataOut(itt, tag, dataSn, offset, true, new byte[length]));
        return wire.expect(RESPONSE);
    }

    private static void assertSense(String code, Wire.Got got) {
        assertEquals("02", got.hex(3, 4));
        assertEquals("0b", got.data(4, 5));
        assertEquals(code, got.data(14, 16));
    }

    @Test
    void longCdbComesInAnAdditionalHeader() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            // READ (32) of a block: 16 bytes more, so AHSLength is 17.
            byte[] head = Wire.commandHeader(2, READ, 512, "7f 00 00*5 18 0009 00*6");
            byte[] more = Wire.hex("0011 01 00 00*12 00000001");
            byte[] both = Arrays.copyOf(head, 68);
            System.arraycopy(more, 0, both, 48, 20);
            wire.send(wire.pdu(both));
            Wire.Got got = wire.receive();
            assertEquals(512, got.data().length, () -> Wire.text(got.header()) + Wire.text(got.data()));
        }
    }
}
