package io.zonewright.frontend.virtioblk;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.frontend.virtioblk.config.BlkConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** The QEMU arguments that attach to an endpoint, and what to know about them. */
final class QemuHints {
    private static final String MEMORY =
            "-object memory-backend-memfd,id=mem,share=on,size=1024M -machine q35,memory-backend=mem";

    private QemuHints() {}

    static List<AttachHint> of(
            VirtioBlkSettings settings,
            DeviceIdentity device,
            Optional<ZoneGeometry> geometry,
            Optional<ZoneLimits> limits) {
        List<AttachHint> hints = new ArrayList<>();
        String id = qemuId(device.name());
        String chardev = "-chardev socket,id=" + id + ",path="
                + quote(settings.socket().path().toString());
        String generic = "-device vhost-user-test-device-pci,chardev=" + id + ",virtio-id=2,num_vqs="
                + settings.queues() + ",vq_size=" + settings.queueSize() + ",config_size=" + BlkConfig.SIZE;
        hints.add(new AttachHint(
                "QEMU",
                List.of(MEMORY, chardev, generic),
                notes("Known to work with QEMU 11.1.", settings, geometry, limits),
                properties(settings)));
        if (geometry.isPresent() && geometry.get().model() == ZoneModel.NONE) {
            String ordinary = "-device vhost-user-blk-pci,chardev=" + id + ",num-queues=" + settings.queues()
                    + ",queue-size=" + settings.queueSize();
            hints.add(new AttachHint(
                    "QEMU, as an ordinary disk",
                    List.of(MEMORY, chardev, ordinary),
                    List.of("The guest's firmware can boot from it. This device of QEMU's hides zones, so use it for"
                            + " ordinary disks only."),
                    properties(settings)));
        }
        return hints;
    }

    /** For the PCI function over vfio-user. */
    static List<AttachHint> ofPci(
            VirtioBlkSettings settings, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        String device = "-device '{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\""
                + settings.socket()
                        .path()
                        .toString()
                        .replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("'", "'\\''")
                + "\"}}'";
        List<String> notes = notes("Needs QEMU 10.1 or newer, known to work with 11.1.", settings, geometry, limits);
        SequencedMap<String, String> properties = properties(settings);
        properties.remove("config-size");
        return List.of(new AttachHint("QEMU", List.of(MEMORY, device), notes, properties));
    }

    private static List<String> notes(
            String versions, VirtioBlkSettings settings, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        List<String> notes = new ArrayList<>();
        notes.add(
                versions + " QEMU needs write permission on the socket: run it as the same user, or see socket-mode and"
                        + " socket-group.");
        notes.add("In a Linux guest the disk is /dev/disk/by-id/virtio-" + settings.serial() + ".");
        notes.addAll(warnings(geometry, limits));
        if (geometry.isPresent() && geometry.get().model() == ZoneModel.HOST_AWARE) {
            notes.add("Linux 6.9 and newer use a host-aware disk as an ordinary one.");
        }
        return notes;
    }

    /** Why a stock Linux guest refuses the disk, one sentence each. */
    static List<String> warnings(Optional<ZoneGeometry> shape, Optional<ZoneLimits> limits) {
        if (shape.isEmpty() || !shape.get().model().zoned()) {
            return List.of();
        }
        ZoneGeometry geometry = shape.get();
        List<String> warnings = new ArrayList<>();
        if (Long.bitCount(geometry.zoneSize()) != 1) {
            warnings.add("Linux guests refuse this disk: its zone size of " + geometry.zoneSize()
                    + " bytes is not a power of two.");
        }
        if (limits.isPresent() && limits.get().maxAppendBytes() < geometry.writeGranularity()) {
            warnings.add("Linux guests refuse this disk: it takes no zone appends of at least "
                    + geometry.writeGranularity() + " bytes.");
        }
        return warnings;
    }

    private static SequencedMap<String, String> properties(VirtioBlkSettings settings) {
        SequencedMap<String, String> properties = new LinkedHashMap<>();
        properties.put("socket", settings.socket().path().toString());
        properties.put("queues", Integer.toString(settings.queues()));
        properties.put("queue-size", Integer.toString(settings.queueSize()));
        properties.put("config-size", Integer.toString(BlkConfig.SIZE));
        properties.put("serial", settings.serial());
        properties.put("by-id", "/dev/disk/by-id/virtio-" + settings.serial());
        return properties;
    }

    /** QEMU's ids begin with a letter and consist of letters, digits, and a few others. */
    private static String qemuId(String name) {
        String id = name.replaceAll("[^A-Za-z0-9._-]", "-");
        return id.isEmpty() || !Character.isLetter(id.charAt(0)) ? "zw-" + id : id;
    }

    /** QEMU wants commas doubled; the shell wants quotes around anything unusual. */
    private static String quote(String path) {
        String escaped = path.replace(",", ",,");
        return escaped.matches("[A-Za-z0-9/._,+:@=-]*") ? escaped : "'" + escaped.replace("'", "'\\''") + "'";
    }
}
