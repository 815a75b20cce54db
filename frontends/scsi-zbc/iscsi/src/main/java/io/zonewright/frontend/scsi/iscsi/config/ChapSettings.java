package io.zonewright.frontend.scsi.iscsi.config;

import io.zonewright.api.config.Settings;
import io.zonewright.frontend.scsi.iscsi.chap.ChapSecret;
import io.zonewright.frontend.scsi.iscsi.chap.ChapUser;
import io.zonewright.frontend.scsi.iscsi.chap.ChapUsers;
import io.zonewright.net.SecretsFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The section {@code chap:}: users of a file, and one beside it. Messages never show secrets. */
final class ChapSettings {
    private static final int MAX_NAME_BYTES = 255;
    private static final String LINE =
            "a file of lines USER SECRET [TARGET-SECRET [TARGET-USER]] that only its owner can read";

    private ChapSettings() {}

    static ChapUsers read(Settings chap) {
        List<ChapUser> users = new ArrayList<>();
        if (chap.isSet(IscsiKeys.CHAP_FILE)) {
            try {
                users.addAll(file(chap.path(IscsiKeys.CHAP_FILE)));
            } catch (IOException e) {
                chap.problem(IscsiKeys.CHAP_FILE, "the secrets cannot be read: " + e.getMessage(), LINE);
            }
        }
        ChapUser own = own(chap);
        if (own != null) {
            users.add(own);
        }
        try {
            return new ChapUsers(users);
        } catch (IllegalArgumentException e) {
            String key = own == null ? IscsiKeys.CHAP_FILE : IscsiKeys.CHAP_USER;
            chap.problem(key, String.valueOf(e.getMessage()), "one secret for each user");
            return ChapUsers.NONE;
        }
    }

    private static List<ChapUser> file(Path file) throws IOException {
        List<ChapUser> users = new ArrayList<>();
        for (SecretsFile.Line line : SecretsFile.read(file)) {
            List<String> words = line.words();
            if (words.size() < 2 || words.size() > 4) {
                throw new IOException(line.where() + ": a line is USER SECRET [TARGET-SECRET [TARGET-USER]]");
            }
            try {
                ChapSecret target = words.size() > 2 ? ChapSecret.parse(words.get(2)) : null;
                String name = words.size() > 3 ? name(words.get(3)) : null;
                users.add(new ChapUser(name(words.get(0)), ChapSecret.parse(words.get(1)), target, name));
            } catch (IllegalArgumentException e) {
                throw new IOException(line.where() + ": " + e.getMessage(), e);
            }
        }
        if (users.isEmpty()) {
            throw new IOException(file + " names nobody");
        }
        return users;
    }

    /** The user of the YAML itself. */
    private static @Nullable ChapUser own(Settings chap) {
        if (!chap.isSet(IscsiKeys.CHAP_USER) && !chap.isSet(IscsiKeys.CHAP_SECRET)) {
            for (String key : List.of(IscsiKeys.CHAP_TARGET_USER, IscsiKeys.CHAP_TARGET_SECRET)) {
                if (chap.isSet(key)) {
                    chap.problem(
                            key,
                            "a target that proves itself to an initiator that does not is not possible",
                            "a user and a secret too");
                }
            }
            return null;
        }
        String user = text(chap, IscsiKeys.CHAP_USER);
        String word = text(chap, IscsiKeys.CHAP_SECRET);
        if (user == null || word == null) {
            chap.problem(
                    user == null ? IscsiKeys.CHAP_USER : IscsiKeys.CHAP_SECRET,
                    "a user without a secret, or a secret without a user, proves nothing",
                    "both");
            return null;
        }
        String targetUser = text(chap, IscsiKeys.CHAP_TARGET_USER);
        if (targetUser != null && !chap.isSet(IscsiKeys.CHAP_TARGET_SECRET)) {
            chap.problem(IscsiKeys.CHAP_TARGET_USER, "a name without a secret proves nothing", "a target-secret too");
            return null;
        }
        String key = IscsiKeys.CHAP_SECRET;
        try {
            ChapSecret secret = ChapSecret.parse(word);
            key = IscsiKeys.CHAP_TARGET_SECRET;
            String own = text(chap, key);
            ChapSecret target = own == null ? null : ChapSecret.parse(own);
            return new ChapUser(name(user), secret, target, targetUser == null ? null : name(targetUser));
        } catch (IllegalArgumentException e) {
            chap.problem(
                    key,
                    String.valueOf(e.getMessage()),
                    ChapSecret.MIN_BYTES + " to " + ChapSecret.MAX_BYTES + " characters that nobody guesses");
            return null;
        }
    }

    private static @Nullable String text(Settings chap, String key) {
        return chap.isSet(key) ? chap.text(key) : null;
    }

    private static String name(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > MAX_NAME_BYTES || name.codePoints().anyMatch(c -> c < ' ' || c == 0x7F)) {
            throw new IllegalArgumentException(
                    "a user's name has 1 to " + MAX_NAME_BYTES + " bytes, none a control character");
        }
        return name;
    }
}
