package io.zonewright.vfiouser.message;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The header of each message ("Header"): u16 id, u16 command, u32 size of the whole message, u32 flags, u32 errno.
 *
 * @param id the sender's own, given back in the reply
 * @param command 16 bits, see {@link Command}
 * @param size bytes, this header included
 * @param flags type in bits 0 to 3, {@link #NO_REPLY}, {@link #ERROR}
 */
public record MessageHeader(int id, int command, int size, int flags) {
    public static final int SIZE = 16;
    public static final int ID_OFFSET = 0;
    public static final int COMMAND_OFFSET = 2;
    public static final int SIZE_OFFSET = 4;
    public static final int FLAGS_OFFSET = 8;
    public static final int ERRNO_OFFSET = 12;

    /** Bits 0 to 3; 0 is a command. */
    public static final int TYPE_MASK = 0xF;
    /** Type 1. */
    public static final int REPLY = 1;
    /** Bit 4: the sender wants no reply. */
    public static final int NO_REPLY = 0x10;
    /** Bit 5, in replies: the errno is valid. */
    public static final int ERROR = 0x20;

    /** Most bytes of data in one message, told to the client as max_data_xfer_size; configuration space has 4096. */
    public static final int MAX_DATA = 1 << 16;

    /** Largest payload: a region write of {@link #MAX_DATA} bytes with its own 16 bytes of addressing. */
    public static final int MAX_PAYLOAD = 16 + MAX_DATA;

    /** Reads a header from 16 bytes in native order. */
    public static MessageHeader read(ByteBuffer bytes) {
        return new MessageHeader(
                Short.toUnsignedInt(bytes.getShort(ID_OFFSET)),
                Short.toUnsignedInt(bytes.getShort(COMMAND_OFFSET)),
                bytes.getInt(SIZE_OFFSET),
                bytes.getInt(FLAGS_OFFSET));
    }

    /** Writes the header of a reply; a failed one has no payload. */
    public void writeReply(ByteBuffer bytes, int payloadBytes, int errno) {
        bytes.putShort(ID_OFFSET, (short) id);
        bytes.putShort(COMMAND_OFFSET, (short) command);
        bytes.putInt(SIZE_OFFSET, SIZE + payloadBytes);
        bytes.putInt(FLAGS_OFFSET, errno == 0 ? REPLY : REPLY | ERROR);
        bytes.putInt(ERRNO_OFFSET, errno);
    }

    /** What is wrong, so that there is no way to find the next message; or null. */
    public @Nullable String problem() {
        if (size < SIZE || size > SIZE + MAX_PAYLOAD) {
            return "a message claims " + Integer.toUnsignedString(size) + " bytes, not " + SIZE + " to "
                    + (SIZE + MAX_PAYLOAD);
        }
        if ((flags & TYPE_MASK) != 0) {
            return "a message of type " + (flags & TYPE_MASK) + " came, and nothing but commands is due";
        }
        if ((flags & ~NO_REPLY) != 0) {
            return "a command has flags 0x" + Integer.toHexString(flags);
        }
        return null;
    }

    /** Bytes that follow; only without a {@link #problem}. */
    public int payloadBytes() {
        return size - SIZE;
    }

    /** Whether the client waits for a reply. */
    public boolean wantsReply() {
        return (flags & NO_REPLY) == 0;
    }
}
