package io.zonewright.backend.nullzoned;

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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves data between spans and the {@link Store} on the submitting thread, without locks, and completes inline. Two
 * things complete later, on a thread of the device: the release of much memory, and everything the user slowed down.
 *
 * <p>It keeps no zone state at all: the engine decides before, and a zone reset is a range to forget.
 */
final class NullZonedBackend implements ZonedBackend {
    static final Logger LOG = LoggerFactory.getLogger(NullZonedBackend.class);

    private final NullZonedConfig config;
    private final Store store;
    private final Capabilities capabilities;
    private final @Nullable LateCompletions late;
    private final Reclaimer reclaimer;
    private final AtomicBoolean failureLogged = new AtomicBoolean();

    private NullZonedBackend(NullZonedConfig config, Store store, @Nullable LateCompletions late) {
        this.config = config;
        this.store = store;
        this.late = late;
        capabilities = new Capabilities(config.readOnly(), false, true, true, false, false);
        reclaimer = new Reclaimer(config.device(), this::releaseAndFinish);
    }

    /**
     * A backend over {@code store}, which it owns from now on, with its threads running.
     *
     * @param clock nanoseconds, for latencies
     */
    static NullZonedBackend start(NullZonedConfig config, Store store, LongSupplier clock) {
        LateCompletions late = config.latencies().any()
                ? new LateCompletions(config.device(), new DelayLines(config.latencies(), clock))
                : null;
        NullZonedBackend backend = new NullZonedBackend(config, store, late);
        backend.reclaimer.start();
        if (late != null) {
            late.start();
        }
        return backend;
    }

    @Override
    public ZoneGeometry geometry() {
        return config.geometry();
    }

    @Override
    public ZoneLimits limits() {
        return config.limits();
    }

    @Override
    public ZoneFeatures features() {
        return config.features();
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public boolean lends() {
        return true;
    }

    @Override
    public void loadZones(ZoneSink sink) {
        ZoneGeometry geometry = config.geometry();
        ZoneType sequential = geometry.model().sequentialType();
        for (int index = 0; index < geometry.zoneCount(); index++) {
            long start = geometry.zoneStart(index);
            long length = geometry.zoneLength(index);
            if (index < config.conventionalZones()) {
                sink.zone(index, ZoneType.CONVENTIONAL, ZoneCondition.NOT_WRITE_POINTER, length, start + length);
                continue;
            }
            long capacity = Math.min(config.zoneCapacity(), length);
            ZoneCondition condition = config.initialZones().condition(index);
            long written = switch (condition) {
                case EMPTY -> 0;
                case CLOSED -> config.initialZones().closedBytes();
                default -> capacity;
            };
            sink.zone(index, sequential, condition, capacity, start + written);
        }
    }

    @Override
    public void submit(DeviceRequest request) {
        Lane lane = Lane.of(request.operation());
        if (lane == null || (lane.zoneAction() && !namesAZone(request))) {
            request.complete(Cause.UNSUPPORTED);
        } else if (config.readOnly() && request.operation().modifies()) {
            request.complete(Cause.DEVICE_READ_ONLY);
        } else {
            carryOut(request, lane);
        }
    }

    /** The engine alone knows which zones "all" are. */
    private boolean namesAZone(DeviceRequest request) {
        return config.geometry().model().zoned() && !request.allZones();
    }

    private void carryOut(DeviceRequest request, Lane lane) {
        @Nullable Cause cause;
        try {
            cause = switch (lane) {
                case READ -> read(request);
                case WRITE -> write(request);
                case FLUSH, FINISH -> Cause.DONE;
                case DISCARD, RESET -> {
                    if (!store.releasesQuickly(request.offset(), releaseLength(request))) {
                        reclaimer.add(request);
                        yield null; // the reclaimer's from here on
                    }
                    store.release(request.offset(), releaseLength(request));
                    yield Cause.DONE;
                }
            };
        } catch (RuntimeException | InternalError e) {
            cause = failed(request, e);
        }
        if (cause != null) {
            finish(request, lane, cause);
        }
    }

    private Cause read(DeviceRequest request) {
        if (request.lend()) {
            store.lend(request.data(), request.offset(), request.length());
        } else {
            store.read(request.data(), request.offset(), request.length());
        }
        return Cause.DONE;
    }

    private Cause write(DeviceRequest request) {
        long stored = store.write(request.data(), request.offset(), request.length());
        request.setTransferred(stored);
        return stored == request.length() ? Cause.DONE : Cause.NO_SPACE;
    }

    /** Runs on the reclaimer's thread. */
    private void releaseAndFinish(DeviceRequest request) {
        Cause cause = Cause.DONE;
        try {
            store.release(request.offset(), releaseLength(request));
        } catch (RuntimeException e) {
            cause = failed(request, e);
        }
        finish(request, request.operation() == Operation.ZONE_RESET ? Lane.RESET : Lane.DISCARD, cause);
    }

    private long releaseLength(DeviceRequest request) {
        return switch (request.operation()) {
            case ZONE_RESET -> config.geometry().zoneLength(config.geometry().zoneOf(request.offset()));
            default -> request.length();
        };
    }

    private void finish(DeviceRequest request, Lane lane, Cause cause) {
        if (cause == Cause.DONE) {
            request.setTransferred(request.length());
        }
        if (late == null || config.latencies().nanos(lane) == 0) {
            request.complete(cause);
        } else {
            request.setCauses(cause.bit());
            late.add(lane, request);
        }
    }

    /**
     * Memory of the peer vanished under the copy (a truncated file behind it: an InternalError), or there is a defect.
     * The peer can cause the first as often as it likes, so only the first is worth a warning.
     */
    private Cause failed(DeviceRequest request, Throwable failure) {
        request.setTransferred(0);
        if (failureLogged.compareAndSet(false, true)) {
            LOG.warn(
                    "device {}: {} failed; more of this kind is logged at level debug",
                    config.device(),
                    request,
                    failure);
        } else {
            LOG.debug("device {}: {} failed", config.device(), request, failure);
        }
        return Cause.INTERNAL_ERROR;
    }

    @Override
    public void close() {
        reclaimer.close();
        if (late != null) {
            late.close();
        }
        store.close();
    }
}
