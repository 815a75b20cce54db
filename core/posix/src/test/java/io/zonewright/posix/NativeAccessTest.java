package io.zonewright.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posixprobe.NativeProbe;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How the module behaves with and without the permission to make native calls. */
class NativeAccessTest {
    private static String place(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    private static String run(List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add(NativeProbe.class.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        process.waitFor();
        return output.replaceFirst("^pid " + process.pid() + "$", "its own pid");
    }

    private static List<String> asModule(String... options) throws URISyntaxException {
        List<String> all = new ArrayList<>(List.of(
                "-p",
                place(Posix.class),
                "--add-modules",
                "io.zonewright.posix",
                "-cp",
                place(NativeProbe.class),
                "--illegal-native-access=deny"));
        all.addAll(List.of(options));
        return all;
    }

    @Test
    void theModuleAloneNeedsThePermission() throws Exception {
        assertEquals("its own pid", run(asModule("--enable-native-access=io.zonewright.posix")));
    }

    @Test
    void withoutPermissionTheMessageNamesTheFlag() throws Exception {
        assertEquals(
                "native calls are forbidden here: start Java with --enable-native-access=io.zonewright.posix",
                run(asModule()));
    }

    @Test
    void onTheClassPathTheMessageNamesTheOtherFlag() throws Exception {
        String classPath = place(Posix.class) + ":" + place(NativeProbe.class);
        assertEquals(
                "native calls are forbidden here: start Java with --enable-native-access=ALL-UNNAMED",
                run(List.of("--illegal-native-access=deny", "-cp", classPath)));
        assertTrue(run(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath))
                .equals("its own pid"));
    }
}
