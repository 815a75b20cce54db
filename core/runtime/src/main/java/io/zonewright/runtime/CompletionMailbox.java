package io.zonewright.runtime;

import io.zonewright.api.request.DeviceRequest;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Carries completed requests from whatever thread completed them back to the thread of their queue. Any number of
 * threads {@link #post}, one thread {@link #poll}s. Requests are linked through {@link DeviceRequest#link}, so nothing
 * is allocated and the mailbox is never full.
 *
 * <p>Requests come out in the order in which they were posted. Everything that a poster did before is visible to the
 * poller: the push is a release, the poll an acquire.
 */
public final class CompletionMailbox {
    private static final VarHandle HEAD;

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(CompletionMailbox.class, "head", DeviceRequest.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Runnable wake;

    /** Posted, newest first. */
    private volatile @Nullable DeviceRequest head;

    /** Taken over by the poller, oldest first. */
    private @Nullable DeviceRequest ready;

    /** @param wake called by the poster that finds the mailbox empty; from any thread */
    public CompletionMailbox(Runnable wake) {
        this.wake = wake;
    }

    /** Hands over a completed request; from any thread. */
    public void post(DeviceRequest request) {
        DeviceRequest before;
        do {
            before = head;
            request.setLink(before);
        } while (!HEAD.compareAndSet(this, before, request));
        if (before == null) {
            wake.run();
        }
    }

    /** The oldest request that was posted, or null. Its link is null again. */
    public @Nullable DeviceRequest poll() {
        DeviceRequest result = ready;
        if (result == null) {
            result = collect();
            if (result == null) {
                return null;
            }
        }
        ready = result.link();
        result.setLink(null);
        return result;
    }

    /** Whether {@link #poll} would give null; for the polling thread. */
    public boolean isEmpty() {
        return ready == null && head == null;
    }

    private @Nullable DeviceRequest collect() {
        if (head == null) {
            return null;
        }
        DeviceRequest newest = (DeviceRequest) HEAD.getAndSet(this, (DeviceRequest) null);
        DeviceRequest oldest = null;
        while (newest != null) {
            DeviceRequest older = newest.link();
            newest.setLink(oldest);
            oldest = newest;
            newest = older;
        }
        return oldest;
    }
}
