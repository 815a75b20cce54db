package io.zonewright.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is in the distribution. */
class ArchivesTest {
    /** The host's packages, as in DESIGN's paragraph on class loading. */
    private static final List<String> HOST = List.of(
            "io/zonewright/api/",
            "io/zonewright/posix/",
            "io/zonewright/runtime/",
            "io/zonewright/engine/",
            "io/zonewright/vhostuser/",
            "io/zonewright/daemon/",
            "org/pf4j/",
            "org/slf4j/");

    private static List<Path> jars(String folder) throws IOException {
        try (Stream<Path> files = Files.list(Program.home().resolve(folder))) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void pluginArchivesHoldNoHostClasses() throws IOException {
        assertFalse(jars("plugins").isEmpty());
        for (Path jar : jars("plugins")) {
            try (JarFile file = new JarFile(jar.toFile())) {
                List<String> found = file.stream()
                        .map(entry -> entry.getName())
                        .filter(name -> HOST.stream().anyMatch(name::startsWith))
                        .toList();
                assertEquals(List.of(), found, jar.toString());
            }
        }
    }

    @Test
    void onlyPosixIsOnTheModulePath() throws IOException {
        assertEquals(List.of(Program.home().resolve("lib/modules/zonewright-posix.jar")), jars("lib/modules"));
        assertTrue(jars("lib").stream()
                .noneMatch(jar -> jar.getFileName().toString().contains("posix")));
    }

    @Test
    void theClassPathNamesEveryJarOnce() throws IOException {
        String args = Files.readString(Program.home().resolve("launcher.args"));
        String classPath = args.lines()
                .filter(line -> line.startsWith("-cp "))
                .findFirst()
                .orElseThrow()
                .replaceAll("^-cp \"|\"$", "");
        TreeSet<String> present = new TreeSet<>();
        jars("lib").forEach(jar -> present.add(jar.toString()));
        jars("plugins").forEach(jar -> present.add(jar.toString()));
        List<String> named = List.of(classPath.split(":", -1));
        assertEquals(present, new TreeSet<>(named));
        assertEquals(present.size(), named.size());
    }
}
