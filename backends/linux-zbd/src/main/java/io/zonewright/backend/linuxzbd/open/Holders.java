package io.zonewright.backend.linuxzbd.open;

import io.zonewright.posix.FileStatus;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who has a device or file, as far as the kernel tells this user: other block devices over it, file systems, swap space,
 * processes. What cannot be read is passed over; the answer is for a message only.
 */
final class Holders {
    private final Host host;

    Holders(Host host) {
        this.host = host;
    }

    /** For the middle of a sentence: empty, or beginning with a colon. */
    String of(Path path, @Nullable FileStatus status) {
        Set<String> found = new LinkedHashSet<>();
        Set<String> nodes = new LinkedHashSet<>();
        Set<String> numbers = new LinkedHashSet<>();
        nodes.add(real(path));
        if (status != null) {
            long number = status.specialDevice();
            numbers.add((number >>> 32) + ":" + (int) number);
            new Sysfs(host.sys(), host.proc()).directory(number).ifPresent(device -> {
                stacked(device, found);
                for (Path part : list(device)) {
                    if (Files.exists(part.resolve("partition"))) {
                        nodes.add("/dev/" + part.getFileName());
                        line(part.resolve("dev")).ifPresent(numbers::add);
                        stacked(part, found);
                    }
                }
            });
        }
        mounted(nodes, numbers, found);
        swap(nodes, found);
        processes(nodes, found);
        return found.isEmpty() ? "" : ": " + String.join(", ", found);
    }

    /** Who holds an flock on a regular file. */
    String ofLock(FileStatus status) {
        for (String line : lines(host.proc().resolve("locks"))) {
            // 1: FLOCK  ADVISORY  WRITE 1234 08:01:131 0 EOF
            String[] words = line.strip().split("\\s+", -1);
            if (words.length > 5 && words[1].equals("FLOCK") && words[5].endsWith(":" + status.inode())) {
                return ": process " + words[4] + name(words[4]);
            }
        }
        return "";
    }

    private static void stacked(Path device, Set<String> found) {
        for (Path holder : list(device.resolve("holders"))) {
            String name = String.valueOf(holder.getFileName());
            String label =
                    line(holder.resolve("dm/name")).map(n -> " (" + n + ")").orElse("");
            found.add("block device " + name + label);
        }
    }

    private void mounted(Set<String> nodes, Set<String> numbers, Set<String> found) {
        for (String line : lines(host.proc().resolve("self/mountinfo"))) {
            // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
            String[] words = line.split(" ", -1);
            int dash = List.of(words).indexOf("-");
            if (dash < 5 || words.length < dash + 3) {
                continue;
            }
            if (numbers.contains(words[2]) || nodes.contains(real(Path.of(words[dash + 2].replace("\0", ""))))) {
                found.add("mounted on " + words[4]);
            }
        }
    }

    private void swap(Set<String> nodes, Set<String> found) {
        for (String line : lines(host.proc().resolve("swaps"))) {
            String file = line.split("\\s", 2)[0];
            if (file.startsWith("/") && nodes.contains(real(Path.of(file)))) {
                found.add("swap space");
            }
        }
    }

    private void processes(Set<String> nodes, Set<String> found) {
        for (Path process : list(host.proc())) {
            String pid = String.valueOf(process.getFileName());
            if (!pid.chars().allMatch(c -> c >= '0' && c <= '9')) {
                continue;
            }
            for (Path fd : list(process.resolve("fd"))) {
                try {
                    if (nodes.contains(Files.readSymbolicLink(fd).toString())) {
                        found.add("process " + pid + name(pid));
                        break;
                    }
                } catch (IOException e) {
                    // It is closed by now, or another user's.
                }
            }
        }
    }

    private String name(String pid) {
        return line(host.proc().resolve(pid).resolve("comm"))
                .map(name -> " (" + name + ")")
                .orElse("");
    }

    private static String real(Path path) {
        try {
            return path.toRealPath().toString();
        } catch (IOException e) {
            return path.toString();
        }
    }

    private static Optional<String> line(Path file) {
        return lines(file).stream().findFirst().map(String::strip);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    private static List<Path> list(Path directory) {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entries::add);
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            return entries;
        }
        entries.sort(null);
        return entries;
    }
}
