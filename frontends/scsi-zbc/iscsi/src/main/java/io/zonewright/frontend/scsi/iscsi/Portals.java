package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.iscsi.config.IscsiSettings;
import io.zonewright.net.Expected;
import io.zonewright.net.NetAddress;
import io.zonewright.posix.Posix;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The portals of this process, each opened by the first device that names its address and closed by the last. */
final class Portals {
    static final Portals SHARED = new Portals();

    private final Map<NetAddress, Portal> open = new HashMap<>();
    private final Expected expected = new Expected();

    /**
     * A logical unit of a target at a portal.
     *
     * @param owned whether nobody else can share the portal, since the kernel chose its port
     */
    record Place(Portal portal, IscsiTarget target, int lun, boolean owned) {}

    /**
     * Adds a logical unit to the target of this name at the portal of this address; both are made if need be.
     *
     * @throws IOException with a message for the user
     */
    synchronized Place add(IscsiSettings settings, LogicalUnit unit, Posix posix) throws IOException {
        NetAddress listen = settings.portal().listen();
        boolean owned = listen.port() == 0;
        Portal portal = owned ? null : open.get(listen);
        boolean fresh = portal == null;
        if (portal == null) {
            portal = Portal.open(settings.portal(), posix);
        } else if (!portal.options().equals(settings.portal())) {
            throw new IOException("iscsi " + listen
                    + " is shared by several devices, which must agree on threads, spin and max-connections");
        }
        try {
            IscsiTarget target = portal.join(settings.target(), settings.queueDepth());
            target.core().attach(settings.lun(), unit);
            if (fresh && !owned) {
                open.put(listen, portal);
            }
            if (expected.arrived(listen)) {
                portal.accept();
            }
            return new Place(portal, target, settings.lun(), owned);
        } catch (IllegalArgumentException e) {
            throw new IOException("iscsi " + listen + ": " + e.getMessage(), e);
        } finally {
            if (fresh && !owned && !open.containsKey(listen)) {
                portal.close();
            }
        }
    }

    /** A device will {@link #add} at this address, or tell by {@link #miss} that it does not: its portal accepts nobody before. */
    synchronized void expect(NetAddress address) {
        expected.expect(address);
    }

    /** Ends {@link #expect} for a device that is not added. */
    synchronized void miss(NetAddress address) {
        Portal portal = open.get(address);
        if (expected.arrived(address) && portal != null) {
            portal.accept();
        }
    }

    /** Ends {@link #add}. */
    void remove(Place place, Duration patience) {
        Portal portal = place.portal();
        portal.leave(place.target(), place.lun(), patience);
        synchronized (this) {
            if (portal.isEmpty()) {
                if (!place.owned()) {
                    open.remove(portal.options().listen(), portal);
                }
                portal.close();
            }
        }
    }
}
