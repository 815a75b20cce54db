package io.zonewright.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only posix may make native calls: the JVM that the launcher starts refuses them to a drop-in. */
class NativeAccessTest {
    @TempDir
    Path work;

    /** A back-end whose constructor does {@code body}. */
    private void plugin(String name, String body) throws IOException {
        Path project = Files.createDirectory(work.resolve(name));
        Path sources = Files.createDirectory(project.resolve("src"));
        Files.writeString(project.resolve("MANIFEST.MF"), """
                Plugin-Id: %s
                Plugin-Version: 1.0.0
                Plugin-Requires: >=1.0.0 & <2.0.0
                """.formatted(name));
        Files.writeString(sources.resolve("Disk.java"), """
                package %s;
                import io.zonewright.api.config.*;
                import io.zonewright.api.spi.*;
                import java.lang.foreign.*;
                import java.util.List;
                @org.pf4j.Extension
                public final class Disk implements BackendExtension {
                    public Disk() throws Throwable { %s }
                    public String type() { return "%s"; }
                    public String summary() { return ""; }
                    public List<Key> keys() { return List.of(); }
                    public BackendPlan plan(Settings settings, DeviceIdentity device) { return null; }
                }
                """.formatted(name, body, name));
        Path dir = Files.createDirectories(work.resolve("drop"));
        Archives.build(project, work, dir.resolve(name + ".jar"));
    }

    @Test
    void aDropInCannotCallNativeCode() throws Exception {
        plugin("linker", "Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_INT));");
        plugin("reinterpret", "MemorySegment.ofAddress(4096).reinterpret(4096);");
        plugin("load", "System.load(\"/lib/libc.so.6\");");
        plugin("harmless", "MemorySegment.ofArray(new byte[8]).fill((byte) 1);");
        Program.Result result = Program.run(
                work, "plugins", "--plugins-dir", work.resolve("drop").toString());
        assertEquals(0, result.status(), result.err());
        assertTrue(result.out().contains("harmless 1.0.0  from " + work + "/drop/harmless.jar"), result.out());
        for (String name : new String[] {"linker", "reinterpret", "load"}) {
            String start = "not usable: plugin " + work + "/drop/" + name + ".jar has the extension " + name
                    + ".Disk, whose constructor failed: java.lang.IllegalCallerException: Illegal native access from"
                    + " an unnamed module";
            assertTrue(result.err().lines().anyMatch(line -> line.startsWith(start)), result.err());
        }
    }
}
