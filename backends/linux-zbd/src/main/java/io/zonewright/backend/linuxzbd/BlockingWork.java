package io.zonewright.backend.linuxzbd;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.backend.linuxzbd.kernel.ZoneReader;
import io.zonewright.posix.Errno;
import io.zonewright.posix.PosixException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the threads of a {@link BlockingPool} do for a device. */
final class BlockingWork {
    private static final Logger LOG = LoggerFactory.getLogger(BlockingWork.class);

    private final LinuxZbdConfig config;
    private final ZoneGeometry geometry;
    private final Store store;
    private final boolean volatileCache;
    private final @Nullable ZoneReader reader;
    private final @Nullable ZoneActions actions;
    private final Health health;
    private final AtomicBoolean oddZoneLogged = new AtomicBoolean();
    private final AtomicBoolean sizeLogged = new AtomicBoolean();

    /**
     * @param volatileCache whether the device may lose what it acknowledged
     * @param reader null on a device without zones
     */
    BlockingWork(
            LinuxZbdConfig config,
            ZoneGeometry geometry,
            Store store,
            boolean volatileCache,
            @Nullable ZoneReader reader,
            Health health) {
        this.volatileCache = volatileCache;
        this.config = config;
        this.geometry = geometry;
        this.store = store;
        this.reader = reader;
        actions = reader == null ? null : new ZoneActions(reader, geometry);
        this.health = health;
    }

    /** The errno of {@code WRITE_ZEROES}, 0 if it is done. The kernel knows none with FUA: what has to be stable is flushed. */
    int writeZeroes(DeviceRequest request) {
        try {
            store.zero(request.offset(), request.length());
            stabilize(request);
            return 0;
        } catch (PosixException e) {
            return e.errno();
        } catch (RuntimeException | Error e) {
            defect(request, e);
            return Errno.EIO.number();
        }
    }

    /** Whatever goes wrong with one request, it gets an answer: somebody waits for it, and its zone with it. */
    private void defect(DeviceRequest request, Throwable thrown) {
        LOG.error("device {}: {} failed in Zonewright itself", config.device(), request, thrown);
    }

    private void stabilize(DeviceRequest request) {
        if (request.forceUnitAccess() && volatileCache) {
            store.stabilize();
        }
    }

    /** Carries out anything else and returns what came of it. */
    Cause carryOut(DeviceRequest request) {
        if (health.gone()) {
            return Cause.MEDIUM_ERROR;
        }
        try {
            if (request.operation() == Operation.DISCARD) {
                store.discard(request.offset(), request.length());
                stabilize(request);
                return Cause.DONE;
            }
            if (reader == null || actions == null) {
                return Cause.UNSUPPORTED;
            }
            if (request.operation() == Operation.ZONE_REPORT) {
                return report(reader, request);
            }
            actions.carryOut(request);
            return Cause.DONE;
        } catch (PosixException e) {
            health.failed(request, e.errno());
            if (actions == null || !request.operation().zoneAction() || health.gone()) {
                return Failures.cause(e.errno());
            }
            return actions.verdict(request, e.errno());
        } catch (RuntimeException | Error e) {
            defect(request, e);
            return Cause.INTERNAL_ERROR;
        }
    }

    private Cause report(ZoneReader from, DeviceRequest request) {
        ZoneSink sink = request.sink();
        if (sink == null) {
            return Cause.INTERNAL_ERROR;
        }
        boolean one = request.length() <= geometry.zoneSize();
        try {
            if (!one) {
                checkSize(from);
            }
            if (config.cachedReports() && !one) {
                from.readCached(request.offset(), request.length(), sink);
            } else {
                from.read(request.offset(), request.length(), sink);
            }
            return Cause.DONE;
        } catch (IOException e) {
            odd(e);
            return Cause.MEDIUM_ERROR;
        }
    }

    /** A disk that grew or shrank is served as it was; a shrunk one's lost part fails by itself. */
    private void checkSize(ZoneReader from) {
        long bytes = from.calls().deviceBytes();
        if (bytes / geometry.blockSize() * geometry.blockSize() != geometry.deviceBytes()
                && sizeLogged.compareAndSet(false, true)) {
            LOG.warn(
                    "device {}: {} has {} bytes now, and is served with {} until the daemon is started again; said once",
                    config.device(),
                    config.path(),
                    bytes,
                    geometry.deviceBytes());
        }
    }

    /** Asks the device for a zone, so that the kernel knows its write pointer again. */
    void refresh(ZoneRefresh request) {
        if (reader == null || health.gone()) {
            return;
        }
        try {
            reader.read(request.offset(), request.length(), (index, type, condition, capacity, writePointer) -> {});
        } catch (PosixException e) {
            health.failed(request, e.errno());
        } catch (IOException e) {
            odd(e);
        } catch (RuntimeException | Error e) {
            defect(request, e);
        }
    }

    private void odd(IOException e) {
        if (oddZoneLogged.compareAndSet(false, true)) {
            LOG.warn("device {}: {} changed under us: {}; said once", config.device(), config.path(), e.getMessage());
        }
    }
}
