package io.zonewright.vhostuser.message;

import io.zonewright.virtio.queue.RingAddresses;
import io.zonewright.virtio.queue.RingFormat;
import java.nio.ByteBuffer;

/**
 * "A vring address description": u32 index, u32 flags, u64 descriptor, u64 used, u64 available, u64 log. Used comes
 * before available, unlike everywhere else. The first three are user addresses; of a packed ring the device's event
 * suppression structure stands for used, the driver's for available.
 *
 * @param flags bit 0: log writes to the used ring, which is not offered
 */
public record VringAddress(int index, int flags, RingAddresses rings, long log) {
    public static final int SIZE = 40;
    public static final int INDEX_OFFSET = 0;
    public static final int FLAGS_OFFSET = 4;
    public static final int DESCRIPTOR_OFFSET = 8;
    public static final int USED_OFFSET = 16;
    public static final int AVAILABLE_OFFSET = 24;
    public static final int LOG_OFFSET = 32;

    /** VHOST_VRING_F_LOG. */
    public static final int FLAG_LOG = 1;

    public static VringAddress read(ByteBuffer payload, int queues, RingFormat format) throws MessageException {
        int index = VringState.requireQueue(payload.getInt(INDEX_OFFSET), queues);
        int flags = payload.getInt(FLAGS_OFFSET);
        RingAddresses rings = new RingAddresses(
                payload.getLong(DESCRIPTOR_OFFSET), payload.getLong(AVAILABLE_OFFSET), payload.getLong(USED_OFFSET));
        String misalignment = format.misalignment(rings);
        if (misalignment != null) {
            throw new MessageException("queue " + index + ": " + misalignment);
        }
        if (flags != 0) {
            throw new MessageException(
                    "queue " + index + " has ring flags 0x" + Integer.toHexString(flags) + "; logging was not offered");
        }
        return new VringAddress(index, flags, rings, payload.getLong(LOG_OFFSET));
    }
}
