package io.zonewright.testkit.scsi.virtio;

import io.zonewright.testkit.scsi.ScsiRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers and layouts of virtio 1.3, section 5.6, and of linux/virtio_scsi.h. */
public final class VirtioScsi {
    // Section 5.6.3.
    public static final long F_INOUT = 1L;
    public static final long F_HOTPLUG = 1L << 1;
    public static final long F_CHANGE = 1L << 2;
    public static final long F_T10_PI = 1L << 3;
    public static final long F_EVENT_IDX = 1L << 29;
    public static final long F_INDIRECT_DESC = 1L << 28;
    public static final long F_VERSION_1 = 1L << 32;
    public static final long F_RING_PACKED = 1L << 34;

    // Section 5.6.2.
    public static final int CONTROL_QUEUE = 0;
    public static final int EVENT_QUEUE = 1;
    public static final int FIRST_REQUEST_QUEUE = 2;

    /** Section 5.6.4: bytes of configuration space. */
    public static final int CONFIG_BYTES = 36;

    // Section 5.6.6.1: before the CDB, and before the sense data.
    public static final int REQUEST_BYTES = 19;
    public static final int RESPONSE_BYTES = 12;
    public static final int CDB_BYTES = 32;
    public static final int SENSE_BYTES = 96;

    // Section 5.6.6.1: response.
    public static final int S_OK = 0;
    public static final int S_OVERRUN = 1;
    public static final int S_ABORTED = 2;
    public static final int S_BAD_TARGET = 3;
    public static final int S_RESET = 4;
    public static final int S_FAILURE = 9;
    public static final int S_FUNCTION_SUCCEEDED = 10;
    public static final int S_FUNCTION_REJECTED = 11;
    public static final int S_INCORRECT_LUN = 12;

    // Section 5.6.6.2: type and subtype.
    public static final int T_TMF = 0;
    public static final int T_AN_QUERY = 1;
    public static final int T_AN_SUBSCRIBE = 2;
    public static final int TMF_ABORT_TASK = 0;
    public static final int TMF_ABORT_TASK_SET = 1;
    public static final int TMF_CLEAR_ACA = 2;
    public static final int TMF_CLEAR_TASK_SET = 3;
    public static final int TMF_I_T_NEXUS_RESET = 4;
    public static final int TMF_LOGICAL_UNIT_RESET = 5;
    public static final int TMF_QUERY_TASK = 6;
    public static final int TMF_QUERY_TASK_SET = 7;

    // Section 5.6.6.3.
    public static final int EVENT_BYTES = 16;
    public static final int T_NO_EVENT = 0;
    public static final int T_TRANSPORT_RESET = 1;
    public static final int T_PARAM_CHANGE = 3;
    public static final int T_EVENTS_MISSED = 0x8000_0000;
    public static final int EVT_RESET_RESCAN = 1;
    public static final int EVT_RESET_REMOVED = 2;

    private VirtioScsi() {}

    /** The field lun for a logical unit of target 0, from SAM's eight bytes: 01h, target, one level, zeroes. */
    public static long lun(long samLun) {
        return 0x0100L << 48 | (samLun >>> 48) << 32;
    }

    /** A command: header, CDB padded to {@code cdbBytes}, data-out. Attribute 0 simple, 1 ordered, 2 head of queue, 3 ACA. */
    public static byte[] command(long lun, long id, int attribute, byte[] cdb, int cdbBytes, byte[] out) {
        return ByteBuffer.allocate(REQUEST_BYTES + cdbBytes + out.length)
                .putLong(lun)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(id)
                .put((byte) attribute)
                .put((byte) 0)
                .put((byte) 0)
                .put(cdb)
                .position(REQUEST_BYTES + cdbBytes)
                .put(out)
                .array();
    }

    /** The same for a request, where attributes are numbered as iSCSI does. */
    static byte[] command(ScsiRequest request, long id) {
        int attribute = switch (request.attribute()) {
            case 2 -> 1;
            case 3 -> 2;
            case 4 -> 3;
            default -> 0;
        };
        return command(lun(request.lun()), id, attribute, request.cdb().bytes(), CDB_BYTES, request.out());
    }

    /** A task management function. */
    public static byte[] function(int subtype, long lun, long id) {
        return ByteBuffer.allocate(24)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(T_TMF)
                .putInt(subtype)
                .order(ByteOrder.BIG_ENDIAN)
                .putLong(lun)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(id)
                .array();
    }

    /** A query of, or subscription to, asynchronous notifications. */
    public static byte[] notification(int type, long lun, int events) {
        return ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .order(ByteOrder.BIG_ENDIAN)
                .putLong(lun)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(events)
                .array();
    }
}
