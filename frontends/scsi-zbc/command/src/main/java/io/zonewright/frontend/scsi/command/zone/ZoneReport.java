package io.zonewright.frontend.scsi.command.zone;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.buffer.SpanWriter;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneType;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.UnitShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * REPORT ZONES parameter data (ZBC-2), big-endian, positions and lengths in logical blocks:
 *
 * <pre>
 *  header      0 be32 zone list length in bytes   4 u8 SAME 3:0   8 be64 maximum LBA   16 be64 zone starting LBA granularity
 *  descriptor  0 u8 type 3:0   1 u8 condition 7:4, NON_SEQ 1, RESET 0   8 be64 length   16 be64 start   24 be64 write pointer
 * </pre>
 *
 * The write pointer of a full zone is the zone's end, as scsi_debug's; of zones that have none, all ones. Reusable, for one
 * thread.
 */
final class ZoneReport {
    static final int HEADER_SIZE = 64;
    static final int DESCRIPTOR_SIZE = 64;

    static final int ALL_ZONES = 0x00;
    private static final int LAST_CONDITION = 0x08;
    private static final int RESET_RECOMMENDED = 0x10;
    private static final int NON_SEQUENTIAL = 0x11;
    private static final int ALL_BUT_GAPS = 0x3E;
    private static final int NOT_WRITE_POINTER = 0x3F;

    private static final byte GAP = 0x5;
    private static final long NO_WRITE_POINTER = -1;
    private static final int CONDITION_SHIFT = 4;

    private static final byte MAY_DIFFER = 0;
    private static final byte ALL_SAME = 1;
    private static final byte ALL_BUT_LAST_SAME = 2;
    private static final byte SAME_LENGTH = 3;

    private static final ValueLayout.OfInt BE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong BE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** On its way out; reserved bytes are zero and stay so. */
    private final MemorySegment header = MemorySegment.ofArray(new byte[HEADER_SIZE]);

    private final MemorySegment entry = MemorySegment.ofArray(new byte[DESCRIPTOR_SIZE]);
    private final SpanWriter writer = new SpanWriter();
    private int option;
    private long room;
    private long written;
    private long matching;
    private long whole;

    /** Whether the reporting option exists (9h to Fh and 12h to 3Dh are reserved). */
    static boolean knowsOption(int option) {
        return option <= LAST_CONDITION
                || option == RESET_RECOMMENDED
                || option == NON_SEQUENTIAL
                || option == ALL_BUT_GAPS
                || option == NOT_WRITE_POINTER;
    }

    /**
     * Fills the task's data with as much of the report as fits.
     *
     * @param lba a block of the first zone that may be shown
     * @param partial whether the list length counts what is shown whole, instead of all that match
     */
    void write(ScsiTask task, long lba, int reportingOption, boolean partial, long allocationLength) {
        LogicalUnit unit = task.unit();
        UnitShape shape = unit.shape();
        ZoneLayout zones = unit.zones();
        SpanList target = task.data();
        option = reportingOption;
        room = task.transferBytes();
        matching = 0;
        whole = 0;
        writer.rewind();
        written = Math.min(HEADER_SIZE, room);
        writer.write(target, header, written);
        int first = (int) (lba / shape.zoneBlocks());
        ZoneDescriptor zone = task.zone();
        boolean gapOnly = shape.toBytes(lba) >= zones.capacityEnd(first);
        for (int i = first; i < zones.deviceZones(); i++) {
            if (written == room && (partial || option == ALL_ZONES)) {
                if (!partial) {
                    matching += zones.zonesFrom(i) - (gapOnly && i == first ? 1 : 0);
                }
                break;
            }
            unit.device().zone(i, zone);
            if (!(gapOnly && i == first) && matches(zone.condition())) {
                encode(zone, shape);
                add(target);
            }
            if (zones.hasGap(i) && listsGaps()) {
                encodeGap(zone, shape);
                add(target);
            }
        }
        long listed = partial ? whole : matching;
        header.set(BE32, 0, (int) (listed * DESCRIPTOR_SIZE));
        header.set(ValueLayout.JAVA_BYTE, 4, same(zones, shape, first, partial));
        header.set(BE64, 8, shape.blocks() - 1);
        header.set(BE64, 16, zones.hasGaps() ? shape.zoneBlocks() : 0);
        target.copyFrom(header, 0, 0, Math.min(HEADER_SIZE, room));
        task.setTransferred(written);
        long available = HEADER_SIZE + (partial ? Math.max(written - HEADER_SIZE, 0) : matching * DESCRIPTOR_SIZE);
        task.setWantedBytes(Math.min(available, allocationLength));
    }

    /** Whether so many descriptors match a reporting option between the zone of {@code lba} and the start of another. */
    boolean fills(ScsiTask task, long lba, long endLba, int reportingOption, long descriptors) {
        LogicalUnit unit = task.unit();
        UnitShape shape = unit.shape();
        ZoneLayout zones = unit.zones();
        ZoneDescriptor zone = task.zone();
        option = reportingOption;
        int first = (int) (lba / shape.zoneBlocks());
        int end = (int) (endLba / shape.zoneBlocks());
        boolean gapOnly = shape.toBytes(lba) >= zones.capacityEnd(first);
        long left = descriptors;
        for (int i = first; i < end && left > 0; i++) {
            unit.device().zone(i, zone);
            left -= !(gapOnly && i == first) && matches(zone.condition()) ? 1 : 0;
            left -= zones.hasGap(i) && listsGaps() ? 1 : 0;
        }
        return left <= 0;
    }

    private boolean listsGaps() {
        return option == ALL_ZONES || option == NOT_WRITE_POINTER;
    }

    private void add(SpanList target) {
        matching++;
        long length = Math.min(DESCRIPTOR_SIZE, room - written);
        if (length == DESCRIPTOR_SIZE) {
            whole++;
        }
        if (length > 0) {
            writer.write(target, entry, length);
            written += length;
        }
    }

    private boolean matches(ZoneCondition condition) {
        return switch (option) {
            case ALL_ZONES, ALL_BUT_GAPS -> true;
            case NOT_WRITE_POINTER -> condition == ZoneCondition.NOT_WRITE_POINTER;
            default -> option == optionOf(condition);
        };
    }

    private void encode(ZoneDescriptor zone, UnitShape shape) {
        ZoneCondition condition = zone.condition();
        entry.set(ValueLayout.JAVA_BYTE, 0, type(zone.type()));
        entry.set(ValueLayout.JAVA_BYTE, 1, (byte) (code(condition) << CONDITION_SHIFT));
        entry.set(BE64, 8, shape.toBlocks(zone.capacity()));
        entry.set(BE64, 16, shape.toBlocks(zone.start()));
        long pointer = NO_WRITE_POINTER;
        if (condition.writable()) {
            pointer = shape.toBlocks(zone.writePointer());
        } else if (condition == ZoneCondition.FULL) {
            pointer = shape.toBlocks(zone.start() + zone.capacity());
        }
        entry.set(BE64, 24, pointer);
    }

    private void encodeGap(ZoneDescriptor before, UnitShape shape) {
        entry.set(ValueLayout.JAVA_BYTE, 0, GAP);
        entry.set(ValueLayout.JAVA_BYTE, 1, (byte) 0);
        entry.set(BE64, 8, shape.toBlocks(before.length() - before.capacity()));
        entry.set(BE64, 16, shape.toBlocks(before.start() + before.capacity()));
        entry.set(BE64, 24, NO_WRITE_POINTER);
    }

    /** SAME, from what never changes: zones that are not listed make no difference to a claim about all. */
    private byte same(ZoneLayout zones, UnitShape shape, int first, boolean partial) {
        if (zones.hasGaps()) {
            return MAY_DIFFER;
        }
        int last = zones.deviceZones() - 1;
        boolean shortLast = first != last && shape.blocks() % shape.zoneBlocks() != 0;
        boolean oneType = zones.oneType(first);
        if (!shortLast) {
            return oneType ? ALL_SAME : SAME_LENGTH;
        }
        return oneType && option == ALL_ZONES && !partial ? ALL_BUT_LAST_SAME : MAY_DIFFER;
    }

    private static byte type(ZoneType type) {
        return switch (type) {
            case CONVENTIONAL -> 0x1;
            case SEQUENTIAL_WRITE_REQUIRED -> 0x2;
            case SEQUENTIAL_WRITE_PREFERRED -> 0x3;
        };
    }

    /** ZONE CONDITION. */
    static int code(ZoneCondition condition) {
        return switch (condition) {
            case NOT_WRITE_POINTER -> 0x0;
            case EMPTY -> 0x1;
            case IMPLICIT_OPEN -> 0x2;
            case EXPLICIT_OPEN -> 0x3;
            case CLOSED -> 0x4;
            case READ_ONLY -> 0xD;
            case FULL -> 0xE;
            case OFFLINE -> 0xF;
        };
    }

    /** The reporting option that lists zones of this condition alone. */
    private static int optionOf(ZoneCondition condition) {
        return switch (condition) {
            case NOT_WRITE_POINTER -> NOT_WRITE_POINTER;
            case EMPTY -> 0x1;
            case IMPLICIT_OPEN -> 0x2;
            case EXPLICIT_OPEN -> 0x3;
            case CLOSED -> 0x4;
            case FULL -> 0x5;
            case READ_ONLY -> 0x6;
            case OFFLINE -> 0x7;
        };
    }
}
