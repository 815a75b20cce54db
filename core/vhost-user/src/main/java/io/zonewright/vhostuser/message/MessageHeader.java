package io.zonewright.vhostuser.message;

import java.nio.ByteBuffer;

/**
 * The header of each message (vhost-user.rst, "Header"): u32 request, u32 flags, u32 size of the payload in bytes.
 *
 * @param request number, see {@link DriverRequest}
 * @param flags version in bits 0 and 1, {@link #REPLY}, {@link #NEED_REPLY}
 * @param payloadBytes 0 to {@link #MAX_PAYLOAD}
 */
public record MessageHeader(int request, int flags, int payloadBytes) {
    public static final int SIZE = 12;
    public static final int REQUEST_OFFSET = 0;
    public static final int FLAGS_OFFSET = 4;
    public static final int SIZE_OFFSET = 8;

    public static final int VERSION = 1;
    public static final int VERSION_MASK = 3;
    /** Bit 2: an answer. */
    public static final int REPLY = 4;
    /** Bit 3: the sender waits for an answer (protocol feature REPLY_ACK). */
    public static final int NEED_REPLY = 8;

    /** Above every message that exists (the largest is {@link MemoryTable#MAX_SIZE}), so that unknown ones can be skipped. */
    public static final int MAX_PAYLOAD = 4096;

    /**
     * Reads a header. One that is wrong leaves no way to find the next message, so the connection has to go.
     *
     * @param bytes in native order; 12 are read
     */
    public static MessageHeader read(ByteBuffer bytes) throws MessageException {
        int request = bytes.getInt(REQUEST_OFFSET);
        int flags = bytes.getInt(FLAGS_OFFSET);
        int size = bytes.getInt(SIZE_OFFSET);
        if ((flags & VERSION_MASK) != VERSION) {
            throw new MessageException("a message has version " + (flags & VERSION_MASK) + ", not " + VERSION);
        }
        if ((flags & ~(VERSION_MASK | NEED_REPLY)) != 0) {
            throw new MessageException("a message has flags 0x" + Integer.toHexString(flags));
        }
        if (size < 0 || size > MAX_PAYLOAD) {
            throw new MessageException("a message has a payload of " + Integer.toUnsignedString(size)
                    + " bytes; the longest that exists is far below " + MAX_PAYLOAD);
        }
        return new MessageHeader(request, flags, size);
    }

    /** Writes the header of an answer. */
    public static void writeReply(ByteBuffer bytes, int request, int payloadBytes) {
        write(bytes, request, VERSION | REPLY, payloadBytes);
    }

    /**
     * Writes a header.
     *
     * @param bytes in native order; 12 are written
     */
    public static void write(ByteBuffer bytes, int request, int flags, int payloadBytes) {
        bytes.putInt(REQUEST_OFFSET, request);
        bytes.putInt(FLAGS_OFFSET, flags);
        bytes.putInt(SIZE_OFFSET, payloadBytes);
    }

    /** Whether the sender waits for an answer, if REPLY_ACK was negotiated. */
    public boolean needReply() {
        return (flags & NEED_REPLY) != 0;
    }
}
