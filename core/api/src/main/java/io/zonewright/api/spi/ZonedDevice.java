package io.zonewright.api.spi;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A device as its front-ends see it: one zoned model with one coherent state, however many front-ends share it. All
 * methods may be called from any thread at any time.
 */
public interface ZonedDevice {
    DeviceIdentity identity();

    /** May change after {@link DeviceListener#configurationChanged}; take a copy per use. */
    ZoneGeometry geometry();

    /** Likewise. */
    ZoneLimits limits();

    /** What its zones can have beyond data; {@link ZoneFeatures#NONE} unless a device says otherwise. Likewise. */
    default ZoneFeatures features() {
        return ZoneFeatures.NONE;
    }

    /** What the medium can do. Likewise. */
    Capabilities capabilities();

    /**
     * Fills {@code into} with zone {@code index} as it is now: what is shown is committed, a write still in flight
     * does not show. Never blocks on I/O. On a medium with zone rules of its own, submit a
     * {@link io.zonewright.api.request.Operation#ZONE_REPORT} first.
     *
     * @throws IndexOutOfBoundsException unless {@code 0 <= index < geometry().zoneCount()}
     */
    void zone(int index, ZoneDescriptor into);

    /**
     * Copies the descriptor extension of zone {@code index} to the start of {@code into}, which has room for
     * {@link ZoneFeatures#extensionBytes}.
     *
     * @return false if the zone has none; {@code into} is then untouched
     * @throws IndexOutOfBoundsException unless {@code 0 <= index < geometry().zoneCount()}, or if {@code into} is too short
     */
    default boolean zoneExtension(int index, MemorySegment into) {
        Objects.checkIndex(index, geometry().zoneCount());
        return false;
    }

    /**
     * Takes over the request and completes it exactly once, perhaps before this method returns, perhaps on another
     * thread. Never throws for what a client asked; never blocks.
     */
    void submit(DeviceRequest request);

    /**
     * Whether what was discarded reads as zeroes, so that a front-end may discard where zeroes are asked for. Means nothing
     * without {@link Capabilities#discard}. Constant.
     */
    default boolean discardsToZeroes() {
        return true;
    }

    /**
     * Whether reads may borrow the medium's memory ({@link DeviceRequest#setLend}) instead of bringing their own. What is
     * on loan changes when its place is written, discarded or reset, so it is for those who look at each byte once, and
     * decide nothing by it. Constant.
     */
    default boolean lends() {
        return false;
    }

    /**
     * Ends the loan of a read that succeeded with {@link DeviceRequest#lend}: its spans must not be touched any more. To be
     * called exactly once, on any thread. Until then the request counts as in flight, so that the medium stays open;
     * nothing else waits for it, neither a write nor a reset of what it shows.
     *
     * @throws IllegalStateException if the request has no loan
     */
    default void endLoan(DeviceRequest request) {
        throw new IllegalStateException("nothing was lent: " + request);
    }

    /**
     * The calling thread is about to {@link #submit} several requests, which the medium may start together, at the latest
     * in {@link #endBatch} on the same thread. Optional, and cheap. Does not nest; always ended, also after an exception.
     */
    default void beginBatch() {}

    /** Ends {@link #beginBatch}. */
    default void endBatch() {}

    /**
     * A connection ended, or a client comes that may have lost one before: it may not have heard of the end of its last
     * writes, and send them once more at their old addresses. From now until a zone's next new write, a write that begins
     * below the zone's write pointer and whose bytes there equal the medium's is completed as done; what of it lies above
     * the pointer is written first. Called before the first request of the client's new life. A walk over the zone table,
     * and harmless if nothing was lost.
     */
    default void clientLost() {}

    /** Registers for changes. */
    void addListener(DeviceListener listener);

    /** Ends {@link #addListener}; one more call may be under way. */
    void removeListener(DeviceListener listener);
}
