package io.zonewright.frontend.nvme.tcp;

import io.zonewright.runtime.Counters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a host can connect to at a portal: an NVM subsystem, or the discovery service. Thread-safe. */
abstract class Subsystem {
    private final String nqn;
    private final HostAccess access;
    private final Map<Integer, Association> associations = new HashMap<>();
    private final List<Counters<NvmeTcpCounter>> counters = new ArrayList<>();

    /** The device is going: no host comes in any more. Guarded by {@link #associations}. */
    private boolean over;

    /** @param loops how many loops there are, each with counters of its own */
    Subsystem(String nqn, HostAccess access, int loops) {
        this.nqn = nqn;
        this.access = access;
        for (int i = 0; i < loops; i++) {
            counters.add(new Counters<>(NvmeTcpCounter.class));
        }
    }

    final String nqn() {
        return nqn;
    }

    final HostAccess access() {
        return access;
    }

    /** Counters of connections on this loop. */
    final Counters<NvmeTcpCounter> counters(int loop) {
        return counters.get(loop);
    }

    /** Most entries of an I/O queue. */
    abstract int queueEntries();

    /**
     * A new controller.
     *
     * @param keepAliveMillis KATO as the host asked; 0 for none
     * @throws IllegalStateException if there are too many
     */
    abstract Association create(String hostNqn, UUID hostId, long keepAliveMillis, NvmeTcpConnection admin);

    /**
     * Creates a controller for a host and enters its admin connection.
     *
     * @throws IllegalStateException if there are too many, or after {@link #end}
     */
    final Association associate(String hostNqn, UUID hostId, long keepAliveMillis, NvmeTcpConnection admin) {
        synchronized (associations) {
            if (over) {
                throw new IllegalStateException("subsystem " + nqn + " is going");
            }
            Association made = create(hostNqn, hostId, keepAliveMillis, admin);
            made.enter(0, admin);
            associations.put(made.id(), made);
            return made;
        }
    }

    /** Lets no host in any more: those that are in. */
    final List<Association> end() {
        synchronized (associations) {
            over = true;
            return List.copyOf(associations.values());
        }
    }

    final @Nullable Association find(int id) {
        synchronized (associations) {
            return associations.get(id);
        }
    }

    final void remove(Association association) {
        synchronized (associations) {
            associations.remove(association.id(), association);
        }
    }

    /** Those that exist now. */
    final List<Association> associations() {
        synchronized (associations) {
            return List.copyOf(associations.values());
        }
    }

    /** Counters of all loops together. */
    final SequencedMap<String, Long> sums() {
        SequencedMap<String, Long> sums = new LinkedHashMap<>();
        counters.forEach(each -> each.addTo(sums));
        return sums;
    }
}
