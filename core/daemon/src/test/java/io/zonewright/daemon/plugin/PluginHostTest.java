package io.zonewright.daemon.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.spi.BackendExtension;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginHostTest {
    @TempDir
    Path temp;

    private Path dir = Path.of("");

    @BeforeEach
    void makeDirectory() throws IOException {
        dir = Files.createDirectory(temp.resolve("plugins.d"));
    }

    private PluginHost host() {
        return new PluginHost(new PluginDirs(Optional.empty(), List.of(dir)));
    }

    private PluginJar plugin(String id) {
        return PluginJar.of(temp, id);
    }

    private static BackendExtension backend(PluginHost host, String type) {
        return host.catalogue().backend(type).orElseThrow().extension();
    }

    /** The faults of all plugins, with the directory left out. */
    private String faults() {
        try (PluginHost host = host()) {
            return String.join(
                    "\n",
                    host.faults().stream()
                            .map(fault -> fault.toString().replace(dir + "/", ""))
                            .toList());
        }
    }

    private static byte[] hostClass(Class<?> type) throws IOException {
        String name = type.getName().replace('.', '/') + ".class";
        try (InputStream in = Objects.requireNonNull(type.getClassLoader().getResourceAsStream(name))) {
            return in.readAllBytes();
        }
    }

    @Test
    void aJarInTheDirectoryIsInUse() throws IOException {
        plugin("acme").backend("acme.Disk", "acme-disk").write(dir.resolve("acme.jar"));
        Files.writeString(dir.resolve("README.md"), "not a plugin, and not looked at");
        try (PluginHost host = host()) {
            assertEquals(List.of(), host.faults());
            PluginInfo info = host.plugins().getFirst();
            assertEquals("acme", info.id());
            assertEquals("1.0.0", info.version());
            assertEquals(List.of("back-end acme-disk"), info.extensions());
            assertEquals(
                    "acme", host.catalogue().backend("acme-disk").orElseThrow().pluginId());
        }
    }

    @Test
    void aZipWithClassesAndLibrariesIsInUse() throws IOException {
        Path library = PluginJar.of(temp, "unused")
                .source(
                        "acme.lib.Helper",
                        "package acme.lib; public class Helper { public static String word() { return \"helped\"; } }")
                .write(temp.resolve("helper.jar"));
        plugin("acme")
                .against(library)
                .backend("acme.Disk", "acme-disk", "", "acme.lib.Helper.word()", "List.of()")
                .entry("lib/helper.jar", Files.readAllBytes(library))
                .write(dir.resolve("acme.zip"), "classes/");
        try (PluginHost host = host()) {
            assertEquals(List.of(), host.faults());
            assertEquals("helped", backend(host, "acme-disk").summary());
        }
    }

    @Test
    void aZipMayHaveItsDescriptorInProperties() throws IOException {
        byte[] properties = "plugin.id=props\nplugin.version=2.1.0\nplugin.requires=>=1.0.0 & <2.0.0\n"
                .getBytes(StandardCharsets.UTF_8);
        plugin("")
                .backend("acme.Disk", "acme-disk")
                .entry("plugin.properties", properties)
                .write(dir.resolve("acme.zip"), "classes/");
        try (PluginHost host = host()) {
            assertEquals(List.of(), host.faults());
            assertEquals("2.1.0", host.plugins().getFirst().version());
        }
    }

    @Test
    void twoPluginsSeeTheSameApiAndDifferentClassesOfTheirOwn() throws IOException {
        plugin("one").backend("same.Disk", "one").write(dir.resolve("one.jar"));
        plugin("two").backend("same.Disk", "two").write(dir.resolve("two.jar"));
        try (PluginHost host = host()) {
            Class<?> one = backend(host, "one").getClass();
            Class<?> two = backend(host, "two").getClass();
            assertNotSame(one, two);
            assertNotSame(one.getClassLoader(), two.getClassLoader());
            assertSame(BackendExtension.class, one.getInterfaces()[0]);
            assertSame(BackendExtension.class, two.getInterfaces()[0]);
        }
    }

    @Test
    void aPluginsOwnCopyOfTheApiIsNotUsed() throws IOException {
        plugin("copy")
                .backend("copy.Disk", "copy")
                .entry("io/zonewright/api/spi/BackendExtension.class", hostClass(BackendExtension.class))
                .write(dir.resolve("copy.jar"));
        plugin("more")
                .backend("more.Disk", "more", "", "io.zonewright.api.More.word()", "List.of()")
                .source(
                        "io.zonewright.api.More",
                        "package io.zonewright.api; public class More { public static String word() { return \"mine\"; } }")
                .write(dir.resolve("more.jar"));
        try (PluginHost host = host()) {
            assertEquals(List.of(), host.faults());
            assertSame(BackendExtension.class, backend(host, "copy").getClass().getInterfaces()[0]);
            NoClassDefFoundError missing = assertThrows(
                    NoClassDefFoundError.class, () -> backend(host, "more").summary());
            assertEquals("io/zonewright/api/More", missing.getMessage());
        }
    }

    @Test
    void theHostsOtherLibrariesAreOutOfSight() throws IOException {
        plugin("nosy")
                .backend("nosy.Disk", "nosy", "new com.fasterxml.jackson.core.JsonFactory();", "\"\"", "List.of()")
                .write(dir.resolve("nosy.jar"));
        assertEquals(
                "plugin nosy.jar has the extension nosy.Disk, whose constructor failed: the class"
                        + " com.fasterxml.jackson.core.JsonFactory is neither in the archive nor in the API",
                faults());
    }

    @Test
    void aPluginSeesThePluginItDependsOnWhateverTheirNames() throws IOException {
        Path base = plugin("base")
                .backend("base.Disk", "base")
                .source(
                        "base.Word",
                        "package base; public class Word { public static String word() { return \"from base\"; } }")
                .write(dir.resolve("z-base.jar"));
        plugin("user")
                .with("Plugin-Dependencies", "base@>=1.0.0")
                .against(base)
                .backend("user.Disk", "user", "", "base.Word.word()", "List.of()")
                .write(dir.resolve("a-user.jar"));
        try (PluginHost host = host()) {
            assertEquals(List.of(), host.faults());
            assertEquals("from base", backend(host, "user").summary());
        }
    }

    @Test
    void pluginsAreStartedAndStopped() throws IOException {
        plugin("alive")
                .with("Plugin-Class", "alive.Alive")
                .source("alive.Alive", """
                        package alive;
                        public class Alive extends org.pf4j.Plugin {
                            public void start() { System.setProperty("zonewright.test.alive", "started"); }
                            public void stop() { System.setProperty("zonewright.test.alive", "stopped"); }
                        }
                        """)
                .backend("alive.Disk", "alive")
                .write(dir.resolve("alive.jar"));
        try (PluginHost host = host()) {
            assertEquals(List.of(), host.faults());
            assertEquals("started", System.getProperty("zonewright.test.alive"));
        }
        assertEquals("stopped", System.clearProperty("zonewright.test.alive"));
    }

    @Test
    void archivesThatAreNotPlugins() throws IOException {
        Files.writeString(dir.resolve("a.jar"), "garbage");
        Files.writeString(dir.resolve("b.zip"), "garbage");
        plugin("").backend("c.Disk", "c").write(dir.resolve("c.jar"));
        plugin("d").with("Plugin-Version", "").backend("d.Disk", "d").write(dir.resolve("d.jar"));
        plugin("e").with("Plugin-Requires", "").backend("e.Disk", "e").write(dir.resolve("e.jar"));
        assertEquals("""
                plugin a.jar is not a jar: zip END header not found; build it again, or remove it
                plugin b.zip is not a zip: zip END header not found; build it again, or remove it
                plugin c.jar is not a plugin: it has no descriptor; add Plugin-Id, Plugin-Version and Plugin-Requires to its META-INF/MANIFEST.MF
                plugin d.jar names no version; add Plugin-Version: 1.0.0 to its descriptor
                plugin e.jar does not say which API it needs; add Plugin-Requires: >=1.0.0 & <2.0.0 to its descriptor""".strip(), faults());
    }

    @Test
    void pluginsForAnotherApi() throws IOException {
        plugin("new")
                .with("Plugin-Requires", ">=2.0.0 & <3.0.0")
                .backend("a.Disk", "a")
                .write(dir.resolve("a.jar"));
        plugin("old")
                .with("Plugin-Requires", ">=0.5.0 & <1.0.0")
                .backend("b.Disk", "b")
                .write(dir.resolve("b.jar"));
        plugin("odd").with("Plugin-Requires", "latest").backend("c.Disk", "c").write(dir.resolve("c.jar"));
        plugin("ver").with("Plugin-Version", "one").backend("d.Disk", "d").write(dir.resolve("d.jar"));
        assertEquals("""
                plugin a.jar (new 1.0.0) needs version >=2.0.0 & <3.0.0 of the API, and this Zonewright has 1.0.0; install a release of the plugin that was made for it
                plugin b.jar (old 1.0.0) needs version >=0.5.0 & <1.0.0 of the API, and this Zonewright has 1.0.0; install a release of the plugin that was made for it
                plugin c.jar says that it needs version latest of the API, which is not understood; write Plugin-Requires: >=1.0.0 & <2.0.0
                plugin d.jar has the version one, which is not like 1.0.0; correct Plugin-Version""".strip(), faults());
    }

    @Test
    void pluginsThatBreakWhenTheyAreLoaded() throws IOException {
        plugin("a").extension("a.Missing").write(dir.resolve("a.jar"));
        plugin("b")
                .backend("b.Disk", "b", "throw new IllegalStateException(\"boom\");", "\"\"", "List.of()")
                .write(dir.resolve("b.jar"));
        plugin("c").source("c.Disk", "package c; public class Disk { }").write(dir.resolve("c.jar"));
        plugin("d")
                .extension("d.Disk")
                .source("d.Disk", "package d; public class Disk { }")
                .write(dir.resolve("d.jar"));
        plugin("e").with("Plugin-Class", "e.Gone").backend("e.Disk", "e").write(dir.resolve("e.jar"));
        plugin("f").with("Plugin-Dependencies", "nobody").backend("f.Disk", "f").write(dir.resolve("f.jar"));
        plugin("g").backend("g.Disk", "Big Disk").write(dir.resolve("g.jar"));
        plugin("h")
                .backend("h.Disk", "h", "", "\"\"", "List.of(Key.of(\"type\", Key.Kind.TEXT, \"x\", \"y\"))")
                .write(dir.resolve("h.jar"));
        plugin("i")
                .backend(
                        "i.Disk",
                        "i",
                        "",
                        "\"\"",
                        "List.of(Key.of(\"size\", Key.Kind.SIZE, \"x\", \"1GiB\").withDefault(\"lots\"))")
                .write(dir.resolve("i.jar"));
        assertEquals("""
                plugin a.jar names the extension a.Missing, which is not in the archive; build it again
                plugin b.jar has the extension b.Disk, whose constructor failed: java.lang.IllegalStateException: boom
                plugin c.jar brings no front-end and no back-end: its META-INF/extensions.idx is missing or empty; compile it with pf4j as annotation processor (-proc:full)
                plugin d.jar has the extension d.Disk, which is neither a BackendExtension nor a FrontendExtension
                plugin e.jar (e) cannot be used: its Plugin-Class e.Gone is not in the archive
                plugin g.jar has the extension g.Disk with a defect: java.lang.IllegalArgumentException: the type "Big Disk" is not lower case with hyphens
                plugin h.jar has the extension h.Disk with a defect: java.lang.IllegalArgumentException: the key "type" belongs to the host
                plugin i.jar has the extension i.Disk with a defect: java.lang.IllegalArgumentException: the key size is declared with a value that is wrong: "lots" is not a size
                plugin f.jar needs the plugin nobody, which is not in use; install it too""".strip(), faults());
    }

    @Test
    void ofTwoThatClashTheFirstIsInUse() throws IOException {
        plugin("acme").backend("a.Disk", "disk").write(dir.resolve("a.jar"));
        plugin("acme").backend("b.Disk", "other").write(dir.resolve("b.jar"));
        plugin("rival").backend("c.Disk", "disk").backend("c.More", "more").write(dir.resolve("c.jar"));
        assertEquals("""
                plugin b.jar has the id acme, and so has a.jar; remove one of them
                plugin c.jar brings the back-end disk, and so does the plugin acme; remove one of them""".strip(), faults());
        try (PluginHost host = host()) {
            assertEquals(Set.of("disk"), host.catalogue().backendTypes());
        }
    }

    @Test
    void aZipCannotWriteOutsideItsDirectory() throws IOException {
        plugin("slip").entry("../../../slipped", new byte[] {1}).write(dir.resolve("slip.zip"), "classes/");
        assertEquals("plugin slip.zip names a file outside itself: ../../../slipped; do not trust it", faults());
    }

    @Test
    void unpackedFilesAreRemovedInTheEnd() throws IOException {
        plugin("acme").backend("acme.Disk", "acme").write(dir.resolve("acme.zip"), "classes/");
        Path unpacked;
        try (PluginHost host = host()) {
            unpacked = Path.of(backend(host, "acme")
                    .getClass()
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .getPath());
            assertTrue(Files.isDirectory(unpacked), unpacked.toString());
        }
        assertFalse(Files.exists(unpacked), unpacked.toString());
    }

    @Test
    void aDirectoryThatIsNotThere() {
        PluginDirs dirs = new PluginDirs(Optional.empty(), List.of(dir.resolve("gone")));
        try (PluginHost host = new PluginHost(dirs)) {
            assertEquals(
                    "plugin " + dir + "/gone does not exist; make the directory, or do not name it",
                    host.faults().getFirst().toString());
        }
    }
}
