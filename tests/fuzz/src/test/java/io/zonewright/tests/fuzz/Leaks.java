package io.zonewright.tests.fuzz;

import io.zonewright.testkit.vhostuser.VhostUserDriver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** What this process holds of the kernel: descriptors, and mappings of the guests' memory. */
final class Leaks {
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** Counts at one moment. */
    private record Count(int descriptors, int mappings) {}

    private final Count before;

    private Leaks(Count before) {
        this.before = before;
    }

    /** Remembers what is held now; nothing may be on its way. */
    static Leaks watch() {
        return new Leaks(count());
    }

    /** Fails unless as little is held as before; gives the device's threads a moment to let go. */
    void check() {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(VhostUserDriver.TIMEOUT_MILLIS);
        Count now = count();
        while (now.descriptors > before.descriptors || now.mappings > before.mappings) {
            if (System.nanoTime() > end) {
                throw new AssertionError("leaked: " + before + " became " + now + "; open now: " + kinds());
            }
            LockSupport.parkNanos(STEP_NANOS);
            now = count();
        }
    }

    private static Count count() {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            int mappings = (int) maps.filter(line -> line.contains("memfd:")).count();
            return new Count(descriptors().size(), mappings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> descriptors() {
        try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many of what. */
    private static Map<String, Integer> kinds() {
        Map<String, Integer> kinds = new TreeMap<>();
        for (Path entry : new ArrayList<>(descriptors())) {
            try {
                String target = Files.readSymbolicLink(entry).toString().toLowerCase(Locale.ROOT);
                kinds.merge(target.replaceAll("[0-9]+", "N"), 1, Integer::sum);
            } catch (IOException e) {
                kinds.merge("gone meanwhile", 1, Integer::sum);
            }
        }
        return kinds;
    }
}
