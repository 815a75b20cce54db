package io.zonewright.testkit.backend;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneSink;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Stands before another medium and keeps what it is given until the test says what becomes of it: late, out of order,
 * short, failed. The test is the medium's thread: everything completes on the thread that calls {@link #carryOut},
 * {@link #fail} or {@link #shorten}. Any thread may submit.
 */
public final class ScriptedBackend implements ZonedBackend {
    private final ZonedBackend inner;
    private final List<DeviceRequest> held = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private Predicate<Operation> holds = operation -> true;

    /** Holds everything. */
    public ScriptedBackend(ZonedBackend inner) {
        this.inner = inner;
    }

    /** The medium behind. */
    public ZonedBackend inner() {
        return inner;
    }

    /** Holds only these operations from now on, others go straight on. */
    public synchronized ScriptedBackend holding(Predicate<Operation> which) {
        holds = which;
        return this;
    }

    /** How many requests are held. */
    public synchronized int held() {
        return held.size();
    }

    /** The requests held, oldest first: "WRITE 0+512". */
    public synchronized List<String> waiting() {
        return held.stream().map(ScriptedBackend::name).toList();
    }

    /** All that was ever submitted, in order. */
    public synchronized List<String> log() {
        return List.copyOf(log);
    }

    /** Does what the request at {@code index} of those held asks, and completes it. */
    public void carryOut(int index) {
        inner.submit(take(index));
    }

    /** Carries out all that is held, oldest first, and what comes of it. */
    public void carryOutAll() {
        while (held() != 0) {
            carryOut(0);
        }
    }

    /**
     * Fails a held request. The whole payload of a write gets onto the medium all the same, since nobody may rely on a
     * failed write having left no trace; only a medium with zone rules of its own takes just {@code transferred} bytes,
     * which its report then shows.
     *
     * @param transferred what the medium says it moved, bytes
     */
    public void fail(int index, Cause cause, long transferred) {
        end(take(index), cause, transferred);
    }

    /** Completes a held request as done although it moved only {@code transferred} bytes. */
    public void shorten(int index, long transferred) {
        end(take(index), Cause.DONE, transferred);
    }

    private void end(DeviceRequest request, Cause cause, long transferred) {
        if (request.operation() == Operation.WRITE) {
            long leaves = inner.capabilities().ownZoneRules() ? transferred : request.length();
            byte[] bytes = new byte[(int) leaves];
            request.data().copyTo(0, MemorySegment.ofArray(bytes), 0, leaves);
            if (leaves != 0) {
                inner.submit(RecordingRequest.of(Operation.WRITE, request.offset(), bytes));
            }
        }
        request.setTransferred(transferred);
        request.complete(cause);
    }

    private synchronized DeviceRequest take(int index) {
        return held.remove(index);
    }

    private static String name(DeviceRequest request) {
        String zones = request.allZones() ? "all zones" : request.offset() + "+" + request.length();
        return request.operation() + " " + zones;
    }

    @Override
    public boolean lends() {
        return inner.lends();
    }

    @Override
    public void submit(DeviceRequest request) {
        synchronized (this) {
            log.add(name(request));
            if (holds.test(request.operation())) {
                held.add(request);
                return;
            }
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
        inner.close();
    }
}
