package io.zonewright.tests.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a guest's run left.
 *
 * @param status the script's exit status, or what {@code tests/guest/run} says of its own
 * @param output all that the script and the kit printed
 * @param directory the files
 * @param reports how many zone reports were checked
 */
record GuestResult(int status, String output, Path directory, int reports) {
    /** Timed out, and the guest died: the kit's own verdicts. */
    static final int TIMED_OUT = 124;

    static final int DIED = 125;

    /** Fails with the end of the output unless the script ended well. */
    GuestResult expectSuccess() {
        if (status != 0) {
            String end = output.lines()
                    .skip(Math.max(0, output.lines().count() - 60))
                    .reduce("", (a, b) -> a + "\n" + b);
            throw new AssertionError(
                    "the guest's script ended with " + status + "; all of it is in " + directory + end);
        }
        return this;
    }

    /** A file that the script put into {@code /out}. */
    String file(String name) throws IOException {
        return Files.readString(directory.resolve("files").resolve(name));
    }

    String dmesg() throws IOException {
        return Files.readString(directory.resolve("dmesg"));
    }
}
