package io.zonewright.frontend.virtioblk.command;

import io.zonewright.api.result.Cause;
import io.zonewright.api.result.Causes;

/**
 * Status bytes (virtio 1.4 "Block Device / Device Operation"; linux/virtio_blk.h), and the one place where a
 * {@link Cause} becomes one of them.
 */
public final class BlkStatus {
    /** Done. */
    public static final byte OK = 0;
    /** Failed, for any reason that has no code of its own. */
    public static final byte IOERR = 1;
    /** The device does not know this request, or not with these flags. */
    public static final byte UNSUPP = 2;
    /** A zone's condition, type or extent does not allow the request. */
    public static final byte ZONE_INVALID_CMD = 3;
    /** A write that is not at the write pointer, or not a multiple of the write granularity. */
    public static final byte ZONE_UNALIGNED_WP = 4;
    /** No zone can be opened any more. */
    public static final byte ZONE_OPEN_RESOURCE = 5;
    /** No zone can become active any more. */
    public static final byte ZONE_ACTIVE_RESOURCE = 6;

    /**
     * Which cause is told where several apply. The specification leaves this open; the order is: what the device
     * cannot do at all, the range, offline and read-only, the zone's type, boundaries, alignment and write pointer,
     * capacity, resources. A full zone has no write pointer, so it comes before alignment.
     */
    private static final Cause[] PRECEDENCE = {
        Cause.UNSUPPORTED,
        Cause.DEVICE_READ_ONLY,
        Cause.APPEND_UNSUPPORTED,
        Cause.OUT_OF_RANGE,
        Cause.ZONE_OFFLINE,
        Cause.ZONE_READ_ONLY,
        Cause.WRONG_ZONE_TYPE,
        Cause.NOT_ZONE_START,
        Cause.READ_CROSSES_ZONES,
        Cause.CROSSES_ZONE_BOUNDARY,
        Cause.APPEND_TOO_LONG,
        Cause.ZONE_FULL,
        Cause.UNALIGNED_WRITE,
        Cause.NOT_AT_WRITE_POINTER,
        Cause.UNALIGNED_BLOCK,
        Cause.BEYOND_ZONE_CAPACITY,
        Cause.AREA_NOT_APPLICABLE,
        Cause.NOT_APPLICABLE,
        Cause.ACTIVE_LIMIT,
        Cause.OPEN_LIMIT,
        Cause.NO_RANDOM_WRITE_AREA,
    };

    private BlkStatus() {}

    /**
     * The status for everything that applied to a request.
     *
     * @param causes see {@link Causes}
     * @param zoneRequest whether the request is one of the seven of {@link BlkType#zoneRequest}
     * @param zoned whether the driver accepted {@code VIRTIO_BLK_F_ZONED}; one that did not is never told a zone code
     */
    public static byte of(long causes, boolean zoneRequest, boolean zoned) {
        byte status = of(Causes.first(causes, PRECEDENCE), zoneRequest);
        return status > UNSUPP && !zoned ? IOERR : status;
    }

    private static byte of(Cause cause, boolean zoneRequest) {
        return switch (cause) {
            case DONE, ALREADY_SO -> OK;
            case OUT_OF_RANGE, UNALIGNED_BLOCK -> zoneRequest ? ZONE_INVALID_CMD : IOERR;
            case ZONE_OFFLINE,
                    ZONE_READ_ONLY,
                    WRONG_ZONE_TYPE,
                    NOT_ZONE_START,
                    READ_CROSSES_ZONES,
                    CROSSES_ZONE_BOUNDARY,
                    ZONE_FULL,
                    BEYOND_ZONE_CAPACITY,
                    APPEND_TOO_LONG,
                    // Another front-end gave the zone a random write area; this protocol has no word for it.
                    AREA_NOT_APPLICABLE,
                    NO_RANDOM_WRITE_AREA,
                    NOT_APPLICABLE -> ZONE_INVALID_CMD;
            case UNALIGNED_WRITE, NOT_AT_WRITE_POINTER -> ZONE_UNALIGNED_WP;
            case ACTIVE_LIMIT -> ZONE_ACTIVE_RESOURCE;
            case OPEN_LIMIT -> ZONE_OPEN_RESOURCE;
            case APPEND_UNSUPPORTED, UNSUPPORTED -> UNSUPP;
            case DEVICE_READ_ONLY, PREDECESSOR_FAILED, NO_SPACE, MEDIUM_ERROR, ABORTED, INTERNAL_ERROR -> IOERR;
        };
    }
}
