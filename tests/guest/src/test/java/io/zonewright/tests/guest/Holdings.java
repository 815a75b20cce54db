package io.zonewright.tests.guest;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What a process holds for its clients, by {@code /proc}.
 *
 * @param descriptors open descriptors by kind: {@code memfd}, {@code eventfd}, {@code socket}, {@code eventpoll}
 * @param mappings mappings of memory files
 */
record Holdings(Map<String, Long> descriptors, long mappings) {
    private static final String MEMORY_FILE = "memfd:";

    static Holdings of(long pid) throws IOException {
        Map<String, Long> kinds = new TreeMap<>();
        Path process = Path.of("/proc", Long.toString(pid));
        try (DirectoryStream<Path> all = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path one : all) {
                String kind = kind(one);
                if (!kind.isEmpty()) {
                    kinds.merge(kind, 1L, Long::sum);
                }
            }
        }
        long mappings;
        try (var lines = Files.lines(process.resolve("maps"))) {
            mappings = lines.filter(line -> line.contains(MEMORY_FILE)).count();
        }
        return new Holdings(Map.copyOf(kinds), mappings);
    }

    /** As soon as they are as expected, or after 10 s as they are. */
    static Holdings settled(long pid, Holdings expected) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        Holdings now = of(pid);
        while (!now.equals(expected) && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(50);
            now = of(pid);
        }
        return now;
    }

    /** Empty for what has nothing to do with clients: the JVM's own files come and go. */
    private static String kind(Path descriptor) throws IOException {
        String target;
        try {
            target = Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException e) {
            return ""; // closed meanwhile
        }
        for (String kind : new String[] {"memfd", "eventfd", "socket", "eventpoll"}) {
            if (target.contains(kind)) {
                return kind;
            }
        }
        return "";
    }
}
