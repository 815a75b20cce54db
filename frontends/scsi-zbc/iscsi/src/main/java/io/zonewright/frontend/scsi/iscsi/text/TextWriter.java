package io.zonewright.frontend.scsi.iscsi.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Collects pairs to send, and gives them out in parts. For one thread. */
public final class TextWriter {
    private static final byte[] NOTHING = {};

    private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private byte[] rest = NOTHING;

    /** Adds a pair. */
    public void put(String key, String value) {
        collected.writeBytes((key + "=" + value + "\0").getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a pair. */
    public void put(String key, int value) {
        put(key, Integer.toString(value));
    }

    /** Whether there is nothing left to send. */
    public boolean isEmpty() {
        return rest.length + collected.size() == 0;
    }

    /** What is sent next, at most this many bytes; a pair may be cut. */
    public byte[] take(int most) {
        if (collected.size() > 0) {
            byte[] more = collected.toByteArray();
            collected.reset();
            int old = rest.length;
            rest = Arrays.copyOf(rest, old + more.length);
            System.arraycopy(more, 0, rest, old, more.length);
        }
        byte[] part = Arrays.copyOf(rest, Math.min(most, rest.length));
        rest = Arrays.copyOfRange(rest, part.length, rest.length);
        return part;
    }

    /** Forgets what was not sent. */
    public void clear() {
        collected.reset();
        rest = NOTHING;
    }
}
