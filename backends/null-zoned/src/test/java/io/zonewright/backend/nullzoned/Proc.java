package io.zonewright.backend.nullzoned;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** What the kernel says about this process's memory, in bytes. */
final class Proc {
    private Proc() {}

    /**
     * A field of /proc/self/smaps, added up over the mappings that lie inside {@code memory}. Unlike the process's
     * resident set it does not move with the Java heap.
     */
    static long smaps(MemorySegment memory, String field) throws IOException {
        long total = 0;
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                int dash = line.indexOf('-');
                long start = HexFormat.fromHexDigitsToLong(line.substring(0, dash));
                long end = HexFormat.fromHexDigitsToLong(line.substring(dash + 1, line.indexOf(' ')));
                inside = end > memory.address() && start < memory.address() + memory.byteSize();
            } else if (inside && line.startsWith(field + ":")) {
                total += kib(line);
            }
        }
        return total;
    }

    /** A field of /proc/self/status: {@code VmRSS}, {@code VmPTE}. */
    static long status(String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(field + ":")) {
                return kib(line);
            }
        }
        throw new IOException("no " + field);
    }

    private static long kib(String line) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
    }
}
