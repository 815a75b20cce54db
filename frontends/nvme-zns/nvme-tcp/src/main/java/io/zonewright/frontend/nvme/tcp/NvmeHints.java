package io.zonewright.frontend.nvme.tcp;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.net.NetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** The commands that attach a Linux host, and what to know about them. */
final class NvmeHints {
    private NvmeHints() {}

    static List<AttachHint> of(NvmeTcpSettings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry) {
        NetAddress address = reachable(settings);
        String where = "-a " + address.hostText() + " -s " + address.port();
        boolean secret = settings.access().authenticates();
        String connect = "nvme connect -t tcp " + where + " -n " + quote(settings.nqn())
                + (secret ? " --dhchap-secret=\"$(cat SECRET-FILE)\"" : "");
        String byId = "/dev/disk/by-id/nvme-uuid." + device.uuid();
        List<String> notes = new ArrayList<>();
        notes.add("As root, with the module nvme-tcp: modprobe nvme-tcp.");
        notes.add("nvme discover -t tcp " + where + " lists what is here, nvme disconnect -n " + quote(settings.nqn())
                + " ends it.");
        if (settings.portal().listen().wildcard() && settings.advertised().wildcard()) {
            notes.add("Put an address of this machine where the command says " + address.hostText() + ".");
        }
        if (!settings.access().hosts().isEmpty()) {
            notes.add("Only the hosts that are listed may connect; a host's name is in its /etc/nvme/hostnqn.");
        }
        if (geometry.isPresent() && geometry.get().model() == ZoneModel.HOST_MANAGED) {
            zoned(geometry.get(), notes);
        }
        SequencedMap<String, String> properties = new LinkedHashMap<>();
        properties.put("address", address.toString());
        properties.put("nqn", settings.nqn());
        properties.put("queues", Integer.toString(settings.queues()));
        properties.put("by-id", byId);
        notes.add("There the first namespace is " + byId + ".");
        return List.of(new AttachHint("Linux", List.of(connect), notes, properties));
    }

    private static void zoned(ZoneGeometry geometry, List<String> notes) {
        if (Long.bitCount(geometry.zoneSize()) != 1) {
            notes.add("Linux refuses the zoned namespace: its zone size of " + geometry.zoneSize()
                    + " bytes is not a power of two.");
        }
        notes.add("Sequential zones are the first namespace; conventional ones, if there are any, are the second, an"
                + " ordinary one.");
    }

    /** Where a host connects to. */
    private static NetAddress reachable(NvmeTcpSettings settings) {
        NetAddress listen = settings.portal().listen();
        NetAddress told = settings.advertised();
        return new NetAddress(
                told.wildcard() ? listen.host() : told.host(), told.port() == 0 ? listen.port() : told.port());
    }

    private static String quote(String text) {
        return text.matches("[A-Za-z0-9/._,+:@=-]*") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
