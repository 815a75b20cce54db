package io.zonewright.frontend.virtioblk;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.virtioblk.command.BlkExecutor;
import io.zonewright.frontend.virtioblk.command.BlkRequest;
import io.zonewright.frontend.virtioblk.command.BlkStatus;
import io.zonewright.frontend.virtioblk.command.BlkType;
import io.zonewright.frontend.virtioblk.command.WriteCache;
import io.zonewright.runtime.CompletionMailbox;
import io.zonewright.runtime.Counters;
import io.zonewright.runtime.PollLoop;
import io.zonewright.virtio.QueueContext;
import io.zonewright.virtio.QueueHandler;
import io.zonewright.virtio.queue.Virtqueue;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One queue of a virtio block device. Request objects are made as they are first needed, at most one more
 * than the ring has entries, and used again and again, so that a queue that has warmed up allocates nothing.
 *
 * <p>A request that completes while its own queue is being processed is answered on the spot; one that completes at
 * any other time, on this thread or another, comes back through the mailbox.
 */
final class VirtioBlkQueue implements QueueHandler {
    private final ZonedDevice device;
    private final WriteCache cache;
    private final byte[] id;
    private final Counters<BlkCounter> counters;
    private final PollLoop loop;
    private final CompletionMailbox completions;

    private @Nullable Virtqueue queue;
    private @Nullable BlkExecutor executor;

    /**
     * Idle requests, the first {@link #idleCount} entries. One more than the ring has entries, since a full ring is
     * still asked for another chain.
     */
    private @Nullable VirtioBlkRequest[] idle = new VirtioBlkRequest[0];

    private int idleCount;

    /** Whether {@link #process} is on the stack; only looked at on the loop's thread. */
    private boolean processing;

    private int completedInline;

    /** @param counters written by this queue's thread alone */
    VirtioBlkQueue(
            ZonedDevice device, WriteCache cache, byte[] id, Counters<BlkCounter> counters, QueueContext context) {
        this.device = device;
        this.cache = cache;
        this.id = id;
        this.counters = counters;
        loop = context.loop();
        completions = context.completions();
    }

    @Override
    public void start(Virtqueue ring, long features) {
        // A ring that comes back after a lost connection offers once more what was never answered.
        device.clientLost();
        queue = ring;
        executor = new BlkExecutor(device, features, cache, id);
        idle = new VirtioBlkRequest[ring.size() + 1];
        idleCount = 0;
    }

    @Override
    public int process(int limit) {
        Virtqueue ring = Objects.requireNonNull(queue);
        BlkExecutor commands = Objects.requireNonNull(executor);
        processing = true;
        completedInline = 0;
        try {
            int work = collect();
            work += take(ring, commands, limit);
            return work + completedInline;
        } finally {
            processing = false;
        }
    }

    /** Starts what the driver offers: the first at once, the others as a batch. */
    private int take(Virtqueue ring, BlkExecutor commands, int limit) {
        boolean batch = false;
        int taken = 0;
        try {
            while (taken < limit) {
                VirtioBlkRequest request = borrow();
                if (!ring.next(request.chain())) {
                    giveBack(request);
                    break;
                }
                if (++taken == 2) {
                    batch = true;
                    device.beginBatch();
                }
                begin(ring, commands, request);
            }
            return taken;
        } finally {
            if (batch) {
                device.endBatch();
            }
        }
    }

    @Override
    public void stop() {
        queue = null;
        executor = null;
        // A driver may have made them large; the next one starts afresh.
        Arrays.fill(idle, null);
        idleCount = 0;
    }

    /** See {@link BlkRequest}: any thread. */
    void ended(VirtioBlkRequest request) {
        if (loop.inLoop() && processing) {
            completedInline++;
            answer(request);
        } else {
            completions.post(request);
        }
    }

    /** Answers what came back through the mailbox; never more than the ring has entries. */
    private int collect() {
        int count = 0;
        for (DeviceRequest done = completions.poll(); done != null; done = completions.poll()) {
            answer((VirtioBlkRequest) done);
            count++;
        }
        return count;
    }

    private void begin(Virtqueue ring, BlkExecutor commands, VirtioBlkRequest request) {
        if (!BlkExecutor.answerable(request)) {
            ring.fail("a request has no writable byte for its status");
            complete(ring, request, 0);
            return;
        }
        boolean started = false;
        try {
            commands.start(request);
            started = true;
        } finally {
            if (!started && !request.handedDown() && request.chain().id() >= 0) {
                // The driver's memory went away under its header: nothing stays in flight for ever.
                complete(ring, request, 0);
            }
        }
    }

    private void answer(VirtioBlkRequest request) {
        Virtqueue ring = Objects.requireNonNull(queue);
        BlkExecutor commands = Objects.requireNonNull(executor);
        long written = 0;
        try {
            count(request, commands.status(request));
            written = commands.finish(request);
        } finally {
            // Also where the driver's memory went away under the answer: nothing stays in flight for ever.
            complete(ring, request, written);
        }
    }

    private void complete(Virtqueue ring, VirtioBlkRequest request, long written) {
        int chain = request.chain().id();
        request.data().clear();
        request.chain().clear();
        giveBack(request);
        ring.complete(chain, written);
    }

    private VirtioBlkRequest borrow() {
        if (idleCount == 0) {
            return new VirtioBlkRequest(this);
        }
        return Objects.requireNonNull(idle[--idleCount]);
    }

    private void giveBack(VirtioBlkRequest request) {
        idle[idleCount++] = request;
    }

    private void count(VirtioBlkRequest request, byte status) {
        boolean ok = status == BlkStatus.OK;
        switch (request.type()) {
            case BlkType.IN -> {
                counters.add(BlkCounter.READS, 1);
                counters.add(BlkCounter.BYTES_READ, ok ? request.data().bytes() : 0);
            }
            case BlkType.OUT -> {
                counters.add(BlkCounter.WRITES, 1);
                counters.add(BlkCounter.BYTES_WRITTEN, ok ? request.data().bytes() : 0);
            }
            case BlkType.ZONE_APPEND -> {
                counters.add(BlkCounter.APPENDS, 1);
                counters.add(BlkCounter.BYTES_WRITTEN, ok ? request.data().bytes() : 0);
            }
            case BlkType.FLUSH -> counters.add(BlkCounter.FLUSHES, 1);
            case BlkType.ZONE_OPEN,
                    BlkType.ZONE_CLOSE,
                    BlkType.ZONE_FINISH,
                    BlkType.ZONE_RESET,
                    BlkType.ZONE_RESET_ALL -> counters.add(BlkCounter.ZONE_ACTIONS, 1);
            case BlkType.ZONE_REPORT -> counters.add(BlkCounter.ZONE_REPORTS, 1);
            default -> counters.add(BlkCounter.OTHERS, 1);
        }
        if (!ok) {
            counters.add(BlkCounter.ERRORS, 1);
        }
    }
}
