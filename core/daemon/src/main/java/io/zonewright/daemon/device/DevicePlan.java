package io.zonewright.daemon.device;

import io.zonewright.api.spi.BackendPlan;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneRules;
import java.util.List;

/**
 * A device to be; nothing of it is open yet.
 *
 * @param identity name and UUID
 * @param backendType the word for its medium
 * @param backend its medium
 * @param rules the state machine that all its front-ends share
 * @param endpoints in the file's order
 */
public record DevicePlan(
        DeviceIdentity identity,
        String backendType,
        BackendPlan backend,
        ZoneRules rules,
        List<EndpointPlan> endpoints) {
    public DevicePlan {
        endpoints = List.copyOf(endpoints);
    }

    public String name() {
        return identity.name();
    }
}
