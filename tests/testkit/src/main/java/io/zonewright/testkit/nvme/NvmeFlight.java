package io.zonewright.testkit.nvme;

import org.jspecify.annotations.Nullable;

/** A command on its way, and later its result. */
public class NvmeFlight {
    private final NvmeRequest request;
    private volatile @Nullable NvmeResult result;

    protected NvmeFlight(NvmeRequest request) {
        this.request = request;
    }

    /** What was asked. */
    public NvmeRequest request() {
        return request;
    }

    /** Null until the controller has completed it and the host has looked. */
    public @Nullable NvmeResult result() {
        return result;
    }

    /** For the carrier: exactly once. */
    protected void end(NvmeResult value) {
        if (result != null) {
            throw new IllegalStateException("completed twice: " + request);
        }
        result = value;
    }
}
