package io.zonewright.backend.linuxzbd.open;

import io.zonewright.posix.Posix;
import java.nio.file.Path;

/**
 * The machine, as far as this back-end looks at it; tests put directories in its place.
 *
 * @param posix its system calls
 * @param sys where sysfs is mounted
 * @param proc where procfs is mounted
 * @param groups the file of groups
 */
public record Host(Posix posix, Path sys, Path proc, Path groups) {
    /** The machine that runs this program. */
    public static Host running() {
        return new Host(Posix.system(), Path.of("/sys"), Path.of("/proc"), Path.of("/etc/group"));
    }
}
