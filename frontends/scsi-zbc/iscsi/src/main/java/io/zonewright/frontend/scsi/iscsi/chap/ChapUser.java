package io.zonewright.frontend.scsi.iscsi.chap;

import org.jspecify.annotations.Nullable;

/**
 * Somebody who may log in.
 *
 * @param name CHAP_N of the initiator
 * @param secret what it proves to know
 * @param targetSecret what we prove to know, if the initiator wants that; null: we cannot
 * @param targetName CHAP_N of our own proof; null: the target's name
 */
public record ChapUser(
        String name,
        ChapSecret secret,
        @Nullable ChapSecret targetSecret,
        @Nullable String targetName) {
    public ChapUser {
        if (secret.equals(targetSecret)) {
            throw new IllegalArgumentException(
                    "both sides have one secret, so that each could repeat the other's proof");
        }
    }
}
