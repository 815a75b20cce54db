package io.zonewright.frontend.scsi.iscsi.text;

import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Forms of values (RFC 7143, section 6.1). */
public final class Values {
    /** Answer to an offer that cannot be accepted. */
    public static final String REJECT = "Reject";
    /** Answer to a key that does not matter in this session. */
    public static final String IRRELEVANT = "Irrelevant";
    /** Answer to an unknown key. */
    public static final String NOT_UNDERSTOOD = "NotUnderstood";

    public static final String YES = "Yes";
    public static final String NO = "No";
    public static final String NONE = "None";

    private static final int MAX_DIGITS = 18;

    private Values() {}

    /** Whether a value is one of those that only answers have. */
    public static boolean answerOnly(String value) {
        return value.equals(REJECT) || value.equals(IRRELEVANT) || value.equals(NOT_UNDERSTOOD);
    }

    /**
     * A numerical value: decimal without leading zeroes, or {@code 0x} and hexadecimal digits.
     *
     * @return the number, or -1 if it is none or has more than 18 decimal or 15 hexadecimal digits, which is more than any
     *     key's range
     */
    public static long number(String value) {
        if (value.startsWith("0x") || value.startsWith("0X")) {
            return digits(value, 2, 16, 15);
        }
        return value.length() > 1 && value.charAt(0) == '0' ? -1 : digits(value, 0, 10, MAX_DIGITS);
    }

    private static long digits(String value, int from, int radix, int most) {
        if (value.length() == from || value.length() - from > most) {
            return -1;
        }
        long number = 0;
        for (int i = from; i < value.length(); i++) {
            char c = value.charAt(i);
            int digit = c < 0x80 ? Character.digit(c, radix) : -1;
            if (digit < 0) {
                return -1;
            }
            number = number * radix + digit;
        }
        return number;
    }

    /**
     * A binary value: {@code 0x} and hexadecimal digits, where an odd number stands for a leading zero, or {@code 0b} and
     * base64.
     *
     * @return the bytes, or null if it is none, or longer
     */
    public static byte @Nullable [] binary(String value, int maxBytes) {
        String form = value.length() < 3 ? "" : value.substring(0, 2).toLowerCase(Locale.ROOT);
        String body = value.substring(Math.min(2, value.length()));
        try {
            byte[] bytes;
            switch (form) {
                case "0x" -> bytes = HexFormat.of().parseHex(body.length() % 2 == 0 ? body : "0" + body);
                case "0b" -> bytes = Base64.getDecoder().decode(body);
                default -> {
                    return null;
                }
            }
            return bytes.length == 0 || bytes.length > maxBytes ? null : bytes;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** A binary value in hexadecimal. */
    public static String hex(byte[] bytes) {
        return "0x" + HexFormat.of().formatHex(bytes);
    }

    /** The members of a list of values, in their order. */
    public static List<String> list(String value) {
        return List.of(value.split(",", -1));
    }
}
