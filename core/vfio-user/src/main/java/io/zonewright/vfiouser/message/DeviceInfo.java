package io.zonewright.vfiouser.message;

import java.nio.ByteBuffer;

/** VFIO_USER_DEVICE_GET_INFO: u32 argsz, u32 flags, u32 num_regions, u32 num_irqs. */
public final class DeviceInfo {
    public static final int SIZE = 16;
    /** Bit 0: DEVICE_RESET works. */
    public static final int RESET = 1;
    /** Bit 1: a PCI device. */
    public static final int PCI = 2;

    private DeviceInfo() {}

    /** Checks a request. */
    public static void check(ByteBuffer payload) throws RequestException {
        ArgSize.require(payload.getInt(0), SIZE);
    }

    /** Writes the reply; its size. */
    public static int write(ByteBuffer reply) {
        reply.putInt(0, SIZE);
        reply.putInt(4, RESET | PCI);
        reply.putInt(8, RegionIndex.COUNT);
        reply.putInt(12, IrqInfo.INDEXES);
        return SIZE;
    }
}
