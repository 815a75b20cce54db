package io.zonewright.frontend.scsi.iscsi.chap;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A CHAP secret. Never shown: {@link #toString} hides it. */
public final class ChapSecret {
    /** Shortest secret, bytes: 96 bits (RFC 7143, section 9.2.1). */
    public static final int MIN_BYTES = 12;
    /** Longest secret, bytes. */
    public static final int MAX_BYTES = 255;

    private final byte[] bytes;

    private ChapSecret(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads a secret, which is what it looks like.
     *
     * @throws IllegalArgumentException with a message that does not contain it
     */
    public static ChapSecret parse(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "the secret has " + bytes.length + " bytes, not " + MIN_BYTES + " to " + MAX_BYTES);
        }
        return new ChapSecret(bytes);
    }

    /** The secret itself, not a copy. */
    byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ChapSecret secret && Arrays.equals(bytes, secret.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "a secret of " + bytes.length + " bytes";
    }
}
