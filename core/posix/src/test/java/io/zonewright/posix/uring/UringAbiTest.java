package io.zonewright.posix.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.CHeaders;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UringAbiTest {
    /** Our prefixes of offsets, and the structures and members that they mean. */
    private static final Map<String, String> STRUCTURES = Map.of(
            "PARAMS_", "struct io_uring_params",
            "SQ_OFF_", "struct io_sqring_offsets",
            "CQ_OFF_", "struct io_cqring_offsets",
            "SQE_", "struct io_uring_sqe",
            "CQE_", "struct io_uring_cqe",
            "GETEVENTS_ARG_", "struct io_uring_getevents_arg",
            "TIMESPEC_", "struct __kernel_timespec",
            "PROBE_OP_", "struct io_uring_probe_op",
            "PROBE_", "struct io_uring_probe");

    private static final Map<String, String> OTHER_NAMES = Map.of("TIMESPEC_SEC", "tv_sec", "TIMESPEC_NSEC", "tv_nsec");

    @Test
    void theCompilerAgreesOnEveryNumber(@TempDir Path directory) throws Exception {
        Map<String, Long> macros = new HashMap<>();
        Map<String, Long> offsets = new TreeMap<>();
        for (Field field : UringAbi.class.getDeclaredFields()) {
            String name = field.getName();
            if (name.startsWith("$")) {
                continue; // what a coverage tool adds
            }
            long value = ((Number) field.get(null)).longValue();
            if (name.startsWith("IO")) {
                macros.put(name, value);
            } else {
                offsets.put(expression(name), value);
            }
        }
        assertTrue(macros.size() >= 30 && offsets.size() >= 35, "too few: " + macros + offsets);
        assertEquals(new TreeMap<>(macros), new TreeMap<>(CHeaders.values(directory, macros.keySet())));
        assertEquals(offsets, new TreeMap<>(CHeaders.values(directory, offsets.keySet())));
    }

    private static String expression(String name) {
        String prefix = STRUCTURES.keySet().stream()
                .filter(name::startsWith)
                .max(Comparator.comparingInt(String::length))
                .orElseThrow();
        String structure = STRUCTURES.get(prefix);
        if (name.equals(prefix + "SIZE")) {
            return "sizeof(" + structure + ")";
        }
        String member =
                OTHER_NAMES.getOrDefault(name, name.substring(prefix.length()).toLowerCase(Locale.ROOT));
        return "offsetof(" + structure + ", " + member + ")";
    }
}
