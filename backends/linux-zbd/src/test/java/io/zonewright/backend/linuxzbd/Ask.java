package io.zonewright.backend.linuxzbd;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.spi.ZonedDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A request over native memory that counts its completions. One life only. */
final class Ask extends DeviceRequest {
    private static final int PATIENCE_SECONDS = 20;

    private final AtomicInteger completions = new AtomicInteger();
    private final CountDownLatch done = new CountDownLatch(1);
    private MemorySegment memory = MemorySegment.NULL;

    static Ask of(Operation operation, long offset, long length) {
        Ask ask = new Ask();
        ask.prepare(operation, offset, length);
        return ask;
    }

    static Ask action(Operation operation, long zoneStart) {
        return of(operation, zoneStart, 0);
    }

    static Ask all(Operation operation) {
        Ask ask = of(operation, 0, 0);
        ask.setAllZones(true);
        return ask;
    }

    /** A write of bytes that differ with their place. */
    static Ask write(long offset, int length, int seed) {
        Ask ask = of(Operation.WRITE, offset, length);
        ask.memory = Arena.ofAuto().allocate(length, 4096);
        ask.memory.copyFrom(MemorySegment.ofArray(pattern(length, seed)));
        ask.data().add(ask.memory, 0, length);
        return ask;
    }

    static Ask append(long zoneStart, int length, int seed) {
        Ask ask = write(zoneStart, length, seed);
        ask.prepare(Operation.APPEND, zoneStart, length);
        return ask;
    }

    /** A read into memory full of 0xEE. */
    static Ask read(long offset, int length) {
        Ask ask = of(Operation.READ, offset, length);
        ask.memory = Arena.ofAuto().allocate(length, 4096).fill((byte) 0xEE);
        ask.data().add(ask.memory, 0, length);
        return ask;
    }

    static byte[] pattern(int length, int seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (seed + i * 31 + i / 512);
        }
        return bytes;
    }

    Ask fua() {
        setForceUnitAccess(true);
        return this;
    }

    Ask on(ZonedBackend backend) {
        backend.submit(this);
        return await();
    }

    Ask on(ZonedDevice device) {
        device.submit(this);
        return await();
    }

    Ask await() {
        try {
            if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("not completed: " + this);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (completions.get() != 1) {
            throw new AssertionError("completed " + completions + " times: " + this);
        }
        return this;
    }

    boolean isDone() {
        return done.getCount() == 0;
    }

    /** The bytes in its memory. */
    byte[] bytes() {
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    /** {@code DONE 4096}: the first cause and the bytes moved. */
    String outcome() {
        Cause cause = await().cause();
        return cause + " " + transferred();
    }

    @Override
    protected void onComplete() {
        completions.incrementAndGet();
        done.countDown();
    }
}
