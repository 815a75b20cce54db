package io.zonewright.frontend.nvme.tcp.auth;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A secret, written {@code DHHC-1:hh:BASE64:} as nvme gen-dhchap-key makes it (Base 2.1, section 8.3.5.5.7, "Secret
 * representation"): hh is 00 for a key used as it is, 01 to 03 for one transformed by a hash; the encoded text is the key
 * of 32, 48 or 64 bytes and its CRC-32, little-endian. Never shown: {@link #toString} hides it.
 */
public final class DhchapSecret {
    private static final String PREFIX = "DHHC-1:";
    private static final int CRC_BYTES = 4;
    private static final byte[] SUFFIX = "NVMe-over-Fabrics".getBytes(StandardCharsets.US_ASCII);

    private final byte[] key;
    private final @Nullable HashAlgorithm transform;

    private DhchapSecret(byte[] key, @Nullable HashAlgorithm transform) {
        this.key = key;
        this.transform = transform;
    }

    /**
     * Reads a secret.
     *
     * @throws IllegalArgumentException with a message that does not contain it
     */
    public static DhchapSecret parse(String text) {
        if (!text.startsWith(PREFIX) || text.length() < 11 || !text.endsWith(":") || text.charAt(9) != ':') {
            throw new IllegalArgumentException("a secret has the form DHHC-1:hh:BASE64:");
        }
        String hash = text.substring(7, 9);
        int id = hash.matches("0[0-3]") ? hash.charAt(1) - '0' : -1;
        if (id < 0) {
            throw new IllegalArgumentException("the secret's hash is 00, 01, 02 or 03");
        }
        byte[] decoded;
        try {
            decoded = Base64.getDecoder().decode(text.substring(10, text.length() - 1));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the secret is not base64");
        }
        int length = decoded.length - CRC_BYTES;
        if (length != 32 && length != 48 && length != 64) {
            throw new IllegalArgumentException("the secret has " + length + " bytes, not 32, 48 or 64");
        }
        CRC32 crc = new CRC32();
        crc.update(decoded, 0, length);
        int told = (decoded[length] & 0xFF)
                | (decoded[length + 1] & 0xFF) << 8
                | (decoded[length + 2] & 0xFF) << 16
                | decoded[length + 3] << 24;
        if ((int) crc.getValue() != told) {
            throw new IllegalArgumentException("the secret's checksum is wrong: it was not copied whole");
        }
        byte[] key = new byte[length];
        System.arraycopy(decoded, 0, key, 0, length);
        return new DhchapSecret(key, HashAlgorithm.of(id));
    }

    /** The key that the owner of this NQN computes with. */
    byte[] keyOf(String nqn) {
        return transform == null ? key.clone() : transform.hmac(key, nqn.getBytes(StandardCharsets.UTF_8), SUFFIX);
    }

    @Override
    public String toString() {
        return "a secret of " + key.length + " bytes";
    }
}
