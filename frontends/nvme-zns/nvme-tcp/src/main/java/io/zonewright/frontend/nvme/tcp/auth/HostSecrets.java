package io.zonewright.frontend.nvme.tcp.auth;

import org.jspecify.annotations.Nullable;

/**
 * What one host and the controller prove to each other.
 *
 * @param host the host's secret
 * @param controller ours; null where the host cannot ask for a proof
 */
public record HostSecrets(DhchapSecret host, @Nullable DhchapSecret controller) {}
