package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.frontend.scsi.iscsi.config.IscsiSettings;
import io.zonewright.net.NetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** What attaches an initiator: open-iscsi on Linux, QEMU, and programs over libiscsi. */
final class IscsiHints {
    private IscsiHints() {}

    static List<AttachHint> of(IscsiSettings settings, Optional<ZoneGeometry> geometry) {
        boolean zoned = geometry.isPresent() && geometry.get().model() == ZoneModel.HOST_MANAGED;
        return List.of(linux(settings, geometry, zoned), qemu(settings, zoned), libiscsi(settings));
    }

    private static AttachHint linux(IscsiSettings settings, Optional<ZoneGeometry> geometry, boolean zoned) {
        NetAddress address = reachable(settings);
        String name = settings.target().name();
        String record = "iscsiadm -m node -T " + name + " -p " + address;
        List<String> commands = new ArrayList<>();
        commands.add("iscsiadm -m discovery -t sendtargets -p " + address);
        List<String> notes = new ArrayList<>();
        notes.add("As root, with package open-iscsi; " + record + " --logout ends it.");
        if (settings.target().access().authenticates()) {
            commands.add(record + " -o update -n node.session.auth.authmethod -v CHAP");
            commands.add(record + " -o update -n node.session.auth.username -v USER");
            commands.add(record + " -o update -n node.session.auth.password -v \"$(cat SECRET-FILE)\"");
            notes.add("USER and the secret are those of chap; password_in and username_in ask for our proof too.");
        }
        commands.add(record + " --login");
        if (settings.portal().listen().wildcard()
                && settings.target().advertised().wildcard()) {
            notes.add("Put an address of this machine where the commands say " + address.hostText() + ".");
        }
        if (!settings.target().access().initiators().isEmpty()) {
            notes.add("Only the initiators that are listed may log in; a host's name is in its"
                    + " /etc/iscsi/initiatorname.iscsi.");
        }
        if (zoned && Long.bitCount(geometry.get().zoneSize()) != 1) {
            notes.add("Linux refuses the zones: their size of " + geometry.get().zoneSize()
                    + " bytes is not a power of two.");
        }
        String byPath = "/dev/disk/by-path/ip-" + address + "-iscsi-" + name + "-lun-" + settings.lun();
        notes.add("There the disk is " + byPath + ".");
        SequencedMap<String, String> properties = properties(settings);
        properties.put("by-path", byPath);
        return new AttachHint("Linux", commands, notes, properties);
    }

    private static AttachHint qemu(IscsiSettings settings, boolean zoned) {
        List<String> notes = new ArrayList<>();
        if (settings.target().access().authenticates()) {
            notes.add(
                    "With user=USER and password-secret=ID after the transport, and -object secret,id=ID,file=SECRET-FILE.");
        }
        notes.add("Needs QEMU's block driver for iSCSI (Debian: qemu-block-extra).");
        String device = zoned ? "scsi-generic" : "scsi-hd";
        return new AttachHint(
                "QEMU",
                List.of(
                        "-blockdev driver=iscsi,node-name=z0,transport=tcp,portal=" + reachable(settings) + ",target="
                                + settings.target().name() + ",lun=" + settings.lun(),
                        "-device virtio-scsi-pci,id=s0",
                        "-device " + device + ",bus=s0.0,drive=z0"),
                notes,
                properties(settings));
    }

    private static AttachHint libiscsi(IscsiSettings settings) {
        SequencedMap<String, String> properties = properties(settings);
        String user = settings.target().access().authenticates() ? "USER%PASSWORD@" : "";
        String url = "iscsi://" + user + reachable(settings) + "/"
                + settings.target().name() + "/" + settings.lun();
        properties.put("url", url);
        return new AttachHint("libiscsi", List.of("iscsi-inq " + url), List.of(), properties);
    }

    private static SequencedMap<String, String> properties(IscsiSettings settings) {
        SequencedMap<String, String> properties = new LinkedHashMap<>();
        properties.put("address", reachable(settings).toString());
        properties.put("iqn", settings.target().name());
        properties.put("lun", Integer.toString(settings.lun()));
        return properties;
    }

    /** Where an initiator connects to. */
    private static NetAddress reachable(IscsiSettings settings) {
        NetAddress listen = settings.portal().listen();
        NetAddress told = settings.target().advertised();
        return new NetAddress(
                told.wildcard() ? listen.host() : told.host(), told.port() == 0 ? listen.port() : told.port());
    }
}
