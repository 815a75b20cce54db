package io.zonewright.vhostuser.message;

import io.zonewright.virtio.queue.RingFormat;
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

    public static VringState read(ByteBuffer payload, int queues) throws MessageException {
        return new VringState(requireQueue(payload.getInt(INDEX_OFFSET), queues), payload.getInt(NUM_OFFSET));
    }

    /** Fills an answer. */
    public void write(ByteBuffer payload, int at) {
        payload.putInt(at + INDEX_OFFSET, index);
        payload.putInt(at + NUM_OFFSET, num);
    }

    /** {@link #num} as the size of a queue. */
    public int queueSize(RingFormat format, int largest) throws MessageException {
        String wrong = format.wrongSize(num, largest);
        if (wrong != null) {
            throw new MessageException("queue " + index + " is to have " + wrong);
        }
        return num;
    }

    /** {@link #num} as what a queue goes on from; what its size has a say in is not checked yet. */
    public int base(RingFormat format) throws MessageException {
        String wrong = format.wrongBase(num);
        if (wrong != null) {
            throw new MessageException("queue " + index + " " + wrong);
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
