package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compares what the guest's kernel was told of the zones ({@code blkzone report}: 512-byte sectors, the write pointer
 * relative to the zone's start) with what the daemon says itself ({@code zonewright zones --json}: bytes, absolute).
 */
final class ZoneComparison {
    private static final int SECTOR = 512;
    private static final Pattern BLKZONE =
            Pattern.compile("start: 0x(?<start>\\p{XDigit}+), len 0x(?<length>\\p{XDigit}+), "
                    + "cap 0x(?<capacity>\\p{XDigit}+), wptr 0x(?<pointer>\\p{XDigit}+) .*"
                    + "zcond: *\\d+\\((?<condition>\\w+)\\) \\[type: \\d+\\((?<type>\\w+)\\)\\]");
    private static final Map<String, String> CONDITIONS = Map.of(
            "nw", "not-write-pointer",
            "em", "empty",
            "oi", "implicit-open",
            "oe", "explicit-open",
            "cl", "closed",
            "fu", "full",
            "ro", "read-only",
            "of", "offline");
    private static final Map<String, String> TYPES =
            Map.of("CONVENTIONAL", "conventional", "SEQ_WRITE_REQUIRED", "sequential-write-required");

    /**
     * One zone, in bytes.
     *
     * @param pointer null where the condition leaves it without meaning
     */
    record Zone(
            String type,
            String condition,
            long start,
            long length,
            long capacity,
            @Nullable Long pointer) {}

    private ZoneComparison() {}

    /** Asks the daemon and compares all zones. The device may be named as the guest's link, with its carrier's ending. */
    static void check(String link, String blkzone, Path runtimeDirectory) throws IOException, InterruptedException {
        String device = link.replaceFirst("\\.(scsi|iscsi)$", "");
        String json = Daemon.command(runtimeDirectory, "zones", "--json", device);
        assertEquals(ofDaemon(json), ofGuest(blkzone), "zones of " + device);
    }

    /** Reads the output of {@code blkzone report}. */
    static List<Zone> ofGuest(String report) {
        List<Zone> zones = new ArrayList<>();
        for (String line : report.lines().toList()) {
            Matcher match = BLKZONE.matcher(line);
            if (!match.find()) {
                throw new AssertionError("blkzone says what this test cannot read: " + line);
            }
            String condition = known(CONDITIONS, match.group("condition"));
            long start = bytes(match.group("start"));
            zones.add(new Zone(
                    known(TYPES, match.group("type")),
                    condition,
                    start,
                    bytes(match.group("length")),
                    bytes(match.group("capacity")),
                    hasPointer(condition) ? Long.valueOf(start + bytes(match.group("pointer"))) : null));
        }
        return zones;
    }

    /** Reads the output of {@code zonewright zones --json}. */
    static List<Zone> ofDaemon(String json) throws IOException {
        List<Zone> zones = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            assertEquals(JsonToken.START_ARRAY, parser.nextToken());
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                Map<String, String> fields = new HashMap<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    if (parser.nextToken() != JsonToken.VALUE_NULL) {
                        fields.put(name, parser.getText());
                    }
                }
                assertEquals(Integer.toString(zones.size()), fields.get("zone"));
                String condition = field(fields, "condition");
                zones.add(new Zone(
                        field(fields, "type"),
                        condition,
                        Long.parseLong(field(fields, "start")),
                        Long.parseLong(field(fields, "length")),
                        Long.parseLong(field(fields, "capacity")),
                        hasPointer(condition) ? Long.valueOf(field(fields, "writePointer")) : null));
            }
        }
        return zones;
    }

    private static boolean hasPointer(String condition) {
        return switch (condition) {
            case "empty", "implicit-open", "explicit-open", "closed" -> true;
            default -> false;
        };
    }

    private static long bytes(String hexadecimalSectors) {
        return Long.parseLong(hexadecimalSectors, 16) * SECTOR;
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new AssertionError("the daemon says nothing of " + name + ": " + fields);
        }
        return value;
    }

    private static String known(Map<String, String> names, String name) {
        String value = names.get(name);
        if (value == null) {
            throw new AssertionError("blkzone says " + name + ", which this test does not know");
        }
        return value;
    }
}
