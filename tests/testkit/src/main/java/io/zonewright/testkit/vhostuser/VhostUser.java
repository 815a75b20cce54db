package io.zonewright.testkit.vhostuser;

/**
 * Numbers of the protocol (vhost-user.rst: "Front-end message types", "Protocol features", "Header"). The text calls the
 * hypervisor the front-end and the device the back-end; here they are driver and device.
 */
public final class VhostUser {
    public static final int GET_FEATURES = 1;
    public static final int SET_FEATURES = 2;
    public static final int SET_OWNER = 3;
    public static final int RESET_OWNER = 4;
    public static final int SET_MEM_TABLE = 5;
    public static final int SET_LOG_BASE = 6;
    public static final int SET_LOG_FD = 7;
    public static final int SET_VRING_NUM = 8;
    public static final int SET_VRING_ADDR = 9;
    public static final int SET_VRING_BASE = 10;
    public static final int GET_VRING_BASE = 11;
    public static final int SET_VRING_KICK = 12;
    public static final int SET_VRING_CALL = 13;
    public static final int SET_VRING_ERR = 14;
    public static final int GET_PROTOCOL_FEATURES = 15;
    public static final int SET_PROTOCOL_FEATURES = 16;
    public static final int GET_QUEUE_NUM = 17;
    public static final int SET_VRING_ENABLE = 18;
    public static final int SEND_RARP = 19;
    public static final int NET_SET_MTU = 20;
    public static final int SET_BACKEND_REQ_FD = 21;
    public static final int IOTLB_MSG = 22;
    public static final int SET_VRING_ENDIAN = 23;
    public static final int GET_CONFIG = 24;
    public static final int SET_CONFIG = 25;
    public static final int GET_INFLIGHT_FD = 31;
    public static final int SET_INFLIGHT_FD = 32;
    public static final int RESET_DEVICE = 34;
    public static final int VRING_KICK = 35;
    public static final int GET_MAX_MEM_SLOTS = 36;
    public static final int ADD_MEM_REG = 37;
    public static final int REM_MEM_REG = 38;
    public static final int SET_STATUS = 39;
    public static final int GET_STATUS = 40;
    /** The highest request number that the text knew when this was written (CHECK_DEVICE_STATE). */
    public static final int LAST = 43;

    /** Asked by the device ("Back-end message types"). */
    public static final int BACKEND_CONFIG_CHANGE_MSG = 2;

    public static final int VERSION = 0x1;
    public static final int FLAG_REPLY = 0x4;
    public static final int FLAG_NEED_REPLY = 0x8;

    /** Feature bit 30: the protocol features exist. */
    public static final long F_PROTOCOL_FEATURES = 1L << 30;

    public static final long PF_MQ = 1L << 0;
    public static final long PF_LOG_SHMFD = 1L << 1;
    public static final long PF_REPLY_ACK = 1L << 3;
    public static final long PF_BACKEND_REQ = 1L << 5;
    public static final long PF_CONFIG = 1L << 9;
    public static final long PF_INFLIGHT_SHMFD = 1L << 12;
    public static final long PF_RESET_DEVICE = 1L << 13;
    public static final long PF_CONFIGURE_MEM_SLOTS = 1L << 15;
    public static final long PF_STATUS = 1L << 16;

    /** In the number of SET_VRING_KICK, CALL and ERR: no descriptor comes with the message. */
    public static final long NO_FD = 1L << 8;

    // Device status bits (virtio 1.3, section 2.1).
    public static final int STATUS_ACKNOWLEDGE = 1;
    public static final int STATUS_DRIVER = 2;
    public static final int STATUS_DRIVER_OK = 4;
    public static final int STATUS_FEATURES_OK = 8;
    public static final int STATUS_NEEDS_RESET = 64;
    public static final int STATUS_FAILED = 128;

    private VhostUser() {}
}
