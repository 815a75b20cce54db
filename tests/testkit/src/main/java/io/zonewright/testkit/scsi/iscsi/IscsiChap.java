package io.zonewright.testkit.scsi.iscsi;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * An initiator's CHAP secrets (RFC 7143 section 12.1.3).
 *
 * @param algorithms what it offers as CHAP_A, in order: 5 MD5, 6 SHA-1, 7 SHA-256, 8 SHA3-256
 * @param name CHAP_N
 * @param mutual the target's secret if the target has to prove itself too; null for one way
 */
public record IscsiChap(
        String algorithms,
        String name,
        String secret,
        @Nullable String mutual) {
    /** With every algorithm, the best first. */
    public static IscsiChap oneWay(String name, String secret) {
        return new IscsiChap("8,7,6,5", name, secret, null);
    }

    public IscsiChap mutual(String targetSecret) {
        return new IscsiChap(algorithms, name, secret, targetSecret);
    }

    public IscsiChap with(String offered) {
        return new IscsiChap(offered, name, secret, mutual);
    }

    /**
     * CHAP_R: the hash of identifier, secret and challenge, as {@code 0x…}.
     *
     * @param algorithm as in CHAP_A
     * @param identifier CHAP_I
     */
    public static String response(int algorithm, int identifier, String secret, byte[] challenge) {
        try {
            MessageDigest digest = MessageDigest.getInstance(
                    switch (algorithm) {
                        case 5 -> "MD5";
                        case 6 -> "SHA-1";
                        case 7 -> "SHA-256";
                        case 8 -> "SHA3-256";
                        default -> throw new IllegalStateException("CHAP algorithm " + algorithm);
                    });
            digest.update((byte) identifier);
            digest.update(secret.getBytes(StandardCharsets.UTF_8));
            return "0x" + HexFormat.of().formatHex(digest.digest(challenge));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Bytes of a binary value in hexadecimal digits or base 64 (RFC 7143 section 6.1). */
    public static byte[] binary(String value) {
        if (value.startsWith("0x") || value.startsWith("0X")) {
            String digits = value.substring(2);
            return HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : "0" + digits);
        }
        if (value.startsWith("0b") || value.startsWith("0B")) {
            return Base64.getDecoder().decode(value.substring(2));
        }
        throw new IllegalStateException("no binary value: " + value);
    }

    /** Whether two responses are the same bytes. */
    static boolean same(String one, String other) {
        return Arrays.equals(binary(one), binary(other));
    }
}
