package io.zonewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.api.zone.ZoneType;
import org.junit.jupiter.api.Test;

/** What a medium may tell at the start, and what becomes of it. */
class ZoneLoaderTest {
    private static final ZoneGeometry GEOMETRY =
            new ZoneGeometry(ZoneModel.HOST_MANAGED, 3 * 8192 + 1024, 512, 512, 8192);

    private final ZoneTable table = new ZoneTable(GEOMETRY);
    private final OpenResources resources = new OpenResources(table, new ZoneLimits(2, 3, 0), ZoneRules.ZBC);
    private final ZoneLoader loader = new ZoneLoader(GEOMETRY, table, resources, false);

    private void required(int index, ZoneCondition condition, long capacity, long pointer) {
        loader.zone(index, ZoneType.SEQUENTIAL_WRITE_REQUIRED, condition, capacity, pointer);
    }

    private String at(int index) {
        ZoneDescriptor zone = new ZoneDescriptor();
        table.describe(index, zone);
        return zone.toString();
    }

    private void refused(String message, Runnable told) {
        assertEquals(
                message, assertThrows(IllegalStateException.class, told::run).getMessage());
    }

    @Test
    void keepsWhatItIsTold() {
        loader.zone(0, ZoneType.CONVENTIONAL, ZoneCondition.NOT_WRITE_POINTER, 8192, 0);
        required(1, ZoneCondition.CLOSED, 4096, 8192 + 512);
        required(2, ZoneCondition.FULL, 2048, -1);
        required(3, ZoneCondition.IMPLICIT_OPEN, 1024, 3 * 8192 + 512);
        loader.finish();
        assertEquals("zone 0 CONVENTIONAL NOT_WRITE_POINTER start 0 length 8192 capacity 8192 wp 8192", at(0));
        assertEquals("zone 1 SEQUENTIAL_WRITE_REQUIRED CLOSED start 8192 length 8192 capacity 4096 wp 8704", at(1));
        assertEquals("zone 2 SEQUENTIAL_WRITE_REQUIRED FULL start 16384 length 8192 capacity 2048 wp 24576", at(2));
        assertEquals(
                "zone 3 SEQUENTIAL_WRITE_REQUIRED IMPLICIT_OPEN start 24576 length 1024 capacity 1024 wp 25088", at(3));
        assertEquals(new ResourceUse(1, 0, 1), resources.use());
    }

    @Test
    void refusesWhatCannotBe() {
        refused(
                "the medium's zone 1 comes when zone 0 is expected",
                () -> required(1, ZoneCondition.EMPTY, 8192, 8192));
        refused(
                "the medium's zone 0 has a capacity of 8704 bytes in a zone of 8192",
                () -> required(0, ZoneCondition.EMPTY, 8704, 0));
    }

    @Test
    void refusesAPointerOutsideTheCapacity() {
        refused(
                "the medium's zone 0 has its write pointer at byte 4608 of 4096",
                () -> required(0, ZoneCondition.CLOSED, 4096, 4608));
    }

    @Test
    void refusesAFullZoneThatSaysItIsOpen() {
        refused(
                "the medium's zone 0 is IMPLICIT_OPEN with its write pointer at byte 4096 of 4096",
                () -> required(0, ZoneCondition.IMPLICIT_OPEN, 4096, 4096));
    }

    @Test
    void refusesASequentialZoneWithoutPointer() {
        refused(
                "the medium's zone 0 is SEQUENTIAL_WRITE_REQUIRED and NOT_WRITE_POINTER",
                () -> required(0, ZoneCondition.NOT_WRITE_POINTER, 4096, 0));
    }

    @Test
    void refusesAReportThatStopsShort() {
        required(0, ZoneCondition.EMPTY, 8192, 0);
        refused("the medium told 1 of 4 zones", loader::finish);
    }
}
