package io.zonewright.frontend.nvme.tcp;

import io.zonewright.frontend.nvme.tcp.auth.HostSecrets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which hosts may connect to a subsystem, and what they have to prove.
 *
 * @param hosts NQNs of hosts that may connect; empty: any
 * @param secrets by host NQN
 * @param common for hosts without secrets of their own; null if there are none
 */
record HostAccess(
        Set<String> hosts,
        Map<String, HostSecrets> secrets,
        @Nullable HostSecrets common) {
    static final HostAccess ANY = new HostAccess(Set.of(), Map.of(), null);

    HostAccess {
        hosts = Set.copyOf(hosts);
        secrets = Map.copyOf(secrets);
    }

    /** Whether anybody is kept out. */
    boolean controlled() {
        return !hosts.isEmpty() || authenticates();
    }

    /** Whether hosts have to prove who they are. */
    boolean authenticates() {
        return common != null || !secrets.isEmpty();
    }

    /** Whether the host may connect: it is listed where there is a list, and has a secret where there are secrets. */
    boolean allows(String hostNqn) {
        return (hosts.isEmpty() || hosts.contains(hostNqn)) && (!authenticates() || secretsOf(hostNqn) != null);
    }

    /** What the host has to prove, or null for nothing. */
    @Nullable
    HostSecrets secretsOf(String hostNqn) {
        HostSecrets own = secrets.get(hostNqn);
        return own != null ? own : common;
    }

    /** Never shows secrets. */
    @Override
    public String toString() {
        return hosts.size() + " hosts, " + (authenticates() ? "authenticated" : "not authenticated");
    }
}
