package io.zonewright.vhostuser.message;

import java.nio.ByteBuffer;

/**
 * "A vring state description": u32 index, u32 num.
 *
 * @param index of the queue, checked against the number of queues
 * @param num whatever the request means by it
 */
public record VringState(int index, int num) {
    public static final int SIZE = 8;
    public static final int INDEX_OFFSET = 0;
    public static final int NUM_OFFSET = 4;

    /** Largest size of a queue (virtio 1.3, section 2.7). */
    public static final int MAX_QUEUE_SIZE = 32768;

    public static VringState read(ByteBuffer payload, int queues) throws MessageException {
        return new VringState(requireQueue(payload.getInt(INDEX_OFFSET), queues), payload.getInt(NUM_OFFSET));
    }

    /** Fills an answer. */
    public void write(ByteBuffer payload, int at) {
        payload.putInt(at + INDEX_OFFSET, index);
        payload.putInt(at + NUM_OFFSET, num);
    }

    /** {@link #num} as the size of a split queue: a power of two, so that positions wrap without a gap. */
    public int queueSize(int largest) throws MessageException {
        if (num < 1 || num > largest || Integer.bitCount(num) != 1) {
            throw new MessageException("queue " + index + " is to have " + Integer.toUnsignedString(num)
                    + " entries, not a power of two up to " + largest);
        }
        return num;
    }

    /** {@link #num} as a position in a split ring: positions have 16 bits. */
    public int position() throws MessageException {
        if (num < 0 || num > 0xFFFF) {
            throw new MessageException(
                    "queue " + index + " is to start at " + Integer.toUnsignedString(num) + ", beyond 16 bits");
        }
        return num;
    }

    /** {@link #num} as a switch. */
    public boolean enabled() throws MessageException {
        if (num != 0 && num != 1) {
            throw new MessageException(
                    "queue " + index + " is to be enabled by " + Integer.toUnsignedString(num) + ", not 0 or 1");
        }
        return num == 1;
    }

    static int requireQueue(int index, int queues) throws MessageException {
        if (index < 0 || index >= queues) {
            throw new MessageException(
                    "queue " + Integer.toUnsignedString(index) + " does not exist, there are " + queues);
        }
        return index;
    }
}
