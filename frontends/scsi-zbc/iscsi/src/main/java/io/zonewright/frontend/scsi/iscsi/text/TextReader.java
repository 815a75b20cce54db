package io.zonewright.frontend.scsi.iscsi.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/** Reads pairs (RFC 7143, sections 6.1 and 6.2). */
public final class TextReader {
    /** Longest key, bytes. */
    public static final int MAX_KEY_BYTES = 63;
    /** Longest value of most keys, bytes. */
    public static final int MAX_VALUE_BYTES = 255;
    /** Most pairs of one text. */
    public static final int MAX_PAIRS = 128;

    private TextReader() {}

    /**
     * Reads all pairs. Each ends in a zero byte, the last one too; further zero bytes between and behind pairs, which some
     * initiators count as data though they are padding, are passed over.
     *
     * @param text a whole text, put together from all PDUs of a sequence
     * @param maxValueBytes longest value of a key, bytes
     * @throws TextException if it breaks the format, is not UTF-8, or names a key twice
     */
    public static List<KeyValue> read(byte[] text, ToIntFunction<String> maxValueBytes) throws TextException {
        List<KeyValue> pairs = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        int from = 0;
        while (from < text.length) {
            int end = from;
            while (end < text.length && text[end] != 0) {
                end++;
            }
            if (end == text.length) {
                throw new TextException("the last pair does not end in a zero byte");
            }
            if (end > from) {
                if (pairs.size() == MAX_PAIRS) {
                    throw new TextException("more than " + MAX_PAIRS + " keys");
                }
                KeyValue pair = pair(text, from, end, maxValueBytes);
                if (!keys.add(pair.key())) {
                    throw new TextException("a key occurs twice");
                }
                pairs.add(pair);
            }
            from = end + 1;
        }
        return pairs;
    }

    private static KeyValue pair(byte[] text, int from, int end, ToIntFunction<String> maxValueBytes)
            throws TextException {
        int equals = from;
        while (equals < end && text[equals] != '=') {
            equals++;
        }
        if (equals == end) {
            throw new TextException("a pair without =");
        }
        String key = key(text, from, equals);
        int length = end - equals - 1;
        if (length > maxValueBytes.applyAsInt(key)) {
            throw new TextException("the value of " + key + " has " + length + " bytes");
        }
        return new KeyValue(key, value(text, equals + 1, length));
    }

    /** A standard-label: a capital letter, then letters, digits and {@code . - + @ _}; and # as in {@code X#…}. */
    private static String key(byte[] text, int from, int end) throws TextException {
        if (end == from || end - from > MAX_KEY_BYTES) {
            throw new TextException("a key of " + (end - from) + " bytes");
        }
        for (int i = from; i < end; i++) {
            int c = text[i];
            boolean capital = c >= 'A' && c <= 'Z';
            boolean other = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || ".-+@_#".indexOf(c) >= 0;
            // The one key of a standard that breaks the rule is iSCSIProtocolLevel (RFC 7144).
            boolean first = capital || c == 'i';
            if (i == from ? !first : !capital && !other) {
                throw new TextException("a key with a character that keys do not have");
            }
        }
        return new String(text, from, end - from, StandardCharsets.US_ASCII);
    }

    private static String value(byte[] text, int from, int length) throws TextException {
        for (int i = from; i < from + length; i++) {
            if ((text[i] >= 0 && text[i] < ' ') || text[i] == 0x7F) {
                throw new TextException("a value with a control character");
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text, from, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new TextException("a value that is not UTF-8");
        }
    }
}
