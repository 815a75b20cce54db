package io.zonewright.backend.nullzoned;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.ZonedBackend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assertions;

/** A request that counts its completions. */
final class TestRequest extends DeviceRequest {
    private final AtomicInteger completions = new AtomicInteger();
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile Thread completedBy = Thread.currentThread();

    static TestRequest of(Operation operation, long offset, long length) {
        TestRequest request = new TestRequest();
        request.prepare(operation, offset, length);
        return request;
    }

    /** Submits a write of {@code bytes} and waits. */
    static TestRequest write(ZonedBackend backend, long offset, byte[] bytes) {
        TestRequest request = of(Operation.WRITE, offset, bytes.length);
        MemorySegment memory = Arena.ofAuto().allocate(bytes.length);
        memory.copyFrom(MemorySegment.ofArray(bytes));
        request.data().add(memory, 0, bytes.length);
        return request.run(backend);
    }

    /** Reads into memory that held 0xEE before. */
    static byte[] read(ZonedBackend backend, long offset, int length) {
        MemorySegment memory = Arena.ofAuto().allocate(length).fill((byte) 0xEE);
        TestRequest request = of(Operation.READ, offset, length);
        request.data().add(memory, 0, length);
        Assertions.assertEquals(Cause.DONE, request.run(backend).cause());
        Assertions.assertEquals(length, request.transferred());
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    static Cause run(ZonedBackend backend, Operation operation, long offset, long length) {
        return of(operation, offset, length).run(backend).cause();
    }

    /** Submits, waits for the completion, and finds exactly one. */
    TestRequest run(ZonedBackend backend) {
        backend.submit(this);
        awaitDone();
        return this;
    }

    void awaitDone() {
        try {
            Assertions.assertTrue(done.await(20, TimeUnit.SECONDS), "not completed: " + this);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        Assertions.assertEquals(1, completions.get());
    }

    int completions() {
        return completions.get();
    }

    Thread completedBy() {
        return completedBy;
    }

    @Override
    protected void onComplete() {
        completedBy = Thread.currentThread();
        completions.incrementAndGet();
        done.countDown();
    }
}
