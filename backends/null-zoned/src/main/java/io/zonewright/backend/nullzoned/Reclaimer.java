package io.zonewright.backend.nullzoned;

import io.zonewright.api.request.DeviceRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A device's thread for requests whose work takes longer than a queue's thread may be kept. First come, first served;
 * the queue is the requests' own links, so that nothing is allocated.
 */
final class Reclaimer implements AutoCloseable {
    private final Consumer<DeviceRequest> work;
    private final Thread thread;
    private @Nullable DeviceRequest head;
    private @Nullable DeviceRequest tail;
    private boolean closed;

    /**
     * @param work carries out and completes one request; runs on this thread only
     */
    Reclaimer(String device, Consumer<DeviceRequest> work) {
        this.work = work;
        thread = Thread.ofPlatform()
                .daemon()
                .name("null-zoned-reclaim-" + device)
                .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Takes over the request. Any thread. */
    synchronized void add(DeviceRequest request) {
        request.setLink(null);
        if (tail == null) {
            head = request;
        } else {
            tail.setLink(request);
        }
        tail = request;
        notifyAll();
    }

    private synchronized @Nullable DeviceRequest take() {
        while (head == null && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                // Nobody interrupts this thread to any purpose; it ends when closed.
            }
        }
        DeviceRequest request = head;
        if (request != null) {
            head = request.link();
            if (head == null) {
                tail = null;
            }
            request.setLink(null);
        }
        return request;
    }

    private void run() {
        for (DeviceRequest request = take(); request != null; request = take()) {
            try {
                work.accept(request);
            } catch (RuntimeException | Error e) {
                NullZonedBackend.LOG.error("completing a request failed", e);
            }
        }
    }

    /** Finishes what was added, then ends the thread. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        Threads.join(thread);
    }
}
