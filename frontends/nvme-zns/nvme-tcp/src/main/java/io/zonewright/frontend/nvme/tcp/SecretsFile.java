package io.zonewright.frontend.nvme.tcp;

import io.zonewright.frontend.nvme.tcp.auth.DhchapSecret;
import io.zonewright.frontend.nvme.tcp.auth.HostSecrets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads secrets of hosts from a file: a line each, {@code NQN SECRET [CONTROLLER-SECRET]}. */
final class SecretsFile {
    private static final long MAX_BYTES = 1 << 20;
    private static final Set<PosixFilePermission> FOREIGN = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private SecretsFile() {}

    /**
     * Reads the file.
     *
     * @throws IOException if it cannot be read, or others may; the message names the line and never a secret
     */
    static Map<String, HostSecrets> read(Path file) throws IOException {
        for (PosixFilePermission permission : Files.getPosixFilePermissions(file)) {
            if (FOREIGN.contains(permission)) {
                throw new IOException("others than its owner may read or write " + file + ": chmod 600");
            }
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " is larger than 1 MiB");
        }
        Map<String, HostSecrets> secrets = new LinkedHashMap<>();
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                addLine(secrets, line, file + ", line " + (i + 1));
            }
        }
        return secrets;
    }

    private static void addLine(Map<String, HostSecrets> secrets, String line, String where) throws IOException {
        String[] words = line.split("\\s+", -1);
        if (words.length < 2 || words.length > 3) {
            throw new IOException(where + ": a line is NQN SECRET [CONTROLLER-SECRET]");
        }
        try {
            HostSecrets host = new HostSecrets(
                    DhchapSecret.parse(words[1]), words.length == 3 ? DhchapSecret.parse(words[2]) : null);
            if (secrets.put(words[0], host) != null) {
                throw new IOException(where + ": the host is named twice");
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(where + ": " + e.getMessage(), e);
        }
    }
}
