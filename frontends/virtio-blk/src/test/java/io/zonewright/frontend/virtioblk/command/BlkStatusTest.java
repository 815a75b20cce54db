package io.zonewright.frontend.virtioblk.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.result.Cause;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class BlkStatusTest {
    /** Status for the seven zone requests, and for all others, of a driver that accepted ZONED. */
    private static final Map<Cause, byte[]> TABLE = new EnumMap<>(Cause.class);

    private static void row(Cause cause, int zoneRequest, int other) {
        TABLE.put(cause, new byte[] {(byte) zoneRequest, (byte) other});
    }

    static {
        row(Cause.DONE, 0, 0);
        row(Cause.ALREADY_SO, 0, 0);
        row(Cause.OUT_OF_RANGE, 3, 1);
        row(Cause.DEVICE_READ_ONLY, 1, 1);
        row(Cause.UNALIGNED_BLOCK, 3, 1);
        row(Cause.ZONE_OFFLINE, 3, 3);
        row(Cause.ZONE_READ_ONLY, 3, 3);
        row(Cause.WRONG_ZONE_TYPE, 3, 3);
        row(Cause.NOT_ZONE_START, 3, 3);
        row(Cause.READ_CROSSES_ZONES, 3, 3);
        row(Cause.CROSSES_ZONE_BOUNDARY, 3, 3);
        row(Cause.ZONE_FULL, 3, 3);
        row(Cause.BEYOND_ZONE_CAPACITY, 3, 3);
        row(Cause.UNALIGNED_WRITE, 4, 4);
        row(Cause.NOT_AT_WRITE_POINTER, 4, 4);
        row(Cause.APPEND_TOO_LONG, 3, 3);
        row(Cause.APPEND_UNSUPPORTED, 2, 2);
        row(Cause.AREA_NOT_APPLICABLE, 3, 3);
        row(Cause.NOT_APPLICABLE, 3, 3);
        row(Cause.ACTIVE_LIMIT, 6, 6);
        row(Cause.OPEN_LIMIT, 5, 5);
        row(Cause.NO_RANDOM_WRITE_AREA, 3, 3);
        row(Cause.PREDECESSOR_FAILED, 1, 1);
        row(Cause.NO_SPACE, 1, 1);
        row(Cause.MEDIUM_ERROR, 1, 1);
        row(Cause.UNSUPPORTED, 2, 2);
        row(Cause.ABORTED, 1, 1);
        row(Cause.INTERNAL_ERROR, 1, 1);
    }

    @TestFactory
    List<DynamicTest> s17EveryCauseHasItsStatus() {
        return List.of(Cause.values()).stream()
                .map(cause -> DynamicTest.dynamicTest(cause.name(), () -> {
                    byte[] expected = Objects.requireNonNull(TABLE.get(cause), cause + " has no row");
                    assertEquals(expected[0], BlkStatus.of(cause.bit(), true, true), "zone request");
                    assertEquals(expected[1], BlkStatus.of(cause.bit(), false, true), "other request");
                    int unzoned = expected[1] > 2 ? 1 : expected[1];
                    assertEquals(unzoned, BlkStatus.of(cause.bit(), false, false), "driver without ZONED");
                }))
                .toList();
    }

    @Test
    void d24BeforeResourcesAndAfterAlignment() {
        pair(4, Cause.BEYOND_ZONE_CAPACITY, Cause.NOT_AT_WRITE_POINTER);
        pair(4, Cause.BEYOND_ZONE_CAPACITY, Cause.UNALIGNED_WRITE);
        pair(3, Cause.BEYOND_ZONE_CAPACITY, Cause.OPEN_LIMIT);
        pair(3, Cause.BEYOND_ZONE_CAPACITY, Cause.ACTIVE_LIMIT);
    }

    @Test
    void d29BoundaryComesBeforeAlignmentAndResources() {
        pair(3, Cause.CROSSES_ZONE_BOUNDARY, Cause.NOT_AT_WRITE_POINTER);
        pair(3, Cause.CROSSES_ZONE_BOUNDARY, Cause.UNALIGNED_WRITE);
        pair(3, Cause.CROSSES_ZONE_BOUNDARY, Cause.UNALIGNED_BLOCK);
        pair(3, Cause.CROSSES_ZONE_BOUNDARY, Cause.OPEN_LIMIT);
    }

    @Test
    void d30AlignmentAndPointerComeBeforeResourcesAndBlocks() {
        pair(4, Cause.NOT_AT_WRITE_POINTER, Cause.OPEN_LIMIT);
        pair(4, Cause.NOT_AT_WRITE_POINTER, Cause.ACTIVE_LIMIT);
        pair(4, Cause.UNALIGNED_WRITE, Cause.UNALIGNED_BLOCK);
        pair(4, Cause.NOT_AT_WRITE_POINTER, Cause.UNALIGNED_BLOCK);
    }

    @Test
    void d32D33OfflineAndReadOnlyZonesComeBeforeEverythingInTheZone() {
        for (Cause zone : new Cause[] {Cause.ZONE_OFFLINE, Cause.ZONE_READ_ONLY}) {
            pair(3, zone, Cause.NOT_AT_WRITE_POINTER);
            pair(3, zone, Cause.UNALIGNED_WRITE);
            pair(3, zone, Cause.UNALIGNED_BLOCK);
            pair(3, zone, Cause.OPEN_LIMIT);
            pair(3, zone, Cause.ACTIVE_LIMIT);
        }
    }

    @Test
    void d39AReadOnlyDeviceComesBeforeZones() {
        pair(1, Cause.DEVICE_READ_ONLY, Cause.ZONE_OFFLINE);
        pair(1, Cause.DEVICE_READ_ONLY, Cause.NOT_AT_WRITE_POINTER);
        pair(1, Cause.DEVICE_READ_ONLY, Cause.OUT_OF_RANGE);
        pair(1, Cause.DEVICE_READ_ONLY, Cause.APPEND_UNSUPPORTED);
    }

    @Test
    void rangeComesBeforeAlignment() {
        pair(1, Cause.OUT_OF_RANGE, Cause.UNALIGNED_WRITE);
        pair(1, Cause.OUT_OF_RANGE, Cause.NOT_AT_WRITE_POINTER);
        pair(1, Cause.OUT_OF_RANGE, Cause.CROSSES_ZONE_BOUNDARY);
    }

    @Test
    void d15D23D28ComeBeforePointerAndResources() {
        for (Cause first : new Cause[] {Cause.WRONG_ZONE_TYPE, Cause.NOT_ZONE_START, Cause.APPEND_TOO_LONG}) {
            pair(3, first, Cause.UNALIGNED_WRITE);
            pair(3, first, Cause.NOT_AT_WRITE_POINTER);
            pair(3, first, Cause.OPEN_LIMIT);
        }
    }

    @Test
    void d27ADeviceWithoutAppendSaysSoBeforeAnythingElse() {
        pair(2, Cause.APPEND_UNSUPPORTED, Cause.WRONG_ZONE_TYPE);
        pair(2, Cause.APPEND_UNSUPPORTED, Cause.APPEND_TOO_LONG);
        pair(2, Cause.APPEND_UNSUPPORTED, Cause.ZONE_OFFLINE);
        pair(2, Cause.APPEND_UNSUPPORTED, Cause.OUT_OF_RANGE);
    }

    @Test
    void aFullZoneHasNoPointerToMiss() {
        pair(3, Cause.ZONE_FULL, Cause.NOT_AT_WRITE_POINTER);
        pair(3, Cause.ZONE_FULL, Cause.UNALIGNED_WRITE);
        pair(3, Cause.ZONE_FULL, Cause.OPEN_LIMIT);
    }

    @Test
    void s5ActiveComesBeforeOpen() {
        pair(6, Cause.ACTIVE_LIMIT, Cause.OPEN_LIMIT);
        pair(3, Cause.NOT_APPLICABLE, Cause.ACTIVE_LIMIT);
    }

    private static void pair(int expected, Cause one, Cause other) {
        assertEquals(expected, BlkStatus.of(one.bit() | other.bit(), false, true), one + " with " + other);
    }
}
