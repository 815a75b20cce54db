package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
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

    /** Smaller limits cannot be told: ZASL counts powers of two of 4 KiB, and 0 stands for MDTS. */
    private static final int MIN_APPEND_BYTES = 8192;

    private QemuHints() {}

    static List<AttachHint> of(NvmeVfioUserSettings settings, DeviceIdentity device, List<String> warnings) {
        String json = "{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\""
                + json(settings.socket().path().toString()) + "\"}}";
        return List.of(new AttachHint(
                "QEMU", List.of(MEMORY, "-device " + quote(json)), notes(warnings), properties(settings, device)));
    }

    private static List<String> notes(List<String> warnings) {
        List<String> notes = new ArrayList<>();
        notes.add(
                "Needs QEMU 10.1 or newer; known to work with 11.1. QEMU needs write permission on the socket: run it as"
                        + " the same user, or see socket-mode and socket-group.");
        notes.addAll(warnings);
        return notes;
    }

    /** What guests will not take, as far as it is known before the device is there. */
    static List<String> warnings(Optional<ZoneGeometry> shape, Optional<ZoneLimits> limits) {
        if (shape.isEmpty() || shape.get().model() != ZoneModel.HOST_MANAGED) {
            return List.of();
        }
        ZoneGeometry geometry = shape.get();
        List<String> warnings = new ArrayList<>();
        if (Long.bitCount(geometry.zoneSize()) != 1) {
            warnings.add("Linux guests refuse the zoned namespace: its zone size of " + geometry.zoneSize()
                    + " bytes is not a power of two.");
        }
        long rest = geometry.deviceBytes() % geometry.zoneSize();
        if (rest != 0) {
            warnings.add("The last zone is smaller than the others, which NVMe cannot tell: its " + rest
                    + " bytes are left out of the namespace.");
        }
        if (limits.isPresent() && limits.get().maxAppendBytes() < MIN_APPEND_BYTES) {
            warnings.add("Linux guests take the zoned namespace for reading only: it takes no zone appends of "
                    + MIN_APPEND_BYTES + " bytes, so Zone Append is not offered.");
        }
        return warnings;
    }

    private static SequencedMap<String, String> properties(NvmeVfioUserSettings settings, DeviceIdentity device) {
        SequencedMap<String, String> properties = new LinkedHashMap<>();
        properties.put("socket", settings.socket().path().toString());
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
