package io.zonewright.daemon.device;

import io.zonewright.api.spi.BackendExtension;
import io.zonewright.api.spi.BackendPlan;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.FrontendExtension;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.daemon.config.ConfigFile;
import io.zonewright.daemon.config.DeviceSection;
import io.zonewright.daemon.config.DeviceSection.Part;
import io.zonewright.daemon.config.NearestWord;
import io.zonewright.daemon.config.Problems;
import io.zonewright.daemon.plugin.Catalogue;
import io.zonewright.daemon.plugin.Contribution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets the plugins read their parts of the configuration. For one thread. */
public final class DevicePlanner {
    private static final Logger LOG = LoggerFactory.getLogger(DevicePlanner.class);

    /** The command set whose state machine is {@link ZoneRules#ZNS}. */
    private static final String NVME = "nvme-zns";

    private final Catalogue catalogue;
    private final Problems problems;
    private final Map<String, Part> byEndpoint = new HashMap<>();

    private DevicePlanner(Catalogue catalogue, Problems problems) {
        this.catalogue = catalogue;
        this.problems = problems;
    }

    /** Plans every device of {@code file}; the result is of use only if {@code problems} stays empty. */
    public static List<DevicePlan> plan(ConfigFile file, Catalogue catalogue, Problems problems) {
        DevicePlanner planner = new DevicePlanner(catalogue, problems);
        List<DevicePlan> plans = new ArrayList<>();
        file.devices().forEach(device -> planner.device(device).ifPresent(plans::add));
        return plans;
    }

    private Optional<DevicePlan> device(DeviceSection section) {
        int before = problems.count();
        Optional<BackendPlan> backend = section.backend().flatMap(part -> backend(part, section.identity()));
        boolean good = problems.count() == before;
        // A shape computed from wrong settings would only make a front-end complain about things nobody wrote.
        Optional<ZoneGeometry> geometry = good ? backend.flatMap(BackendPlan::geometry) : Optional.empty();
        Optional<ZoneLimits> limits = good ? backend.flatMap(BackendPlan::limits) : Optional.empty();
        List<EndpointPlan> endpoints = new ArrayList<>();
        for (Part part : section.frontends()) {
            frontend(part, section.identity(), geometry, limits).ifPresent(endpoints::add);
        }
        return backend.map(plan -> new DevicePlan(
                section.identity(),
                section.backend().flatMap(part -> part.text("type")).orElse(""),
                plan,
                plan.zoneRules().orElseGet(() -> rulesFor(endpoints)),
                endpoints));
    }

    /** NVMe hosts alone see a device by NVMe's rules; as soon as another protocol shares it, ZBC's hold for all. */
    static ZoneRules rulesFor(List<EndpointPlan> endpoints) {
        boolean nvmeOnly = !endpoints.isEmpty()
                && endpoints.stream().allMatch(endpoint -> endpoint.type().equals(NVME));
        return nvmeOnly ? ZoneRules.ZNS : ZoneRules.ZBC;
    }

    private Optional<BackendPlan> backend(Part part, DeviceIdentity device) {
        Optional<String> type = part.text("type");
        if (type.isEmpty()) {
            return Optional.empty();
        }
        Optional<Contribution<BackendExtension>> found = catalogue.backend(type.get());
        if (found.isEmpty()) {
            part.problem(
                    "type",
                    "there is no back-end \"" + type.get() + "\"",
                    NearestWord.advice(type.get(), catalogue.backendTypes()));
            return Optional.empty();
        }
        BackendExtension extension = found.get().extension();
        return guard(part, found.get(), () -> extension.plan(part.settings(extension.keys()), device));
    }

    private Optional<EndpointPlan> frontend(
            Part part, DeviceIdentity device, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        Optional<Contribution<FrontendExtension>> found = choose(part);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        FrontendExtension extension = found.get().extension();
        int before = problems.count();
        Optional<FrontendPlan> plan = guard(
                part, found.get(), () -> extension.plan(part.settings(extension.keys()), device, geometry, limits));
        if (plan.isEmpty() || problems.count() != before) {
            return Optional.empty();
        }
        return guard(part, found.get(), plan.get()::endpoint).map(endpoint -> {
            refuseTaken(part, endpoint);
            return new EndpointPlan(extension.type(), extension.transport(), endpoint, plan.get());
        });
    }

    private Optional<Contribution<FrontendExtension>> choose(Part part) {
        Optional<String> type = part.text("type");
        if (type.isEmpty()) {
            return Optional.empty();
        }
        var carriers = catalogue.transports(type.get());
        if (carriers.isEmpty()) {
            part.problem(
                    "type",
                    "there is no front-end \"" + type.get() + "\"",
                    NearestWord.advice(type.get(), catalogue.frontendTypes()));
            return Optional.empty();
        }
        Optional<String> transport = part.text("transport");
        if (transport.isEmpty()) {
            if (carriers.size() == 1) {
                return carriers.values().stream().findFirst();
            }
            part.problem(
                    "transport",
                    "missing, and " + type.get() + " has several",
                    "add transport: " + String.join(" or transport: ", carriers.keySet()));
            return Optional.empty();
        }
        if (!carriers.containsKey(transport.get())) {
            part.problem(
                    "transport",
                    type.get() + " has no transport \"" + transport.get() + "\"",
                    NearestWord.advice(transport.get(), carriers.keySet()));
        }
        return Optional.ofNullable(carriers.get(transport.get()));
    }

    private void refuseTaken(Part part, String endpoint) {
        Part first = byEndpoint.putIfAbsent(endpoint, part);
        if (first != null) {
            problems.add(
                    part.start(),
                    part.path(),
                    "the endpoint " + endpoint + " is also that of " + first.path() + " in line "
                            + first.start().line(),
                    "give each front-end its own");
        }
    }

    /** A plugin that throws is the plugin's fault, not the user's; still the user gets one line with the place. */
    private <T> Optional<T> guard(Part part, Contribution<?> from, Supplier<T> call) {
        int before = problems.count();
        try {
            return Optional.of(call.get());
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
            LOG.debug("plugin {} failed", from.pluginId(), e);
            if (problems.count() == before) {
                String thrown = e.toString().lines().findFirst().orElse("");
                problems.add(
                        part.start(),
                        part.path(),
                        "the plugin " + from.pluginId() + " failed on these settings: " + thrown,
                        "this is a defect of the plugin; tell its author");
            }
            return Optional.empty();
        }
    }
}
