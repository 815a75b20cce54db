package io.zonewright.frontend.scsi.vhostuser;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An ordinary disk of 64 KiB real memory that says it is larger, and can change what it says; moves data on the spot. */
final class PlainDevice implements ZonedDevice {
    static final int REAL_BYTES = 64 << 10;

    private final MemorySegment bytes = Arena.ofAuto().allocate(REAL_BYTES);
    final List<DeviceListener> listeners = new CopyOnWriteArrayList<>();
    final AtomicInteger batches = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private volatile ZoneGeometry geometry = ZoneGeometry.unzoned(1 << 20, 512);
    private volatile Capabilities capabilities = Capabilities.PLAIN;

    void grow(long size) {
        geometry = ZoneGeometry.unzoned(size, 512);
        listeners.forEach(DeviceListener::configurationChanged);
    }

    void becomeReadOnly() {
        capabilities = new Capabilities(true, false, false, false, false, false);
        listeners.forEach(DeviceListener::configurationChanged);
    }

    @Override
    public void beginBatch() {
        if (open.incrementAndGet() != 1) {
            throw new IllegalStateException("batches do not nest");
        }
        batches.incrementAndGet();
    }

    @Override
    public void endBatch() {
        if (open.decrementAndGet() != 0) {
            throw new IllegalStateException("no batch to end");
        }
    }

    @Override
    public DeviceIdentity identity() {
        return DeviceIdentity.of("plain");
    }

    @Override
    public ZoneGeometry geometry() {
        return geometry;
    }

    @Override
    public ZoneLimits limits() {
        return ZoneLimits.NONE;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public void zone(int index, ZoneDescriptor into) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public void submit(DeviceRequest request) {
        if (request.operation() == Operation.READ) {
            request.data().copyFrom(bytes, request.offset(), 0, request.length());
        } else if (request.operation() == Operation.WRITE) {
            request.data().copyTo(0, bytes, request.offset(), request.length());
        } else {
            request.complete(Cause.UNSUPPORTED);
            return;
        }
        request.setTransferred(request.length());
        request.complete();
    }

    @Override
    public void addListener(DeviceListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeListener(DeviceListener listener) {
        listeners.remove(listener);
    }
}
