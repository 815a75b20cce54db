package io.zonewright.virtio;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.virtio.queue.DescriptorChain;
import io.zonewright.virtio.queue.Virtqueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A device that answers each chain with the byte 0x5A in the last writable place, either at once or when the test says
 * so; in the latter case through the completion mailbox, as a back-end on another thread would.
 */
public final class TestDevice implements VirtioDevice {
    public static final byte ANSWER = 0x5A;
    public static final long REQUIRED_FEATURE = 1L << 17;

    private final int queues;
    public volatile boolean hold;
    public volatile boolean requireFeature;
    public volatile @Nullable RuntimeException thrown;
    public final Queue<Held> held = new ConcurrentLinkedQueue<>();
    public final List<Long> chosen = new ArrayList<>();
    public final byte[] config = new byte[60];
    public final AtomicInteger resets = new AtomicInteger();

    public TestDevice(int queues) {
        this.queues = queues;
        for (int i = 0; i < config.length; i++) {
            config[i] = (byte) (i + 1);
        }
    }

    @Override
    public String name() {
        return "test";
    }

    @Override
    public long deviceFeatures() {
        return REQUIRED_FEATURE;
    }

    @Override
    public boolean acceptFeatures(long features) {
        return !requireFeature || (features & REQUIRED_FEATURE) != 0;
    }

    @Override
    public void featuresChosen(long features) {
        chosen.add(features);
    }

    @Override
    public void readConfig(int offset, byte[] target) {
        for (int i = 0; i < target.length && offset + i < config.length; i++) {
            target[i] = config[offset + i];
        }
    }

    @Override
    public boolean writeConfig(int offset, byte[] data) {
        if (offset != 32 || data.length != 1) {
            return false;
        }
        config[32] = data[0];
        return true;
    }

    @Override
    public int queueCount() {
        return queues;
    }

    @Override
    public QueueHandler newQueue(QueueContext context) {
        return new Handler(context);
    }

    @Override
    public void reset() {
        resets.incrementAndGet();
    }

    /** Lets go of one request that is held; false if there is none. */
    public boolean releaseOne() {
        Held request = held.poll();
        if (request != null) {
            request.complete();
        }
        return request != null;
    }

    public static final class Held extends DeviceRequest {
        private final QueueContext context;
        public final DescriptorChain chain = new DescriptorChain();

        Held(QueueContext context) {
            this.context = context;
        }

        @Override
        protected void onComplete() {
            context.completions().post(this);
        }
    }

    private final class Handler implements QueueHandler {
        private final QueueContext context;
        private Held next;
        private @Nullable Virtqueue queue;

        Handler(QueueContext context) {
            this.context = context;
            next = new Held(context);
        }

        @Override
        public void start(Virtqueue ring, long features) {
            queue = ring;
        }

        @Override
        public int process(int limit) {
            Virtqueue ring = queue;
            if (ring == null) {
                return 0;
            }
            int work = 0;
            while (context.completions().poll() instanceof Held request) {
                answer(ring, request.chain);
                work++;
            }
            while (work < limit) {
                // Taken first: who sets hold and then offers a request finds it held.
                Held request = next;
                if (!ring.next(request.chain)) {
                    break;
                }
                if (hold) {
                    next = new Held(context);
                    RuntimeException failure = thrown;
                    if (failure != null) {
                        throw failure;
                    }
                    request.prepare(Operation.FLUSH, 0, 0);
                    held.add(request);
                } else {
                    answer(ring, request.chain);
                }
                work++;
            }
            return work;
        }

        private void answer(Virtqueue ring, DescriptorChain finished) {
            long writable = finished.writableBytes();
            if (writable > 0) {
                finished.writeByte(writable - 1, ANSWER);
            }
            ring.complete(finished.id(), writable);
        }

        @Override
        public void stop() {
            queue = null;
        }
    }
}
