package io.zonewright.daemon.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a command sees of the process it runs in; tests give it another.
 *
 * @param out standard output
 * @param err standard error
 * @param environment variables
 * @param home of the distribution, if the program runs from one
 * @param terminal whether standard output is one
 * @param unicode whether it takes more than ASCII
 */
record Surroundings(
        PrintWriter out,
        PrintWriter err,
        Map<String, String> environment,
        Optional<Path> home,
        boolean terminal,
        boolean unicode) {
    static final int DEFAULT_WIDTH = 80;
    private static final int MIN_WIDTH = 20;
    private static final int MAX_WIDTH = 1000;

    /** Those of this process. */
    static Surroundings ofProcess() {
        String home = System.getProperty("zonewright.home", "");
        return new Surroundings(
                new PrintWriter(System.out, true, System.out.charset()),
                new PrintWriter(System.err, true, System.err.charset()),
                System.getenv(),
                home.isEmpty() ? Optional.empty() : Optional.of(Path.of(home)),
                isTerminal(1),
                System.out.charset().equals(StandardCharsets.UTF_8));
    }

    /** Whether to colour, by <a href="https://no-color.org">NO_COLOR</a> and the kind of terminal. */
    boolean coloured() {
        return terminal
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
    }

    /** Columns of the terminal. */
    int width() {
        String columns = environment.getOrDefault("COLUMNS", "");
        if (!columns.matches("[0-9]{1,4}")) {
            columns = terminal ? askTerminal() : "";
        }
        return columns.matches("[0-9]{1,4}")
                ? Math.clamp(Integer.parseInt(columns), MIN_WIDTH, MAX_WIDTH)
                : DEFAULT_WIDTH;
    }

    private static String askTerminal() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(Path.of("/dev/tty").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String[] rowsAndColumns = new String(stty.getInputStream().readNBytes(100), StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ", -1);
            return rowsAndColumns.length == 2 ? rowsAndColumns[1] : "";
        } catch (IOException e) {
            return ""; // no terminal to ask, or no stty: the default does
        }
    }

    /** The JDK tells only whether input and output both are terminals; a descriptor's name tells it for one. */
    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
