package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneModel;
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

    static List<AttachHint> of(NvmeVfioUserSettings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry) {
        String json = "{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\""
                + json(settings.socket().toString()) + "\"}}";
        return List.of(new AttachHint(
                "QEMU", List.of(MEMORY, "-device " + quote(json)), notes(geometry), properties(settings, device)));
    }

    private static List<String> notes(Optional<ZoneGeometry> geometry) {
        List<String> notes = new ArrayList<>();
        notes.add(
                "Needs QEMU 10.1 or newer; known to work with 11.1. QEMU needs write permission on the socket: run it as"
                        + " the same user, or see socket-mode and socket-group.");
        if (geometry.isPresent() && geometry.get().model() == ZoneModel.HOST_MANAGED) {
            if (Long.bitCount(geometry.get().zoneSize()) != 1) {
                notes.add("Linux guests refuse the zoned namespace: its zone size of "
                        + geometry.get().zoneSize() + " bytes is not a power of two.");
            }
        }
        return notes;
    }

    private static SequencedMap<String, String> properties(NvmeVfioUserSettings settings, DeviceIdentity device) {
        SequencedMap<String, String> properties = new LinkedHashMap<>();
        properties.put("socket", settings.socket().toString());
        properties.put("nqn", settings.nqn());
        properties.put("queues", Integer.toString(settings.queues()));
        properties.put("queue-size", Integer.toString(settings.queueSize()));
        properties.put("serial", device.serial());
        return properties;
    }

    private static String json(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private static String quote(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
