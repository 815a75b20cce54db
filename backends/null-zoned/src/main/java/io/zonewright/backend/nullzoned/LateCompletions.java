package io.zonewright.backend.nullzoned;

import io.zonewright.api.request.DeviceRequest;
import java.util.concurrent.locks.LockSupport;

/** The thread that completes requests when their latency is over; only devices with latencies have one. */
final class LateCompletions implements AutoCloseable {
    private final DelayLines lines;
    private final Thread thread;
    private volatile boolean closed;

    LateCompletions(String device, DelayLines lines) {
        this.lines = lines;
        thread = Thread.ofPlatform()
                .daemon()
                .name("null-zoned-latency-" + device)
                .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Takes over a request that has its causes. Any thread. */
    void add(Lane lane, DeviceRequest request) {
        if (lines.add(lane, request)) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (!closed) {
            try {
                lines.completeDue();
            } catch (RuntimeException | Error e) {
                NullZonedBackend.LOG.error("completing a request failed", e);
            }
            long nanos = lines.nanosToNext();
            if (nanos == DelayLines.NEVER) {
                LockSupport.park(this);
            } else if (nanos > 0) {
                LockSupport.parkNanos(this, nanos);
            }
            // An interrupt would make every later park return at once.
            Thread.interrupted();
        }
    }

    /** Ends the thread; nothing waits any more. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        Threads.join(thread);
    }
}
