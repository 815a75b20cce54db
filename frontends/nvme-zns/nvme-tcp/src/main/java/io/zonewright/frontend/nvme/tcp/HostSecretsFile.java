package io.zonewright.frontend.nvme.tcp;

import io.zonewright.frontend.nvme.tcp.auth.DhchapSecret;
import io.zonewright.frontend.nvme.tcp.auth.HostSecrets;
import io.zonewright.net.SecretsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads secrets of hosts from a file: a line each, {@code NQN SECRET [CONTROLLER-SECRET]}. */
final class HostSecretsFile {
    private HostSecretsFile() {}

    /**
     * Reads the file.
     *
     * @throws IOException if it cannot be read, or others may; the message names the line and never a secret
     */
    static Map<String, HostSecrets> read(Path file) throws IOException {
        Map<String, HostSecrets> secrets = new LinkedHashMap<>();
        for (SecretsFile.Line line : SecretsFile.read(file)) {
            addLine(secrets, line.words(), line.where());
        }
        return secrets;
    }

    private static void addLine(Map<String, HostSecrets> secrets, List<String> words, String where) throws IOException {
        if (words.size() < 2 || words.size() > 3) {
            throw new IOException(where + ": a line is NQN SECRET [CONTROLLER-SECRET]");
        }
        try {
            HostSecrets host = new HostSecrets(
                    DhchapSecret.parse(words.get(1)), words.size() == 3 ? DhchapSecret.parse(words.get(2)) : null);
            if (secrets.put(words.get(0), host) != null) {
                throw new IOException(where + ": the host is named twice");
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(where + ": " + e.getMessage(), e);
        }
    }
}
