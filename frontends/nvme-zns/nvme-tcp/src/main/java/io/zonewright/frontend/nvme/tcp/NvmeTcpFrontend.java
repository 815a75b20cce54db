package io.zonewright.frontend.nvme.tcp;

import io.zonewright.api.spi.Frontend;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.net.NetAddress;
import io.zonewright.posix.Posix;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** One device at a portal. */
final class NvmeTcpFrontend implements Frontend {
    private final NvmeTcpSettings settings;
    private final NvmeSubsystem core;
    private final Portals portals;
    private final Posix posix;
    private volatile Portals.@Nullable Place place;
    /** Whether the portal still waits for it. */
    private boolean expected;

    private boolean stopped;

    NvmeTcpFrontend(NvmeTcpSettings settings, NvmeSubsystem core, Portals portals, Posix posix) {
        this.settings = settings;
        this.core = core;
        this.portals = portals;
        this.posix = posix;
        portals.expect(settings.portal().listen());
        expected = true;
    }

    @Override
    public void start() throws IOException {
        if (place != null || stopped) {
            throw new IllegalStateException("nvme-tcp " + settings.nqn() + " was started before");
        }
        place = portals.add(
                settings.portal(),
                posix,
                portal -> new NvmSubsystem(
                        core,
                        settings.access(),
                        settings.advertised(),
                        settings.queues(),
                        settings.queueSize(),
                        portal.loopCount()));
        expected = false;
    }

    /** Where it listens; only once started. */
    NetAddress address() {
        Portals.Place at = place;
        if (at == null) {
            throw new IllegalStateException("not started");
        }
        return at.portal().address();
    }

    @Override
    public void stop(Duration patience) {
        if (expected) {
            expected = false;
            portals.miss(settings.portal().listen());
        }
        Portals.Place at = place;
        if (at != null) {
            place = null;
            portals.remove(at, patience);
        }
        if (!stopped) {
            stopped = true;
            core.close();
        }
    }

    @Override
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> stats = new LinkedHashMap<>();
        stats.put("nqn", settings.nqn());
        stats.put("listen", settings.portal().listen().toString());
        Portals.Place at = place;
        if (at != null) {
            stats.put("listener-connections", at.portal().server().open());
            stats.put("listener-accepted", at.portal().server().accepted());
            stats.put("listener-refused", at.portal().server().refused());
            stats.put("controllers", at.subsystem().associations().size());
            stats.put(
                    "queues",
                    at.subsystem().associations().stream()
                            .mapToInt(association -> association.connections().size())
                            .sum());
            stats.putAll(at.subsystem().sums());
        }
        return stats;
    }
}
