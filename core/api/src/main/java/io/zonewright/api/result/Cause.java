package io.zonewright.api.result;

/**
 * What happened to a request. There are no wire numbers here: each front-end owns one exhaustive {@code switch}
 * (without {@code default}) from these to its protocol's codes, so that a cause added here does not compile until
 * every protocol answers it.
 *
 * <p>Several may hold at once: see {@link Causes}. Their order here is the engine's own precedence, used by front-ends
 * that have no other.
 */
public enum Cause {
    /** Done as asked. */
    DONE,
    /** A zone action found the zone already so (open on an explicitly open zone, finish on a full one …). Nothing changed. */
    ALREADY_SO,

    /** The range does not lie inside the device. */
    OUT_OF_RANGE,
    /** The device as a whole takes no writes or zone actions. */
    DEVICE_READ_ONLY,
    /** Offset or length is not a multiple of the logical block. */
    UNALIGNED_BLOCK,
    /** A zone touched is offline. */
    ZONE_OFFLINE,
    /** A write or zone action on a read-only zone. */
    ZONE_READ_ONLY,
    /** A zone action or append on a zone of a type that has none (a conventional zone; append on sequential write preferred). */
    WRONG_ZONE_TYPE,
    /** A zone action or an append names a position that is not a zone's first byte. */
    NOT_ZONE_START,
    /** A read touches more than one zone, one of which is sequential write required; only if the request says {@link io.zonewright.api.request.DeviceRequest#setRefuseCrossing}. */
    READ_CROSSES_ZONES,
    /** A write spans two zones, at least one of them sequential write required. */
    CROSSES_ZONE_BOUNDARY,
    /** A write to a full zone, or to one that the writes in flight before it fill. */
    ZONE_FULL,
    /** A write ends between the zone's capacity and its size, or starts there. */
    BEYOND_ZONE_CAPACITY,
    /** Offset or length of a write to a sequential zone is not a multiple of the write granularity. */
    UNALIGNED_WRITE,
    /**
     * A write to a sequential-write-required zone does not start at its write pointer; or, in a zone with a random
     * write area, starts below the pointer or ends more than twice the area's size above it.
     */
    NOT_AT_WRITE_POINTER,
    /** An append is longer than the device's limit. */
    APPEND_TOO_LONG,
    /** The device takes no appends. */
    APPEND_UNSUPPORTED,
    /**
     * Something that a zone's random write area does not allow, or that needs one: an append to a zone that has one, opening a
     * zone with one that is not empty, flushing one that is not there, or to a position that it cannot be flushed to.
     */
    AREA_NOT_APPLICABLE,
    /** The zone's condition does not allow this action (close on an empty zone, open on a full one …). Nothing changed. */
    NOT_APPLICABLE,
    /** The action needs an active resource and none is left. */
    ACTIVE_LIMIT,
    /** The action needs an open resource, none is left, and no implicitly open zone could be closed. */
    OPEN_LIMIT,
    /** The zone needs a random write area and all of the device's are taken. */
    NO_RANDOM_WRITE_AREA,

    /** Not carried out: a write before it in the same zone failed, so this one is no longer at the write pointer. */
    PREDECESSOR_FAILED,
    /** The medium has no room left for data it promised to hold. */
    NO_SPACE,
    /** The medium failed or moved only a part of the data. */
    MEDIUM_ERROR,
    /** The medium does not know this operation. */
    UNSUPPORTED,
    /** Given up because the device or its front-end is being stopped. */
    ABORTED,
    /** A defect of Zonewright or of a plugin; logged where it happened. */
    INTERNAL_ERROR;

    /** Whether the request did what was asked: {@link #DONE} or {@link #ALREADY_SO}. */
    public boolean success() {
        return this == DONE || this == ALREADY_SO;
    }

    /** This cause's bit in a {@link Causes} set. */
    public long bit() {
        return 1L << ordinal();
    }
}
