package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a guest's run left.
 *
 * @param status the script's exit status, or what {@code tests/guest/run} says of its own
 * @param output all that the script and the kit printed
 * @param directory the files
 * @param reports how many zone reports were checked
 */
record GuestResult(int status, String output, Path directory, int reports) {
    /** The script ended well, but QEMU or the daemon did not; timed out; the guest died: the kit's own verdicts. */
    static final int ENDED_BADLY = 123;

    static final int TIMED_OUT = 124;

    static final int DIED = 125;

    private static final Pattern KERNEL_WARNING =
            Pattern.compile("WARNING:|BUG:|Oops|Call Trace|general protection|blocked for more than|Kernel panic");

    /** Fails with the end of the output unless script, QEMU and daemon ended well and the guest's kernel warned of nothing. */
    GuestResult expectSuccess() throws IOException {
        if (status != 0) {
            String end = output.lines()
                    .skip(Math.max(0, output.lines().count() - 60))
                    .reduce("", (a, b) -> a + "\n" + b);
            throw new AssertionError(
                    "the guest's script ended with " + status + "; all of it is in " + directory + end);
        }
        List<String> warnings = dmesg().lines()
                .filter(line -> KERNEL_WARNING.matcher(line).find())
                .toList();
        assertEquals(List.of(), warnings, () -> "the guest's kernel warned; see " + directory.resolve("dmesg"));
        return this;
    }

    /** What was printed from the first line that begins so. */
    String linesFrom(String beginning) {
        StringBuilder lines = new StringBuilder();
        output.lines()
                .dropWhile(line -> !line.startsWith(beginning))
                .forEach(line -> lines.append(line).append('\n'));
        return lines.toString();
    }

    /** A file that the script put into {@code /out}. */
    String file(String name) throws IOException {
        return Files.readString(directory.resolve("files").resolve(name));
    }

    String dmesg() throws IOException {
        return Files.readString(directory.resolve("dmesg"));
    }
}
