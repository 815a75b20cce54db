package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;

/**
 * Moves data between a request's spans and an open descriptor. Never looks at zones. All methods may be called from any
 * thread; {@link #close} once, when nothing will be submitted any more.
 *
 * <p><b>Order.</b> None is promised between requests in flight at the same time, whatever the mode: the kernel may hand
 * one of them to a worker and let the next overtake it. Who needs an order submits a request when the one before it is
 * done.
 */
public interface DataPath extends AutoCloseable {
    /**
     * Takes over a {@code READ}, {@code WRITE} or {@code FLUSH}; offset and length in bytes are multiples of
     * {@link DataPathOptions#blockSize}, the spans together are as long as the request, and their memory stays mapped until
     * the request is done. {@link Outcome#done} follows exactly once, maybe on another thread, maybe before this method
     * returns. Never blocks, never throws, allocates nothing.
     *
     * <p>Any other operation is done with {@code EOPNOTSUPP}.
     */
    void submit(DeviceRequest request);

    /** The calling thread is about to submit several requests: they are started together, at the latest by {@link #endBatch}. */
    void beginBatch();

    /** Ends {@link #beginBatch}, on the same thread. */
    void endBatch();

    /** What has happened so far. */
    DataPathCounters counters();

    /**
     * Waits for what is still in flight, ends the threads and gives memory back. The descriptor stays open. Every request
     * has been {@link Outcome#done} when this returns, but for those of a device that hangs: what does not end in
     * {@link DataPathOptions#closePatience} is cancelled, and what the kernel then still keeps is given up, with an error
     * in the log. Such requests never end; their memory, with rings and buffers of ours, stays the kernel's.
     */
    @Override
    void close();
}
