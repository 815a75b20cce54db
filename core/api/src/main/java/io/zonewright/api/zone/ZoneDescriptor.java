package io.zonewright.api.zone;

/**
 * One zone as it was at one moment. Reusable, so that a report over many zones allocates nothing: the reader owns it,
 * {@link io.zonewright.api.spi.ZonedDevice#zone} fills it. Not thread-safe.
 */
public final class ZoneDescriptor {
    private int index;
    private ZoneType type = ZoneType.CONVENTIONAL;
    private ZoneCondition condition = ZoneCondition.NOT_WRITE_POINTER;
    private long start;
    private long length;
    private long capacity;
    private long writePointer;
    private boolean extensionValid;
    private boolean randomWriteArea;

    /** Fills all fields of a zone with neither extension nor random write area; see the accessors for their meaning. */
    public void set(
            int index,
            ZoneType type,
            ZoneCondition condition,
            long start,
            long length,
            long capacity,
            long writePointer) {
        set(index, type, condition, start, length, capacity, writePointer, false, false);
    }

    /** Fills all fields; see the accessors for their meaning. */
    public void set(
            int index,
            ZoneType type,
            ZoneCondition condition,
            long start,
            long length,
            long capacity,
            long writePointer,
            boolean extensionValid,
            boolean randomWriteArea) {
        this.index = index;
        this.type = type;
        this.condition = condition;
        this.start = start;
        this.length = length;
        this.capacity = capacity;
        this.writePointer = writePointer;
        this.extensionValid = extensionValid;
        this.randomWriteArea = randomWriteArea;
    }

    /** Number of the zone, from 0. */
    public int index() {
        return index;
    }

    public ZoneType type() {
        return type;
    }

    public ZoneCondition condition() {
        return condition;
    }

    /** First byte of the zone. */
    public long start() {
        return start;
    }

    /** Bytes to the start of the next zone. */
    public long length() {
        return length;
    }

    /** Writable bytes, at most {@link #length}. */
    public long capacity() {
        return capacity;
    }

    /**
     * Byte position of the next write, committed writes only. Meaningful where {@link ZoneCondition#writable}; for a
     * full zone it is {@code start + length}, for one that is read-only or offline, and for conventional zones, it is
     * whatever the device last knew, or {@code start + length}.
     */
    public long writePointer() {
        return writePointer;
    }

    /** Whether a descriptor extension was set since the last reset; read it with {@link io.zonewright.api.spi.ZonedDevice#zoneExtension}. */
    public boolean extensionValid() {
        return extensionValid;
    }

    /**
     * Whether a random write area belongs to the zone: writes go anywhere from {@link #writePointer} on, up to
     * {@link ZoneFeatures#areaBytes} without moving it.
     */
    public boolean randomWriteArea() {
        return randomWriteArea;
    }

    @Override
    public String toString() {
        return "zone " + index + " " + type + " " + condition + " start " + start + " length " + length + " capacity "
                + capacity + " wp " + writePointer + (extensionValid ? " extension" : "")
                + (randomWriteArea ? " area" : "");
    }
}
