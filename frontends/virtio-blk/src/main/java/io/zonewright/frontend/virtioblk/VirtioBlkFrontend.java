package io.zonewright.frontend.virtioblk;

import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.LoopGroup;
import io.zonewright.vhostuser.EndpointOptions;
import io.zonewright.vhostuser.VhostUserEndpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** One endpoint with its threads. */
final class VirtioBlkFrontend implements Frontend, DeviceListener {
    private final VirtioBlkSettings settings;
    private final ZonedDevice zoned;
    private final VirtioBlkDevice device;
    private final String name;
    private final Posix posix;

    private volatile @Nullable VhostUserEndpoint endpoint;
    private volatile @Nullable LoopGroup loops;

    VirtioBlkFrontend(VirtioBlkSettings settings, ZonedDevice device, Posix posix) {
        this.settings = settings;
        this.posix = posix;
        zoned = device;
        name = device.identity().name();
        this.device = new VirtioBlkDevice(
                device,
                settings.queues(),
                settings.queueSize(),
                settings.packed(),
                settings.serial().getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void start() throws IOException {
        if (endpoint != null) {
            throw new IllegalStateException("virtio-blk " + name + " was started before");
        }
        long spinNanos = settings.spin().toNanos();
        LoopGroup threads;
        try {
            threads = LoopGroup.start(
                    "virtio-blk " + name,
                    settings.threads(),
                    () -> new AdaptiveIdle(spinNanos, System::nanoTime),
                    posix);
        } catch (PosixException e) {
            throw new IOException("virtio-blk " + name + " cannot start its threads: " + e.getMessage(), e);
        }
        loops = threads;
        EndpointOptions options = EndpointOptions.at(settings.socket().path())
                .withAccess(settings.socket().access());
        VhostUserEndpoint made;
        try {
            made = new VhostUserEndpoint(device, options, threads, 0, posix);
        } catch (PosixException e) {
            throw new IOException("virtio-blk " + name + " cannot make its endpoint: " + e.getMessage(), e);
        }
        endpoint = made;
        zoned.addListener(this);
        made.start();
    }

    /** Any driver that is there reads the configuration space again; from any thread. */
    @Override
    public void configurationChanged() {
        VhostUserEndpoint running = endpoint;
        if (running != null) {
            running.configurationChanged();
        }
    }

    @Override
    public void stop(Duration patience) {
        zoned.removeListener(this);
        VhostUserEndpoint running = endpoint;
        boolean ended = running == null || running.close(patience);
        LoopGroup threads = loops;
        if (threads != null && ended) {
            threads.close();
            loops = null;
        }
    }

    @Override
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> stats = new LinkedHashMap<>();
        stats.put("socket", settings.socket().path().toString());
        VhostUserEndpoint running = endpoint;
        if (running != null) {
            stats.putAll(running.stats());
        }
        stats.putAll(device.counters());
        LoopGroup threads = loops;
        if (threads != null) {
            for (int i = 0; i < threads.size(); i++) {
                stats.put("thread-" + i + "-allocated-bytes", threads.loop(i).allocatedBytes());
            }
        }
        return stats;
    }
}
