package io.zonewright.tests.model;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneSink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Stands before another medium and completes from threads of its own in random order, some requests at once on the
 * caller's thread; every so often a write fails half-way. Closing ends the threads.
 */
final class UnrulyBackend implements ZonedBackend {
    private static final int MOST_HELD = 24;

    private final ZonedBackend inner;
    private final int failOneIn;
    private final List<DeviceRequest> held = new ArrayList<>();
    private final List<Thread> workers = new ArrayList<>();
    private boolean closing;

    /** With {@code failOneIn} 0, nothing fails. */
    UnrulyBackend(ZonedBackend inner, int threads, int failOneIn) {
        this.inner = inner;
        this.failOneIn = failOneIn;
        for (int i = 0; i < threads; i++) {
            workers.add(Thread.ofPlatform().name("unruly-" + i).start(this::work));
        }
    }

    @Override
    public void submit(DeviceRequest request) {
        synchronized (this) {
            if (held.size() < MOST_HELD && ThreadLocalRandom.current().nextInt(4) != 0) {
                held.add(request);
                notifyAll();
                return;
            }
        }
        carryOut(request);
    }

    private void work() {
        while (true) {
            DeviceRequest request;
            synchronized (this) {
                while (held.isEmpty()) {
                    if (closing) {
                        return;
                    }
                    try {
                        wait();
                    } catch (InterruptedException interrupted) {
                        return;
                    }
                }
                request = held.remove(ThreadLocalRandom.current().nextInt(held.size()));
            }
            carryOut(request);
        }
    }

    private void carryOut(DeviceRequest request) {
        boolean fails = failOneIn != 0
                && request.operation() == Operation.WRITE
                && ThreadLocalRandom.current().nextInt(failOneIn) == 0;
        if (fails) {
            // What the next writer finds there is the old data: a medium that lost this write.
            long moved = ThreadLocalRandom.current().nextLong(request.length());
            request.push(
                    (back, context) -> {
                        back.setTransferred(context);
                        back.complete(Cause.MEDIUM_ERROR);
                    },
                    moved);
        }
        inner.submit(request);
    }

    @Override
    public ZoneGeometry geometry() {
        return inner.geometry();
    }

    @Override
    public ZoneLimits limits() {
        return inner.limits();
    }

    @Override
    public ZoneFeatures features() {
        return inner.features();
    }

    @Override
    public Capabilities capabilities() {
        return inner.capabilities();
    }

    @Override
    public void loadZones(ZoneSink sink) {
        inner.loadZones(sink);
    }

    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        for (Thread worker : workers) {
            try {
                worker.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        inner.close();
    }
}
