package io.zonewright.backend.linuxzbd;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.backend.linuxzbd.data.DataPath;
import io.zonewright.backend.linuxzbd.data.DataPathOptions;
import io.zonewright.backend.linuxzbd.data.DataPaths;
import io.zonewright.backend.linuxzbd.kernel.BlockCalls;
import io.zonewright.backend.linuxzbd.kernel.ZoneReader;
import io.zonewright.backend.linuxzbd.open.Host;
import io.zonewright.backend.linuxzbd.open.OpenedDevice;
import io.zonewright.backend.linuxzbd.open.Opener;
import io.zonewright.backend.linuxzbd.open.QueueFacts;
import io.zonewright.backend.linuxzbd.open.Sysfs;
import io.zonewright.backend.linuxzbd.order.WriteOrder;
import io.zonewright.backend.linuxzbd.order.WriteTarget;
import io.zonewright.posix.Errno;
import io.zonewright.posix.PosixException;
import java.io.IOException;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A block device of this host. Reads and writes go to the {@link DataPath}, those of sequential zones by the
 * {@link WriteOrder}; what blocks in the kernel goes to a few threads of the device's own.
 *
 * <p>A zoned disk has rules of its own: this class follows no zone and judges no write. It only knows which zones are
 * sequential, which never changes.
 */
final class LinuxZbdBackend implements ZonedBackend, WriteTarget {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxZbdBackend.class);

    private final OpenedDevice opened;
    private final DeviceShape shape;
    private final Capabilities capabilities;
    private final Health health;
    private final BlockingPool pool;
    /** Reports of many zones, which may take long, one after the other: no action waits behind them. */
    private final BlockingPool reports;

    private final BlockingWork work;
    private final @Nullable ZoneMap zones;
    private final BitSet sequential;
    private final @Nullable WriteOrder order;
    private final DataPath data;

    private LinuxZbdBackend(LinuxZbdConfig config, Host host, OpenedDevice opened) throws IOException {
        this.opened = opened;
        QueueFacts facts = opened.facts();
        shape = DeviceShape.of(config, opened.surveyed());
        capabilities = shape.capabilities();
        health = new Health(config, opened, new Sysfs(host.sys(), host.proc()));
        BlockCalls calls = new BlockCalls(host.posix(), opened.fd());
        ZoneGeometry geometry = shape.geometry();
        if (geometry.model().zoned()) {
            ZoneReader reader = new ZoneReader(calls, geometry);
            zones = readZones(config, reader);
            sequential = zones.sequential();
            order = new WriteOrder(geometry, this, facts.maxTransfer(), facts.maxSegments());
            work = new BlockingWork(config, geometry, new BlockStore(calls, config.discard()), reader, health);
        } else {
            zones = null;
            sequential = new BitSet();
            order = null;
            Store store = opened.blockDevice()
                    ? new BlockStore(calls, config.discard())
                    : new FileStore(host.posix(), opened.fd());
            work = new BlockingWork(config, geometry, store, null, health);
        }
        pool = new BlockingPool("zbd-" + config.device() + "-action", config.threads(), this::carryOut);
        reports = new BlockingPool("zbd-" + config.device() + "-report", 1, this::carryOut);
        data = DataPaths.open(host.posix(), opened.fd(), options(config, facts), this::moved);
    }

    /**
     * Opens the device.
     *
     * @throws IOException that says what is wrong and what to do
     */
    static LinuxZbdBackend open(LinuxZbdConfig config, Host host) throws IOException {
        OpenedDevice opened = new Opener(host, config).open();
        try {
            LinuxZbdBackend backend = new LinuxZbdBackend(config, host, opened);
            LOG.info(
                    "device {}: {} ({}), data by {}",
                    config.device(),
                    config.path(),
                    backend.shape.describe(),
                    backend.data.counters().mode());
            return backend;
        } catch (IOException | RuntimeException e) {
            opened.fd().close();
            throw e;
        }
    }

    private static ZoneMap readZones(LinuxZbdConfig config, ZoneReader reader) throws IOException {
        ZoneGeometry geometry = reader.geometry();
        ZoneMap map = new ZoneMap(geometry);
        try {
            if (reader.calls().zoneBytes() != geometry.zoneSize()
                    || reader.calls().zoneCount() != geometry.zoneCount()) {
                throw new IOException("the kernel says " + reader.calls().zoneCount() + " zones of "
                        + reader.calls().zoneBytes()
                        + " bytes (BLKGETNRZONES, BLKGETZONESZ), and sysfs with the size of "
                        + "the device makes it " + geometry.zoneCount() + " of " + geometry.zoneSize());
            }
            reader.read(0, reader.geometry().deviceBytes(), map);
        } catch (PosixException e) {
            throw new IOException("the zones of " + config.path() + " cannot be read: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IOException(config.path() + ": " + e.getMessage(), e);
        }
        return map;
    }

    private DataPathOptions options(LinuxZbdConfig config, QueueFacts facts) {
        int block = facts.logicalBlock();
        int transfer = (int) Math.min(facts.maxTransfer(), 1 << 20) / block * block;
        DataPathOptions.Mode mode = switch (config.io()) {
            case AUTO -> DataPathOptions.Mode.AUTO;
            case IO_URING -> DataPathOptions.Mode.IO_URING;
            case THREADS -> DataPathOptions.Mode.THREADS;
        };
        boolean threads = config.io() == LinuxZbdConfig.IoMode.THREADS;
        return DataPathOptions.of(block, "zbd-" + config.device() + "-data")
                .withMode(mode)
                .withDmaAlignment(Math.min(facts.dmaAlignment(), 4096))
                .withMaxTransferBytes(Math.max(transfer, block))
                .withVolatileCache(facts.volatileCache())
                .withQueue(config.queueDepth(), threads ? config.queueDepth() : shape.dataThreads());
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
        Objects.requireNonNull(zones, "a device without zones").tell(sink);
    }

    @Override
    public void submit(DeviceRequest request) {
        if (health.gone()) {
            request.setTransferred(0);
            request.complete(Cause.MEDIUM_ERROR);
            return;
        }
        Operation operation = request.operation();
        if (capabilities.readOnly() && operation.modifies()) {
            request.complete(Cause.DEVICE_READ_ONLY);
            return;
        }
        switch (operation) {
            case READ, FLUSH -> data.submit(request);
            case WRITE, WRITE_ZEROES -> {
                if (order != null && inSequentialZone(request)) {
                    order.enter(request);
                } else {
                    start(request);
                }
            }
            case DISCARD -> {
                if (capabilities.discard()) {
                    pool.add(request);
                } else {
                    request.complete(Cause.UNSUPPORTED);
                }
            }
            case ZONE_REPORT -> {
                if (order != null) {
                    boolean one = request.length() <= shape.geometry().zoneSize();
                    (one ? pool : reports).add(request);
                } else {
                    request.complete(Cause.UNSUPPORTED);
                }
            }
            case ZONE_OPEN, ZONE_CLOSE, ZONE_FINISH, ZONE_RESET -> {
                if (order != null) {
                    pool.add(request);
                } else {
                    request.complete(Cause.UNSUPPORTED);
                }
            }
            case APPEND, ZONE_SET_EXTENSION, ZONE_FLUSH_AREA, ZONE_SET_READ_ONLY, ZONE_SET_OFFLINE ->
                request.complete(Cause.UNSUPPORTED);
        }
    }

    @Override
    public void beginBatch() {
        data.beginBatch();
    }

    @Override
    public void endBatch() {
        data.endBatch();
    }

    private boolean inSequentialZone(DeviceRequest request) {
        return sequential.get(shape.geometry().zoneOf(request.offset()));
    }

    // --- what the write order asks for -----------------------------------------------------------------------------

    @Override
    public void start(DeviceRequest request) {
        if (health.gone()) {
            moved(request, 0, Errno.ENODEV.number());
        } else if (request.operation() == Operation.WRITE_ZEROES) {
            pool.add(request);
        } else {
            data.submit(request);
        }
    }

    @Override
    public void refresh(int zone) {
        Objects.requireNonNull(order);
        if (health.gone()) {
            order.refreshed(zone);
        } else {
            pool.add(new ZoneRefresh(shape.geometry(), zone));
        }
    }

    @Override
    public void finish(DeviceRequest request, long bytesMoved, int errno) {
        if (errno == 0 && bytesMoved == request.length()) {
            request.complete();
            return;
        }
        health.failed(request, errno);
        request.setTransferred(bytesMoved);
        request.complete(errno == 0 ? Cause.MEDIUM_ERROR : Failures.cause(errno));
    }

    @Override
    public void refuse(DeviceRequest request, Cause cause) {
        request.setTransferred(0);
        request.complete(health.gone() ? Cause.MEDIUM_ERROR : cause);
    }

    /** The data path, or the pool for writes of zeroes, is done with a request. */
    private void moved(DeviceRequest request, long bytesMoved, int errno) {
        boolean ordered = order != null
                && (WriteOrder.made(request)
                        || ((request.operation() == Operation.WRITE || request.operation() == Operation.WRITE_ZEROES)
                                && inSequentialZone(request)));
        if (ordered) {
            Objects.requireNonNull(order).done(request, bytesMoved, errno);
        } else {
            finish(request, bytesMoved, errno);
        }
    }

    /** Runs on the pool. */
    private void carryOut(DeviceRequest request) {
        if (request instanceof ZoneRefresh refresh) {
            work.refresh(refresh);
            Objects.requireNonNull(order).refreshed(refresh.zone);
        } else if (request.operation() == Operation.WRITE_ZEROES) {
            int errno = work.writeZeroes(request);
            moved(request, errno == 0 ? request.length() : 0, errno);
        } else {
            request.complete(work.carryOut(request));
        }
    }

    @Override
    public void close() {
        reports.close();
        pool.close();
        data.close();
        opened.fd().close();
    }
}
