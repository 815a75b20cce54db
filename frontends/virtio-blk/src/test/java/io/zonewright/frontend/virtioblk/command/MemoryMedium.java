package io.zonewright.frontend.virtioblk.command;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The simplest medium: an array. Zones are empty at the start, the first of them conventional. */
final class MemoryMedium implements ZonedBackend {
    private final ZoneGeometry geometry;
    private final ZoneLimits limits;
    private final Capabilities capabilities;
    private final int conventional;
    private final long capacity;
    private final MemorySegment bytes;
    private final MemorySegment zeroes;

    MemoryMedium(ZoneGeometry geometry, ZoneLimits limits, Capabilities capabilities, int conventional, long capacity) {
        this.geometry = geometry;
        this.limits = limits;
        this.capabilities = capabilities;
        this.conventional = conventional;
        this.capacity = capacity;
        bytes = MemorySegment.ofArray(new byte[(int) geometry.deviceBytes()]);
        zeroes = MemorySegment.ofArray(new byte[(int) geometry.deviceBytes()]);
    }

    /** What is stored, whatever the zones say. */
    byte at(long offset) {
        return bytes.get(ValueLayout.JAVA_BYTE, offset);
    }

    @Override
    public ZoneGeometry geometry() {
        return geometry;
    }

    @Override
    public ZoneLimits limits() {
        return limits;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public void loadZones(ZoneSink sink) {
        for (int i = 0; i < geometry.zoneCount(); i++) {
            if (i < conventional) {
                sink.zone(
                        i,
                        ZoneType.CONVENTIONAL,
                        ZoneCondition.NOT_WRITE_POINTER,
                        geometry.zoneLength(i),
                        geometry.zoneStart(i));
            } else {
                sink.zone(
                        i,
                        geometry.model().sequentialType(),
                        ZoneCondition.EMPTY,
                        Math.min(capacity, geometry.zoneLength(i)),
                        geometry.zoneStart(i));
            }
        }
    }

    @Override
    public void submit(DeviceRequest request) {
        switch (request.operation()) {
            case READ -> request.data().copyFrom(bytes, request.offset(), 0, request.length());
            case WRITE -> request.data().copyTo(0, bytes, request.offset(), request.length());
            case DISCARD, WRITE_ZEROES -> clear(request.offset(), request.length());
            case ZONE_RESET -> clear(request.offset(), geometry.zoneLength(geometry.zoneOf(request.offset())));
            case FLUSH, ZONE_FINISH -> {}
            default -> {
                request.complete(Cause.UNSUPPORTED);
                return;
            }
        }
        request.complete();
    }

    /** Without a slice, since the allocation test counts. */
    private void clear(long offset, long length) {
        MemorySegment.copy(zeroes, 0, bytes, offset, length);
    }

    @Override
    public void close() {}
}
