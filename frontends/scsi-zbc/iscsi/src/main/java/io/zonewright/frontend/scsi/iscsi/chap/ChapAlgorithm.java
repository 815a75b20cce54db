package io.zonewright.frontend.scsi.iscsi.chap;

import io.zonewright.frontend.scsi.iscsi.text.Values;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/** Algorithms of CHAP_A (RFC 7143, section 12.1.3; IANA, "PPP Authentication Algorithms"). */
enum ChapAlgorithm {
    MD5(5, "MD5", 16),
    SHA1(6, "SHA-1", 20),
    SHA256(7, "SHA-256", 32),
    SHA3_256(8, "SHA3-256", 32);

    private final int id;
    private final String jdkName;
    private final int bytes;

    ChapAlgorithm(int id, String jdkName, int bytes) {
        this.id = id;
        this.jdkName = jdkName;
        this.bytes = bytes;
    }

    /** Number on the wire. */
    int id() {
        return id;
    }

    /** Length of a response, and of our challenges. */
    int bytes() {
        return bytes;
    }

    /** The first of the initiator's list that we know; null if there is none. */
    static @Nullable ChapAlgorithm choose(String list) {
        for (String word : Values.list(list)) {
            long wanted = Values.number(word);
            for (ChapAlgorithm algorithm : values()) {
                if (algorithm.id == wanted) {
                    return algorithm;
                }
            }
        }
        return null;
    }

    /** The hash of identifier, secret and challenge (RFC 1994, section 4.1). */
    byte[] response(int identifier, byte[] secret, byte[] challenge) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance(jdkName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has " + jdkName, e);
        }
        digest.update((byte) identifier);
        digest.update(secret);
        return digest.digest(challenge);
    }
}
