package io.zonewright.backend.linuxzbd.open;

import io.zonewright.posix.FileStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What to do about a node that this user may not open. */
final class Permissions {
    private static final int GROUP_READ_WRITE = 0060;

    private final Host host;

    Permissions(Host host) {
        this.host = host;
    }

    /**
     * @param status of the node; null if not even that could be had, since a directory on the way is closed
     */
    String explain(Path path, @Nullable FileStatus status, boolean readOnly) {
        String user = System.getProperty("user.name");
        if (status == null) {
            return "user " + user + " may not look into a directory on the way to " + path;
        }
        String access = readOnly ? "read" : "read and write";
        String start = "user " + user + " may not " + access + " " + path + " (mode "
                + String.format("%04o", status.permissions()) + ", group " + group(status.gid())
                + "); read and write permission on it is all that is needed, not root: ";
        if (!status.isBlockDevice()) {
            return start + "change its mode or owner";
        }
        boolean usable = status.gid() != 0 && (status.permissions() & GROUP_READ_WRITE) == GROUP_READ_WRITE;
        String rule =
                "a udev rule for this disk alone, in /etc/udev/rules.d/90-zonewright.rules: SUBSYSTEM==\"block\", "
                        + match(status)
                        + ", GROUP=\"zonewright\", MODE=\"0660\" (then: udevadm control --reload; udevadm trigger)";
        return start
                + (usable
                        ? "put the user into that group (usermod -aG " + group(status.gid()) + " " + user
                                + "), which gives it all such disks, or write " + rule
                        : "write " + rule);
    }

    /** What tells the disk from others after a restart too; the kernel's name if there is nothing better. */
    private String match(FileStatus status) {
        Sysfs sysfs = new Sysfs(host.sys(), host.proc());
        return sysfs.directory(status.specialDevice())
                .map(device -> {
                    for (String file : new String[] {"wwid", "device/wwid"}) {
                        try {
                            String wwid = Sysfs.text(device, file);
                            if (!wwid.isEmpty()) {
                                return "ATTR{" + file + "}==\"" + wwid + "\"";
                            }
                        } catch (IOException e) {
                            // Some drivers answer with an error; the name has to do.
                        }
                    }
                    return "KERNEL==\"" + device.getFileName() + "\"";
                })
                .orElse("KERNEL==\"…\"");
    }

    private String group(int gid) {
        try {
            for (String line : Files.readAllLines(host.groups())) {
                String[] words = line.split(":", -1);
                if (words.length > 2 && words[2].equals(Integer.toUnsignedString(gid))) {
                    return words[0];
                }
            }
        } catch (IOException e) {
            // The number is as good.
        }
        return Integer.toUnsignedString(gid);
    }
}
