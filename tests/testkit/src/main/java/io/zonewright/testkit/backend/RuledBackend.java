package io.zonewright.testkit.backend;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.api.zone.ZoneSink;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * A medium with zone rules of its own, such as a real disk: a {@link ReferenceModel} that decides everything itself.
 * Completes at once. Any thread.
 */
public final class RuledBackend implements ZonedBackend {
    private final Shape shape;
    private final ReferenceModel disk;
    private final Capabilities capabilities;

    public RuledBackend(Shape shape, ZoneRules rules) {
        this.shape = shape;
        Capabilities asked = shape.capabilities();
        capabilities = new Capabilities(false, asked.volatileCache(), false, false, asked.nativeAppend(), true);
        disk = new ReferenceModel(shape, rules);
    }

    /** The disk itself, for a test that changes it behind the engine's back. Hold this backend's monitor meanwhile. */
    public ReferenceModel disk() {
        return disk;
    }

    @Override
    public ZoneGeometry geometry() {
        return shape.geometry();
    }

    @Override
    public ZoneLimits limits() {
        return shape.limits();
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public void loadZones(ZoneSink sink) {
        report(0, shape.geometry().deviceBytes(), sink);
    }

    @Override
    public void submit(DeviceRequest request) {
        Set<Cause> result;
        synchronized (this) {
            result = execute(request);
        }
        long causes = 0;
        for (Cause cause : result) {
            causes |= cause.bit();
        }
        if (result.contains(Cause.DONE)) {
            request.setTransferred(request.length());
        }
        request.complete(causes);
    }

    private Set<Cause> execute(DeviceRequest request) {
        long offset = request.offset();
        byte[] data = new byte[(int) request.data().bytes()];
        Operation operation = request.operation();
        return switch (operation) {
            case READ -> {
                Set<Cause> result = disk.read(offset, data, false);
                request.data().copyFrom(MemorySegment.ofArray(data), 0, 0, data.length);
                yield result;
            }
            case WRITE -> {
                request.data().copyTo(0, MemorySegment.ofArray(data), 0, data.length);
                yield disk.write(offset, data);
            }
            case APPEND -> {
                request.data().copyTo(0, MemorySegment.ofArray(data), 0, data.length);
                Set<Cause> result = disk.append(offset, data);
                request.setPlacement(disk.placement());
                yield result;
            }
            case FLUSH -> Set.of(Cause.DONE);
            case WRITE_ZEROES, DISCARD, ZONE_SET_EXTENSION, ZONE_FLUSH_AREA -> Set.of(Cause.UNSUPPORTED);
            case ZONE_REPORT -> {
                ZoneSink sink = request.sink();
                if (sink == null) {
                    yield Set.of(Cause.INTERNAL_ERROR);
                }
                report(offset, request.length(), sink);
                yield Set.of(Cause.DONE);
            }
            case ZONE_RESET -> request.allZones() ? resetAll() : disk.action(operation, offset, false);
            case ZONE_OPEN, ZONE_CLOSE, ZONE_FINISH, ZONE_SET_READ_ONLY, ZONE_SET_OFFLINE ->
                disk.action(operation, offset, operation == Operation.ZONE_SET_OFFLINE && request.onlyIfReadOnly());
        };
    }

    /** Every sequential zone but those that cannot be; no other answer is possible. */
    private Set<Cause> resetAll() {
        ZoneDescriptor zone = new ZoneDescriptor();
        for (int i = 0; i < shape.geometry().zoneCount(); i++) {
            disk.describe(i, zone);
            if (zone.type().sequential()) {
                disk.action(Operation.ZONE_RESET, zone.start(), false);
            }
        }
        return Set.of(Cause.DONE);
    }

    private void report(long offset, long length, ZoneSink sink) {
        ZoneDescriptor zone = new ZoneDescriptor();
        for (int i = 0; i < shape.geometry().zoneCount(); i++) {
            disk.describe(i, zone);
            if (zone.start() < offset + length && offset < zone.start() + zone.length()) {
                sink.zone(i, zone.type(), zone.condition(), zone.capacity(), zone.writePointer());
            }
        }
    }

    @Override
    public void close() {}
}
