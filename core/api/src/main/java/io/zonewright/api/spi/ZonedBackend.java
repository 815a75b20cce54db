package io.zonewright.api.spi;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneSink;

/**
 * A medium. The engine stands between it and the front-ends: unless {@link Capabilities#ownZoneRules}, it has already
 * checked ranges, alignment, write pointers and limits, so that a medium only moves data and may forget what a zone is.
 *
 * <p><b>Order.</b> Writes to one zone are placed in ascending order, several may be in flight, and their
 * acknowledgement upward is in order whatever the order of completion. Writes to a zone with a random write area
 * ({@link #features}) come in any order, and again to the same place. A medium with zone rules of its own also gets
 * the {@link #submit} calls of one zone one after the other in that order; for others, calls made by different threads
 * may overtake each other. A zone action is submitted when no write of its zone is in flight, and no write of that zone
 * is submitted until it completes. Reads are never held back: one that runs beside a reset gives old data or zeroes.
 * Different zones are independent, and submissions come from many threads at once.
 *
 * <p><b>What reaches {@link #submit}.</b> {@code READ}, {@code WRITE}, {@code FLUSH} always; {@code DISCARD} and
 * {@code WRITE_ZEROES} if the capability says so; {@code APPEND} only with native append; {@code ZONE_RESET} and
 * {@code ZONE_FINISH} always (a medium uses them to give space back, or completes them at once); the other zone actions
 * and {@code ZONE_REPORT} only with rules of its own. Such a medium may get {@code ZONE_RESET} with
 * {@link DeviceRequest#allZones} and no range: it resets every sequential zone but read-only and offline ones, while none of
 * them has anything in flight; if it fails, whatever the cause, the engine asks zone by zone. An operation the medium does not expect is completed with
 * {@link io.zonewright.api.result.Cause#UNSUPPORTED}.
 *
 * <p><b>Reads</b> of what was never written, or was reset, give zeroes.
 */
public interface ZonedBackend extends AutoCloseable {
    /** Constant while the medium is open. */
    ZoneGeometry geometry();

    /** Constant while the medium is open. */
    ZoneLimits limits();

    /**
     * What the engine may offer over this medium. Constant while the medium is open; {@link ZoneFeatures#NONE} on media
     * with zone rules of their own and on devices that are not host-managed.
     */
    default ZoneFeatures features() {
        return ZoneFeatures.NONE;
    }

    /** Constant while the medium is open. */
    Capabilities capabilities();

    /**
     * Tells every zone, in order, as it is at the start. Called once, before the first {@link #submit}; may block. Not
     * called for a device without zones.
     */
    void loadZones(ZoneSink sink);

    /**
     * Takes over the request and completes it exactly once: inline, or later on any thread. Never blocks for longer
     * than a memory copy, never throws. A request that fails is completed with its cause and, for writes, with
     * {@link DeviceRequest#setTransferred} saying how many bytes from the front are on the medium.
     */
    void submit(DeviceRequest request);

    /**
     * Whether reads with {@link DeviceRequest#lend} are understood, which come without memory: the medium adds
     * {@link DeviceRequest#length} bytes of spans over memory of its own. That stays mapped and readable until
     * {@link #close}, which comes after the last loan has ended; it may change when its place is written, discarded or
     * reset. Constant.
     */
    default boolean lends() {
        return false;
    }

    /**
     * The calling thread is about to {@link #submit} several requests: the medium may gather them, and start them at the
     * latest in {@link #endBatch} on the same thread. Does not nest. Without it a medium starts each request at once.
     */
    default void beginBatch() {}

    /** Ends {@link #beginBatch}. */
    default void endBatch() {}

    /** Gives everything back. Called once, when nothing is in flight and nothing will be submitted any more. */
    @Override
    void close();
}
