package io.zonewright.frontend.nvme.vfiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.testkit.config.TestSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Settings, their problems, and what attach prints. */
class NvmeVfioUserTest {
    private final NvmeVfioUser extension = new NvmeVfioUser();

    private FrontendPlan plan(TestSettings settings) {
        return extension.plan(settings, DeviceIdentity.of("archive"), Optional.empty(), Optional.empty());
    }

    @Test
    void tellsTheExactArgumentsForQemu() {
        FrontendPlan plan = plan(TestSettings.of(extension.keys(), Map.of("socket", "/run/it's.sock")));
        assertEquals("unix:/run/it's.sock", plan.endpoint());
        assertEquals(
                List.of(
                        "-object memory-backend-memfd,id=mem,share=on,size=1024M -machine q35,memory-backend=mem",
                        "-device '{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\"/run/it'\\''s.sock\"}}'"),
                plan.attach().getFirst().commands());
    }

    @Test
    void reportsEveryProblem() {
        TestSettings settings = TestSettings.of(
                extension.keys(),
                Map.of(
                        "socket", "/run/" + "x".repeat(110),
                        "queues", "65",
                        "queue-size", "1",
                        "spin", "11ms",
                        "nqn", "archive"));
        plan(settings);
        assertEquals(5, settings.problems().size(), settings.problems().toString());
        assertTrue(settings.problems().stream().anyMatch(problem -> problem.contains("65 is not from 1 to 64")));
    }
}
