package io.zonewright.backend.linuxzbd.kernel;

import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads zones of a device in batches and gives them on in this program's words. What a disk says loosely is put in
 * order: a pointer that means nothing, a zone that is written to its end and not called full.
 *
 * <p>Thread-safe: a report in progress has a buffer of its own.
 */
public final class ZoneReader {
    /** Zones in one call: a quarter of a megabyte; a disk needs some milliseconds for that, so others get their turn. */
    static final int BATCH = 4096;

    private final BlockCalls calls;
    private final ZoneGeometry geometry;
    private @Nullable ZoneReport spare;

    /** For a device with zones. */
    public ZoneReader(BlockCalls calls, ZoneGeometry geometry) {
        this.calls = calls;
        this.geometry = geometry;
    }

    /** The device's calls. */
    public BlockCalls calls() {
        return calls;
    }

    /** The shape that the zones must have. */
    public ZoneGeometry geometry() {
        return geometry;
    }

    /**
     * Reads the zones that a range touches, from the device itself.
     *
     * @throws io.zonewright.posix.PosixException if the kernel refuses
     * @throws IOException if the zones are not those of the geometry, naming the first that differs
     */
    public void read(long start, long length, ZoneSink sink) throws IOException {
        inRange(start, length, false, sink);
    }

    /**
     * As {@link #read}, from what the kernel remembers where it does; conditions that it does not remember exactly are
     * asked from the device.
     */
    public void readCached(long start, long length, ZoneSink sink) throws IOException {
        inRange(start, length, true, sink);
    }

    private void inRange(long start, long length, boolean cached, ZoneSink sink) throws IOException {
        if (length <= 0) {
            return;
        }
        int zone = geometry.zoneOf(start);
        int end = geometry.zoneOf(Math.min(start + length, geometry.deviceBytes()) - 1) + 1;
        ZoneReport report = take();
        try {
            while (zone < end) {
                boolean fromMemory = cached && calls.reportCached(report, geometry.zoneStart(zone), end - zone);
                if (!fromMemory) {
                    calls.report(report, geometry.zoneStart(zone), end - zone);
                }
                int count = report.count();
                if (count == 0) {
                    throw new IOException("the kernel reports no zone " + zone + " of " + geometry.zoneCount());
                }
                count = Math.min(count, end - zone);
                for (int i = 0; i < count; ) {
                    int run = fromMemory ? activeRun(report, i, count) : 0;
                    if (run == 0) {
                        tell(report, i, zone, sink);
                        run = 1;
                    } else {
                        // Which of the three it is, only the device knows.
                        read(geometry.zoneStart(zone), geometry.zoneSize() * run, sink);
                    }
                    i += run;
                    zone += run;
                }
            }
        } finally {
            give(report);
        }
    }

    /** How many entries from {@code from} on are active zones of a cached report. */
    private static int activeRun(ZoneReport report, int from, int end) {
        int next = from;
        while (next < end && report.condition(next) == ZoneReport.COND_ACTIVE) {
            next++;
        }
        return next - from;
    }

    private void tell(ZoneReport report, int i, int zone, ZoneSink sink) throws IOException {
        long start = geometry.zoneStart(zone);
        long length = geometry.zoneLength(zone);
        if (report.start(i) != start || report.length(i) != length) {
            throw new IOException("zone " + zone + " is at byte " + report.start(i) + " with " + report.length(i)
                    + " bytes, where " + length + " bytes at " + start + " were expected");
        }
        ZoneType type = type(report.type(i), zone);
        long capacity = report.capacity(i);
        if (capacity <= 0 || capacity > length) {
            capacity = length;
        }
        if (type == ZoneType.CONVENTIONAL) {
            sink.zone(zone, type, ZoneCondition.NOT_WRITE_POINTER, length, start + length);
            return;
        }
        ZoneCondition condition = condition(report.condition(i), zone);
        long pointer = report.writePointer(i);
        long end = start + capacity;
        boolean inside = pointer >= start && pointer <= end;
        switch (condition) {
            case EMPTY -> pointer = start;
            case IMPLICIT_OPEN, EXPLICIT_OPEN, CLOSED -> {
                if (!inside) {
                    throw new IOException("zone " + zone + " is " + condition + " with its write pointer at byte "
                            + pointer + ", outside of " + start + " to " + end);
                }
                if (pointer == end) {
                    condition = ZoneCondition.FULL;
                }
            }
            case READ_ONLY -> pointer = inside ? pointer : end;
            case FULL, OFFLINE, NOT_WRITE_POINTER -> pointer = end;
        }
        sink.zone(zone, type, condition, capacity, pointer);
    }

    private static ZoneType type(int type, int zone) throws IOException {
        return switch (type) {
            case ZoneReport.TYPE_CONVENTIONAL -> ZoneType.CONVENTIONAL;
            case ZoneReport.TYPE_SEQWRITE_REQ -> ZoneType.SEQUENTIAL_WRITE_REQUIRED;
            case ZoneReport.TYPE_SEQWRITE_PREF -> ZoneType.SEQUENTIAL_WRITE_PREFERRED;
            default -> throw new IOException("zone " + zone + " has type " + type + ", which is not known");
        };
    }

    private static ZoneCondition condition(int condition, int zone) throws IOException {
        return switch (condition) {
            case ZoneReport.COND_EMPTY -> ZoneCondition.EMPTY;
            case ZoneReport.COND_IMP_OPEN -> ZoneCondition.IMPLICIT_OPEN;
            case ZoneReport.COND_EXP_OPEN -> ZoneCondition.EXPLICIT_OPEN;
            case ZoneReport.COND_CLOSED -> ZoneCondition.CLOSED;
            case ZoneReport.COND_READONLY -> ZoneCondition.READ_ONLY;
            case ZoneReport.COND_FULL -> ZoneCondition.FULL;
            case ZoneReport.COND_OFFLINE -> ZoneCondition.OFFLINE;
            default ->
                throw new IOException("zone " + zone + " has condition 0x" + Integer.toHexString(condition)
                        + ", which is not known for a sequential zone");
        };
    }

    private ZoneReport take() {
        ZoneReport report;
        synchronized (this) {
            report = spare;
            spare = null;
        }
        return report == null ? new ZoneReport(Math.min(BATCH, geometry.zoneCount())) : report;
    }

    private synchronized void give(ZoneReport report) {
        spare = report;
    }
}
