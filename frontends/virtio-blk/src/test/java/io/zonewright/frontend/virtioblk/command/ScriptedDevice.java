package io.zonewright.frontend.virtioblk.command;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes down what it is asked, and answers with what a test put in line; {@code DONE} when nothing is left. */
final class ScriptedDevice implements ZonedDevice {
    /** One request as it arrived. */
    record Seen(
            Operation operation,
            long offset,
            long length,
            boolean forceUnitAccess,
            boolean allZones,
            boolean refuseCrossing,
            String data) {}

    final List<Seen> seen = new ArrayList<>();
    final Deque<Long> answers = new ArrayDeque<>();
    final Deque<DeviceRequest> held = new ArrayDeque<>();
    final Map<Integer, ZoneDescriptor> zones = new HashMap<>();
    boolean hold;
    boolean discardsToZeroes = true;
    byte readFill = 0x5a;
    long placement;
    ZoneGeometry geometry;
    ZoneLimits limits;
    Capabilities capabilities;

    ScriptedDevice(ZoneGeometry geometry, ZoneLimits limits, Capabilities capabilities) {
        this.geometry = geometry;
        this.limits = limits;
        this.capabilities = capabilities;
    }

    void answer(Cause... causes) {
        long set = 0;
        for (Cause cause : causes) {
            set |= cause.bit();
        }
        answers.add(set);
    }

    void zone(int index, ZoneType type, ZoneCondition condition, long capacity, long writePointer) {
        ZoneDescriptor zone = new ZoneDescriptor();
        zone.set(index, type, condition, geometry.zoneStart(index), geometry.zoneLength(index), capacity, writePointer);
        zones.put(index, zone);
    }

    /** Completes the request held longest. */
    void release() {
        complete(held.remove());
    }

    @Override
    public void submit(DeviceRequest request) {
        byte[] data = new byte
                [request.operation() == Operation.READ
                        ? 0
                        : (int) request.data().bytes()];
        request.data().copyTo(0, MemorySegment.ofArray(data), 0, data.length);
        seen.add(new Seen(
                request.operation(),
                request.offset(),
                request.length(),
                request.forceUnitAccess(),
                request.allZones(),
                request.refuseCrossing(),
                Driver.HEX.formatHex(data)));
        if (hold) {
            held.add(request);
        } else {
            complete(request);
        }
    }

    private void complete(DeviceRequest request) {
        Long answer = answers.poll();
        if (answer != null) {
            request.complete(answer);
            return;
        }
        switch (request.operation()) {
            case READ -> request.data().fill(0, request.length(), readFill);
            case APPEND -> request.setPlacement(placement);
            default -> {}
        }
        request.complete();
    }

    @Override
    public void zone(int index, ZoneDescriptor into) {
        ZoneDescriptor zone = zones.get(index);
        if (zone == null) {
            throw new IndexOutOfBoundsException(index);
        }
        into.set(
                index,
                zone.type(),
                zone.condition(),
                zone.start(),
                zone.length(),
                zone.capacity(),
                zone.writePointer());
    }

    @Override
    public boolean discardsToZeroes() {
        return discardsToZeroes;
    }

    @Override
    public DeviceIdentity identity() {
        return DeviceIdentity.of("scripted");
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
    public void addListener(DeviceListener listener) {}

    @Override
    public void removeListener(DeviceListener listener) {}
}
