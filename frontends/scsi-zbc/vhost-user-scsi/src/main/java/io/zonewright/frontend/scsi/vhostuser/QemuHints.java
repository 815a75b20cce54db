package io.zonewright.frontend.scsi.vhostuser;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.frontend.scsi.command.UnitLimits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;

/** The QEMU arguments that attach to an adapter, and what to know about its disks. */
final class QemuHints {
    private static final String MEMORY =
            "-object memory-backend-memfd,id=mem,share=on,size=1024M -machine q35,memory-backend=mem";

    /** Split rings go on where they were, in the guest's memory; packed ones cannot. */
    private static final String RECONNECT = ",reconnect-ms=1000";

    private QemuHints() {}

    static List<AttachHint> of(ScsiSettings settings, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        HbaOptions hba = settings.hba();
        String id = qemuId(hba.socket().path().getFileName().toString());
        String chardev = "-chardev socket,id=" + id + ",path="
                + quote(hba.socket().path().toString()) + (hba.packed() ? "" : RECONNECT);
        String device = "-device vhost-user-scsi-pci,chardev=" + id + ",num_queues=" + hba.queues() + ",virtqueue_size="
                + hba.queueSize() + (hba.packed() ? ",packed=on" : "");
        List<String> notes = notes("Known to work with QEMU 11.1.", settings, geometry, limits);
        if (!hba.packed()) {
            notes.add(
                    "With reconnect-ms (QEMU 9.2 or newer) a guest waits for a daemon that was restarted, and goes on with"
                            + " what its medium still holds.");
        }
        return List.of(new AttachHint("QEMU", List.of(MEMORY, chardev, device), notes, properties(settings)));
    }

    /** For the PCI function over vfio-user. */
    static List<AttachHint> ofPci(ScsiSettings settings, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        String device = "-device '{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\""
                + settings.hba()
                        .socket()
                        .path()
                        .toString()
                        .replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("'", "'\\''")
                + "\"}}'";
        List<String> notes = notes("Needs QEMU 10.1 or newer, known to work with 11.1.", settings, geometry, limits);
        return List.of(new AttachHint("QEMU", List.of(MEMORY, device), notes, properties(settings)));
    }

    private static List<String> notes(
            String versions, ScsiSettings settings, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        List<String> notes = new ArrayList<>();
        notes.add(
                versions + " QEMU needs write permission on the socket: run it as the same user, or see socket-mode and"
                        + " socket-group.");
        notes.add("One adapter shows all devices that name its socket: give QEMU these arguments once. In a Linux guest"
                + " the disk is the one with LUN " + settings.lun() + ": lsscsi, or /dev/disk/by-path.");
        notes.addAll(warnings(settings, geometry, limits));
        if (geometry.isPresent() && geometry.get().model() == ZoneModel.HOST_AWARE) {
            notes.add("Linux 6.9 and newer use a host-aware disk as an ordinary one.");
        }
        return notes;
    }

    /** What a stock Linux guest refuses, and what SCSI cannot tell, one sentence each. */
    static List<String> warnings(ScsiSettings settings, Optional<ZoneGeometry> shape, Optional<ZoneLimits> limits) {
        if (shape.isEmpty() || shape.get().model() != ZoneModel.HOST_MANAGED) {
            return List.of();
        }
        ZoneGeometry geometry = shape.get();
        List<String> warnings = new ArrayList<>();
        if (Long.bitCount(geometry.zoneSize()) != 1) {
            warnings.add("Linux guests refuse this disk: its zone size of " + geometry.zoneSize()
                    + " bytes is not a power of two.");
        }
        if (!settings.unit().unrestrictedReads()) {
            warnings.add("Linux guests refuse this disk: with urswrz: false its reads are restricted.");
        }
        if (limits.isPresent() && limits.get().maxActive() > 0) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "SCSI has no word for a limit of active zones: guests are told that %d zones can be open, and one"
                            + " active zone too many is answered as insufficient zone resources.",
                    UnitLimits.maxOpen(limits.get())));
        }
        return warnings;
    }

    private static SequencedMap<String, String> properties(ScsiSettings settings) {
        HbaOptions hba = settings.hba();
        SequencedMap<String, String> properties = new LinkedHashMap<>();
        properties.put("socket", hba.socket().path().toString());
        properties.put("lun", Integer.toString(settings.lun()));
        properties.put("queues", Integer.toString(hba.queues()));
        properties.put("queue-size", Integer.toString(hba.queueSize()));
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
