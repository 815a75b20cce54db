package io.zonewright.frontend.nvme.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.zonewright.api.spi.ZonedDevice;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One device behind several NVMe front-ends is one subsystem. */
class SharedSubsystemTest {
    private static final SubsystemOptions OPTIONS = SubsystemOptions.of("nqn.2026-11.io.zonewright:shared");

    private final ZonedDevice device = Host.zoned().device;

    @Test
    void controllersOfAllFrontendsHaveIdentifiersOfTheirOwn() {
        try (NvmeSubsystem one = NvmeSubsystem.shared(device, OPTIONS);
                NvmeSubsystem two = NvmeSubsystem.shared(device, OPTIONS)) {
            assertSame(one, two);
            assertEquals(1, one.newController(Host.pcie(), new Host.Carrier()).id());
            assertEquals(2, two.newController(Host.pcie(), new Host.Carrier()).id());
        }
    }

    @Test
    void theLastOneToLeaveClosesIt() {
        NvmeSubsystem one = NvmeSubsystem.shared(device, OPTIONS);
        NvmeSubsystem two = NvmeSubsystem.shared(device, OPTIONS);
        one.newController(Host.pcie(), new Host.Carrier());
        one.close();
        assertEquals(List.of(1), two.controllerIds());
        two.close();
        assertEquals(List.of(), two.controllerIds());
        try (NvmeSubsystem next = NvmeSubsystem.shared(device, OPTIONS)) {
            assertNotSame(two, next);
        }
    }

    @Test
    void anotherNameOrAnotherDeviceIsAnotherSubsystem() {
        try (NvmeSubsystem one = NvmeSubsystem.shared(device, OPTIONS);
                NvmeSubsystem named = NvmeSubsystem.shared(device, SubsystemOptions.of("nqn.2026-11.io.zonewright:b"));
                NvmeSubsystem other = NvmeSubsystem.shared(Host.zoned().device, OPTIONS)) {
            assertNotSame(one, named);
            assertNotSame(one, other);
        }
    }
}
