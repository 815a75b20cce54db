package io.zonewright.frontend.scsi.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

/** Settings, what is wrong with them, and how to attach. */
class ScsiVhostUserTest {
    private static final long MIB = 1L << 20;
    private static final ZoneGeometry ZONED = new ZoneGeometry(ZoneModel.HOST_MANAGED, 1024 * MIB, 512, 4096, 64 * MIB);

    private final ScsiVhostUser extension = new ScsiVhostUser();

    private List<String> problems(Map<String, String> values) {
        TestSettings settings = TestSettings.of(extension.keys(), values);
        extension.plan(
                settings, DeviceIdentity.of("archive"), Optional.of(ZONED), Optional.of(new ZoneLimits(0, 0, MIB)));
        return settings.problems();
    }

    private FrontendPlan plan(ZoneGeometry geometry, ZoneLimits limits, Map<String, String> values) {
        TestSettings settings = TestSettings.of(extension.keys(), values);
        FrontendPlan plan =
                extension.plan(settings, DeviceIdentity.of("archive"), Optional.of(geometry), Optional.of(limits));
        assertEquals(List.of(), settings.problems());
        return plan;
    }

    @Test
    void namesItself() {
        assertEquals("scsi-zbc", extension.type());
        assertEquals("vhost-user", extension.transport());
    }

    @Test
    void numbersHaveTheirRanges() {
        assertEquals(List.of(), problems(Map.of("socket", "/s")));
        assertEquals(
                List.of("lun: 16384 is not from 0 to 16383; the nearest is 16383"),
                problems(Map.of("socket", "/s", "lun", "16384")));
        assertEquals(
                List.of("queues: 65 is not from 1 to 64; the nearest is 64"),
                problems(Map.of("socket", "/s", "queues", "65")));
        assertEquals(
                List.of("threads: 3 is not from 1 to 2; the nearest is 2"),
                problems(Map.of("socket", "/s", "queues", "2", "threads", "3")));
        assertEquals(
                List.of("queue-size: 100 is not a power of two from 8 to 1024; the nearest is 64"),
                problems(Map.of("socket", "/s", "queue-size", "100")));
        assertEquals(
                List.of("spin: polling for longer than 10ms only burns processor time; 10ms or less"),
                problems(Map.of("socket", "/s", "spin", "11ms")));
    }

    @Test
    void entriesOfOneSocketAreToldApartByTheirLun() {
        ZoneLimits none = new ZoneLimits(0, 0, MIB);
        assertEquals("unix:/s LUN 0", plan(ZONED, none, Map.of("socket", "/s")).endpoint());
        assertEquals(
                "unix:/s LUN 7",
                plan(ZONED, none, Map.of("socket", "/s", "lun", "7")).endpoint());
    }

    @Test
    void qemuIsGivenTheAdapterOnce() {
        AttachHint hint = plan(
                        ZONED,
                        new ZoneLimits(0, 0, MIB),
                        Map.of("socket", "/run/a,b.sock", "lun", "3", "queues", "4", "queue-size", "512"))
                .attach()
                .getFirst();
        assertEquals(
                List.of(
                        "-object memory-backend-memfd,id=mem,share=on,size=1024M -machine q35,memory-backend=mem",
                        "-chardev socket,id=a-b.sock,path=/run/a,,b.sock",
                        "-device vhost-user-scsi-pci,chardev=a-b.sock,num_queues=4,virtqueue_size=512"),
                hint.commands());
        assertEquals(
                Map.of("socket", "/run/a,b.sock", "lun", "3", "queues", "4", "queue-size", "512"), hint.properties());
    }

    @Test
    void whatLinuxRefusesIsSaid() {
        assertEquals(
                List.of("Linux guests refuse this disk: with urswrz: false its reads are restricted."),
                plan(ZONED, new ZoneLimits(4, 0, MIB), Map.of("socket", "/s", "urswrz", "false"))
                        .warnings());
        assertEquals(
                List.of(
                        "SCSI has no word for a limit of active zones: guests are told that 6 zones can be open, and one"
                                + " active zone too many is answered as insufficient zone resources."),
                plan(ZONED, new ZoneLimits(0, 6, MIB), Map.of("socket", "/s")).warnings());
        ZoneGeometry odd = new ZoneGeometry(ZoneModel.HOST_MANAGED, 96 * MIB, 512, 512, 24 * MIB);
        assertEquals(
                List.of("Linux guests refuse this disk: its zone size of 25165824 bytes is not a power of two."),
                plan(odd, new ZoneLimits(0, 0, MIB), Map.of("socket", "/s")).warnings());
        assertEquals(
                List.of(),
                plan(ZoneGeometry.unzoned(64 * MIB, 512), ZoneLimits.NONE, Map.of("socket", "/s"))
                        .warnings());
    }
}
