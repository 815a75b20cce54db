package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.frontend.nvme.command.NvmeController;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.SubsystemOptions;
import io.zonewright.frontend.nvme.command.Transport;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.IdleStrategy;
import io.zonewright.runtime.LoopGroup;
import io.zonewright.vfiouser.VfioUserEndpoint;
import io.zonewright.vfiouser.VfioUserOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** One endpoint with its subsystem and threads. */
final class NvmeVfioUserFrontend implements Frontend {
    /** MDTS. A list of its pages fits into one page; Linux splits larger requests. */
    static final int MAX_DATA_BYTES = 1 << 20;

    private final NvmeVfioUserSettings settings;
    private final Posix posix;
    private final String name;
    private final NvmeSubsystem subsystem;
    private boolean stopped;
    private volatile @Nullable PciCarrier carrier;
    private volatile @Nullable VfioUserEndpoint endpoint;
    private @Nullable LoopGroup loops;

    NvmeVfioUserFrontend(NvmeVfioUserSettings settings, ZonedDevice device, Posix posix) {
        this.settings = settings;
        this.posix = posix;
        name = "nvme-zns " + device.identity().name();
        subsystem = NvmeSubsystem.shared(device, SubsystemOptions.of(settings.nqn()));
    }

    /** What the controller can do. */
    static ControllerTraits traits(int queues, int queueSize, boolean mapped) {
        return new ControllerTraits(
                Transport.PCIE,
                MAX_DATA_BYTES,
                true,
                true,
                0,
                0,
                queueSize,
                queues,
                !mapped,
                false,
                "",
                ControllerTraits.NO_HOST_ID);
    }

    @Override
    public void start() throws IOException {
        if (endpoint != null) {
            throw new IllegalStateException(name + " was started before");
        }
        LoopGroup threads;
        try {
            threads = LoopGroup.start(name, settings.threads(), this::idleStrategy, posix);
        } catch (PosixException e) {
            throw new IOException(name + " cannot start its threads: " + e.getMessage(), e);
        }
        loops = threads;
        PciCarrier carrying = new PciCarrier(
                name,
                subsystem,
                traits(settings.queues(), settings.queueSize(), settings.mapped()),
                settings.mapped(),
                threads,
                System::nanoTime);
        carrier = carrying;
        carrying.start();
        VfioUserOptions options = VfioUserOptions.at(settings.socket().path())
                .withAccess(settings.socket().access());
        VfioUserEndpoint made;
        try {
            made = new VfioUserEndpoint(new NvmePciDevice(name, carrying, settings.mapped()), options, posix);
        } catch (PosixException e) {
            throw new IOException(name + " cannot make its endpoint: " + e.getMessage(), e);
        }
        endpoint = made;
        made.start();
    }

    private IdleStrategy idleStrategy() {
        long spinNanos = settings.spin().toNanos();
        return settings.mapped()
                ? new NapIdle(spinNanos, this::running)
                : new AdaptiveIdle(spinNanos, System::nanoTime);
    }

    private boolean running() {
        PciCarrier carrying = carrier;
        return carrying != null && carrying.running();
    }

    @Override
    public void stop(Duration patience) {
        VfioUserEndpoint running = endpoint;
        if (running != null && !running.close(patience)) {
            return;
        }
        LoopGroup threads = loops;
        if (threads != null) {
            PciCarrier carrying = carrier;
            if (carrying != null) {
                carrying.close();
            }
            threads.close();
            loops = null;
        }
        if (!stopped) {
            stopped = true;
            subsystem.close();
        }
    }

    @Override
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> stats = new LinkedHashMap<>();
        stats.put("socket", settings.socket().path().toString());
        stats.put("nqn", settings.nqn());
        VfioUserEndpoint running = endpoint;
        if (running != null) {
            stats.putAll(running.stats());
        }
        PciCarrier carrying = carrier;
        if (carrying != null) {
            stats.putAll(carrying.counters());
            NvmeController controller = carrying.current();
            if (controller != null) {
                stats.putAll(controller.stats());
            }
        }
        return stats;
    }
}
