package io.zonewright.vfiouser.message;

import io.zonewright.posix.Errno;
import java.nio.ByteBuffer;

/**
 * VFIO_USER_DEVICE_FEATURE: u32 argsz, u32 flags, data. All features that the protocol knows serve migration, which this
 * server does not offer: each is refused, with ENOTTY as the kernel does for features that a device lacks.
 */
public final class DeviceFeature {
    public static final int HEADER_SIZE = 8;
    public static final int INDEX_MASK = 0xFFFF;
    public static final int GET = 1 << 16;
    public static final int SET = 1 << 17;
    public static final int PROBE = 1 << 18;

    private DeviceFeature() {}

    /** The refusal; EINVAL for a request that is wrong in itself. */
    public static RequestException refusal(ByteBuffer payload) {
        int argSize = payload.getInt(0);
        int flags = payload.getInt(4);
        boolean probe = (flags & PROBE) != 0;
        boolean both = (flags & (GET | SET)) == (GET | SET);
        boolean none = (flags & (GET | SET | PROBE)) == 0;
        if (argSize < HEADER_SIZE || (flags & ~(INDEX_MASK | GET | SET | PROBE)) != 0 || none || (both && !probe)) {
            return RequestException.invalid("DEVICE_FEATURE has flags 0x" + Integer.toHexString(flags));
        }
        return new RequestException(Errno.ENOTTY, "there is no device feature " + (flags & INDEX_MASK));
    }
}
