package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A request of a test, which remembers how it ended and fails when it ends twice. */
final class Asked extends DeviceRequest {
    private static final int PATIENCE_SECONDS = 20;

    private final Semaphore ended = new Semaphore(0);
    private final AtomicInteger endings = new AtomicInteger();
    volatile long moved = -1;
    volatile int errno = -1;

    static Asked of(Operation operation, long offset, MemorySegment... spans) {
        Asked asked = new Asked();
        for (MemorySegment span : spans) {
            asked.data().add(span, 0, span.byteSize());
        }
        asked.prepare(operation, offset, asked.data().bytes());
        return asked;
    }

    /** The outcome of paths under test. */
    static void done(DeviceRequest request, long bytesMoved, int errno) {
        Asked asked = (Asked) request;
        asked.moved = bytesMoved;
        asked.errno = errno;
        asked.endings.incrementAndGet();
        asked.ended.release();
    }

    /** Waits for the end, which comes once. */
    Asked await() throws InterruptedException {
        if (!ended.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("not done: " + this);
        }
        if (endings.getAndSet(0) != 1) {
            throw new AssertionError("done twice: " + this);
        }
        return this;
    }

    /** How it ended: {@code 4096 bytes, errno 0}. */
    String result() {
        return moved + " bytes, errno " + errno;
    }

    @Override
    protected void onComplete() {
        throw new AssertionError("a data path does not complete requests");
    }
}
