package io.zonewright.backend.linuxzbd.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numbers and layouts are those of the C headers: once as literals, once as the C compiler says. */
class HeadersTest {
    private static final Map<String, Long> NUMBERS = Map.ofEntries(
            Map.entry("BLKROGET", BlockIoctl.BLKROGET),
            Map.entry("BLKSSZGET", BlockIoctl.BLKSSZGET),
            Map.entry("BLKGETSIZE64", BlockIoctl.BLKGETSIZE64),
            Map.entry("BLKDISCARD", BlockIoctl.BLKDISCARD),
            Map.entry("BLKZEROOUT", BlockIoctl.BLKZEROOUT),
            Map.entry("BLKREPORTZONE", BlockIoctl.BLKREPORTZONE),
            Map.entry("BLKRESETZONE", BlockIoctl.BLKRESETZONE),
            Map.entry("BLKGETZONESZ", BlockIoctl.BLKGETZONESZ),
            Map.entry("BLKGETNRZONES", BlockIoctl.BLKGETNRZONES),
            Map.entry("BLKOPENZONE", BlockIoctl.BLKOPENZONE),
            Map.entry("BLKCLOSEZONE", BlockIoctl.BLKCLOSEZONE),
            Map.entry("BLKFINISHZONE", BlockIoctl.BLKFINISHZONE));

    private static final Map<String, Long> LAYOUT = Map.ofEntries(
            Map.entry("sizeof(struct blk_zone_report)", (long) ZoneReport.HEADER_BYTES),
            Map.entry("offsetof(struct blk_zone_report, sector)", (long) ZoneReport.SECTOR_AT),
            Map.entry("offsetof(struct blk_zone_report, nr_zones)", (long) ZoneReport.COUNT_AT),
            Map.entry("offsetof(struct blk_zone_report, flags)", (long) ZoneReport.FLAGS_AT),
            Map.entry("sizeof(struct blk_zone)", (long) ZoneReport.ZONE_BYTES),
            Map.entry("offsetof(struct blk_zone, start)", (long) ZoneReport.START_AT),
            Map.entry("offsetof(struct blk_zone, len)", (long) ZoneReport.LENGTH_AT),
            Map.entry("offsetof(struct blk_zone, wp)", (long) ZoneReport.POINTER_AT),
            Map.entry("offsetof(struct blk_zone, type)", (long) ZoneReport.TYPE_AT),
            Map.entry("offsetof(struct blk_zone, cond)", (long) ZoneReport.CONDITION_AT),
            Map.entry("offsetof(struct blk_zone, capacity)", (long) ZoneReport.CAPACITY_AT),
            Map.entry("sizeof(struct blk_zone_range)", 16L),
            Map.entry("offsetof(struct blk_zone_range, sector)", 0L),
            Map.entry("offsetof(struct blk_zone_range, nr_sectors)", 8L),
            Map.entry("BLK_ZONE_REP_CAPACITY", (long) ZoneReport.REP_CAPACITY),
            Map.entry("BLK_ZONE_TYPE_CONVENTIONAL", (long) ZoneReport.TYPE_CONVENTIONAL),
            Map.entry("BLK_ZONE_TYPE_SEQWRITE_REQ", (long) ZoneReport.TYPE_SEQWRITE_REQ),
            Map.entry("BLK_ZONE_TYPE_SEQWRITE_PREF", (long) ZoneReport.TYPE_SEQWRITE_PREF),
            Map.entry("BLK_ZONE_COND_NOT_WP", (long) ZoneReport.COND_NOT_WP),
            Map.entry("BLK_ZONE_COND_EMPTY", (long) ZoneReport.COND_EMPTY),
            Map.entry("BLK_ZONE_COND_IMP_OPEN", (long) ZoneReport.COND_IMP_OPEN),
            Map.entry("BLK_ZONE_COND_EXP_OPEN", (long) ZoneReport.COND_EXP_OPEN),
            Map.entry("BLK_ZONE_COND_CLOSED", (long) ZoneReport.COND_CLOSED),
            Map.entry("BLK_ZONE_COND_READONLY", (long) ZoneReport.COND_READONLY),
            Map.entry("BLK_ZONE_COND_FULL", (long) ZoneReport.COND_FULL),
            Map.entry("BLK_ZONE_COND_OFFLINE", (long) ZoneReport.COND_OFFLINE));

    /** Of a newer kernel than this machine's, or null. */
    private static final @Nullable String NEWER_HEADERS = System.getenv("ZONEWRIGHT_KERNEL_HEADERS");

    @Test
    void numbersAreThese() {
        Map<String, Long> literals = Map.ofEntries(
                Map.entry("BLKROGET", 0x125EL),
                Map.entry("BLKSSZGET", 0x1268L),
                Map.entry("BLKGETSIZE64", 0x80081272L),
                Map.entry("BLKDISCARD", 0x1277L),
                Map.entry("BLKZEROOUT", 0x127FL),
                Map.entry("BLKREPORTZONE", 0xC0101282L),
                Map.entry("BLKRESETZONE", 0x40101283L),
                Map.entry("BLKGETZONESZ", 0x80041284L),
                Map.entry("BLKGETNRZONES", 0x80041285L),
                Map.entry("BLKOPENZONE", 0x40101286L),
                Map.entry("BLKCLOSEZONE", 0x40101287L),
                Map.entry("BLKFINISHZONE", 0x40101288L));
        assertEquals(new TreeMap<>(literals), new TreeMap<>(NUMBERS));
        assertEquals(0xC010128EL, BlockIoctl.BLKREPORTZONEV2);
        assertEquals(0x80000000, ZoneReport.REP_CACHED);
        assertEquals(0xFF, ZoneReport.COND_ACTIVE);
    }

    @Test
    void theCompilerAgrees(@TempDir Path directory) throws Exception {
        Map<String, Long> expected = new TreeMap<>(NUMBERS);
        expected.putAll(LAYOUT);
        StringBuilder program = new StringBuilder(
                "#include <stddef.h>\n#include <stdio.h>\n#include <linux/fs.h>\n#include <linux/blkzoned.h>\nint main(void) {\n");
        expected.keySet()
                .forEach(e -> program.append("printf(\"%lld\\t%s\\n\", (long long) (" + e + "), \"" + e + "\");\n"));
        assertEquals(expected, ask(directory, program.append("return 0; }\n").toString()));
    }

    /** Newer than the headers of most machines; bin/verify brings those of a newer kernel. */
    @Test
    void theCompilerAgreesOnCachedReportsWhereItKnowsThem(@TempDir Path directory) throws Exception {
        Map<String, Long> found = ask(directory, """
                #include <stdio.h>
                #include <linux/blkzoned.h>
                int main(void) {
                #ifdef BLKREPORTZONEV2
                printf("%lld\\tBLKREPORTZONEV2\\n", (long long) BLKREPORTZONEV2);
                printf("%lld\\tBLK_ZONE_REP_CACHED\\n", (long long) (unsigned) BLK_ZONE_REP_CACHED);
                printf("%lld\\tBLK_ZONE_COND_ACTIVE\\n", (long long) BLK_ZONE_COND_ACTIVE);
                #endif
                return 0; }
                """);
        assumeTrue(
                !found.isEmpty() || NEWER_HEADERS != null,
                "the headers are older than Linux 6.19; bin/verify brings newer ones");
        assertEquals(
                Map.of(
                        "BLKREPORTZONEV2",
                        BlockIoctl.BLKREPORTZONEV2,
                        "BLK_ZONE_REP_CACHED",
                        Integer.toUnsignedLong(ZoneReport.REP_CACHED),
                        "BLK_ZONE_COND_ACTIVE",
                        (long) ZoneReport.COND_ACTIVE),
                found);
    }

    private static Map<String, Long> ask(Path directory, String program) throws IOException, InterruptedException {
        String compiler = compiler();
        assumeTrue(compiler != null, "there is no C compiler to ask; bin/verify brings one");
        Path source = Files.writeString(directory.resolve("ask.c"), program);
        Path binary = directory.resolve("ask");
        List<String> command = new ArrayList<>(List.of(String.valueOf(compiler)));
        if (NEWER_HEADERS != null) {
            // Before the machine's own: <linux/...> and <asm/...> come from the same kernel.
            command.addAll(List.of("-isystem", NEWER_HEADERS, "-isystem", NEWER_HEADERS + "/x86_64-linux-gnu"));
        }
        command.addAll(List.of("-o", binary.toString(), source.toString()));
        output(command.toArray(String[]::new));
        Map<String, Long> values = new TreeMap<>();
        for (String line : output(binary.toString()).lines().toList()) {
            int tab = line.indexOf('\t');
            values.put(line.substring(tab + 1), Long.parseLong(line.substring(0, tab)));
        }
        return values;
    }

    private static @Nullable String compiler() {
        String named = System.getenv("ZONEWRIGHT_CC");
        return named != null
                ? named
                : Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                        .map(directory -> Path.of(directory, "gcc"))
                        .filter(Files::isExecutable)
                        .map(Path::toString)
                        .findFirst()
                        .orElse(null);
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ":\n" + output);
        }
        return output;
    }
}
