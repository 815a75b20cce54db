package io.zonewright.testkit.scsi;

import org.jspecify.annotations.Nullable;

/** A command on its way, and later its result. */
public class ScsiFlight {
    private final ScsiRequest request;
    private final long tag;
    private volatile @Nullable ScsiResult result;

    protected ScsiFlight(ScsiRequest request, long tag) {
        this.request = request;
        this.tag = tag;
    }

    /** What was asked. */
    public ScsiRequest request() {
        return request;
    }

    /** The command's identifier: iSCSI's initiator task tag, virtio's tag. */
    public long tag() {
        return tag;
    }

    /** Null until the target has completed it and the initiator has looked. */
    public @Nullable ScsiResult result() {
        return result;
    }

    /** For the carrier: exactly once. */
    protected void end(ScsiResult value) {
        if (result != null) {
            throw new IllegalStateException("completed twice: " + request);
        }
        result = value;
    }
}
