package io.zonewright.frontend.virtioblk.command;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.frontend.virtioblk.config.BlkConfig;
import io.zonewright.frontend.virtioblk.features.BlkFeatures;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Turns the bytes of virtio-blk requests into device requests, and their results into bytes (virtio 1.4 "Block Device
 * / Device Operation"). One per queue and negotiation; {@link #start} and {@link #finish} are called on the queue's
 * thread and allocate nothing.
 *
 * <p>How a driver splits a request into descriptors means nothing. The header is the first 16 readable bytes, whatever
 * follows is data or ranges. The status is the last writable byte, whatever precedes it is data; that also fits the
 * 16-byte trailer with which Linux sends an append (drivers/block/virtio_blk.c, {@code zone_append}) as well as the
 * specification's 9 bytes, since the append sector is at the start of the writable part.
 */
public final class BlkExecutor {
    /** Length of the identity that GET_ID tells. */
    public static final int ID_BYTES = 20;

    /** Sector numbers from here on lie beyond every byte position that fits into 63 bits. */
    private static final int SECTOR_BITS = 54;

    private static final int SECTOR_SHIFT = 9;
    private static final int STATUS_BYTES = 1;
    private static final int APPEND_SECTOR_BYTES = 8;
    /** Trailer of an append as Linux lays it out: le64, status, seven bytes nobody looks at, of which the last is the status. */
    private static final int APPEND_TRAILER_BYTES = 16;

    private static final int FLAG_UNMAP = 1;

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final ZonedDevice device;
    private final long features;
    private final boolean zoned;
    private final WriteCache cache;
    private final MemorySegment id;
    private final MemorySegment appendTrailer = MemorySegment.ofArray(new byte[APPEND_TRAILER_BYTES]);
    private final ZoneReport report = new ZoneReport();

    /**
     * @param features accepted by the driver
     * @param id told by GET_ID, cut or padded with zeroes to {@link #ID_BYTES}
     */
    public BlkExecutor(ZonedDevice device, long features, WriteCache cache, byte[] id) {
        this.device = device;
        this.features = features;
        this.zoned = BlkFeatures.has(features, BlkFeatures.ZONED);
        this.cache = cache;
        this.id = MemorySegment.ofArray(Arrays.copyOf(id, ID_BYTES));
    }

    /** Whether the request has a byte for its status. One that has not cannot be answered: its ring is broken. */
    public static boolean answerable(BlkRequest request) {
        return request.writable().bytes() >= STATUS_BYTES;
    }

    /**
     * Begins an {@link #answerable} request. {@link BlkRequest#ended} is called exactly once, perhaps before this
     * returns, perhaps on another thread.
     */
    public void start(BlkRequest request) {
        request.executor = this;
        request.decided = BlkRequest.NOT_DECIDED;
        request.handedDown = false;
        request.ranges = 0;
        request.rangesStarted = 0;
        request.data().clear();
        if (request.readable().bytes() < BlkHeader.SIZE) {
            request.type = -1;
            decide(request, BlkStatus.IOERR);
            return;
        }
        request.header.copyFrom(request.readable());
        request.type = request.header.type();
        if (BlkType.zoneRequest(request.type) && !zoned) {
            decide(request, BlkStatus.UNSUPP);
            return;
        }
        switch (request.type) {
            case BlkType.IN -> read(request);
            case BlkType.OUT -> write(request);
            case BlkType.FLUSH -> submit(request, Operation.FLUSH, 0, 0);
            case BlkType.GET_ID -> decide(request, BlkStatus.OK);
            case BlkType.DISCARD -> ranges(request, BlkFeatures.DISCARD, 0, BlkConfig.MAX_DISCARD_SECTORS);
            case BlkType.WRITE_ZEROES ->
                ranges(request, BlkFeatures.WRITE_ZEROES, FLAG_UNMAP, BlkConfig.MAX_WRITE_ZEROES_SECTORS);
            case BlkType.ZONE_APPEND -> append(request);
            case BlkType.ZONE_REPORT -> report(request);
            case BlkType.ZONE_OPEN -> zoneAction(request, Operation.ZONE_OPEN);
            case BlkType.ZONE_CLOSE -> zoneAction(request, Operation.ZONE_CLOSE);
            case BlkType.ZONE_FINISH -> zoneAction(request, Operation.ZONE_FINISH);
            case BlkType.ZONE_RESET -> zoneAction(request, Operation.ZONE_RESET);
            case BlkType.ZONE_RESET_ALL -> resetAll(request);
            default -> decide(request, BlkStatus.UNSUPP);
        }
    }

    /**
     * Writes the result of an ended request into its writable part.
     *
     * @return bytes written from the start of the writable part, without a gap: what a driver may rely on. Data of a
     *     failed read does not count, nor then the status behind it
     */
    public long finish(BlkRequest request) {
        SpanList writable = request.writable();
        byte status = status(request);
        long room = writable.bytes() - STATUS_BYTES;
        long written = status == BlkStatus.OK ? result(request, room) : 0;
        int last = writable.count() - 1;
        writable.segment(last)
                .set(ValueLayout.JAVA_BYTE, writable.offset(last) + writable.length(last) - STATUS_BYTES, status);
        return written == room ? room + STATUS_BYTES : written;
    }

    /** The status that {@link #finish} writes; once the request has ended. */
    public byte status(BlkRequest request) {
        return request.decided != BlkRequest.NOT_DECIDED
                ? request.decided
                : BlkStatus.of(request.causes(), BlkType.zoneRequest(request.type), zoned);
    }

    /** The device is done with the request, or with one range of it. Any thread. */
    void completed(BlkRequest request) {
        if (request.rangesStarted < request.ranges && request.cause().success()) {
            nextRange(request);
        } else {
            request.ended();
        }
    }

    private long result(BlkRequest request, long room) {
        return switch (request.type) {
            case BlkType.IN -> room;
            case BlkType.GET_ID -> writeId(request, room);
            case BlkType.ZONE_APPEND -> writeAppendSector(request, room);
            case BlkType.ZONE_REPORT -> report.write(device, request.firstZone, request.zones, request.writable());
            default -> 0;
        };
    }

    private long writeId(BlkRequest request, long room) {
        long length = Math.min(room, ID_BYTES);
        request.writable().copyFrom(id, 0, 0, length);
        return length;
    }

    private long writeAppendSector(BlkRequest request, long room) {
        long length = Math.min(room, APPEND_TRAILER_BYTES - STATUS_BYTES);
        appendTrailer.set(LE64, 0, request.placement() >>> SECTOR_SHIFT);
        request.writable().copyFrom(appendTrailer, 0, 0, length);
        return length;
    }

    private void read(BlkRequest request) {
        long length = request.writable().bytes() - STATUS_BYTES;
        request.data().addSlice(request.writable(), 0, length);
        long sector = request.header.sector();
        if (outside(request, sector, Operation.READ)) {
            return;
        }
        request.prepare(Operation.READ, sector << SECTOR_SHIFT, length);
        request.setRefuseCrossing(zoned);
        handDown(request);
    }

    private void write(BlkRequest request) {
        takeData(request);
        long sector = request.header.sector();
        if (!outside(request, sector, Operation.WRITE)) {
            submit(
                    request,
                    Operation.WRITE,
                    sector << SECTOR_SHIFT,
                    request.data().bytes());
        }
    }

    private void append(BlkRequest request) {
        if (request.writable().bytes() < APPEND_SECTOR_BYTES + STATUS_BYTES) {
            decide(request, BlkStatus.ZONE_INVALID_CMD);
            return;
        }
        takeData(request);
        long sector = request.header.sector();
        if (!outside(request, sector, Operation.APPEND)) {
            submit(
                    request,
                    Operation.APPEND,
                    sector << SECTOR_SHIFT,
                    request.data().bytes());
        }
    }

    private void zoneAction(BlkRequest request, Operation action) {
        long sector = request.header.sector();
        if (!outside(request, sector, action)) {
            submit(request, action, sector << SECTOR_SHIFT, 0);
        }
    }

    private void resetAll(BlkRequest request) {
        request.prepare(Operation.ZONE_RESET, 0, 0);
        request.setAllZones(true);
        handDown(request);
    }

    private void report(BlkRequest request) {
        long room = request.writable().bytes() - STATUS_BYTES;
        long sector = request.header.sector();
        ZoneGeometry geometry = device.geometry();
        if (room < ZoneReport.HEADER_SIZE
                || Long.compareUnsigned(sector, geometry.deviceBytes() >> SECTOR_SHIFT) >= 0) {
            decide(request, BlkStatus.ZONE_INVALID_CMD);
            return;
        }
        int first = geometry.zoneOf(sector << SECTOR_SHIFT);
        int count = Math.min(ZoneReport.capacity(room), geometry.zoneCount() - first);
        request.firstZone = first;
        request.zones = count;
        if (count == 0) {
            decide(request, BlkStatus.OK);
            return;
        }
        int last = first + count - 1;
        long start = geometry.zoneStart(first);
        submit(request, Operation.ZONE_REPORT, start, geometry.zoneStart(last) + geometry.zoneLength(last) - start);
    }

    /**
     * Discard and write zeroes. All ranges are checked before the first is carried out.
     *
     * @param feature without which the request does not exist
     * @param knownFlags flags that may be set
     * @param maxSectors of one range
     */
    private void ranges(BlkRequest request, long feature, int knownFlags, int maxSectors) {
        if (!BlkFeatures.has(features, feature)) {
            decide(request, BlkStatus.UNSUPP);
            return;
        }
        long bytes = request.readable().bytes() - BlkHeader.SIZE;
        if (bytes == 0 || bytes % BlkHeader.RANGE_SIZE != 0 || bytes / BlkHeader.RANGE_SIZE > BlkConfig.MAX_RANGES) {
            decide(request, BlkStatus.IOERR);
            return;
        }
        int count = (int) (bytes / BlkHeader.RANGE_SIZE);
        BlkHeader header = request.header;
        header.copyRangesFrom(request.readable(), count);
        for (int i = 0; i < count; i++) {
            if ((header.rangeFlags(i) & ~knownFlags) != 0) {
                decide(request, BlkStatus.UNSUPP);
                return;
            }
        }
        long deviceSectors = device.geometry().deviceBytes() >> SECTOR_SHIFT;
        for (int i = 0; i < count; i++) {
            long sectors = header.rangeSectors(i);
            long sector = header.rangeSector(i);
            if (sectors > maxSectors || sector < 0 || sector > deviceSectors - sectors) {
                decide(request, BlkStatus.IOERR);
                return;
            }
        }
        request.ranges = count;
        nextRange(request);
    }

    private void nextRange(BlkRequest request) {
        int range = request.rangesStarted++;
        BlkHeader header = request.header;
        Operation operation =
                request.type == BlkType.DISCARD || unmaps(header, range) ? Operation.DISCARD : Operation.WRITE_ZEROES;
        submit(
                request,
                operation,
                header.rangeSector(range) << SECTOR_SHIFT,
                header.rangeSectors(range) << SECTOR_SHIFT);
    }

    /** A range that may be deallocated is discarded, where the medium can: it then reads as zero, which was asked for. */
    private boolean unmaps(BlkHeader header, int range) {
        return (header.rangeFlags(range) & FLAG_UNMAP) != 0
                && device.capabilities().discard()
                && device.discardsToZeroes();
    }

    private void takeData(BlkRequest request) {
        SpanList readable = request.readable();
        request.data().addSlice(readable, BlkHeader.SIZE, readable.bytes() - BlkHeader.SIZE);
    }

    private void submit(BlkRequest request, Operation operation, long offset, long length) {
        request.prepare(operation, offset, length);
        if (operation.modifies() && !operation.zoneAction() && cache.writeThrough()) {
            request.setForceUnitAccess(true);
        }
        handDown(request);
    }

    private void handDown(BlkRequest request) {
        request.handedDown = true;
        device.submit(request);
    }

    /** Ends a request whose sector lies beyond all byte positions, so that no shift can overflow. */
    private boolean outside(BlkRequest request, long sector, Operation operation) {
        if (sector >>> SECTOR_BITS == 0) {
            return false;
        }
        Capabilities capabilities = device.capabilities();
        boolean readOnly = operation.modifies() && capabilities.readOnly();
        refuse(request, Cause.OUT_OF_RANGE.bit() | (readOnly ? Cause.DEVICE_READ_ONLY.bit() : 0));
        return true;
    }

    private static void refuse(BlkRequest request, long causes) {
        request.setCauses(causes);
        request.ended();
    }

    private static void decide(BlkRequest request, byte status) {
        request.decided = status;
        request.ended();
    }
}
