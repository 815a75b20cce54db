package io.zonewright.frontend.nvme.tcp.auth;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Hash functions (Base 2.1, section 8.3.5.5.2, "DH-HMAC-CHAP hash function identifiers"). */
public enum HashAlgorithm {
    SHA256(1, "SHA-256", "HmacSHA256", 32),
    SHA384(2, "SHA-384", "HmacSHA384", 48),
    SHA512(3, "SHA-512", "HmacSHA512", 64);

    private final int id;
    private final String digest;
    private final String mac;
    private final int bytes;

    HashAlgorithm(int id, String digest, String mac, int bytes) {
        this.id = id;
        this.digest = digest;
        this.mac = mac;
        this.bytes = bytes;
    }

    /** The hash with this identifier, or null. */
    public static @Nullable HashAlgorithm of(int id) {
        for (HashAlgorithm hash : values()) {
            if (hash.id == id) {
                return hash;
            }
        }
        return null;
    }

    /** Identifier on the wire. */
    public int id() {
        return id;
    }

    /** Length of a value, bytes. */
    public int bytes() {
        return bytes;
    }

    /** The hash of {@code data}. */
    public byte[] hash(byte[] data) {
        try {
            return MessageDigest.getInstance(digest).digest(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + digest, e);
        }
    }

    /** The HMAC of the parts, one after the other. */
    public byte[] hmac(byte[] key, byte[]... parts) {
        try {
            Mac function = Mac.getInstance(mac);
            function.init(new SecretKeySpec(key, mac));
            for (byte[] part : parts) {
                function.update(part);
            }
            return function.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + mac, e);
        }
    }
}
