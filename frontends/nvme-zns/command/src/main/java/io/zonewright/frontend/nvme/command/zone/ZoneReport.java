package io.zonewright.frontend.nvme.command.zone;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.buffer.SpanWriter;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.frontend.nvme.command.NvmeNamespace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Report Zones and Extended Report Zones (ZNS 1.2, "Zone Management Receive Data Structures"), little-endian, positions
 * and lengths in logical blocks of the namespace:
 *
 * <pre>
 *  report      0 le64 number of zones   8 reserved   64 descriptors, each with its extension if extended
 *  descriptor  0 u8 ZT in 3:0   1 u8 ZS in 7:4   2 u8 ZA: ZDEV 7, ZRWAV 3   3 u8 ZAI   4 reserved
 *              8 le64 ZCAP   16 le64 ZSLBA   24 le64 WP   32 reserved
 * </pre>
 *
 * The write pointer of a zone that has none (full, read only, offline) is FFFFFFFFFFFFFFFFh, as QEMU's; the
 * specification gives it no meaning. Reusable, for one thread at a time.
 */
public final class ZoneReport {
    /** Bytes of the report's header. */
    public static final int HEADER_SIZE = 64;
    /** Bytes of one descriptor without its extension. */
    public static final int DESCRIPTOR_SIZE = 64;

    /** Reporting option that lists all zones. */
    public static final int ALL_ZONES = 0x0;
    /**
     * Reporting option that lists zones with one of the attributes Reset Zone Recommended, Finish Zone Recommended and
     * Zone Finished by Controller. No zone here ever has one.
     */
    public static final int RECOMMENDED = 0x9;

    private static final int LAST_STATE_OPTION = 0x7;

    private static final byte SEQUENTIAL_WRITE_REQUIRED = 0x2;
    private static final int ZS_SHIFT = 4;
    private static final int ZDEV = 1 << 7;
    private static final int ZRWAV = 1 << 3;
    private static final long NO_WRITE_POINTER = -1;

    private static final int ZT_OFFSET = 0;
    private static final int ZS_OFFSET = 1;
    private static final int ZA_OFFSET = 2;
    private static final int ZCAP_OFFSET = 8;
    private static final int ZSLBA_OFFSET = 16;
    private static final int WP_OFFSET = 24;

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Header, or descriptor and extension, on its way out; reserved bytes are zero and stay so. */
    private final MemorySegment header = MemorySegment.ofArray(new byte[HEADER_SIZE]);

    private final MemorySegment entry;
    private final MemorySegment extension;
    private final ZoneDescriptor zone = new ZoneDescriptor();
    private final SpanWriter writer = new SpanWriter();

    /** @param features of the device, which say how long an extension is */
    public ZoneReport(ZoneFeatures features) {
        entry = MemorySegment.ofArray(new byte[DESCRIPTOR_SIZE + features.extensionBytes()]);
        extension = entry.asSlice(DESCRIPTOR_SIZE);
    }

    /** Whether the reporting option exists. 8h and everything from Ah on are reserved. */
    public static boolean knowsOption(int option) {
        return option <= LAST_STATE_OPTION || option == RECOMMENDED;
    }

    /** Bytes of one entry. */
    public static int entrySize(ZoneFeatures features, boolean extended) {
        return extended ? DESCRIPTOR_SIZE + features.extensionBytes() : DESCRIPTOR_SIZE;
    }

    /**
     * Fills {@code target}, of at least {@link #HEADER_SIZE} bytes, with as much of the report as fits in whole
     * entries, and zeroes.
     *
     * @param first number in the namespace of the lowest zone that may be shown
     * @param option a reporting option for which {@link #knowsOption} holds
     * @param partial whether the number of zones counts what is shown, instead of all that match
     * @param extended whether extensions are shown
     */
    public void write(
            ZonedDevice device,
            NvmeNamespace namespace,
            int first,
            int option,
            boolean partial,
            boolean extended,
            SpanList target) {
        int size = extended ? (int) entry.byteSize() : DESCRIPTOR_SIZE;
        long room = (target.bytes() - HEADER_SIZE) / size;
        int end = namespace.zoneCount();
        long shown = 0;
        long matching = 0;
        writer.rewind();
        header.set(LE64, 0, 0);
        writer.write(target, header, HEADER_SIZE);
        boolean every = option == ALL_ZONES;
        for (int i = first; i < end; i++) {
            if (shown == room) {
                if (partial) {
                    break;
                }
                if (every) {
                    matching += end - i;
                    break;
                }
            }
            device.zone(namespace.deviceZone(i), zone);
            if (!every && ZoneStates.option(zone.condition()) != option) {
                continue;
            }
            matching++;
            if (shown < room) {
                encode(namespace);
                if (extended && !(zone.extensionValid() && device.zoneExtension(zone.index(), extension))) {
                    extension.fill((byte) 0);
                }
                writer.write(target, entry, size);
                shown++;
            }
        }
        long written = HEADER_SIZE + shown * size;
        target.fill(written, target.bytes() - written, (byte) 0);
        header.set(LE64, 0, partial ? shown : matching);
        target.copyFrom(header, 0, 0, HEADER_SIZE);
    }

    /** Whether so many of the zones from {@code first} to before {@code end} match a reporting option. */
    public boolean fills(ZonedDevice device, NvmeNamespace namespace, int first, int end, int option, long entries) {
        long left = entries;
        for (int i = first; i < end && left > 0; i++) {
            device.zone(namespace.deviceZone(i), zone);
            if (ZoneStates.option(zone.condition()) == option) {
                left--;
            }
        }
        return left <= 0;
    }

    /** The descriptor that was read last. */
    public ZoneDescriptor zone() {
        return zone;
    }

    private void encode(NvmeNamespace namespace) {
        int attributes = (zone.extensionValid() ? ZDEV : 0) | (zone.randomWriteArea() ? ZRWAV : 0);
        entry.set(ValueLayout.JAVA_BYTE, ZT_OFFSET, SEQUENTIAL_WRITE_REQUIRED);
        entry.set(ValueLayout.JAVA_BYTE, ZS_OFFSET, (byte) (ZoneStates.code(zone.condition()) << ZS_SHIFT));
        entry.set(ValueLayout.JAVA_BYTE, ZA_OFFSET, (byte) attributes);
        entry.set(LE64, ZCAP_OFFSET, zone.capacity() >> namespace.lbaShift());
        entry.set(LE64, ZSLBA_OFFSET, namespace.toLba(zone.start()));
        boolean pointer = zone.condition().writable();
        entry.set(LE64, WP_OFFSET, pointer ? namespace.toLba(zone.writePointer()) : NO_WRITE_POINTER);
    }
}
