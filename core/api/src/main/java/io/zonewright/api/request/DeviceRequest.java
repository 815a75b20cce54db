package io.zonewright.api.request;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.result.Cause;
import io.zonewright.api.result.Causes;
import io.zonewright.api.zone.ZoneSink;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way down (front-end, engine, filters, back-end) and back up. Front-ends subclass it, keep what
 * they need for the answer in the subclass, and pool the objects: nothing is allocated per request.
 *
 * <p><b>Ownership.</b> Exactly one layer owns a request at a time and only that layer touches it. Submitting hands it
 * down; completing hands it up. After handing it on, a layer must not look at it again: it may already serve another
 * purpose on another thread.
 *
 * <p><b>Completion</b> happens exactly once per submission, on any thread, perhaps before {@code submit} returns. A
 * layer that wants to see it pushes itself first ({@link #push}); {@link #complete} pops the topmost layer, and when
 * none is left, runs {@link #onComplete}. Layers must not recurse without bound: one that submits again from its
 * completion step does so a bounded number of times or from a loop.
 *
 * <p><b>Memory order.</b> The hand-over between threads must happen-before (a queue, a volatile); within one thread
 * nothing is needed. Fields are plain.
 */
public abstract class DeviceRequest {
    /** Most layers between front-end and back-end. */
    public static final int MAX_LAYERS = 12;

    private final SpanList data = new SpanList();
    private final @Nullable CompletionStep[] steps = new @Nullable CompletionStep[MAX_LAYERS];
    private final long[] contexts = new long[MAX_LAYERS];
    private int depth;

    private Operation operation = Operation.READ;
    private long offset;
    private long length;
    private boolean forceUnitAccess;
    private boolean allZones;
    private boolean refuseCrossing;
    private boolean randomWriteArea;
    private boolean onlyIfReadOnly;
    private boolean lend;
    private @Nullable ZoneSink sink;

    private long causes;
    private long placement;
    private long transferred;
    private @Nullable DeviceRequest link;

    /**
     * Makes the request ready for a new life: sets what is asked, forgets the last result. Spans are left as they are:
     * fill {@link #data} before or after.
     *
     * @param offset first byte on the device; for zone actions and appends, the first byte of the zone
     * @param length bytes; for reads, writes and {@link Operation#ZONE_SET_EXTENSION} it equals {@code data().bytes()}, but
     *     for {@link #lend};
     *     for {@link Operation#ZONE_FLUSH_AREA} the write pointer asked for, from the zone's start; 0 for flush and the
     *     other zone actions
     */
    public final void prepare(Operation operation, long offset, long length) {
        this.operation = operation;
        this.offset = offset;
        this.length = length;
        forceUnitAccess = false;
        allZones = false;
        refuseCrossing = false;
        randomWriteArea = false;
        onlyIfReadOnly = false;
        lend = false;
        sink = null;
        causes = 0;
        placement = -1;
        transferred = 0;
        link = null;
        depth = 0;
    }

    /** What to do. A layer may change it on the way down if it changes it back on the way up. */
    public final Operation operation() {
        return operation;
    }

    /** Position in bytes on the device. */
    public final long offset() {
        return offset;
    }

    /** Length in bytes. */
    public final long length() {
        return length;
    }

    /** For a layer that turns one operation into another (an append into a write at the pointer), and back. */
    public final void retarget(Operation newOperation, long newOffset) {
        operation = newOperation;
        offset = newOffset;
    }

    /** The payload: for {@link Operation#READ} memory to fill (but see {@link #lend}), for writes and appends memory to store. */
    public final SpanList data() {
        return data;
    }

    /** Whether a write has to be stable before it completes (FUA). */
    public final boolean forceUnitAccess() {
        return forceUnitAccess;
    }

    public final void setForceUnitAccess(boolean value) {
        forceUnitAccess = value;
    }

    /**
     * Whether a zone action applies to all zones that it can apply to: those that start in
     * {@code [offset, offset + length)}, or if length is 0, those of the whole device.
     */
    public final boolean allZones() {
        return allZones;
    }

    public final void setAllZones(boolean value) {
        allZones = value;
    }

    /**
     * Whether a read that touches more than one zone, at least one of them sequential write required, is refused with
     * {@link Cause#READ_CROSSES_ZONES} (virtio's rule). If not, which is the default, it is carried out.
     */
    public final boolean refuseCrossing() {
        return refuseCrossing;
    }

    public final void setRefuseCrossing(boolean value) {
        refuseCrossing = value;
    }

    /**
     * Whether {@link Operation#ZONE_OPEN} or {@link Operation#ZONE_SET_EXTENSION} gives the zone, which must be empty, a
     * random write area (NVMe ZNS, "Zone Random Write Area"). It keeps it until it is reset, full, read-only or offline. {@link Cause#AREA_NOT_APPLICABLE} if the zone is not empty, for all zones, and on a device
     * without areas; {@link Cause#NO_RANDOM_WRITE_AREA} if all are taken.
     */
    public final boolean randomWriteArea() {
        return randomWriteArea;
    }

    public final void setRandomWriteArea(boolean value) {
        randomWriteArea = value;
    }

    /**
     * Whether {@link Operation#ZONE_SET_OFFLINE} applies to read-only zones alone, as a host may ask (NVMe ZNS,
     * "Offline Zone"): a zone that is neither read-only nor offline then answers {@link Cause#NOT_APPLICABLE}, and
     * {@link #allZones} takes the read-only zones only. Judged when the action's turn comes.
     */
    public final boolean onlyIfReadOnly() {
        return onlyIfReadOnly;
    }

    public final void setOnlyIfReadOnly(boolean value) {
        onlyIfReadOnly = value;
    }

    /**
     * Whether a {@link Operation#READ} brings no memory but borrows the medium's: {@link #data} is empty on the way down,
     * and if the read succeeds, holds {@link #length} bytes of spans that may be read until
     * {@link io.zonewright.api.spi.ZonedDevice#endLoan}. Only on devices that
     * {@linkplain io.zonewright.api.spi.ZonedDevice#lends lend}. False again once the request has failed.
     */
    public final boolean lend() {
        return lend;
    }

    public final void setLend(boolean value) {
        lend = value;
    }

    /** Where a back-end puts the zones of a {@link Operation#ZONE_REPORT}; set by the engine. */
    public final @Nullable ZoneSink sink() {
        return sink;
    }

    public final void setSink(@Nullable ZoneSink value) {
        sink = value;
    }

    /** Where an append was placed: its first byte on the device. -1 unless an append succeeded. */
    public final long placement() {
        return placement;
    }

    public final void setPlacement(long value) {
        placement = value;
    }

    /** Payload bytes that the medium moved; equals {@link #length} when all went well. */
    public final long transferred() {
        return transferred;
    }

    public final void setTransferred(long value) {
        transferred = value;
    }

    /** The cause that comes first in {@link Cause}'s order. */
    public final Cause cause() {
        return Causes.first(causes);
    }

    /** Every cause that applies, see {@link Causes}; front-ends with a precedence of their own choose from it. */
    public final long causes() {
        return causes;
    }

    /** Replaces the result; for layers on the way up. */
    public final void setCauses(long value) {
        causes = value;
    }

    /** A link for the layer that owns the request now, to keep it in a list without allocating. Null when handed on. */
    public final @Nullable DeviceRequest link() {
        return link;
    }

    public final void setLink(@Nullable DeviceRequest value) {
        link = value;
    }

    /**
     * Asks to see this request when the layers below are done with it.
     *
     * @throws IllegalStateException with more than {@link #MAX_LAYERS} layers
     */
    public final void push(CompletionStep step, long context) {
        if (depth == MAX_LAYERS) {
            throw new IllegalStateException("more than " + MAX_LAYERS + " layers between front-end and back-end");
        }
        steps[depth] = step;
        contexts[depth] = context;
        depth++;
    }

    /** Everything went well: all of {@code length} was moved. */
    public final void complete() {
        transferred = length;
        complete(Cause.DONE.bit());
    }

    /** One thing happened. */
    public final void complete(Cause cause) {
        complete(cause.bit());
    }

    /** Hands the request up to the next layer. See the class comment. */
    public final void complete(long causeSet) {
        causes = causeSet;
        if (depth == 0) {
            onComplete();
            return;
        }
        depth--;
        CompletionStep step = steps[depth];
        steps[depth] = null;
        if (step == null) {
            throw new IllegalStateException("request completed twice: " + this);
        }
        step.completed(this, contexts[depth]);
    }

    /** The front-end's end: the request is the front-end's again. Runs on any thread and must not block. */
    protected abstract void onComplete();

    @Override
    public String toString() {
        return operation + " offset " + offset + " length " + length + (allZones ? " all zones" : "")
                + (causes == 0 ? "" : " " + Arrays.toString(Causes.toSet(causes).toArray()));
    }
}
