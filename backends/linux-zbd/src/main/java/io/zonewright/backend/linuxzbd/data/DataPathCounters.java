package io.zonewright.backend.linuxzbd.data;

import java.util.concurrent.atomic.LongAdder;

/** What a {@link DataPath} has done since it was opened; any thread may read, each figure by itself. */
public final class DataPathCounters {
    private final String mode;
    private final LongAdder bouncedRequests = new LongAdder();
    private final LongAdder bouncedBytes = new LongAdder();
    private final LongAdder continuations = new LongAdder();
    private final LongAdder refusals = new LongAdder();
    private final LongAdder kernelCalls = new LongAdder();

    DataPathCounters(String mode) {
        this.mode = mode;
    }

    /** {@code io_uring} or {@code threads}. */
    public String mode() {
        return mode;
    }

    /** Requests that went through a bounce buffer. */
    public long bouncedRequests() {
        return bouncedRequests.sum();
    }

    /** Payload bytes that went through a bounce buffer. */
    public long bouncedBytes() {
        return bouncedBytes.sum();
    }

    /** Transfers that the kernel ended early and that were continued. */
    public long continuations() {
        return continuations.sum();
    }

    /** Requests whose memory the kernel refused ({@code EINVAL}) although it looked aligned; they were bounced. */
    public long refusals() {
        return refusals.sum();
    }

    /** System calls that moved data or waited for it. */
    public long kernelCalls() {
        return kernelCalls.sum();
    }

    void bouncing() {
        bouncedRequests.increment();
    }

    void bounced(long bytes) {
        bouncedBytes.add(bytes);
    }

    void continued() {
        continuations.increment();
    }

    void refused() {
        refusals.increment();
    }

    void called() {
        kernelCalls.increment();
    }

    @Override
    public String toString() {
        return mode + ", bounced " + bouncedRequests() + " requests with " + bouncedBytes() + " bytes, continued "
                + continuations() + ", refused " + refusals() + ", calls " + kernelCalls();
    }
}
