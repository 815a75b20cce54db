package io.zonewright.vhostuser.message;

/** Protocol feature bits (vhost-user.rst, "Protocol features"). */
public final class ProtocolFeatures {
    public static final long MQ = 1L;
    public static final long LOG_SHMFD = 1L << 1;
    public static final long REPLY_ACK = 1L << 3;
    public static final long BACKEND_REQ = 1L << 5;
    public static final long CONFIG = 1L << 9;
    public static final long INFLIGHT_SHMFD = 1L << 12;
    public static final long RESET_DEVICE = 1L << 13;
    public static final long CONFIGURE_MEM_SLOTS = 1L << 15;
    public static final long STATUS = 1L << 16;

    /** What this device offers: what works. */
    public static final long OFFERED =
            MQ | REPLY_ACK | BACKEND_REQ | CONFIG | RESET_DEVICE | CONFIGURE_MEM_SLOTS | STATUS;

    private ProtocolFeatures() {}
}
