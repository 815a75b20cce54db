package io.zonewright.frontend.nvme.vfiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
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

    private List<String> warnings(ZoneGeometry geometry, int maxAppend) {
        FrontendPlan plan = extension.plan(
                TestSettings.of(extension.keys(), Map.of("socket", "/s")),
                DeviceIdentity.of("archive"),
                Optional.of(geometry),
                Optional.of(new ZoneLimits(4, 6, maxAppend)));
        List<String> notes = plan.attach().getFirst().notes();
        assertTrue(notes.containsAll(plan.warnings()), notes.toString());
        return plan.warnings();
    }

    @Test
    void warningsTellWhatGuestsDoNotTake() {
        ZoneGeometry odd = new ZoneGeometry(ZoneModel.HOST_MANAGED, 100L << 20, 4096, 4096, 48L << 20);
        assertEquals(
                List.of(
                        "Linux guests refuse the zoned namespace: its zone size of 50331648 bytes is not a power of two.",
                        "The last zone is smaller than the others, which NVMe cannot tell: its 4194304 bytes are left"
                                + " out of the namespace.",
                        "Linux guests take the zoned namespace for reading only: it takes no zone appends of 8192"
                                + " bytes, so Zone Append is not offered."),
                warnings(odd, 4096));
        ZoneGeometry even = new ZoneGeometry(ZoneModel.HOST_MANAGED, 128L << 20, 4096, 4096, 32L << 20);
        assertEquals(List.of(), warnings(even, 8192));
        assertEquals(List.of(), warnings(ZoneGeometry.unzoned(3L << 20, 512), 0));
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
