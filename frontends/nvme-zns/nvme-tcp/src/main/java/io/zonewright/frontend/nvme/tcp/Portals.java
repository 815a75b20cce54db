package io.zonewright.frontend.nvme.tcp;

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
            return new Place(portal, subsystem, owned);
        } catch (IOException | RuntimeException e) {
            if (fresh) {
                portal.close();
            }
            throw e;
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
