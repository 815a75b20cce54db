package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;
import org.jspecify.annotations.Nullable;

/** Requests that wait for a worker, first come, first served. Linked through the requests: nothing is allocated. */
final class RequestLine {
    private @Nullable DeviceRequest first;
    private @Nullable DeviceRequest last;
    private boolean closed;

    /** Appends a request; false if the line is closed. */
    synchronized boolean add(DeviceRequest request) {
        if (closed) {
            return false;
        }
        request.setLink(null);
        if (last == null) {
            first = request;
        } else {
            last.setLink(request);
        }
        last = request;
        notify();
        return true;
    }

    /** Waits for the first request and takes it; null when the line is closed and empty. */
    synchronized @Nullable DeviceRequest take() {
        boolean interrupted = false;
        while (first == null && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // nobody interrupts our workers for a reason: the line's end is how they end
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        DeviceRequest request = first;
        if (request != null) {
            first = request.link();
            if (first == null) {
                last = null;
            }
            request.setLink(null);
        }
        return request;
    }

    /** Nothing is added any more; what waits is still taken. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
