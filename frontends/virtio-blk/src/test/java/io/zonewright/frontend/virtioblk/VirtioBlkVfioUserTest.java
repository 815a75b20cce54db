package io.zonewright.frontend.virtioblk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.config.Key;
import io.zonewright.api.spi.AttachHint;
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

/** Settings of the PCI function, and how to attach. */
class VirtioBlkVfioUserTest {
    private static final long MIB = 1L << 20;
    private static final ZoneGeometry ZONED = new ZoneGeometry(ZoneModel.HOST_MANAGED, 1024 * MIB, 512, 4096, 64 * MIB);
    private static final DeviceIdentity DEVICE = DeviceIdentity.of("archive");

    private final VirtioBlkVfioUser extension = new VirtioBlkVfioUser();

    private FrontendPlan plan(Map<String, String> values) {
        TestSettings settings = TestSettings.of(extension.keys(), values);
        FrontendPlan plan =
                extension.plan(settings, DEVICE, Optional.of(ZONED), Optional.of(new ZoneLimits(4, 6, MIB)));
        assertEquals(List.of(), settings.problems());
        return plan;
    }

    @Test
    void namesItself() {
        assertEquals("virtio-blk", extension.type());
        assertEquals("vfio-user", extension.transport());
    }

    @Test
    void hasTheKeysOfVhostUserAndTheDoorbells() {
        assertEquals(
                List.of(
                        "socket",
                        "socket-mode",
                        "socket-group",
                        "queues",
                        "queue-size",
                        "threads",
                        "spin",
                        "serial",
                        "packed",
                        "doorbells"),
                extension.keys().stream().map(Key::name).toList());
    }

    @Test
    void doorbellsAreTrappedUnlessTheyAreMapped() {
        assertFalse(((VirtioBlkPciPlan) plan(Map.of("socket", "/s"))).mappedDoorbells());
        assertFalse(((VirtioBlkPciPlan) plan(Map.of("socket", "/s", "doorbells", "trapped"))).mappedDoorbells());
        assertTrue(((VirtioBlkPciPlan) plan(Map.of("socket", "/s", "doorbells", "mapped"))).mappedDoorbells());
    }

    @Test
    void attachTellsTheExactArguments() {
        FrontendPlan plan = plan(Map.of("socket", "/run/zonewright/a.sock", "queues", "4"));
        AttachHint hint = plan.attach().getFirst();
        assertEquals("QEMU", hint.client());
        assertEquals(
                List.of(
                        "-object memory-backend-memfd,id=mem,share=on,size=1024M -machine q35,memory-backend=mem",
                        "-device '{\"driver\":\"vfio-user-pci\","
                                + "\"socket\":{\"type\":\"unix\",\"path\":\"/run/zonewright/a.sock\"}}'"),
                hint.commands());
        assertEquals(
                "{socket=/run/zonewright/a.sock, queues=4, queue-size=256, serial=" + DEVICE.serial()
                        + ", by-id=/dev/disk/by-id/virtio-" + DEVICE.serial() + "}",
                hint.properties().toString());
        assertEquals("unix:/run/zonewright/a.sock", plan.endpoint());
    }

    @Test
    void oddPathsAreQuotedForJsonAndForTheShell() {
        assertEquals(
                "-device '{\"driver\":\"vfio-user-pci\","
                        + "\"socket\":{\"type\":\"unix\",\"path\":\"/tmp/it'\\''s \\\"x\\\\\"}}'",
                plan(Map.of("socket", "/tmp/it's \"x\\"))
                        .attach()
                        .getFirst()
                        .commands()
                        .get(1));
    }
}
