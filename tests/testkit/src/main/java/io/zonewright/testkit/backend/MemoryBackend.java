package io.zonewright.testkit.backend;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A medium of a few megabytes in one array, which completes at once. Checks that the engine keeps its promises: what
 * cannot reach a medium throws {@link AssertionError}, which {@link #defect} keeps. Any thread.
 */
public final class MemoryBackend implements ZonedBackend {
    private final Shape shape;
    private final ZoneGeometry geometry;
    private final @Nullable Arena arena;
    private final MemorySegment memory;
    private final AtomicInteger loans = new AtomicInteger();
    private final TreeMap<Integer, Start> starts = new TreeMap<>();
    private final long[] appended;
    private long failAfter = -1;
    private Cause failWith = Cause.MEDIUM_ERROR;
    private boolean junk;
    private volatile String defect = "";
    private volatile boolean closed;

    private record Start(ZoneCondition condition, long writePointer) {}

    public MemoryBackend(Shape shape) {
        this(shape, null);
    }

    private MemoryBackend(Shape shape, @Nullable Arena arena) {
        this.shape = shape;
        this.arena = arena;
        geometry = shape.geometry();
        int bytes = Math.toIntExact(geometry.deviceBytes());
        memory = arena == null ? MemorySegment.ofArray(new byte[bytes]) : arena.allocate(bytes);
        appended = new long[geometry.zoneCount()];
    }

    /** A medium whose reads may borrow its memory, which lies outside the heap and is gone when the medium is closed. */
    @SuppressWarnings("MustBeClosedChecker") // close() does it
    public static MemoryBackend lending(Shape shape) {
        return new MemoryBackend(shape, Arena.ofShared());
    }

    /** How many reads borrowed. */
    public int loans() {
        return loans.get();
    }

    @Override
    public boolean lends() {
        return arena != null;
    }

    /** Lets a zone start in another condition than empty, with its write pointer at this byte of the device. */
    public MemoryBackend starting(int zone, ZoneCondition condition, long writePointer) {
        starts.put(zone, new Start(condition, writePointer));
        return this;
    }

    /**
     * The next write ends with {@code cause} after {@code bytes}.
     *
     * @param leaveJunk whether the rest of its data is on the medium all the same
     */
    public void failNextWrite(long bytes, Cause cause, boolean leaveJunk) {
        failAfter = bytes;
        failWith = cause;
        junk = leaveJunk;
    }

    /** What the engine did that it must not; empty if nothing. */
    public String defect() {
        return defect;
    }

    public boolean closed() {
        return closed;
    }

    /** What is really stored. */
    public byte[] stored(long offset, int length) {
        return memory.asSlice(offset, length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    @Override
    public ZoneGeometry geometry() {
        return geometry;
    }

    @Override
    public ZoneLimits limits() {
        return shape.limits();
    }

    @Override
    public ZoneFeatures features() {
        return shape.features();
    }

    @Override
    public Capabilities capabilities() {
        return shape.capabilities();
    }

    @Override
    public void loadZones(ZoneSink sink) {
        for (int zone = 0; zone < geometry.zoneCount(); zone++) {
            ZoneType type = shape.type(zone);
            Start start = starts.getOrDefault(
                    zone,
                    new Start(
                            type.sequential() ? ZoneCondition.EMPTY : ZoneCondition.NOT_WRITE_POINTER,
                            geometry.zoneStart(zone)));
            appended[zone] = start.writePointer - geometry.zoneStart(zone);
            sink.zone(zone, type, start.condition, shape.capacity(zone), start.writePointer);
        }
    }

    @Override
    public void submit(DeviceRequest request) {
        long offset = request.offset();
        long length = request.length();
        switch (request.operation()) {
            case READ -> {
                check(request, offset, length);
                if (request.lend()) {
                    loans.incrementAndGet();
                    request.data().add(memory, offset, length);
                } else {
                    request.data().copyFrom(memory, offset, 0, length);
                }
                request.complete();
            }
            case WRITE -> write(request);
            case WRITE_ZEROES, DISCARD -> {
                check(request, offset, length);
                memory.asSlice(offset, length).fill((byte) 0);
                request.complete();
            }
            case APPEND -> append(request);
            case ZONE_RESET -> {
                int zone = geometry.zoneOf(offset);
                require(offset == geometry.zoneStart(zone), request);
                memory.asSlice(offset, geometry.zoneLength(zone)).fill((byte) 0);
                synchronized (this) {
                    appended[zone] = 0;
                }
                request.complete();
            }
            case FLUSH, ZONE_FINISH -> request.complete();
            case ZONE_OPEN,
                    ZONE_CLOSE,
                    ZONE_SET_EXTENSION,
                    ZONE_FLUSH_AREA,
                    ZONE_SET_READ_ONLY,
                    ZONE_SET_OFFLINE,
                    ZONE_REPORT -> {
                require(false, request);
                request.complete(Cause.UNSUPPORTED);
            }
        }
    }

    private void write(DeviceRequest request) {
        check(request, request.offset(), request.length());
        if (failAfter < 0) {
            request.data().copyTo(0, memory, request.offset(), request.length());
            noteWritten(request.offset(), request.length());
            request.complete();
            return;
        }
        long moved = Math.min(failAfter, request.length());
        request.data().copyTo(0, memory, request.offset(), junk ? request.length() : moved);
        failAfter = -1;
        noteWritten(request.offset(), moved);
        request.setTransferred(moved);
        request.complete(failWith);
    }

    /** Where the next append goes, after a write of the engine's. */
    private synchronized void noteWritten(long offset, long length) {
        if (shape.capabilities().nativeAppend() && geometry.zoneCount() > 0) {
            int zone = geometry.zoneOf(offset);
            appended[zone] = Math.max(appended[zone], offset + length - geometry.zoneStart(zone));
        }
    }

    private void append(DeviceRequest request) {
        require(shape.capabilities().nativeAppend(), request);
        int zone = geometry.zoneOf(request.offset());
        long place;
        synchronized (this) {
            if (appended[zone] + request.length() > shape.capacity(zone)) {
                request.complete(Cause.BEYOND_ZONE_CAPACITY);
                return;
            }
            place = geometry.zoneStart(zone) + appended[zone];
            appended[zone] += request.length();
        }
        request.data().copyTo(0, memory, place, request.length());
        request.setPlacement(place);
        request.complete();
    }

    private void check(DeviceRequest request, long offset, long length) {
        require(length > 0 && offset >= 0 && offset + length <= geometry.deviceBytes(), request);
    }

    private void require(boolean holds, DeviceRequest request) {
        if (!holds || closed) {
            defect = "unexpected at the medium: " + request;
            throw new AssertionError(defect);
        }
    }

    @Override
    public void close() {
        require(!closed, new Nothing());
        closed = true;
        Arrays.fill(appended, 0);
        if (arena != null) {
            arena.close();
        }
    }

    private static final class Nothing extends DeviceRequest {
        Nothing() {
            prepare(Operation.FLUSH, 0, 0);
        }

        @Override
        protected void onComplete() {}
    }
}
