package io.zonewright.frontend.nvme.command.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.result.Cause;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class CauseStatusTest {
    /** Status with Do Not Retry (4000h) for Read, Write, Zone Append, Zone Management Send, Zone Management Receive. */
    private static final Map<Cause, int[]> TABLE = new EnumMap<>(Cause.class);

    private static final NvmeOpcode[] COLUMNS = {
        NvmeOpcode.READ,
        NvmeOpcode.WRITE,
        NvmeOpcode.ZONE_APPEND,
        NvmeOpcode.ZONE_MANAGEMENT_SEND,
        NvmeOpcode.ZONE_MANAGEMENT_RECEIVE
    };

    private static void row(Cause cause, int... statuses) {
        TABLE.put(cause, statuses);
    }

    private static void all(Cause cause, int status) {
        row(cause, status, status, status, status, status);
    }

    static {
        all(Cause.DONE, 0x000);
        all(Cause.ALREADY_SO, 0x000);
        all(Cause.OUT_OF_RANGE, 0x4080);
        all(Cause.DEVICE_READ_ONLY, 0x4020);
        all(Cause.UNALIGNED_BLOCK, 0x006);
        row(Cause.ZONE_OFFLINE, 0x41BB, 0x41BB, 0x41BB, 0x41BF, 0x41BB);
        row(Cause.ZONE_READ_ONLY, 0x41BA, 0x41BA, 0x41BA, 0x41BF, 0x41BA);
        all(Cause.WRONG_ZONE_TYPE, 0x4002);
        all(Cause.NOT_ZONE_START, 0x4002);
        all(Cause.READ_CROSSES_ZONES, 0x41B8);
        all(Cause.CROSSES_ZONE_BOUNDARY, 0x41B8);
        all(Cause.ZONE_FULL, 0x41B9);
        all(Cause.BEYOND_ZONE_CAPACITY, 0x41B8);
        all(Cause.UNALIGNED_WRITE, 0x006);
        all(Cause.NOT_AT_WRITE_POINTER, 0x41BC);
        all(Cause.APPEND_TOO_LONG, 0x4002);
        all(Cause.APPEND_UNSUPPORTED, 0x4001);
        all(Cause.AREA_NOT_APPLICABLE, 0x41B6);
        all(Cause.NOT_APPLICABLE, 0x41BF);
        all(Cause.ACTIVE_LIMIT, 0x41BD);
        all(Cause.OPEN_LIMIT, 0x41BE);
        all(Cause.NO_RANDOM_WRITE_AREA, 0x41B7);
        row(Cause.PREDECESSOR_FAILED, 0x41BC, 0x41BC, 0x006, 0x41BC, 0x41BC);
        all(Cause.NO_SPACE, 0x4081);
        row(Cause.MEDIUM_ERROR, 0x281, 0x4280, 0x4280, 0x006, 0x006);
        row(Cause.UNSUPPORTED, 0x4001, 0x4001, 0x4001, 0x4002, 0x4001);
        all(Cause.ABORTED, 0x082);
        all(Cause.INTERNAL_ERROR, 0x006);
    }

    @TestFactory
    List<DynamicTest> everyCauseHasItsStatusForEveryCommand() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Cause cause : Cause.values()) {
            int[] row = Objects.requireNonNull(TABLE.get(cause), cause + " has no row");
            for (int i = 0; i < COLUMNS.length; i++) {
                int expected = row[i];
                NvmeOpcode command = COLUMNS[i];
                tests.add(DynamicTest.dynamicTest(
                        cause + " " + command, () -> assertEquals(expected, CauseStatus.of(cause.bit(), command))));
            }
        }
        return tests;
    }

    @Test
    void aFailedMediumIsAReadErrorOrAWriteFault() {
        assertEquals(0x281, CauseStatus.of(Cause.MEDIUM_ERROR.bit(), NvmeOpcode.COMPARE));
        assertEquals(0x281, CauseStatus.of(Cause.MEDIUM_ERROR.bit(), NvmeOpcode.VERIFY));
        assertEquals(0x4280, CauseStatus.of(Cause.MEDIUM_ERROR.bit(), NvmeOpcode.WRITE_ZEROES));
        assertEquals(0x4280, CauseStatus.of(Cause.MEDIUM_ERROR.bit(), NvmeOpcode.DATASET_MANAGEMENT));
        assertEquals(0x4280, CauseStatus.of(Cause.MEDIUM_ERROR.bit(), NvmeOpcode.FLUSH));
    }

    @Test
    void activeComesBeforeOpen() {
        pair(0x41BD, Cause.ACTIVE_LIMIT, Cause.OPEN_LIMIT);
    }

    @Test
    void theStateComesBeforeThePointer() {
        for (Cause later : new Cause[] {
            Cause.NOT_AT_WRITE_POINTER,
            Cause.CROSSES_ZONE_BOUNDARY,
            Cause.BEYOND_ZONE_CAPACITY,
            Cause.ACTIVE_LIMIT,
            Cause.OPEN_LIMIT,
            Cause.READ_CROSSES_ZONES
        }) {
            pair(0x41BB, Cause.ZONE_OFFLINE, later);
            pair(0x41BA, Cause.ZONE_READ_ONLY, later);
            pair(0x41B9, Cause.ZONE_FULL, later);
        }
    }

    @Test
    void thePointerComesBeforeTheBoundary() {
        pair(0x41BC, Cause.NOT_AT_WRITE_POINTER, Cause.CROSSES_ZONE_BOUNDARY);
        pair(0x41BC, Cause.NOT_AT_WRITE_POINTER, Cause.BEYOND_ZONE_CAPACITY);
        pair(0x41BC, Cause.NOT_AT_WRITE_POINTER, Cause.ACTIVE_LIMIT);
        pair(0x41BC, Cause.NOT_AT_WRITE_POINTER, Cause.OPEN_LIMIT);
    }

    @Test
    void theBoundaryComesBeforeResources() {
        pair(0x41B8, Cause.CROSSES_ZONE_BOUNDARY, Cause.ACTIVE_LIMIT);
        pair(0x41B8, Cause.BEYOND_ZONE_CAPACITY, Cause.OPEN_LIMIT);
        pair(0x41B8, Cause.BEYOND_ZONE_CAPACITY, Cause.ACTIVE_LIMIT);
    }

    @Test
    void writeProtectionComesBeforeEverythingInTheZone() {
        pair(0x4020, Cause.DEVICE_READ_ONLY, Cause.OUT_OF_RANGE);
        pair(0x4020, Cause.DEVICE_READ_ONLY, Cause.ZONE_OFFLINE);
        pair(0x4020, Cause.DEVICE_READ_ONLY, Cause.NOT_AT_WRITE_POINTER);
        pair(0x4020, Cause.DEVICE_READ_ONLY, Cause.NOT_APPLICABLE);
    }

    @Test
    void theRangeComesBeforeTheZone() {
        pair(0x4080, Cause.OUT_OF_RANGE, Cause.ZONE_FULL);
        pair(0x4080, Cause.OUT_OF_RANGE, Cause.NOT_AT_WRITE_POINTER);
        pair(0x4080, Cause.OUT_OF_RANGE, Cause.CROSSES_ZONE_BOUNDARY);
    }

    @Test
    void anAppendsFieldsComeBeforeItsZone() {
        pair(0x41B6, Cause.AREA_NOT_APPLICABLE, Cause.NOT_ZONE_START);
        pair(0x4002, Cause.NOT_ZONE_START, Cause.ZONE_FULL);
        pair(0x4002, Cause.APPEND_TOO_LONG, Cause.ZONE_OFFLINE);
        pair(0x4002, Cause.APPEND_TOO_LONG, Cause.BEYOND_ZONE_CAPACITY);
    }

    @Test
    void anOpenThatIsNotApplicableAsksForNoResources() {
        pair(0x41BF, Cause.NOT_APPLICABLE, Cause.ACTIVE_LIMIT);
        pair(0x41BF, Cause.NOT_APPLICABLE, Cause.OPEN_LIMIT);
        pair(0x41BD, Cause.ACTIVE_LIMIT, Cause.NO_RANDOM_WRITE_AREA);
    }

    private static void pair(int expected, Cause one, Cause other) {
        assertEquals(expected, CauseStatus.of(one.bit() | other.bit(), NvmeOpcode.WRITE), one + " with " + other);
    }
}
