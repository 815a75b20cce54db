package io.zonewright.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README says what the program says: a row for each key of the configuration, with the key's first sentence. */
class ReadmeTest {
    private static final List<String> PREFIXES = List.of(
            "devices.NAME.backend.null-zoned.",
            "devices.NAME.backend.linux-zbd.",
            "devices.NAME.frontends.virtio-blk.vhost-user.",
            "devices.NAME.frontends.virtio-blk.vfio-user.",
            "devices.NAME.frontends.scsi-zbc.vhost-user.",
            "devices.NAME.frontends.scsi-zbc.vfio-user.",
            "devices.NAME.frontends.scsi-zbc.iscsi.",
            "devices.NAME.frontends.nvme-zns.tcp.",
            "devices.NAME.frontends.nvme-zns.vfio-user.");

    @Test
    void everyKeyHasItsRow(@TempDir Path work) throws Exception {
        Program.Result explained = Program.run(work, "explain");
        assertEquals(0, explained.status(), explained.err());
        List<String> keys =
                explained.out().lines().filter(line -> !line.isBlank()).toList();
        assertTrue(keys.size() > 40, "only " + keys.size() + " keys");
        String readme = Files.readString(Path.of("..", "..", "README.md"));
        List<String> missing = keys.stream()
                .map(ReadmeTest::row)
                .filter(row -> readme.lines().noneMatch(line -> line.startsWith(row[0]) && line.endsWith(row[1])))
                .map(row -> row[0] + " … " + row[1])
                .toList();
        assertEquals(List.of(), missing, "rows that README.md lacks");
    }

    /** How a row begins and ends; the default stands between. */
    private static String[] row(String line) {
        String path = line.substring(0, line.indexOf(' '));
        String summary = line.substring(line.indexOf(' ')).strip();
        String name = path;
        for (String prefix : PREFIXES) {
            if (path.startsWith(prefix)) {
                name = path.substring(prefix.length());
            }
        }
        return new String[] {"| `" + name + "` |", "| " + summary.replaceAll("\\.$", "") + " |"};
    }
}
