package io.zonewright.backend.linuxzbd;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.backend.linuxzbd.data.Joining;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device's threads for what blocks in the kernel. First come, first served; the queue is the requests' own links, so
 * that nothing is allocated. Threads start when they are first needed.
 */
final class BlockingPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BlockingPool.class);

    /** How long {@link #close} waits: a reset of all zones may take a while. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String name;
    private final int most;
    private final Consumer<DeviceRequest> work;
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable DeviceRequest head;
    private @Nullable DeviceRequest tail;
    private int idle;
    private int waiting;
    private boolean closed;

    /**
     * @param most threads
     * @param work carries out and completes one request
     */
    BlockingPool(String name, int most, Consumer<DeviceRequest> work) {
        this.name = name;
        this.most = most;
        this.work = work;
    }

    /** Takes over the request. Any thread; does not wait. */
    synchronized void add(DeviceRequest request) {
        request.setLink(null);
        if (tail == null) {
            head = request;
        } else {
            tail.setLink(request);
        }
        tail = request;
        waiting++;
        if (waiting > idle && threads.size() < most) {
            Thread thread = Thread.ofPlatform()
                    .daemon()
                    .name(name + "-" + threads.size())
                    .unstarted(this::run);
            threads.add(thread);
            thread.start();
        } else {
            notify();
        }
    }

    private synchronized @Nullable DeviceRequest take() {
        idle++;
        while (head == null && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                // Nobody interrupts these threads to any purpose; they end when closed.
            }
        }
        idle--;
        DeviceRequest request = head;
        if (request != null) {
            head = request.link();
            if (head == null) {
                tail = null;
            }
            waiting--;
            request.setLink(null);
        }
        return request;
    }

    private void run() {
        for (DeviceRequest request = take(); request != null; request = take()) {
            try {
                work.accept(request);
            } catch (RuntimeException | Error e) {
                LOG.error("{}: completing a request failed", name, e);
            }
        }
    }

    /** Finishes what was added, then ends the threads; leaves those alone that hang in the kernel. */
    @Override
    public void close() {
        Thread[] started;
        synchronized (this) {
            closed = true;
            notifyAll();
            started = threads.toArray(Thread[]::new);
        }
        if (!Joining.within(PATIENCE, started)) {
            LOG.error(
                    "{}: the kernel keeps requests for longer than {} s; threads are left to them",
                    name,
                    PATIENCE.toSeconds());
        }
    }
}
