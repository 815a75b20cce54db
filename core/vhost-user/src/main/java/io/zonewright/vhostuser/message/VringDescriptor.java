package io.zonewright.vhostuser.message;

import java.nio.ByteBuffer;

/**
 * The payload of SET_VRING_KICK, _CALL and _ERR, a u64: bits 0 to 7 are the queue, bit 8 says that no descriptor comes
 * along.
 *
 * @param index of the queue
 * @param present whether a descriptor came
 */
public record VringDescriptor(int index, boolean present) {
    public static final int SIZE = 8;
    public static final long INDEX_MASK = 0xFF;
    public static final long NO_DESCRIPTOR = 0x100;

    public static VringDescriptor read(ByteBuffer payload, int descriptors, int queues) throws MessageException {
        long value = payload.getLong(0);
        if ((value & ~(INDEX_MASK | NO_DESCRIPTOR)) != 0) {
            throw new MessageException("a ring descriptor is for 0x" + Long.toHexString(value));
        }
        int index = VringState.requireQueue((int) (value & INDEX_MASK), queues);
        boolean present = (value & NO_DESCRIPTOR) == 0;
        if (descriptors != (present ? 1 : 0)) {
            throw new MessageException(
                    "queue " + index + ": " + descriptors + " descriptors came, not " + (present ? 1 : 0));
        }
        return new VringDescriptor(index, present);
    }
}
