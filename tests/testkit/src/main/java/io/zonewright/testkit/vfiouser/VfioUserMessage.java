package io.zonewright.testkit.vfiouser;

import io.zonewright.posix.Fd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;

/**
 * One message: {@code u16 id, u16 command, u32 size with the header, u32 flags, u32 error}, then the payload, in the
 * machine's own byte order.
 *
 * @param error an errno, if the flags say that it is one
 * @param fds descriptors that came along; the receiver's
 */
@SuppressWarnings("ArrayRecordComponent") // bytes off the wire; nobody compares messages as wholes
public record VfioUserMessage(int id, int command, int flags, int error, byte[] payload, List<Fd> fds) {
    public static final int HEADER_BYTES = 16;

    /** A command. */
    public static VfioUserMessage command(int id, int command, int flags, byte[] payload) {
        return new VfioUserMessage(id, command, flags, 0, payload, List.of());
    }

    /** The payload as a buffer in the machine's byte order. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder());
    }

    /** A buffer for a payload. */
    public static ByteBuffer payload(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    /** The message as it goes over the wire. */
    public byte[] bytes() {
        return payload(HEADER_BYTES + payload.length)
                .putShort((short) id)
                .putShort((short) command)
                .putInt(HEADER_BYTES + payload.length)
                .putInt(flags)
                .putInt(error)
                .put(payload)
                .array();
    }

    @Override
    public String toString() {
        return "message " + id + " command " + command + " flags 0x" + Integer.toHexString(flags) + " error " + error
                + " payload " + HexFormat.of().formatHex(payload, 0, Math.min(payload.length, 128));
    }
}
