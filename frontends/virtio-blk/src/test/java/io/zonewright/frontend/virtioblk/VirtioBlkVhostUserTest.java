package io.zonewright.frontend.virtioblk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.posix.Groups;
import io.zonewright.testkit.config.TestSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings, what is wrong with them, and how to attach. */
class VirtioBlkVhostUserTest {
    private static final long MIB = 1L << 20;
    private static final ZoneGeometry ZONED = new ZoneGeometry(ZoneModel.HOST_MANAGED, 1024 * MIB, 512, 4096, 64 * MIB);
    private static final ZoneLimits LIMITS = new ZoneLimits(4, 6, MIB);
    private static final DeviceIdentity DEVICE = DeviceIdentity.of("archive");

    private final VirtioBlkVhostUser extension = new VirtioBlkVhostUser();

    private List<String> problems(Map<String, String> values) {
        return problems(values, ZONED);
    }

    private List<String> problems(Map<String, String> values, ZoneGeometry geometry) {
        TestSettings settings = TestSettings.of(extension.keys(), values);
        extension.plan(settings, DEVICE, Optional.of(geometry), Optional.of(LIMITS));
        return settings.problems();
    }

    private FrontendPlan plan(ZoneGeometry geometry, ZoneLimits limits, Map<String, String> values) {
        TestSettings settings = TestSettings.of(extension.keys(), values);
        FrontendPlan plan = extension.plan(settings, DEVICE, Optional.of(geometry), Optional.of(limits));
        assertEquals(List.of(), settings.problems());
        return plan;
    }

    @Test
    void namesItself() {
        assertEquals("virtio-blk", extension.type());
        assertEquals("vhost-user", extension.transport());
    }

    @Test
    void defaultsAreGood() {
        assertEquals(List.of(), problems(Map.of("socket", "/run/a.sock")));
    }

    @Test
    void aSocketPathOf107BytesFitsOneOf108DoesNot() {
        assertEquals(List.of(), problems(Map.of("socket", "/" + "a".repeat(106))));
        assertEquals(
                List.of("socket: the path has 108 bytes, and a Unix socket's path at most 107; "
                        + "a shorter path, such as /run/zonewright/archive.sock"),
                problems(Map.of("socket", "/" + "a".repeat(107))));
        assertEquals(
                List.of("socket: the path has 109 bytes, and a Unix socket's path at most 107; "
                        + "a shorter path, such as /run/zonewright/archive.sock"),
                problems(Map.of("socket", "/" + "ä".repeat(54))));
    }

    @Test
    void numbersHaveTheirRanges() {
        assertEquals(
                List.of("queues: 0 is not from 1 to 64; the nearest is 1"),
                problems(Map.of("socket", "/s", "queues", "0")));
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
                List.of("queue-size: 2048 is not a power of two from 8 to 1024; the nearest is 1024"),
                problems(Map.of("socket", "/s", "queue-size", "2048")));
        assertEquals(
                List.of("spin: polling for longer than 10ms only burns processor time; 10ms or less"),
                problems(Map.of("socket", "/s", "spin", "11ms")));
    }

    @Test
    void aSerialHasOneToTwentyPrintableCharacters() {
        assertEquals(List.of(), problems(Map.of("socket", "/s", "serial", "A".repeat(20))));
        for (String bad : List.of("", "A".repeat(21), "a b", "ä", "a/b")) {
            assertEquals(
                    List.of("serial: \"" + bad
                            + "\" is not 1 to 20 printable ASCII characters without blanks and slashes; such as "
                            + DEVICE.serial()),
                    problems(Map.of("socket", "/s", "serial", bad)));
        }
    }

    @Test
    void zonesThatTheFieldsCannotTellAreRefused() {
        long blocks = 1L << 21;
        ZoneGeometry huge = new ZoneGeometry(ZoneModel.HOST_MANAGED, 1L << 43, 4096, 4096, 4096L << 30);
        assertEquals(
                List.of("socket: zones of " + (blocks << 21)
                        + " bytes cannot be told over virtio-blk, which counts 512-byte sectors of a zone in 32 bits;"
                        + " a zone-size of 1TiB or less"),
                problems(Map.of("socket", "/s"), huge));
    }

    @Test
    void anUnknownGroupIsRefused() {
        assertEquals(
                List.of("socket-group: there is no group \"no-such-group\" in /etc/group;"
                        + " the name of a group there, or a group's number"),
                problems(Map.of("socket", "/s", "socket-group", "no-such-group")));
        assertEquals(List.of(), problems(Map.of("socket", "/s", "socket-group", "12345")));
    }

    @Test
    void groupsAreFoundByNameAndNumber(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("group");
        Files.writeString(file, "root:x:0:\nbroken\nkvm:x:108:alice,bob\nodd:x:-3:\n");
        Groups groups = new Groups(file);
        assertEquals(OptionalInt.of(108), groups.number("kvm"));
        assertEquals(OptionalInt.of(0), groups.number("root"));
        assertEquals(OptionalInt.of(77), groups.number("77"));
        assertEquals(OptionalInt.empty(), groups.number("broken"));
        assertEquals(OptionalInt.empty(), groups.number("odd"));
        assertEquals(OptionalInt.empty(), groups.number("kv"));
        assertEquals(OptionalInt.empty(), new Groups(directory.resolve("none")).number("kvm"));
    }

    @Test
    void attachTellsTheExactArguments() {
        FrontendPlan plan = plan(ZONED, LIMITS, Map.of("socket", "/run/zonewright/a.sock", "queues", "4"));
        AttachHint hint = plan.attach().getFirst();
        assertEquals("QEMU", hint.client());
        assertEquals(
                List.of(
                        "-object memory-backend-memfd,id=mem,share=on,size=1024M -machine q35,memory-backend=mem",
                        "-chardev socket,id=archive,path=/run/zonewright/a.sock",
                        "-device vhost-user-test-device-pci,chardev=archive,virtio-id=2,num_vqs=4,vq_size=256,config_size=96"),
                hint.commands());
        assertEquals(
                "{socket=/run/zonewright/a.sock, queues=4, queue-size=256, config-size=96, serial=" + DEVICE.serial()
                        + ", by-id=/dev/disk/by-id/virtio-" + DEVICE.serial() + "}",
                hint.properties().toString());
        assertEquals(1, plan.attach().size());
        assertEquals("unix:/run/zonewright/a.sock", plan.endpoint());
    }

    @Test
    void commasAreDoubledForQemuAndOddPathsQuotedForTheShell() {
        FrontendPlan plan = plan(ZONED, LIMITS, Map.of("socket", "/tmp/it's a,b"));
        assertEquals(
                "-chardev socket,id=archive,path='/tmp/it'\\''s a,,b'",
                plan.attach().getFirst().commands().get(1));
    }

    @Test
    void anOrdinaryDiskAlsoAttachesTheOrdinaryWay() {
        FrontendPlan plan = plan(ZoneGeometry.unzoned(MIB, 512), ZoneLimits.NONE, Map.of("socket", "/s"));
        assertEquals(2, plan.attach().size());
        assertEquals(
                "-device vhost-user-blk-pci,chardev=archive,num-queues=1,queue-size=256",
                plan.attach().get(1).commands().get(2));
    }

    @Test
    void warningsTellWhatLinuxDoesNotTake() {
        ZoneGeometry odd = new ZoneGeometry(ZoneModel.HOST_MANAGED, 96 * MIB, 512, 4096, 48 * MIB);
        assertEquals(
                List.of(
                        "Linux guests refuse this disk: its zone size of 50331648 bytes is not a power of two.",
                        "Linux guests refuse this disk: it takes no zone appends of at least 4096 bytes."),
                plan(odd, new ZoneLimits(4, 6, 0), Map.of("socket", "/s")).warnings());
        assertEquals(List.of(), plan(ZONED, LIMITS, Map.of("socket", "/s")).warnings());
        assertEquals(
                List.of(),
                plan(ZoneGeometry.unzoned(3 * MIB, 512), ZoneLimits.NONE, Map.of("socket", "/s"))
                        .warnings());
    }

    @Test
    void notesTellWhatLinuxDoesNotTake() {
        ZoneGeometry odd = new ZoneGeometry(ZoneModel.HOST_MANAGED, 96 * MIB, 512, 4096, 48 * MIB);
        List<String> notes = plan(odd, new ZoneLimits(4, 6, 0), Map.of("socket", "/s"))
                .attach()
                .getFirst()
                .notes();
        assertTrue(
                notes.contains("Linux guests refuse this disk: its zone size of 50331648 bytes is not a power of two."),
                notes.toString());
        assertTrue(
                notes.contains("Linux guests refuse this disk: it takes no zone appends of at least 4096 bytes."),
                notes.toString());
        List<String> good =
                plan(ZONED, LIMITS, Map.of("socket", "/s")).attach().getFirst().notes();
        assertTrue(good.stream().noneMatch(note -> note.contains("refuse")), good.toString());
    }
}
