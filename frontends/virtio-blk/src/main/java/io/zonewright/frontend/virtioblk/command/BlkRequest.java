package io.zonewright.frontend.virtioblk.command;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.request.DeviceRequest;
import org.jspecify.annotations.Nullable;

/**
 * One request of a driver, from its bytes to its status. A carrier subclasses and pools it, fills the two span lists,
 * gives it to {@link BlkExecutor#start}, and when {@link #ended} was called, to {@link BlkExecutor#finish} on the
 * thread of its queue.
 */
public abstract class BlkRequest extends DeviceRequest {
    static final byte NOT_DECIDED = -1;

    final BlkHeader header = new BlkHeader();
    private final SpanList readable;
    private final SpanList writable;

    @Nullable
    BlkExecutor executor;

    int type;
    /** A status that does not come from the device, or {@link #NOT_DECIDED}. */
    byte decided = NOT_DECIDED;
    /** Ranges of a discard or write-zeroes request, and those of them already handed down. */
    int ranges;

    int rangesStarted;
    /** What a report shows. */
    int firstZone;

    int zones;

    /** Whether a device has, or had, this request since it was started. */
    boolean handedDown;

    /**
     * @param readable what the driver wrote for the device, filled anew for each request
     * @param writable what the device writes for the driver, likewise
     */
    protected BlkRequest(SpanList readable, SpanList writable) {
        this.readable = readable;
        this.writable = writable;
    }

    /** Device-readable bytes: header, then data or ranges. */
    public final SpanList readable() {
        return readable;
    }

    /** Device-writable bytes: data or append sector, the status in the very last. */
    public final SpanList writable() {
        return writable;
    }

    /** The type that the driver asked for, see {@link BlkType}; -1 if it did not say. Valid once started. */
    public final int type() {
        return type;
    }

    /**
     * Whether a device has had the request since {@link BlkExecutor#start}. If that threw before, because the driver's
     * memory went away, the carrier still owns the request and nobody will end it.
     */
    public final boolean handedDown() {
        return handedDown;
    }

    /**
     * Nothing is left to do but {@link BlkExecutor#finish}. Called exactly once per {@link BlkExecutor#start}, on any
     * thread, perhaps before that returns. Must not block.
     */
    protected abstract void ended();

    @Override
    protected final void onComplete() {
        BlkExecutor mine = executor;
        if (mine == null) {
            throw new IllegalStateException("completed without having been started: " + this);
        }
        mine.completed(this);
    }
}
