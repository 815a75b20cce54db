package io.zonewright.frontend.scsi.iscsi.text;

import java.util.Arrays;

/**
 * Puts a text together from the PDUs of a sequence (those with the C bit set, and the one after them): a pair may lie
 * across them. For one thread.
 */
public final class TextGather {
    /** Longest text, bytes: what RFC 7143, section 6.2, says that everybody has to take. */
    public static final int MAX_BYTES = 16_384;

    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;

    /** Adds the next part; false if the whole is too long. */
    public boolean add(byte[] part) {
        if (part.length > MAX_BYTES - bytes.length) {
            bytes = NOTHING;
            return false;
        }
        int old = bytes.length;
        bytes = Arrays.copyOf(bytes, old + part.length);
        System.arraycopy(part, 0, bytes, old, part.length);
        return true;
    }

    /** The whole; the next text starts empty. */
    public byte[] take() {
        byte[] all = bytes;
        bytes = NOTHING;
        return all;
    }
}
