package io.zonewright.frontend.virtioblk.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneType;
import io.zonewright.frontend.virtioblk.command.Driver.Reply;
import io.zonewright.frontend.virtioblk.command.Driver.Sent;
import io.zonewright.frontend.virtioblk.command.ScriptedDevice.Seen;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What goes to the device for given bytes, and what comes back for given results; zone rules are the engine's tests. */
class BlkExecutorTest {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    /** 16 zones of 1 MiB, 4096-byte writes. */
    private static final ZoneGeometry ZONED = new ZoneGeometry(ZoneModel.HOST_MANAGED, 16 * MIB, 512, 4096, MIB);

    private static final ZoneGeometry PLAIN = ZoneGeometry.unzoned(16 * MIB, 512);
    private static final Capabilities ALL = new Capabilities(false, true, true, true, false, false);

    /** VERSION_1, WRITE_ZEROES, DISCARD, CONFIG_WCE, FLUSH. */
    private static final long PLAIN_FEATURES = 0x1_0000_6a00L;

    private final ScriptedDevice zoned = new ScriptedDevice(ZONED, new ZoneLimits(4, 6, 256 * KIB), Capabilities.PLAIN);
    private final ScriptedDevice plain = new ScriptedDevice(PLAIN, ZoneLimits.NONE, ALL);
    private final Driver onZoned = new Driver(zoned, Driver.ZONED_FEATURES);
    private final Driver onPlain = new Driver(plain, PLAIN_FEATURES, backed());

    private static WriteCache backed() {
        WriteCache cache = new WriteCache();
        cache.reset(ALL);
        return cache;
    }

    private static Seen seen(Operation operation, long offset, long length) {
        return new Seen(operation, offset, length, false, false, false, "");
    }

    @Test
    void readIsType0AndFillsEverythingBeforeTheStatus() {
        // type 0, priority 7 (of no meaning), sector 8
        Reply reply = onPlain.sendHex("00000000 07000000 0800000000000000", 1024);
        assertEquals(List.of(seen(Operation.READ, 4096, 1024)), plain.seen);
        byte[] expected = new byte[1025];
        Arrays.fill(expected, 0, 1024, (byte) 0x5a);
        assertArrayEquals(expected, reply.writable());
        assertEquals(1025, reply.used());
    }

    @Test
    void writeIsType1AndTakesEverythingAfterTheHeader() {
        Reply reply = onPlain.sendHex("01000000 00000000 1000000000000000 deadbeef", 0);
        assertEquals(List.of(new Seen(Operation.WRITE, 8192, 4, false, false, false, "deadbeef")), plain.seen);
        assertArrayEquals(new byte[] {0}, reply.writable());
        assertEquals(1, reply.used());
    }

    @Test
    void flushIsType4() {
        assertEquals(0, onPlain.sendHex("04000000 00000000 0000000000000000", 0).status());
        assertEquals(List.of(seen(Operation.FLUSH, 0, 0)), plain.seen);
    }

    @Test
    void identityIsType8AndTwentyBytes() {
        Reply reply = onPlain.sendHex("08000000 00000000 0000000000000000", 20);
        assertEquals("3031323334353637383941424344454630313233" + "00", reply.hex(0, 21));
        assertEquals(21, reply.used());
        assertEquals(List.of(), plain.seen);
    }

    @Test
    void identityIsCutToAShortBufferAndStopsAtTwentyBytesOfALongOne() {
        Reply shorter = onPlain.sendHex("08000000 00000000 0000000000000000", 4);
        assertEquals("3031323300", shorter.hex(0, 5));
        assertEquals(5, shorter.used());
        Reply longer = onPlain.sendHex("08000000 00000000 0000000000000000", 22);
        assertEquals("3031323334353637383941424344454630313233eeee00", longer.hex(0, 23));
        assertEquals(20, longer.used());
    }

    @Test
    void identityShorterThanTwentyBytesIsPaddedWithZeroes() {
        BlkExecutor executor = new BlkExecutor(plain, PLAIN_FEATURES, backed(), new byte[] {'x'});
        SpanList readable = new SpanList();
        readable.add(MemorySegment.ofArray(Driver.header(8, 0)), 0, 16);
        byte[] out = new byte[21];
        Arrays.fill(out, Driver.UNTOUCHED);
        SpanList writable = new SpanList();
        writable.add(MemorySegment.ofArray(out), 0, 21);
        Sent sent = new Sent(readable, writable, out);
        executor.start(sent);
        executor.finish(sent);
        assertEquals("7800000000000000000000000000000000000000" + "00", Driver.HEX.formatHex(out));
    }

    @Test
    void appendIsType15AndTellsItsSectorAtTheStartOfLinuxsSixteenByteTrailer() {
        zoned.placement = 3L * MIB + 8 * 4096;
        Reply reply = onZoned.sendHex("0f000000 00000000 0018000000000000 abcd", 15);
        assertEquals(List.of(new Seen(Operation.APPEND, 3L * MIB, 2, false, false, false, "abcd")), zoned.seen);
        // sector 0x1840 = (3 MiB + 32 KiB) / 512, padding, status in byte 15
        assertEquals("4018000000000000" + "00000000000000" + "00", reply.hex(0, 16));
        assertEquals(16, reply.used());
    }

    @Test
    void appendTellsItsSectorAndStatusInTheSpecificationsNineByteTrailer() {
        zoned.placement = 3L * MIB;
        Reply reply = onZoned.sendHex("0f000000 00000000 0018000000000000 abcd", 8);
        assertEquals("001800000000000000", reply.hex(0, 9));
        assertEquals(9, reply.used());
    }

    @Test
    void appendWithoutRoomForItsSectorIsRefusedBeforeItIsCarriedOut() {
        Reply reply = onZoned.sendHex("0f000000 00000000 0018000000000000 abcd", 7);
        assertEquals("eeeeeeeeeeeeee03", reply.hex(0, 8));
        assertEquals(List.of(), zoned.seen);
    }

    @Test
    void appendIntoAHugeTrailerTouchesItsFirstBytesAndItsLastOnly() {
        zoned.placement = 0;
        Reply reply = onZoned.sendHex("0f000000 00000000 0000000000000000 abcd", 31);
        assertEquals("0000000000000000" + "00000000000000" + "ee".repeat(16) + "00", reply.hex(0, 32));
        assertEquals(15, reply.used());
    }

    @Test
    void zoneActionsAreTypes18To24() {
        assertEquals(0, onZoned.sendHex("12000000 00000000 0008000000000000", 0).status());
        assertEquals(0, onZoned.sendHex("14000000 00000000 0008000000000000", 0).status());
        assertEquals(0, onZoned.sendHex("16000000 00000000 0008000000000000", 0).status());
        assertEquals(0, onZoned.sendHex("18000000 00000000 0008000000000000", 0).status());
        assertEquals(
                List.of(
                        seen(Operation.ZONE_OPEN, MIB, 0),
                        seen(Operation.ZONE_CLOSE, MIB, 0),
                        seen(Operation.ZONE_FINISH, MIB, 0),
                        seen(Operation.ZONE_RESET, MIB, 0)),
                zoned.seen);
    }

    @Test
    void resetAllIsType26AndIgnoresTheSector() {
        assertEquals(0, onZoned.sendHex("1a000000 00000000 ffffffffffffffff", 0).status());
        assertEquals(List.of(new Seen(Operation.ZONE_RESET, 0, 0, false, true, false, "")), zoned.seen);
    }

    @Test
    void readsOfAZonedDriverAreRefusedAcrossZones() {
        onZoned.send(0, 0, 512);
        assertEquals(List.of(new Seen(Operation.READ, 0, 512, false, false, true, "")), zoned.seen);
    }

    @Test
    void unknownTypesAreUnsupported() {
        // SCSI passthrough, barrier, secure erase (not offered), lifetime, the odd numbers between the zone requests,
        // all ones
        for (int type : new int[] {2, 3, 5, 7, 9, 10, 12, 14, 17, 19, 21, 23, 25, 27, 0x8000_0000, 0x8000_0001, -1}) {
            assertEquals(2, onZoned.send(type, 0, 0).status(), "type " + type);
        }
        assertEquals(List.of(), zoned.seen);
    }

    @Test
    void aHeaderThatIsTooShortIsAnIoError() {
        for (int length : new int[] {0, 1, 15}) {
            Reply reply = onPlain.send(new byte[length], new byte[0], 512);
            assertEquals(1, reply.status(), length + " bytes");
            assertEquals(0, reply.used());
        }
        assertEquals(List.of(), plain.seen);
    }

    @Test
    void aRequestWithoutAWritableByteCannotBeAnswered() {
        assertFalse(BlkExecutor.answerable(new Sent(new SpanList(), new SpanList(), new byte[0])));
        SpanList one = new SpanList();
        one.add(MemorySegment.ofArray(new byte[1]), 0, 1);
        assertTrue(BlkExecutor.answerable(new Sent(new SpanList(), one, new byte[1])));
    }

    @Test
    void sectorsThatOverflowAreOutOfRange() {
        for (long sector : new long[] {1L << 54, 1L << 55, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
            assertEquals(1, onZoned.send(0, sector, 512).status(), "read " + sector);
            assertEquals(1, onZoned.write(1, sector, new byte[512], 0).status(), "write " + sector);
            assertEquals(3, onZoned.write(15, sector, new byte[512], 15).status(), "append " + sector);
            assertEquals(3, onZoned.send(16, sector, 128).status(), "report " + sector);
            assertEquals(3, onZoned.send(18, sector, 0).status(), "open " + sector);
            assertEquals(3, onZoned.send(24, sector, 0).status(), "reset " + sector);
        }
        assertEquals(List.of(), zoned.seen);
        zoned.capabilities = new Capabilities(true, false, false, false, false, false);
        assertEquals(1, onZoned.write(15, -1, new byte[512], 15).status(), "append to a read-only device");
        assertEquals(3, onZoned.send(16, -1, 128).status(), "report of a read-only device");
    }

    @Test
    void theLargestSectorThatDoesNotOverflowIsTheDevicesToRefuse() {
        zoned.answer(Cause.OUT_OF_RANGE);
        assertEquals(1, onZoned.send(0, (1L << 54) - 1, 512).status());
        assertEquals(0x7fff_ffff_ffff_fe00L, zoned.seen.getFirst().offset());
    }

    @Test
    void aFailedReadCountsNoBytes() {
        plain.answer(Cause.MEDIUM_ERROR);
        Reply reply = onPlain.send(0, 0, 512);
        assertEquals(1, reply.status());
        assertEquals(0, reply.used());
        plain.answer(Cause.MEDIUM_ERROR);
        assertEquals(1, onPlain.write(1, 0, new byte[512], 0).used());
    }

    @Test
    void d26FailedAppendLeavesTheSectorUndefined() {
        zoned.answer(Cause.ZONE_FULL);
        Reply reply = onZoned.write(15, 0, new byte[4096], 15);
        assertEquals("ee".repeat(15) + "03", reply.hex(0, 16));
        assertEquals(0, reply.used());
    }

    @Test
    void anySplitGivesTheSameAnswer() {
        Random random = new Random(0x5eed);
        byte[] readable = Driver.concat(Driver.header(15, 2048), Driver.hex("00112233445566778899aabbccddeeff"));
        zoned.placement = 0x0102_0304_0506_0800L;
        for (int round = 0; round < 500; round++) {
            zoned.seen.clear();
            Reply reply = onZoned.finish(onZoned.start(readable, cuts(random, readable.length), 16, cuts(random, 16)));
            // 0x0102030405060800 / 512
            assertEquals("0483028201810000" + "00000000000000" + "00", reply.hex(0, 16), "round " + round);
            assertEquals(
                    "00112233445566778899aabbccddeeff", zoned.seen.getFirst().data());
        }
    }

    @Test
    void anySplitOfAReadPutsTheStatusIntoTheVeryLastByte() {
        Random random = new Random(0x5eed);
        byte[] expected = new byte[1025];
        Arrays.fill(expected, 0, 1024, (byte) 0x5a);
        for (int round = 0; round < 200; round++) {
            Sent sent = onPlain.start(Driver.header(0, 1), cuts(random, 16), 1025, cuts(random, 1025));
            assertArrayEquals(expected, onPlain.finish(sent).writable(), "round " + round);
        }
    }

    /** Some cuts, empty pieces among them. */
    private static int[] cuts(Random random, int length) {
        int[] cuts = new int[random.nextInt(6)];
        int left = length;
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = random.nextInt(left + 1);
            left -= cuts[i];
        }
        return cuts;
    }

    @Test
    void completionOnAnotherThreadEndsOnce() {
        plain.hold = true;
        Sent sent = onPlain.start(Driver.header(0, 0), new int[0], 513, new int[0]);
        assertEquals(0, sent.ended.get());
        Thread.ofPlatform().start(plain::release);
        assertEquals(0, onPlain.finish(sent).status());
    }

    @Test
    void aReusedRequestRemembersNothing() {
        Sent sent = onPlain.start(Driver.header(99, 0), new int[0], 1, new int[0]);
        assertEquals(2, onPlain.finish(sent).status());
        BlkExecutor executor = new BlkExecutor(plain, PLAIN_FEATURES, backed(), new byte[20]);
        sent.readable().clear();
        sent.readable().add(MemorySegment.ofArray(Driver.header(4, 0)), 0, 16);
        executor.start(sent);
        executor.finish(sent);
        assertEquals(0, sent.writable().segment(0).get(ValueLayout.JAVA_BYTE, 1));
    }

    // Discard and write zeroes

    @Test
    void discardIsType11WithRanges() {
        Reply reply = onPlain.sendHex(
                "0b000000 00000000 0000000000000000"
                        + "0800000000000000 10000000 00000000"
                        + "4000000000000000 01000000 00000000",
                0);
        assertEquals(0, reply.status());
        assertEquals(List.of(seen(Operation.DISCARD, 4096, 8192), seen(Operation.DISCARD, 32768, 512)), plain.seen);
    }

    @Test
    void writeZeroesIsType13AndUnmapsWhereAllowed() {
        Reply reply = onPlain.sendHex(
                "0d000000 00000000 0000000000000000"
                        + "0800000000000000 10000000 00000000"
                        + "4000000000000000 01000000 01000000",
                0);
        assertEquals(0, reply.status());
        assertEquals(
                List.of(seen(Operation.WRITE_ZEROES, 4096, 8192), seen(Operation.DISCARD, 32768, 512)), plain.seen);
    }

    @Test
    void writeZeroesWithUnmapStaysWriteZeroesWhereTheMediumCannotDiscard() {
        plain.capabilities = new Capabilities(false, true, false, true, false, false);
        onPlain.sendHex("0d000000 00000000 0000000000000000 4000000000000000 01000000 01000000", 0);
        assertEquals(List.of(seen(Operation.WRITE_ZEROES, 32768, 512)), plain.seen);
    }

    /** linux-zbd with {@code discard: trim}: zeroes were asked for, and are written. */
    @Test
    void writeZeroesWithUnmapStaysWriteZeroesWhereDiscardsDoNotReadAsZeroes() {
        plain.discardsToZeroes = false;
        onPlain.sendHex("0d000000 00000000 0000000000000000 4000000000000000 01000000 01000000", 0);
        assertEquals(List.of(seen(Operation.WRITE_ZEROES, 32768, 512)), plain.seen);
    }

    @Test
    void d41UnknownFlagsAreUnsupportedAndNothingIsDone() {
        String discard = "0b000000 00000000 0000000000000000 0000000000000000 01000000 00000000";
        String zeroes = "0d000000 00000000 0000000000000000 0000000000000000 01000000 00000000";
        String range = "0000000000000000 01000000 ";
        assertEquals(2, onPlain.sendHex(discard + range + "01000000", 0).status(), "unmap in discard");
        assertEquals(2, onPlain.sendHex(discard + range + "02000000", 0).status());
        assertEquals(2, onPlain.sendHex(zeroes + range + "02000000", 0).status());
        assertEquals(2, onPlain.sendHex(zeroes + range + "00000080", 0).status());
        assertEquals(List.of(), plain.seen);
    }

    @Test
    void rangesThatAreNoneTooManyRaggedTooLongOrOutsideAreIoErrorsAndNothingIsDone() {
        String header = "0b000000 00000000 0000000000000000 ";
        String good = "0000000000000000 01000000 00000000";
        assertEquals(1, onPlain.sendHex(header, 0).status(), "none");
        assertEquals(1, onPlain.sendHex(header + good.repeat(17), 0).status(), "seventeen");
        assertEquals(1, onPlain.sendHex(header + good + "00", 0).status(), "ragged");
        // 2^21 + 1 sectors; the device has 32768
        assertEquals(
                1,
                onPlain.sendHex(header + good + "0000000000000000 01002000 00000000", 0)
                        .status());
        assertEquals(
                1,
                onPlain.sendHex(header + good + "0080000000000000 01000000 00000000", 0)
                        .status());
        assertEquals(
                1,
                onPlain.sendHex(header + good + "ff7f000000000000 02000000 00000000", 0)
                        .status());
        assertEquals(
                1,
                onPlain.sendHex(header + good + "ffffffffffffffff 01000000 00000000", 0)
                        .status());
        assertEquals(
                1,
                onPlain.sendHex(header + good + "ffffffffffffff7f 01000000 00000000", 0)
                        .status());
        assertEquals(List.of(), plain.seen);
        assertEquals(0, onPlain.sendHex(header + good.repeat(16), 0).status(), "sixteen");
        assertEquals(16, plain.seen.size());
        // the last sector
        assertEquals(
                0,
                onPlain.sendHex(header + "ff7f000000000000 01000000 00000000", 0)
                        .status());
    }

    @Test
    void aWriteZeroesRangeMayHave131072Sectors() {
        plain.geometry = ZoneGeometry.unzoned(1L << 40, 512);
        String header = "0d000000 00000000 0000000000000000 ";
        assertEquals(
                0,
                onPlain.sendHex(header + "0000000000000000 00000200 00000000", 0)
                        .status());
        assertEquals(
                1,
                onPlain.sendHex(header + "0000000000000000 01000200 00000000", 0)
                        .status());
        assertEquals(List.of(seen(Operation.WRITE_ZEROES, 0, 64 * MIB)), plain.seen);
    }

    @Test
    void theFirstRangeThatFailsEndsTheRequest() {
        plain.answer(Cause.DONE);
        plain.answer(Cause.MEDIUM_ERROR);
        Reply reply = onPlain.sendHex(
                "0b000000 00000000 0000000000000000 " + "0000000000000000 01000000 00000000".repeat(3), 0);
        assertEquals(1, reply.status());
        assertEquals(2, plain.seen.size());
    }

    @Test
    void rangesGoOnFromWhateverThreadCompletesThem() {
        plain.hold = true;
        Sent sent = onPlain.start(
                Driver.hex("0b000000 00000000 0000000000000000 " + "0000000000000000 01000000 00000000".repeat(3)),
                new int[0],
                1,
                new int[0]);
        plain.release();
        plain.release();
        assertEquals(0, sent.ended.get());
        plain.release();
        assertEquals(0, onPlain.finish(sent).status());
        assertEquals(3, plain.seen.size());
    }

    @Test
    void requestsOfFeaturesThatWereNotAcceptedAreUnsupported() {
        Driver bare = new Driver(plain, 0x1_0000_0000L);
        assertEquals(
                2,
                bare.sendHex("0b000000 00000000 0000000000000000 0000000000000000 01000000 00000000", 0)
                        .status());
        assertEquals(
                2,
                bare.sendHex("0d000000 00000000 0000000000000000 0000000000000000 01000000 00000000", 0)
                        .status());
        assertEquals(List.of(), plain.seen);
    }

    // Reports

    private void threeZones() {
        zoned.zone(13, ZoneType.CONVENTIONAL, ZoneCondition.NOT_WRITE_POINTER, MIB, 13L * MIB);
        zoned.zone(14, ZoneType.SEQUENTIAL_WRITE_REQUIRED, ZoneCondition.CLOSED, MIB - 8192, 14L * MIB + 4096);
        zoned.zone(15, ZoneType.SEQUENTIAL_WRITE_REQUIRED, ZoneCondition.FULL, MIB - 8192, 15L * MIB + 77 * 512);
    }

    /** Cap, start, pointer, type, state, reserved. */
    private static String descriptor(String cap, String start, String pointer, String type, String state) {
        return cap + start + pointer + type + state + "00".repeat(38);
    }

    private static final String ZONE_13 =
            descriptor("0008000000000000", "0068000000000000", "0070000000000000", "01", "00");
    private static final String ZONE_14 =
            descriptor("f007000000000000", "0070000000000000", "0870000000000000", "02", "04");
    private static final String ZONE_15 =
            descriptor("f007000000000000", "0078000000000000", "0080000000000000", "02", "0e");

    @Test
    void s15ReportIsType16StartsWithTheZoneThatHoldsTheSectorAndEndsWithTheDevice() {
        threeZones();
        // sector 0x6fff is the last of zone 13
        Reply reply = onZoned.sendHex("10000000 00000000 ff6f000000000000", 64 + 64 * 5);
        assertEquals("0300000000000000" + "00".repeat(56), reply.hex(0, 64));
        assertEquals(ZONE_13, reply.hex(64, 128));
        assertEquals(ZONE_14, reply.hex(128, 192));
        assertEquals(ZONE_15, reply.hex(192, 256));
        assertEquals("ee".repeat(128) + "00", reply.hex(256, 385));
        assertEquals(256, reply.used());
        assertEquals(List.of(seen(Operation.ZONE_REPORT, 13L * MIB, 3L * MIB)), zoned.seen);
    }

    @Test
    void s15OnlyWholeDescriptorsAreTransferred() {
        threeZones();
        for (int odd : new int[] {0, 1, 63}) {
            Reply reply = onZoned.sendHex("10000000 00000000 0070000000000000", 64 + 64 + odd);
            assertEquals("0100000000000000" + "00".repeat(56), reply.hex(0, 64));
            assertEquals(ZONE_14, reply.hex(64, 128));
            assertEquals("ee".repeat(odd) + "00", reply.hex(128, 129 + odd));
        }
        Reply none = onZoned.sendHex("10000000 00000000 0070000000000000", 127);
        assertEquals("00".repeat(64) + "ee".repeat(63) + "00", none.hex(0, 128));
        Reply exact = onZoned.sendHex("10000000 00000000 0070000000000000", 64);
        assertEquals("00".repeat(65), exact.hex(0, 65));
        assertEquals(65, exact.used());
    }

    @Test
    void s15AReportWithoutRoomForItsHeaderIsInvalid() {
        Reply reply = onZoned.sendHex("10000000 00000000 0000000000000000", 63);
        assertEquals("ee".repeat(63) + "03", reply.hex(0, 64));
        assertEquals(List.of(), zoned.seen);
    }

    @Test
    void s15AReportFromTheEndOfTheDeviceIsInvalid() {
        threeZones();
        assertEquals(
                3, onZoned.sendHex("10000000 00000000 0080000000000000", 128).status());
        assertEquals(
                0, onZoned.sendHex("10000000 00000000 ff7f000000000000", 128).status());
    }

    @Test
    void s15AReportThatTheMediumCannotGiveWritesNoZone() {
        threeZones();
        zoned.answer(Cause.MEDIUM_ERROR);
        Reply reply = onZoned.sendHex("10000000 00000000 0070000000000000", 128);
        assertEquals("ee".repeat(128) + "01", reply.hex(0, 129));
        assertEquals(0, reply.used());
    }

    @Test
    void s15AReportMayBeSplitAnywhere() {
        threeZones();
        Random random = new Random(0x5eed);
        for (int round = 0; round < 200; round++) {
            Reply reply = onZoned.finish(onZoned.start(Driver.header(16, 0x7000), new int[0], 194, cuts(random, 194)));
            assertEquals("0200000000000000" + "00".repeat(56) + ZONE_14 + ZONE_15 + "ee00", reply.hex(0, 194));
        }
    }

    @Test
    void s3UndefinedWritePointersAreTheEndOfTheZone() {
        zoned.zone(0, ZoneType.SEQUENTIAL_WRITE_REQUIRED, ZoneCondition.READ_ONLY, MIB, 4096);
        zoned.zone(1, ZoneType.SEQUENTIAL_WRITE_REQUIRED, ZoneCondition.OFFLINE, MIB, MIB);
        zoned.zone(2, ZoneType.CONVENTIONAL, ZoneCondition.NOT_WRITE_POINTER, MIB, 2L * MIB);
        Reply reply = onZoned.send(16, 0, 256);
        assertEquals(
                descriptor("0008000000000000", "0000000000000000", "0008000000000000", "02", "0d"), reply.hex(64, 128));
        assertEquals(
                descriptor("0008000000000000", "0008000000000000", "0010000000000000", "02", "0f"),
                reply.hex(128, 192));
        assertEquals(
                descriptor("0008000000000000", "0010000000000000", "0018000000000000", "01", "00"),
                reply.hex(192, 256));
    }

    @Test
    void reportShowsEveryTypeAndCondition() {
        zoned.zone(0, ZoneType.SEQUENTIAL_WRITE_PREFERRED, ZoneCondition.EMPTY, MIB, 0);
        zoned.zone(1, ZoneType.SEQUENTIAL_WRITE_REQUIRED, ZoneCondition.IMPLICIT_OPEN, MIB, MIB + 4096);
        zoned.zone(2, ZoneType.SEQUENTIAL_WRITE_REQUIRED, ZoneCondition.EXPLICIT_OPEN, MIB, 2L * MIB);
        Reply reply = onZoned.send(16, 0, 256);
        assertEquals("0301", reply.hex(64 + 24, 64 + 26));
        assertEquals("0202", reply.hex(128 + 24, 128 + 26));
        assertEquals("0203", reply.hex(192 + 24, 192 + 26));
    }
}
