package io.zonewright.vfiouser.message;

import java.nio.ByteBuffer;

/** VFIO_USER_DEVICE_GET_IRQ_INFO: u32 argsz, u32 flags, u32 index, u32 count. */
public final class IrqInfo {
    public static final int SIZE = 16;

    /** Kinds of interrupts of a PCI device (linux/vfio.h, VFIO_PCI_*_IRQ_INDEX). */
    public static final int INTX = 0;

    public static final int MSI = 1;
    public static final int MSIX = 2;
    public static final int ERR = 3;
    public static final int REQ = 4;
    public static final int INDEXES = 5;

    public static final int EVENTFD = 1;
    public static final int MASKABLE = 2;
    public static final int AUTOMASKED = 4;

    private IrqInfo() {}

    /** Reads and checks a request: the index asked for. */
    public static int read(ByteBuffer payload) throws RequestException {
        ArgSize.require(payload.getInt(0), SIZE);
        return requireIndex(payload.getInt(8));
    }

    /** Writes the reply; its size. */
    public static int write(ByteBuffer reply, int index, int count) {
        reply.putInt(0, SIZE);
        reply.putInt(4, flags(index));
        reply.putInt(8, index);
        reply.putInt(12, count);
        return SIZE;
    }

    static int requireIndex(int index) throws RequestException {
        if (index < 0 || index >= INDEXES) {
            throw RequestException.invalid("there are no interrupts of kind " + Integer.toUnsignedString(index));
        }
        return index;
    }

    private static int flags(int index) {
        return switch (index) {
            case INTX -> EVENTFD | MASKABLE | AUTOMASKED;
            case MSIX -> EVENTFD | MASKABLE;
            default -> EVENTFD;
        };
    }
}
