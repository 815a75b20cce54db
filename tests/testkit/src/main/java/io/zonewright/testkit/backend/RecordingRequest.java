package io.zonewright.testkit.backend;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.result.Causes;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A request that counts its completions and remembers its result. One life only. */
public final class RecordingRequest extends DeviceRequest {
    private static final AtomicInteger ORDER = new AtomicInteger();

    private final AtomicInteger completions = new AtomicInteger();
    private final byte[] payload;
    private volatile int order = -1;
    private volatile @Nullable Runnable then;

    private RecordingRequest(Operation operation, long offset, long length, byte[] payload) {
        this.payload = payload;
        prepare(operation, offset, length);
        data().add(MemorySegment.ofArray(payload), 0, payload.length);
    }

    /** A write or append of these bytes. */
    public static RecordingRequest of(Operation operation, long offset, byte[] payload) {
        return new RecordingRequest(operation, offset, payload.length, payload);
    }

    /** A write of {@code length} bytes of {@code fill}. */
    public static RecordingRequest write(long offset, int length, int fill) {
        return of(Operation.WRITE, offset, bytes(length, fill));
    }

    /** An append of {@code length} bytes of {@code fill} to the zone that starts at {@code zoneStart}. */
    public static RecordingRequest append(long zoneStart, int length, int fill) {
        return of(Operation.APPEND, zoneStart, bytes(length, fill));
    }

    /** A read into a buffer that is full of 0xEE. */
    public static RecordingRequest read(long offset, int length) {
        return of(Operation.READ, offset, bytes(length, 0xEE));
    }

    /** Anything without payload. */
    public static RecordingRequest plain(Operation operation, long offset, long length) {
        return new RecordingRequest(operation, offset, length, new byte[0]);
    }

    /** An action on the zone that starts at {@code zoneStart}. */
    public static RecordingRequest action(Operation operation, long zoneStart) {
        return plain(operation, zoneStart, 0);
    }

    /** Opens the zone that starts at {@code zoneStart} with a random write area. */
    public static RecordingRequest openWithArea(long zoneStart) {
        RecordingRequest request = action(Operation.ZONE_OPEN, zoneStart);
        request.setRandomWriteArea(true);
        return request;
    }

    /** An action on all zones. */
    public static RecordingRequest all(Operation operation) {
        RecordingRequest request = plain(operation, 0, 0);
        request.setAllZones(true);
        return request;
    }

    /** Runs {@code action} on the thread that completes the request, right then. */
    public RecordingRequest then(Runnable action) {
        then = action;
        return this;
    }

    /** How often the request was completed until now; anything but 0 and 1 is a defect. */
    public int completions() {
        return completions.get();
    }

    public boolean completed() {
        return completions.get() != 0;
    }

    /** Position of this request's completion among all of this process, to compare two. */
    public int order() {
        return order;
    }

    /** The bytes written or read. */
    public byte[] payload() {
        return payload;
    }

    /** All causes of a request that completed exactly once. */
    public Set<Cause> result() {
        if (completions.get() != 1) {
            throw new AssertionError(this + " completed " + completions.get() + " times");
        }
        return Causes.toSet(causes());
    }

    @Override
    protected void onComplete() {
        order = ORDER.getAndIncrement();
        completions.incrementAndGet();
        Runnable action = then;
        if (action != null) {
            action.run();
        }
    }

    private static byte[] bytes(int length, int fill) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) fill);
        return bytes;
    }
}
