package io.zonewright.posix.uring;

import io.zonewright.posix.Errno;
import io.zonewright.posix.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Why a kernel does not give a ring, in words for whoever runs the machine. */
final class Availability {
    /** 0: for all; 1: for CAP_SYS_ADMIN and a group; 2: for nobody. Since Linux 6.6. */
    static final Path SWITCH = Path.of("/proc/sys/kernel/io_uring_disabled");

    private Availability() {}

    static IoUringUnavailableException why(PosixException failure) {
        return new IoUringUnavailableException(why(failure, read(SWITCH)), failure);
    }

    private static String read(Path path) {
        try {
            return Files.readString(path).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** @param disabled what {@link #SWITCH} says, empty if nothing */
    static String why(PosixException failure, String disabled) {
        if (failure.is(Errno.ENOSYS)) {
            return "this kernel has no io_uring, or a sandbox (seccomp) hides it (ENOSYS)";
        }
        if (failure.is(Errno.EPERM) || failure.is(Errno.EACCES)) {
            return switch (disabled) {
                case "2" -> "io_uring is switched off: sysctl kernel.io_uring_disabled is 2";
                case "1" ->
                    "io_uring is for privileged processes only: sysctl kernel.io_uring_disabled is 1, and this process is"
                            + " not in the group of kernel.io_uring_group";
                default -> "a sandbox (seccomp) or security module forbids io_uring (" + errno(failure) + ")";
            };
        }
        if (failure.is(Errno.ENOMEM)) {
            return "the kernel has no memory for a ring (ENOMEM): before Linux 5.12 it counts against the limit of locked"
                    + " memory (ulimit -l, or LimitMEMLOCK= of the unit)";
        }
        return failure.getMessage();
    }

    private static String errno(PosixException failure) {
        return Errno.nameOf(failure.errno());
    }
}
