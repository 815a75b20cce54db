package io.zonewright.daemon;

import io.zonewright.daemon.config.ConfigFile;
import io.zonewright.daemon.config.Problems;
import io.zonewright.daemon.config.YamlFile;
import io.zonewright.daemon.device.DevicePlan;
import io.zonewright.daemon.device.DevicePlanner;
import io.zonewright.daemon.plugin.Catalogue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Devices made of the fake media and endpoints. */
public final class TestDevices {
    /** What happened to media and endpoints, in order. */
    public final List<String> events = new ArrayList<>();

    private final FakeBackend backend = new FakeBackend("fake", events);
    private final FakeFrontend frontend = new FakeFrontend("fake", "air", events);

    /** Plans the devices of a configuration that is good. */
    public List<DevicePlan> plan(String yaml) {
        Catalogue catalogue = new Catalogue();
        catalogue.add("p", backend);
        catalogue.add("p", frontend);
        catalogue.add("p", new FakeFrontend("nvme-zns", "tcp", events));
        Problems problems = new Problems();
        List<DevicePlan> plans = YamlFile.parse("f.yaml", Path.of("/run"), yaml, problems)
                .map(file -> DevicePlanner.plan(ConfigFile.of(file, problems), catalogue, problems))
                .orElseThrow();
        if (!problems.none()) {
            throw new IllegalArgumentException(String.join("\n", problems.lines()));
        }
        return plans;
    }
}
