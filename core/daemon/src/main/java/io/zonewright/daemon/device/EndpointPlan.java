package io.zonewright.daemon.device;

import io.zonewright.api.spi.FrontendPlan;

/**
 * A front-end to be.
 *
 * @param type command set
 * @param transport carrier
 * @param endpoint in a few words, as the plugin says it
 */
public record EndpointPlan(String type, String transport, String endpoint, FrontendPlan plan) {
    /** {@code virtio-blk over vhost-user at unix:/run/x.sock}. */
    @Override
    public String toString() {
        return type + " over " + transport + " at " + endpoint;
    }
}
