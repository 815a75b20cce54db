package io.zonewright.daemon.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.daemon.TestDevices;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceSetTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final TestDevices devices = new TestDevices();

    private static String device(String name, String backendKeys, String... frontends) {
        return "  " + name + ": { backend: { type: fake, size: 4MiB" + backendKeys + " }, frontends: [ "
                + String.join(", ", frontends) + " ] }\n";
    }

    private static String fake(String socket) {
        return "{ type: fake, socket: " + socket + " }";
    }

    @Test
    void devicesStopInReverseOrderOfTheirStart() throws Exception {
        DeviceSet set = DeviceSet.start(
                devices.plan("devices:\n" + device("a", "", fake("a1"), fake("a2")) + device("b", "", fake("b1"))));
        set.stop(PATIENCE);
        assertEquals(
                List.of(
                        "open medium a",
                        "open /run/a1",
                        "open /run/a2",
                        "open medium b",
                        "open /run/b1",
                        "start /run/a1",
                        "start /run/a2",
                        "start /run/b1",
                        "stop /run/b1",
                        "close medium b",
                        "stop /run/a2",
                        "stop /run/a1",
                        "close medium a"),
                devices.events);
    }

    @Test
    void whenOneEndpointCannotStartNothingStaysOpen() {
        List<DevicePlan> plans = devices.plan(
                "devices:\n" + device("a", "", fake("a1")) + device("b", "", fake("b1"), fake("taken.sock")));
        DeviceException thrown = assertThrows(DeviceException.class, () -> DeviceSet.start(plans));
        assertEquals("device b: fake over air at unix:/run/taken.sock: somebody listens there", thrown.getMessage());
        assertEquals(
                List.of("stop /run/taken.sock", "stop /run/b1", "close medium b", "stop /run/a1", "close medium a"),
                devices.events.subList(devices.events.size() - 5, devices.events.size()));
    }

    @Test
    void whenAMediumCannotBeOpenedTheMessageSaysWhichAndWhy() {
        List<DevicePlan> plans =
                devices.plan("devices:\n" + device("a", "", fake("a1")) + device("b", ", fails: open", fake("b1")));
        DeviceException thrown = assertThrows(DeviceException.class, () -> DeviceSet.start(plans));
        assertEquals("device b: back-end fake: the medium is not there; plug it in", thrown.getMessage());
        assertEquals(List.of("open medium a", "open /run/a1", "stop /run/a1", "close medium a"), devices.events);
    }

    @Test
    void zoneRulesAreNvmesOnlyIfEveryFrontEndIs() {
        String nvme = "{ type: nvme-zns, socket: n }";
        List<DevicePlan> plans = devices.plan("devices:\n"
                + device("only-nvme", "", nvme)
                + device("both", "", nvme.replace("n }", "m }"), fake("f")));
        assertEquals(ZoneRules.ZNS, plans.get(0).rules());
        assertEquals(ZoneRules.ZBC, plans.get(1).rules());
    }

    @Test
    void anAdministratorMakesZonesReadOnlyAndOffline() throws Exception {
        DeviceSet set = DeviceSet.start(devices.plan("devices:\n" + device("a", "", fake("a1"))));
        Device device = set.find("a").orElseThrow();
        ZoneDescriptor zone = new ZoneDescriptor();
        assertEquals(Cause.DONE, device.act(Operation.ZONE_SET_READ_ONLY, 2, PATIENCE));
        device.zoned().zone(2, zone);
        assertEquals(ZoneCondition.READ_ONLY, zone.condition());
        assertEquals(Cause.DONE, device.act(Operation.ZONE_SET_OFFLINE, 2, PATIENCE));
        device.zoned().zone(2, zone);
        assertEquals(ZoneCondition.OFFLINE, zone.condition());
        assertEquals(Cause.ALREADY_SO, device.act(Operation.ZONE_SET_OFFLINE, 2, PATIENCE));
        set.stop(PATIENCE);
    }
}
