package io.zonewright.testkit.backend;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.api.zone.ZoneType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A zoned device as one would explain it to somebody: one thread, one array of bytes, one object per zone, every rule
 * written out where it applies. Shares no code with the engine, which it judges. Not thread-safe.
 */
public final class ReferenceModel {
    /** One zone; positions are bytes from its start. */
    private static final class Zone {
        final long start;
        final long length;
        final long capacity;
        final ZoneType type;
        ZoneCondition condition;
        long pointer;
        boolean area;
        byte @Nullable [] extension;

        Zone(long start, long length, long capacity, ZoneType type) {
            this.start = start;
            this.length = length;
            this.capacity = capacity;
            this.type = type;
            condition = type == ZoneType.CONVENTIONAL ? ZoneCondition.NOT_WRITE_POINTER : ZoneCondition.EMPTY;
        }
    }

    private final Shape shape;
    private final ZoneRules rules;
    private final int block;
    private final int granularity;
    private final long size;
    private final byte[] bytes;
    private final List<Zone> zones = new ArrayList<>();
    /** Implicitly open zones in the order in which one would be closed, and those written again since they queued. */
    private final List<Zone> implicit = new ArrayList<>();

    private final Set<Zone> writtenAgain = new HashSet<>();
    private long placement = -1;
    private long failAfter = -1;
    private Cause failWith = Cause.MEDIUM_ERROR;

    public ReferenceModel(Shape shape, ZoneRules rules) {
        this.shape = shape;
        this.rules = rules;
        block = shape.geometry().blockSize();
        granularity = shape.geometry().writeGranularity();
        size = shape.geometry().deviceBytes();
        bytes = new byte[Math.toIntExact(size)];
        for (int i = 0; i < shape.geometry().zoneCount(); i++) {
            zones.add(new Zone(
                    shape.geometry().zoneStart(i), shape.geometry().zoneLength(i), shape.capacity(i), shape.type(i)));
        }
    }

    /** Lets the next write that gets as far as the medium end with {@code cause} after {@code transferred} bytes. */
    public void failNextWrite(long transferred, Cause cause) {
        failAfter = transferred;
        failWith = cause;
    }

    /** Takes back {@link #failNextWrite}; true if it was not used. */
    public boolean failurePending() {
        boolean pending = failAfter >= 0;
        failAfter = -1;
        return pending;
    }

    /** Where the last append went; -1 if the last command was no successful append. */
    public long placement() {
        return placement;
    }

    /** The device's bytes as they are read now. */
    public byte[] contents(long offset, int length) {
        return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
    }

    public void describe(int index, ZoneDescriptor into) {
        Zone zone = zones.get(index);
        long pointer = switch (zone.condition) {
            case EMPTY, IMPLICIT_OPEN, EXPLICIT_OPEN, CLOSED -> zone.pointer;
            case NOT_WRITE_POINTER, FULL, READ_ONLY, OFFLINE -> zone.length;
        };
        into.set(
                index,
                zone.type,
                zone.condition,
                zone.start,
                zone.length,
                zone.capacity,
                zone.start + pointer,
                zone.extension != null,
                zone.area);
    }

    /** A zone's descriptor extension, or null. */
    public byte @Nullable [] extension(int index) {
        return zones.get(index).extension;
    }

    public boolean hasArea(int index) {
        return zones.get(index).area;
    }

    /** How many zones have a random write area. */
    public int areas() {
        return (int) zones.stream().filter(zone -> zone.area).count();
    }

    public int count(ZoneCondition condition) {
        return (int) zones.stream().filter(zone -> zone.condition == condition).count();
    }

    /** Carries out a read; {@code target} is filled only if it succeeds. */
    public Set<Cause> read(long offset, byte[] target, boolean refuseCrossing) {
        placement = -1;
        EnumSet<Cause> causes = range(offset, target.length);
        if (causes.contains(Cause.OUT_OF_RANGE) || target.length == 0) {
            return orDone(causes);
        }
        List<Zone> touched = touched(offset, target.length);
        for (Zone zone : touched) {
            if (zone.condition == ZoneCondition.OFFLINE) {
                causes.add(Cause.ZONE_OFFLINE);
            }
            if (refuseCrossing && touched.size() > 1 && zone.type == ZoneType.SEQUENTIAL_WRITE_REQUIRED) {
                causes.add(Cause.READ_CROSSES_ZONES);
            }
        }
        if (causes.isEmpty()) {
            System.arraycopy(bytes, (int) offset, target, 0, target.length);
        }
        return orDone(causes);
    }

    /** Carries out a write. */
    public Set<Cause> write(long offset, byte[] data) {
        placement = -1;
        EnumSet<Cause> causes = range(offset, data.length);
        if (offset < 0 || offset >= size) {
            return orDone(causes);
        }
        List<Zone> touched =
                causes.contains(Cause.OUT_OF_RANGE) ? List.of(zoneAt(offset)) : touched(offset, data.length);
        Zone first = touched.get(0);
        if (touched.size() > 1 && touched.stream().anyMatch(zone -> zone.type == ZoneType.SEQUENTIAL_WRITE_REQUIRED)) {
            causes.add(Cause.CROSSES_ZONE_BOUNDARY);
        }
        boolean preferred = touched.stream().anyMatch(zone -> zone.type == ZoneType.SEQUENTIAL_WRITE_PREFERRED);
        if (preferred && touched.size() > 1 && causes.isEmpty()) {
            return writePieces(offset, data, touched);
        }
        if (first.type == ZoneType.CONVENTIONAL) {
            if (causes.isEmpty()) {
                System.arraycopy(data, 0, bytes, (int) offset, data.length);
            }
            return orDone(causes);
        }
        causes.addAll(againstWrite(first, offset - first.start, data.length));
        if (data.length == 0) {
            return orDone(causes);
        }
        causes.addAll(limitsAgainstWriting(first));
        if (!causes.isEmpty()) {
            return causes;
        }
        openForWriting(first);
        if (first.area) {
            flushForRoom(first, offset - first.start + data.length);
        }
        return store(first, offset - first.start, data);
    }

    /** Moves the pointer by as many flush granules as it takes for {@code end} to lie inside the area. */
    private void flushForRoom(Zone zone, long end) {
        while (end > zone.pointer + shape.features().areaBytes()) {
            zone.pointer += shape.features().areaFlushBytes();
        }
    }

    private Set<Cause> writePieces(long offset, byte[] data, List<Zone> touched) {
        int done = 0;
        for (Zone zone : touched) {
            int piece = (int) Math.min(data.length - done, zone.start + zone.length - (offset + done));
            Set<Cause> result = write(offset + done, Arrays.copyOfRange(data, done, done + piece));
            if (!result.equals(EnumSet.of(Cause.DONE))) {
                return result;
            }
            done += piece;
        }
        return EnumSet.of(Cause.DONE);
    }

    /** Carries out an append to the zone whose first byte is {@code offset}. */
    public Set<Cause> append(long offset, byte[] data) {
        placement = -1;
        EnumSet<Cause> causes = EnumSet.noneOf(Cause.class);
        if (shape.limits().maxAppendBytes() == 0) {
            return EnumSet.of(Cause.APPEND_UNSUPPORTED);
        }
        if (data.length > shape.limits().maxAppendBytes()) {
            causes.add(Cause.APPEND_TOO_LONG);
        }
        if (offset % block != 0 || data.length % block != 0) {
            causes.add(Cause.UNALIGNED_BLOCK);
        }
        if (offset < 0 || offset >= size) {
            causes.add(Cause.OUT_OF_RANGE);
            return causes;
        }
        Zone zone = zoneAt(offset);
        if (zone.start != offset) {
            causes.add(Cause.NOT_ZONE_START);
        }
        if (zone.type != ZoneType.SEQUENTIAL_WRITE_REQUIRED) {
            causes.add(Cause.WRONG_ZONE_TYPE);
            return causes;
        }
        lostOrReadOnly(zone, causes);
        if (zone.condition == ZoneCondition.FULL) {
            causes.add(Cause.ZONE_FULL);
        }
        if (zone.area) {
            causes.add(Cause.AREA_NOT_APPLICABLE);
        }
        if (zone.pointer + data.length > zone.length) {
            causes.add(Cause.CROSSES_ZONE_BOUNDARY);
        }
        if (zone.pointer + data.length > zone.capacity) {
            causes.add(Cause.BEYOND_ZONE_CAPACITY);
        }
        if (data.length % granularity != 0) {
            causes.add(Cause.UNALIGNED_WRITE);
        }
        if (data.length != 0) {
            causes.addAll(limitsAgainstWriting(zone));
        }
        if (!causes.isEmpty()) {
            return causes;
        }
        long place = zone.start + zone.pointer;
        Set<Cause> result = EnumSet.of(Cause.DONE);
        if (data.length != 0) {
            openForWriting(zone);
            result = store(zone, zone.pointer, data);
        }
        placement = result.contains(Cause.DONE) ? place : -1;
        return result;
    }

    /** Carries out a zone action on the zone that starts at {@code offset}. */
    public Set<Cause> action(Operation action, long offset) {
        return action(action, offset, false);
    }

    /** Likewise, with {@code special} for a random write area (open) or for read-only zones alone (offline). */
    public Set<Cause> action(Operation action, long offset, boolean special) {
        return action(action, offset, special, 0, new byte[0]);
    }

    /** Sets the extension of the zone that starts at {@code offset}. */
    public Set<Cause> setExtension(long offset, byte[] extension, boolean area) {
        return action(Operation.ZONE_SET_EXTENSION, offset, area, 0, extension);
    }

    /** Flushes the area of the zone that starts at {@code offset}, up to {@code bytes} from there. */
    public Set<Cause> flushArea(long offset, long bytes) {
        return action(Operation.ZONE_FLUSH_AREA, offset, false, bytes, new byte[0]);
    }

    private Set<Cause> action(Operation action, long offset, boolean special, long bytes, byte[] extension) {
        placement = -1;
        boolean area = special && action != Operation.ZONE_SET_OFFLINE;
        EnumSet<Cause> causes = EnumSet.noneOf(Cause.class);
        if (action == Operation.ZONE_SET_EXTENSION && shape.features().extensionBytes() == 0) {
            causes.add(Cause.UNSUPPORTED);
        }
        if ((area || action == Operation.ZONE_FLUSH_AREA) && shape.features().areas() == 0) {
            causes.add(Cause.AREA_NOT_APPLICABLE);
        }
        if (offset < 0 || offset >= size) {
            causes.add(Cause.OUT_OF_RANGE);
            return causes;
        }
        Zone zone = zoneAt(offset);
        if (zone.start != offset) {
            causes.add(Cause.NOT_ZONE_START);
        }
        if (zone.type == ZoneType.CONVENTIONAL) {
            causes.add(Cause.WRONG_ZONE_TYPE);
            return causes;
        }
        if (!causes.isEmpty()) {
            Cause verdict = verdict(action, zone);
            if (verdict != Cause.DONE && verdict != Cause.ALREADY_SO) {
                causes.add(verdict);
            }
            return causes;
        }
        boolean lost = zone.condition == ZoneCondition.OFFLINE || zone.condition == ZoneCondition.READ_ONLY;
        if (action == Operation.ZONE_SET_OFFLINE && special && !lost) {
            return EnumSet.of(Cause.NOT_APPLICABLE);
        }
        if (area && zone.condition != ZoneCondition.EMPTY && !lost) {
            Cause verdict = verdict(action, zone);
            return verdict == Cause.NOT_APPLICABLE
                    ? EnumSet.of(Cause.NOT_APPLICABLE, Cause.AREA_NOT_APPLICABLE)
                    : EnumSet.of(Cause.AREA_NOT_APPLICABLE);
        }
        if (action == Operation.ZONE_FLUSH_AREA && !lost) {
            return flush(zone, bytes);
        }
        Set<Cause> result = act(action, zone, area);
        if (action == Operation.ZONE_SET_EXTENSION && result.contains(Cause.DONE)) {
            zone.extension = extension.clone();
        }
        return result;
    }

    private Set<Cause> flush(Zone zone, long bytes) {
        boolean granule = bytes % shape.features().areaFlushBytes() == 0 || bytes == zone.capacity;
        boolean inside =
                bytes > zone.pointer && bytes <= zone.pointer + shape.features().areaBytes() && bytes <= zone.capacity;
        if (!zone.area || !granule || !inside) {
            return EnumSet.of(Cause.AREA_NOT_APPLICABLE);
        }
        Set<Cause> limits = limitsAgainstWriting(zone);
        if (!limits.isEmpty()) {
            return limits;
        }
        openForWriting(zone);
        zone.pointer = bytes;
        if (bytes == zone.capacity) {
            become(zone, ZoneCondition.FULL);
        }
        return EnumSet.of(Cause.DONE);
    }

    /** Carries out an action on all zones. */
    public Set<Cause> actionOnAll(Operation action) {
        return actionOnAll(action, false);
    }

    /** Likewise, with {@code special} as for one zone. */
    public Set<Cause> actionOnAll(Operation action, boolean special) {
        placement = -1;
        if (action == Operation.ZONE_OPEN && special) {
            return EnumSet.of(Cause.AREA_NOT_APPLICABLE);
        }
        List<Zone> chosen = new ArrayList<>();
        for (Zone zone : zones) {
            boolean open =
                    zone.condition == ZoneCondition.IMPLICIT_OPEN || zone.condition == ZoneCondition.EXPLICIT_OPEN;
            boolean closed = zone.condition == ZoneCondition.CLOSED;
            boolean full = zone.condition == ZoneCondition.FULL;
            boolean takes = switch (action) {
                case ZONE_OPEN -> closed;
                case ZONE_CLOSE -> open;
                case ZONE_FINISH -> open || closed;
                case ZONE_RESET -> open || closed || full;
                case ZONE_SET_OFFLINE ->
                    special
                            ? zone.condition == ZoneCondition.READ_ONLY
                            : zone.type != ZoneType.CONVENTIONAL && zone.condition != ZoneCondition.OFFLINE;
                default -> throw new IllegalArgumentException(action.toString());
            };
            if (takes) {
                chosen.add(zone);
            }
        }
        int limit = shape.limits().maxOpen();
        if (action == Operation.ZONE_OPEN && limit != 0 && count(ZoneCondition.EXPLICIT_OPEN) + chosen.size() > limit) {
            return EnumSet.of(Cause.OPEN_LIMIT);
        }
        if (action == Operation.ZONE_FINISH) {
            // The open ones first: they give back what finishing a closed one may need.
            chosen.sort(Comparator.comparing(zone -> zone.condition == ZoneCondition.CLOSED));
        }
        EnumSet<Cause> refused = EnumSet.noneOf(Cause.class);
        for (Zone zone : chosen) {
            Set<Cause> result = act(action, zone, false);
            if (result.contains(Cause.OPEN_LIMIT) || result.contains(Cause.ACTIVE_LIMIT)) {
                refused.addAll(result);
            }
        }
        return orDone(refused);
    }

    private Set<Cause> act(Operation action, Zone zone, boolean area) {
        Cause verdict = verdict(action, zone);
        if (verdict != Cause.DONE) {
            return EnumSet.of(verdict);
        }
        EnumSet<Cause> refused = EnumSet.noneOf(Cause.class);
        if (area && areas() == shape.features().areas()) {
            refused.add(Cause.NO_RANDOM_WRITE_AREA);
        }
        boolean unused = zone.condition == ZoneCondition.EMPTY || zone.condition == ZoneCondition.CLOSED;
        boolean opens = action == Operation.ZONE_OPEN || (action == Operation.ZONE_FINISH && rules == ZoneRules.ZBC);
        if (opens && unused) {
            refused.addAll(limitsAgainstOpening(zone));
        }
        if (action == Operation.ZONE_SET_EXTENSION && activeLimitReached()) {
            refused.add(Cause.ACTIVE_LIMIT);
        }
        if (!refused.isEmpty()) {
            return refused;
        }
        if (opens && unused) {
            makeRoom();
        }
        zone.area |= area;
        switch (action) {
            case ZONE_OPEN -> become(zone, ZoneCondition.EXPLICIT_OPEN);
            case ZONE_CLOSE -> become(zone, closedCondition(zone));
            case ZONE_FINISH -> become(zone, ZoneCondition.FULL);
            case ZONE_RESET -> {
                become(zone, ZoneCondition.EMPTY);
                zone.pointer = 0;
                Arrays.fill(bytes, (int) zone.start, (int) (zone.start + zone.length), (byte) 0);
            }
            case ZONE_SET_EXTENSION -> become(zone, ZoneCondition.CLOSED);
            case ZONE_SET_READ_ONLY -> become(zone, ZoneCondition.READ_ONLY);
            case ZONE_SET_OFFLINE -> become(zone, ZoneCondition.OFFLINE);
            default -> throw new IllegalArgumentException(action.toString());
        }
        return EnumSet.of(Cause.DONE);
    }

    /** What the zone's condition says to an action, limits aside. */
    private static Cause verdict(Operation action, Zone zone) {
        ZoneCondition now = zone.condition;
        if (now == ZoneCondition.OFFLINE) {
            return action == Operation.ZONE_SET_OFFLINE ? Cause.ALREADY_SO : Cause.ZONE_OFFLINE;
        }
        if (action == Operation.ZONE_SET_OFFLINE) {
            return Cause.DONE;
        }
        if (now == ZoneCondition.READ_ONLY) {
            return action == Operation.ZONE_SET_READ_ONLY ? Cause.ALREADY_SO : Cause.ZONE_READ_ONLY;
        }
        if (action == Operation.ZONE_SET_READ_ONLY) {
            return Cause.DONE;
        }
        return switch (action) {
            case ZONE_OPEN ->
                now == ZoneCondition.EXPLICIT_OPEN
                        ? Cause.ALREADY_SO
                        : now == ZoneCondition.FULL ? Cause.NOT_APPLICABLE : Cause.DONE;
            case ZONE_CLOSE ->
                now == ZoneCondition.CLOSED
                        ? Cause.ALREADY_SO
                        : now == ZoneCondition.FULL || now == ZoneCondition.EMPTY ? Cause.NOT_APPLICABLE : Cause.DONE;
            case ZONE_FINISH -> now == ZoneCondition.FULL ? Cause.ALREADY_SO : Cause.DONE;
            case ZONE_RESET -> now == ZoneCondition.EMPTY ? Cause.ALREADY_SO : Cause.DONE;
            case ZONE_SET_EXTENSION -> now == ZoneCondition.EMPTY ? Cause.DONE : Cause.NOT_APPLICABLE;
            case ZONE_FLUSH_AREA ->
                now == ZoneCondition.EMPTY || now == ZoneCondition.FULL ? Cause.AREA_NOT_APPLICABLE : Cause.DONE;
            default -> throw new IllegalArgumentException(action.toString());
        };
    }

    private EnumSet<Cause> againstWrite(Zone zone, long from, long length) {
        EnumSet<Cause> causes = EnumSet.noneOf(Cause.class);
        lostOrReadOnly(zone, causes);
        if (zone.capacity < zone.length && from + length > zone.capacity) {
            causes.add(Cause.BEYOND_ZONE_CAPACITY);
        }
        if (zone.type == ZoneType.SEQUENTIAL_WRITE_PREFERRED) {
            return causes;
        }
        if (from + length > zone.length) {
            causes.add(Cause.CROSSES_ZONE_BOUNDARY);
        }
        if ((zone.start + from) % granularity != 0 || length % granularity != 0) {
            causes.add(Cause.UNALIGNED_WRITE);
        }
        if (zone.area) {
            if (from < zone.pointer
                    || from + length > zone.pointer + 2 * shape.features().areaBytes()) {
                causes.add(Cause.NOT_AT_WRITE_POINTER);
            }
        } else if (zone.condition == ZoneCondition.FULL) {
            causes.add(Cause.ZONE_FULL);
            causes.add(Cause.NOT_AT_WRITE_POINTER);
        } else if (!causes.contains(Cause.ZONE_OFFLINE)
                && !causes.contains(Cause.ZONE_READ_ONLY)
                && from != zone.pointer) {
            causes.add(Cause.NOT_AT_WRITE_POINTER);
        }
        return causes;
    }

    private static void lostOrReadOnly(Zone zone, Set<Cause> causes) {
        if (zone.condition == ZoneCondition.OFFLINE) {
            causes.add(Cause.ZONE_OFFLINE);
        }
        if (zone.condition == ZoneCondition.READ_ONLY) {
            causes.add(Cause.ZONE_READ_ONLY);
        }
    }

    private Set<Cause> limitsAgainstWriting(Zone zone) {
        return zone.condition == ZoneCondition.EMPTY || zone.condition == ZoneCondition.CLOSED
                ? limitsAgainstOpening(zone)
                : EnumSet.noneOf(Cause.class);
    }

    private Set<Cause> limitsAgainstOpening(Zone zone) {
        EnumSet<Cause> causes = EnumSet.noneOf(Cause.class);
        int implicitOpen = count(ZoneCondition.IMPLICIT_OPEN);
        int open = implicitOpen + count(ZoneCondition.EXPLICIT_OPEN);
        if (zone.condition == ZoneCondition.EMPTY && activeLimitReached()) {
            causes.add(Cause.ACTIVE_LIMIT);
        }
        if (shape.limits().maxOpen() != 0 && open == shape.limits().maxOpen() && implicitOpen == 0) {
            causes.add(Cause.OPEN_LIMIT);
        }
        return causes;
    }

    private boolean activeLimitReached() {
        int active =
                count(ZoneCondition.IMPLICIT_OPEN) + count(ZoneCondition.EXPLICIT_OPEN) + count(ZoneCondition.CLOSED);
        return shape.limits().maxActive() != 0 && active == shape.limits().maxActive();
    }

    private void openForWriting(Zone zone) {
        if (zone.condition == ZoneCondition.EMPTY || zone.condition == ZoneCondition.CLOSED) {
            makeRoom();
            become(zone, ZoneCondition.IMPLICIT_OPEN);
        } else if (zone.condition == ZoneCondition.IMPLICIT_OPEN) {
            writtenAgain.add(zone);
        }
    }

    /** Closes an implicitly open zone if no other could be opened otherwise. */
    private void makeRoom() {
        int open = count(ZoneCondition.IMPLICIT_OPEN) + count(ZoneCondition.EXPLICIT_OPEN);
        if (shape.limits().maxOpen() == 0 || open < shape.limits().maxOpen()) {
            return;
        }
        while (writtenAgain.remove(implicit.get(0))) {
            implicit.add(implicit.remove(0));
        }
        Zone victim = implicit.get(0);
        become(victim, closedCondition(victim));
    }

    private ZoneCondition closedCondition(Zone zone) {
        boolean nothing = zone.pointer == 0 && !zone.area && zone.extension == null;
        return nothing && rules == ZoneRules.ZBC ? ZoneCondition.EMPTY : ZoneCondition.CLOSED;
    }

    private void become(Zone zone, ZoneCondition condition) {
        implicit.remove(zone);
        writtenAgain.remove(zone);
        zone.condition = condition;
        switch (condition) {
            case IMPLICIT_OPEN -> implicit.add(zone);
            case EXPLICIT_OPEN, CLOSED, NOT_WRITE_POINTER -> {}
            case EMPTY, FULL, READ_ONLY, OFFLINE -> {
                // What was written ahead of the pointer stays, so that the data ends anywhere.
                zone.pointer = zone.area ? zone.capacity : zone.pointer;
                zone.area = false;
            }
        }
        if (condition == ZoneCondition.EMPTY || condition == ZoneCondition.OFFLINE) {
            zone.extension = null;
        }
    }

    private Set<Cause> store(Zone zone, long from, byte[] data) {
        int kept = data.length;
        long failed = failAfter;
        Cause cause = Cause.DONE;
        if (failAfter >= 0) {
            int unit = zone.type == ZoneType.SEQUENTIAL_WRITE_REQUIRED ? granularity : block;
            kept = (int) Math.min(failAfter, data.length) / unit * unit;
            cause = failWith;
            failAfter = -1;
        }
        if (zone.area && failed >= 0) {
            // What of a failed write is there can be read, since it may have been written over something.
            kept = (int) Math.min(failed, data.length);
        }
        System.arraycopy(data, 0, bytes, (int) (zone.start + from), kept);
        long end = from + kept;
        if (kept > 0 && end > zone.pointer && !zone.area) {
            zone.pointer = end;
            if (end == zone.capacity && zone.condition != ZoneCondition.FULL) {
                become(zone, ZoneCondition.FULL);
            }
        }
        return EnumSet.of(cause);
    }

    private EnumSet<Cause> range(long offset, long length) {
        EnumSet<Cause> causes = EnumSet.noneOf(Cause.class);
        if (offset < 0 || offset + length > size) {
            causes.add(Cause.OUT_OF_RANGE);
        }
        if (offset % block != 0 || length % block != 0) {
            causes.add(Cause.UNALIGNED_BLOCK);
        }
        return causes;
    }

    private Zone zoneAt(long offset) {
        return zones.get((int) (offset / shape.geometry().zoneSize()));
    }

    private List<Zone> touched(long offset, long length) {
        List<Zone> touched = new ArrayList<>();
        for (Zone zone : zones) {
            boolean holdsStart = zone.start <= offset && offset < zone.start + zone.length;
            boolean overlaps = zone.start < offset + length && offset < zone.start + zone.length;
            if (holdsStart || overlaps) {
                touched.add(zone);
            }
        }
        return touched;
    }

    private static Set<Cause> orDone(EnumSet<Cause> causes) {
        return causes.isEmpty() ? EnumSet.of(Cause.DONE) : causes;
    }
}
