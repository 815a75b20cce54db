package io.zonewright.testkit.vfiouser;

/** Numbers of the protocol; the structures of regions and interrupts are those of {@code linux/vfio.h}. */
public final class VfioUser {
    // "Commands".
    public static final int VERSION = 1;
    public static final int DMA_MAP = 2;
    public static final int DMA_UNMAP = 3;
    public static final int DEVICE_GET_INFO = 4;
    public static final int DEVICE_GET_REGION_INFO = 5;
    public static final int DEVICE_GET_REGION_IO_FDS = 6;
    public static final int DEVICE_GET_IRQ_INFO = 7;
    public static final int DEVICE_SET_IRQS = 8;
    public static final int REGION_READ = 9;
    public static final int REGION_WRITE = 10;
    public static final int DMA_READ = 11;
    public static final int DMA_WRITE = 12;
    public static final int DEVICE_RESET = 13;
    public static final int REGION_WRITE_MULTI = 15;

    /** Above every command. */
    public static final int LAST = 15;

    // "Header", flags: type in bits 3:0.
    public static final int TYPE_COMMAND = 0;
    public static final int TYPE_REPLY = 1;
    public static final int FLAG_NO_REPLY = 1 << 4;
    public static final int FLAG_ERROR = 1 << 5;

    public static final int DMA_READABLE = 1;
    public static final int DMA_WRITEABLE = 2;
    public static final int UNMAP_ALL = 2;

    public static final int REGION_READABLE = 1;
    public static final int REGION_WRITEABLE = 2;
    public static final int REGION_MMAP = 4;
    public static final int REGION_CAPS = 8;
    public static final int CAP_SPARSE_MMAP = 1;

    public static final int REGION_BAR0 = 0;
    public static final int REGION_CONFIG = 7;

    public static final int IRQ_INTX = 0;
    public static final int IRQ_MSIX = 2;

    public static final int IRQ_DATA_NONE = 1;
    public static final int IRQ_DATA_BOOL = 2;
    public static final int IRQ_DATA_EVENTFD = 4;
    public static final int IRQ_MASK = 8;
    public static final int IRQ_UNMASK = 16;
    public static final int IRQ_TRIGGER = 32;

    private VfioUser() {}
}
