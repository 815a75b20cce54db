package io.zonewright.frontend.virtioblk;

import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.LoopGroup;
import io.zonewright.vfiouser.VfioUserEndpoint;
import io.zonewright.vfiouser.VfioUserOptions;
import io.zonewright.vfiouser.virtio.VirtioPciDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** One PCI function with its threads. */
final class VirtioBlkPciFrontend implements Frontend, DeviceListener {
    /** Type of a block device (virtio 1.3, section 5). */
    private static final int VIRTIO_ID = 2;

    /** Mass storage, other. */
    private static final int CLASS_CODE = 0x01_80_00;

    private final VirtioBlkSettings settings;
    private final boolean mappedDoorbells;
    private final ZonedDevice zoned;
    private final VirtioBlkDevice device;
    private final String name;
    private final Posix posix;

    private volatile @Nullable VirtioPciDevice function;
    private volatile @Nullable VfioUserEndpoint endpoint;
    private volatile @Nullable LoopGroup loops;

    VirtioBlkPciFrontend(VirtioBlkSettings settings, boolean mappedDoorbells, ZonedDevice device, Posix posix) {
        this.settings = settings;
        this.mappedDoorbells = mappedDoorbells;
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
        VirtioPciDevice pci;
        VfioUserEndpoint made;
        try {
            threads = LoopGroup.start(
                    "virtio-blk " + name,
                    settings.threads(),
                    () -> new AdaptiveIdle(spinNanos, System::nanoTime),
                    posix);
            loops = threads;
            pci = new VirtioPciDevice(device, VIRTIO_ID, CLASS_CODE, mappedDoorbells, threads, 0);
            VfioUserOptions options = VfioUserOptions.at(settings.socket().path())
                    .withAccess(settings.socket().access());
            made = new VfioUserEndpoint(pci, options, posix);
        } catch (PosixException e) {
            throw new IOException("virtio-blk " + name + " cannot start: " + e.getMessage(), e);
        }
        endpoint = made;
        function = pci;
        pci.start();
        zoned.addListener(this);
        made.start();
    }

    /** A driver that is there is interrupted and reads the configuration space again; from any thread. */
    @Override
    public void configurationChanged() {
        VirtioPciDevice pci = function;
        if (pci != null) {
            pci.configurationChanged();
        }
    }

    @Override
    public void stop(Duration patience) {
        zoned.removeListener(this);
        VfioUserEndpoint running = endpoint;
        boolean ended = running == null || running.close(patience);
        LoopGroup threads = loops;
        if (threads != null && ended) {
            VirtioPciDevice pci = function;
            if (pci != null) {
                pci.stop();
                function = null;
            }
            threads.close();
            loops = null;
        }
    }

    @Override
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> stats = new LinkedHashMap<>();
        stats.put("socket", settings.socket().path().toString());
        VfioUserEndpoint running = endpoint;
        if (running != null) {
            stats.putAll(running.stats());
        }
        VirtioPciDevice pci = function;
        if (pci != null) {
            stats.putAll(pci.stats());
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
