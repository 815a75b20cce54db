package io.zonewright.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads secrets from a file: words in lines. What the words mean is the carrier's. */
public final class SecretsFile {
    private static final long MAX_BYTES = 1 << 20;
    private static final Set<PosixFilePermission> FOREIGN = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    /**
     * A line that is neither empty nor a comment.
     *
     * @param where file and line number, for messages
     * @param words at least one
     */
    public record Line(String where, List<String> words) {
        public Line {
            words = List.copyOf(words);
        }

        /** Never shows the words. */
        @Override
        public String toString() {
            return where;
        }
    }

    private SecretsFile() {}

    /**
     * Reads the file. Lines that begin with # are left out.
     *
     * @throws IOException if it cannot be read, or others may read or write it; the message never has a word of it
     */
    public static List<Line> read(Path file) throws IOException {
        for (PosixFilePermission permission : Files.getPosixFilePermissions(file)) {
            if (FOREIGN.contains(permission)) {
                throw new IOException("others than its owner may read or write " + file + ": chmod 600");
            }
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " is larger than 1 MiB");
        }
        List<Line> result = new ArrayList<>();
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                result.add(new Line(file + ", line " + (i + 1), List.of(line.split("\\s+", -1))));
            }
        }
        return result;
    }
}
