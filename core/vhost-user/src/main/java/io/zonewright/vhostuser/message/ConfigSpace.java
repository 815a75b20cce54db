package io.zonewright.vhostuser.message;

import java.nio.ByteBuffer;

/**
 * "Virtio device config space", the payload of GET_CONFIG and SET_CONFIG: u32 offset, u32 size, u32 flags, then size
 * bytes, in a question too.
 *
 * @param offset first byte of the configuration space
 * @param size bytes, 0 to {@link #MAX_BYTES}
 * @param flags 0: the driver's writable fields; 1: migration
 */
public record ConfigSpace(int offset, int size, int flags) {
    public static final int HEADER_SIZE = 12;
    public static final int OFFSET_OFFSET = 0;
    public static final int SIZE_OFFSET = 4;
    public static final int FLAGS_OFFSET = 8;

    /** Largest configuration space: QEMU's VHOST_USER_MAX_CONFIG_SIZE, the same in rust-vmm's library. */
    public static final int MAX_BYTES = 256;

    public static final int MAX_SIZE = HEADER_SIZE + MAX_BYTES;

    public static ConfigSpace read(ByteBuffer payload, int payloadBytes) throws MessageException {
        int offset = payload.getInt(OFFSET_OFFSET);
        int size = payload.getInt(SIZE_OFFSET);
        int flags = payload.getInt(FLAGS_OFFSET);
        if (offset < 0 || size < 0 || offset > MAX_BYTES || size > MAX_BYTES - offset) {
            throw new MessageException("configuration bytes " + Integer.toUnsignedString(size) + " from "
                    + Integer.toUnsignedString(offset) + " on lie beyond " + MAX_BYTES);
        }
        if (payloadBytes != HEADER_SIZE + size) {
            throw new MessageException(
                    "a payload of " + payloadBytes + " bytes for " + size + " bytes of configuration");
        }
        if (flags != 0 && flags != 1) {
            throw new MessageException("configuration access with flags 0x" + Integer.toHexString(flags));
        }
        return new ConfigSpace(offset, size, flags);
    }
}
