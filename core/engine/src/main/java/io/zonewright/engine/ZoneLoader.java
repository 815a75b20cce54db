package io.zonewright.engine;

import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;

/** Fills the zone table from a medium's first report, and refuses one that does not fit the geometry. */
final class ZoneLoader implements ZoneSink {
    private final ZoneGeometry geometry;
    private final ZoneTable table;
    private final OpenResources resources;
    private final boolean ownRules;
    private int expected;

    /** @param ownRules whether the medium judges itself, and so may have conventional zones that it does not write or read */
    ZoneLoader(ZoneGeometry geometry, ZoneTable table, OpenResources resources, boolean ownRules) {
        this.ownRules = ownRules;
        this.geometry = geometry;
        this.table = table;
        this.resources = resources;
    }

    @Override
    public void zone(int index, ZoneType type, ZoneCondition condition, long capacity, long writePointer) {
        if (index != expected || index >= table.zones()) {
            throw refusal(index, "comes when zone " + expected + " is expected");
        }
        expected++;
        long length = geometry.zoneLength(index);
        if (capacity <= 0 || capacity > length || capacity % geometry.blockSize() != 0) {
            throw refusal(index, "has a capacity of " + capacity + " bytes in a zone of " + length);
        }
        boolean plain = type.sequential() || condition == ZoneCondition.NOT_WRITE_POINTER;
        if (!possible(type, condition) || !(plain || ownRules)) {
            throw refusal(index, "is " + type + " and " + condition);
        }
        int capacityBlocks = (int) (capacity / geometry.blockSize());
        int written = 0;
        if (type.sequential()) {
            written = written(index, condition, capacity, writePointer);
        }
        table.load(index, type, condition, capacityBlocks, written);
        resources.move(index, ZoneCondition.EMPTY, condition);
    }

    private int written(int index, ZoneCondition condition, long capacity, long writePointer) {
        boolean tells = condition.writable() || condition == ZoneCondition.READ_ONLY;
        long bytes = tells ? writePointer - geometry.zoneStart(index) : capacity;
        if (bytes < 0 || bytes > capacity || bytes % geometry.blockSize() != 0) {
            throw refusal(index, "has its write pointer at byte " + bytes + " of " + capacity);
        }
        boolean odd = condition == ZoneCondition.EMPTY ? bytes != 0 : condition.active() && bytes == capacity;
        if (odd) {
            throw refusal(index, "is " + condition + " with its write pointer at byte " + bytes + " of " + capacity);
        }
        return (int) (bytes / geometry.blockSize());
    }

    /** Whether a zone of this type can be in this condition; a conventional zone may have failed, and be nothing but that. */
    static boolean possible(ZoneType type, ZoneCondition condition) {
        return switch (condition) {
            case NOT_WRITE_POINTER -> !type.sequential();
            case READ_ONLY, OFFLINE -> true;
            case EMPTY, IMPLICIT_OPEN, EXPLICIT_OPEN, CLOSED, FULL -> type.sequential();
        };
    }

    /** To be called when the medium is done. */
    void finish() {
        if (expected != table.zones()) {
            throw new IllegalStateException("the medium told " + expected + " of " + table.zones() + " zones");
        }
    }

    private static IllegalStateException refusal(int index, String what) {
        return new IllegalStateException("the medium's zone " + index + " " + what);
    }
}
