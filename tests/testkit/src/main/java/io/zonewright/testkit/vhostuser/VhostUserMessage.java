package io.zonewright.testkit.vhostuser;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * One message: {@code u32 request, u32 flags, u32 size, payload}, all in the machine's own byte order.
 *
 * @param payload without the header
 */
@SuppressWarnings("ArrayRecordComponent") // bytes off the wire; nobody compares messages as wholes
public record VhostUserMessage(int request, int flags, byte[] payload) {
    /** Bytes of the header. */
    public static final int HEADER_BYTES = 12;

    /** The payload as a buffer in the machine's byte order. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder());
    }

    /** The payload as the one number that it has to be. */
    public long u64() {
        if (payload.length != 8) {
            throw new IllegalStateException("expected a 64-bit number: " + this);
        }
        return buffer().getLong(0);
    }

    /** A buffer for a payload. */
    public static ByteBuffer payload(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    /** A number as a payload. */
    public static byte[] u64(long value) {
        return payload(8).putLong(value).array();
    }

    /** The structure "vring state". */
    public static byte[] vringState(int index, int number) {
        return payload(8).putInt(index).putInt(number).array();
    }

    /** The message as it goes over the wire. */
    public byte[] bytes() {
        return payload(HEADER_BYTES + payload.length)
                .putInt(request)
                .putInt(flags)
                .putInt(payload.length)
                .put(payload)
                .array();
    }

    @Override
    public String toString() {
        return "request " + request + " flags 0x" + Integer.toHexString(flags) + " payload "
                + HexFormat.of().formatHex(payload);
    }
}
