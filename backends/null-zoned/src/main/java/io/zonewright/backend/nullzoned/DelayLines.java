package io.zonewright.backend.nullzoned;

import io.zonewright.api.request.DeviceRequest;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests that are done and wait for their time. Within one {@link Lane} all wait equally long, so each is a queue, and
 * the next to complete is the head of one of them. Queues grow to the most requests ever in flight and stay.
 */
final class DelayLines {
    /** {@link #nanosToNext} when nothing waits. */
    static final long NEVER = Long.MAX_VALUE;

    private final Latencies latencies;
    private final LongSupplier clock;
    private final Queue[] queues = new Queue[Lane.values().length];

    /**
     * @param clock nanoseconds from an origin of its own, as {@link System#nanoTime}
     */
    DelayLines(Latencies latencies, LongSupplier clock) {
        this.latencies = latencies;
        this.clock = clock;
        Arrays.setAll(queues, i -> new Queue());
    }

    /**
     * Takes over a request that has its causes. Any thread.
     *
     * @return whether it is the next to complete
     */
    synchronized boolean add(Lane lane, DeviceRequest request) {
        long now = clock.getAsLong();
        long deadline = now + latencies.nanos(lane);
        Queue earliest = earliest(now);
        boolean next = earliest == null || deadline - earliest.headDeadline() < 0;
        queues[lane.ordinal()].add(request, deadline);
        return next;
    }

    /** Completes all that is due, on the calling thread. */
    void completeDue() {
        for (DeviceRequest request = takeDue(); request != null; request = takeDue()) {
            request.complete(request.causes());
        }
    }

    /** Nanoseconds until the next request is due, 0 if it is already; {@link #NEVER} if none waits. */
    synchronized long nanosToNext() {
        long now = clock.getAsLong();
        Queue earliest = earliest(now);
        return earliest == null ? NEVER : Math.max(0, earliest.headDeadline() - now);
    }

    private synchronized @Nullable DeviceRequest takeDue() {
        long now = clock.getAsLong();
        Queue earliest = earliest(now);
        return earliest == null || earliest.headDeadline() - now > 0 ? null : earliest.take();
    }

    /** Differences are compared, since the clock may overflow. */
    private @Nullable Queue earliest(long now) {
        Queue best = null;
        for (Queue queue : queues) {
            if (!queue.isEmpty() && (best == null || queue.headDeadline() - now < best.headDeadline() - now)) {
                best = queue;
            }
        }
        return best;
    }

    /** A growing ring of requests with their deadlines. */
    private static final class Queue {
        private @Nullable DeviceRequest[] requests = new @Nullable DeviceRequest[64];
        private long[] deadlines = new long[64];
        private int head;
        private int count;

        boolean isEmpty() {
            return count == 0;
        }

        long headDeadline() {
            return deadlines[head];
        }

        void add(DeviceRequest request, long deadline) {
            if (count == deadlines.length) {
                grow();
            }
            int at = (head + count) & (deadlines.length - 1);
            requests[at] = request;
            deadlines[at] = deadline;
            count++;
        }

        @Nullable
        DeviceRequest take() {
            DeviceRequest request = requests[head];
            requests[head] = null;
            head = (head + 1) & (deadlines.length - 1);
            count--;
            return request;
        }

        private void grow() {
            @Nullable DeviceRequest[] moreRequests = new @Nullable DeviceRequest[count * 2];
            long[] moreDeadlines = new long[count * 2];
            for (int i = 0; i < count; i++) {
                int from = (head + i) & (count - 1);
                moreRequests[i] = requests[from];
                moreDeadlines[i] = deadlines[from];
            }
            requests = moreRequests;
            deadlines = moreDeadlines;
            head = 0;
        }
    }
}
