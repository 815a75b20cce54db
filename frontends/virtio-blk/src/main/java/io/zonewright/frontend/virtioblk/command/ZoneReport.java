package io.zonewright.frontend.virtioblk.command;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.buffer.SpanWriter;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneType;
import io.zonewright.frontend.virtioblk.config.BlkConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * {@code struct virtio_blk_zone_report} and {@code struct virtio_blk_zone_descriptor} (linux/virtio_blk.h),
 * little-endian, positions and lengths in sectors:
 *
 * <pre>
 *  report      0 le64 nr_zones   8 u8[56] reserved   64 descriptors
 *  descriptor  0 le64 z_cap      8 le64 z_start   16 le64 z_wp   24 u8 z_type   25 u8 z_state   26 u8[38] reserved
 * </pre>
 *
 * Reusable, for one thread.
 */
final class ZoneReport {
    /** Bytes of the report's header. */
    static final int HEADER_SIZE = 64;
    /** Bytes of one descriptor. */
    static final int DESCRIPTOR_SIZE = 64;
    /**
     * Most zones of one report, 4 MiB of descriptors: writing them takes a few milliseconds of the queue's thread. A
     * driver with a larger buffer asks again from where the report ends.
     */
    static final int MAX_ZONES = 65_536;

    private static final int NR_ZONES_OFFSET = 0;
    private static final int CAP_OFFSET = 0;
    private static final int START_OFFSET = 8;
    private static final int WP_OFFSET = 16;
    private static final int TYPE_OFFSET = 24;
    private static final int STATE_OFFSET = 25;

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Header or descriptor on its way out; reserved bytes are zero and stay so. */
    private final MemorySegment header = MemorySegment.ofArray(new byte[HEADER_SIZE]);

    private final MemorySegment entry = MemorySegment.ofArray(new byte[DESCRIPTOR_SIZE]);
    private final ZoneDescriptor zone = new ZoneDescriptor();
    private final SpanWriter writer = new SpanWriter();

    /** How many descriptors fit into {@code bytes}, which is at least {@link #HEADER_SIZE}. */
    static int capacity(long bytes) {
        return (int) Math.min((bytes - HEADER_SIZE) / DESCRIPTOR_SIZE, MAX_ZONES);
    }

    /**
     * Writes a report; {@code target} has room for it.
     *
     * @return bytes written
     */
    long write(ZonedDevice device, int first, int count, SpanList target) {
        int last = Math.min(first + count, device.geometry().zoneCount());
        int present = Math.max(last - first, 0);
        writer.rewind();
        header.set(LE64, NR_ZONES_OFFSET, present);
        writer.write(target, header, HEADER_SIZE);
        for (int i = 0; i < present; i++) {
            device.zone(first + i, zone);
            encode();
            writer.write(target, entry, DESCRIPTOR_SIZE);
        }
        return HEADER_SIZE + (long) present * DESCRIPTOR_SIZE;
    }

    private void encode() {
        entry.set(LE64, CAP_OFFSET, zone.capacity() / BlkConfig.SECTOR_BYTES);
        entry.set(LE64, START_OFFSET, zone.start() / BlkConfig.SECTOR_BYTES);
        long pointer = zone.condition().writable() ? zone.writePointer() : zone.start() + zone.length();
        entry.set(LE64, WP_OFFSET, pointer / BlkConfig.SECTOR_BYTES);
        entry.set(ValueLayout.JAVA_BYTE, TYPE_OFFSET, type(zone.type()));
        entry.set(ValueLayout.JAVA_BYTE, STATE_OFFSET, state(zone.condition()));
    }

    private static byte type(ZoneType type) {
        return switch (type) {
            case CONVENTIONAL -> 1;
            case SEQUENTIAL_WRITE_REQUIRED -> 2;
            case SEQUENTIAL_WRITE_PREFERRED -> 3;
        };
    }

    private static byte state(ZoneCondition condition) {
        return switch (condition) {
            case NOT_WRITE_POINTER -> 0;
            case EMPTY -> 1;
            case IMPLICIT_OPEN -> 2;
            case EXPLICIT_OPEN -> 3;
            case CLOSED -> 4;
            case READ_ONLY -> 13;
            case FULL -> 14;
            case OFFLINE -> 15;
        };
    }
}
