package io.zonewright.frontend.nvme.tcp;

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

    /** Makes {@code subsystem} from its portal, and adds it there. */
    interface SubsystemFactory {
        NvmSubsystem make(Portal portal) throws IOException;
    }

    /**
     * A subsystem at a portal.
     *
     * @param owned whether nobody else can share the portal, since the kernel chose its port
     */
    record Place(Portal portal, NvmSubsystem subsystem, boolean owned) {}

    /**
     * Adds a subsystem to the portal of this address, which is opened if need be.
     *
     * @throws IOException with a message for the user
     */
    synchronized Place add(PortalOptions options, Posix posix, SubsystemFactory factory) throws IOException {
        boolean owned = options.listen().port() == 0;
        Portal portal = owned ? null : open.get(options.listen());
        boolean fresh = portal == null;
        if (portal == null) {
            portal = Portal.open(options, posix);
        } else if (!portal.options().equals(options)) {
            throw new IOException("nvme-tcp " + options.listen()
                    + " is shared by several devices, which must agree on threads, spin, max-connections and digests");
        }
        try {
            NvmSubsystem subsystem = factory.make(portal);
            portal.add(subsystem);
            if (fresh && !owned) {
                open.put(options.listen(), portal);
            }
            if (expected.arrived(options.listen())) {
                portal.accept();
            }
            return new Place(portal, subsystem, owned);
        } catch (IOException | RuntimeException e) {
            if (fresh) {
                portal.close();
            }
            throw e;
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
        place.portal().remove(place.subsystem(), patience);
        synchronized (this) {
            if (place.portal().isEmpty()) {
                if (!place.owned()) {
                    open.remove(place.portal().options().listen(), place.portal());
                }
                place.portal().close();
            }
        }
    }
}
