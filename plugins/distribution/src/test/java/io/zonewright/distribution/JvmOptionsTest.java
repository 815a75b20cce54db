package io.zonewright.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the JVM makes of the launcher's options. */
@Timeout(60)
class JvmOptionsTest {
    private static final Pattern FLAG = Pattern.compile(
            "^ *bool (ReduceAllocationMerges|UseCompactObjectHeaders|UseSerialGC) += (true|false) ", Pattern.MULTILINE);

    /** By the JVM's own account, since options that it does not know are ignored. */
    @Test
    void whatJdk25CompilesWronglyIsOff() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+PrintFlagsFinal",
                        "@" + Program.home().resolve("launcher.args"),
                        "--version")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), output);
        assertEquals(
                List.of("ReduceAllocationMerges false", "UseCompactObjectHeaders false", "UseSerialGC true"),
                FLAG.matcher(output)
                        .results()
                        .map(found -> found.group(1) + " " + found.group(2))
                        .toList());
    }
}
