package io.zonewright.posix;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** Asks the C compiler, where there is one, for the values of expressions. */
public final class CHeaders {
    private static final String INCLUDES = Stream.of(
                    "errno.h",
                    "fcntl.h",
                    "netinet/in.h",
                    "netinet/tcp.h",
                    "poll.h",
                    "stddef.h",
                    "stdio.h",
                    "string.h",
                    "sys/epoll.h",
                    "sys/eventfd.h",
                    "sys/file.h",
                    "sys/mman.h",
                    "sys/socket.h",
                    "sys/stat.h",
                    "sys/uio.h",
                    "sys/un.h",
                    "time.h",
                    "linux/fs.h",
                    "linux/blkzoned.h",
                    "linux/io_uring.h",
                    "linux/falloc.h")
            .map(header -> "#include <" + header + ">\n")
            .collect(joining("", "#define _GNU_SOURCE\n", ""));

    private CHeaders() {}

    /** The values of integer expressions; skips the test if there is no compiler. */
    public static Map<String, Long> values(Path directory, Collection<String> expressions)
            throws IOException, InterruptedException {
        return run(
                directory,
                expressions.stream()
                        .map(e -> "  printf(\"%lld\\t%s\\n\", (long long) (" + e + "), \"" + e + "\");\n")
                        .collect(joining()));
    }

    /** The values of macros, those left out that these headers do not know. */
    public static Map<String, Long> macros(Path directory, Collection<String> names)
            throws IOException, InterruptedException {
        return run(
                directory,
                names.stream()
                        .map(n ->
                                "#ifdef " + n + "\n  printf(\"%lld\\t" + n + "\\n\", (long long) " + n + ");\n#endif\n")
                        .collect(joining()));
    }

    private static Map<String, Long> run(Path directory, String body) throws IOException, InterruptedException {
        String compiler = compiler();
        Assumptions.assumeTrue(compiler != null, "there is no C compiler to ask; bin/verify brings one");
        Path source = directory.resolve("ask.c");
        Path program = directory.resolve("ask");
        Files.writeString(source, INCLUDES + "int main(void) {\n" + body + "  return 0;\n}\n");
        output(Objects.requireNonNull(compiler), "-o", program.toString(), source.toString());
        Map<String, Long> values = new HashMap<>();
        for (String line : output(program.toString()).lines().toList()) {
            int tab = line.indexOf('\t');
            values.put(line.substring(tab + 1), Long.parseLong(line.substring(0, tab)));
        }
        return values;
    }

    /** The one that bin/verify names, else the one on the PATH. */
    private static @Nullable String compiler() {
        String named = System.getenv("ZONEWRIGHT_CC");
        if (named != null) {
            return named;
        }
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
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
