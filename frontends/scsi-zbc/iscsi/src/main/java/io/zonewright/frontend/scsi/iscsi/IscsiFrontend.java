package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.api.spi.Frontend;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.iscsi.config.IscsiSettings;
import io.zonewright.net.NetAddress;
import io.zonewright.posix.Posix;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** One device as a logical unit of a target at a portal. */
final class IscsiFrontend implements Frontend {
    private final IscsiSettings settings;
    private final LogicalUnit unit;
    private final Portals portals;
    private final Posix posix;
    private volatile Portals.@Nullable Place place;
    /** Whether the portal still waits for it. */
    private boolean expected;

    private boolean stopped;

    IscsiFrontend(IscsiSettings settings, LogicalUnit unit, Portals portals, Posix posix) {
        this.settings = settings;
        this.unit = unit;
        this.portals = portals;
        this.posix = posix;
        portals.expect(settings.portal().listen());
        expected = true;
    }

    @Override
    public void start() throws IOException {
        if (place != null || stopped) {
            throw new IllegalStateException("iscsi " + settings.target().name() + " was started before");
        }
        place = portals.add(settings, unit, posix);
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
            unit.close();
        }
    }

    @Override
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> stats = new LinkedHashMap<>();
        stats.put("iqn", settings.target().name());
        stats.put("lun", settings.lun());
        stats.put("listen", settings.portal().listen().toString());
        Portals.Place at = place;
        if (at != null) {
            stats.put("listener-connections", at.portal().server().open());
            stats.put("listener-accepted", at.portal().server().accepted());
            stats.put("listener-refused", at.portal().server().refused());
            stats.put("listener-logins-refused", at.portal().countOfStrangers(IscsiCounter.LOGINS_REFUSED));
            stats.put("sessions", at.portal().sessions().of(at.target()).size());
            // Of the target, all its logical units together.
            stats.putAll(at.target().sums());
        }
        unit.stats().forEach((name, value) -> stats.put("unit-" + name, value));
        return stats;
    }
}
