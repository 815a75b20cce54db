package io.zonewright.frontend.scsi.vhostuser.device;

import io.zonewright.frontend.scsi.command.Lun;

/**
 * Configuration space (virtio 1.3, section 5.6.4), little-endian, and the two fields in it that the driver writes:
 *
 * <pre>
 *   0 le32 num_queues     4 le32 seg_max       8 le32 max_sectors   12 le32 cmd_per_lun   16 le32 event_info_size
 *  20 le32 sense_size    24 le32 cdb_size     28 le16 max_channel   30 le16 max_target    32 le32 max_lun
 * </pre>
 *
 * Written on the control thread, read by queues.
 */
final class ScsiConfig {
    static final int SIZE = 36;

    /** Most bytes of sense data (SPC-5, "Sense data"); more room is of no use, and refused. */
    static final int MAX_SENSE = 252;
    /** Most bytes of a CDB (SPC-5, "Variable length CDB"). */
    static final int MAX_CDB = 260;

    static final int EVENT_BYTES = 16;

    private static final int DEFAULT_SENSE = 96;
    private static final int DEFAULT_CDB = 32;
    private static final int MIN_SENSE = 18;
    private static final int MIN_CDB = 6;
    private static final int SENSE_OFFSET = 20;
    private static final int CDB_OFFSET = 24;
    private static final int WRITABLE_END = 28;
    private static final int SECTOR_SHIFT = 9;
    /** A request's header and its response take a descriptor each. */
    private static final int HEADER_SEGMENTS = 2;

    private final int queues;
    private final int queueSize;
    private final long maxTransferBytes;
    private volatile int senseSize = DEFAULT_SENSE;
    private volatile int cdbSize = DEFAULT_CDB;

    ScsiConfig(int queues, int queueSize, long maxTransferBytes) {
        this.queues = queues;
        this.queueSize = queueSize;
        this.maxTransferBytes = maxTransferBytes;
    }

    /** Bytes of the field {@code sense}. */
    int senseSize() {
        return senseSize;
    }

    /** Bytes of the field {@code cdb}. */
    int cdbSize() {
        return cdbSize;
    }

    /** Back to the defaults, as a reset of the device demands. */
    void reset() {
        senseSize = DEFAULT_SENSE;
        cdbSize = DEFAULT_CDB;
    }

    byte[] encode() {
        byte[] bytes = new byte[SIZE];
        Little.put32(bytes, 0, queues);
        Little.put32(bytes, 4, queueSize - HEADER_SEGMENTS);
        Little.put32(bytes, 8, (int) (maxTransferBytes >> SECTOR_SHIFT));
        Little.put32(bytes, 12, queueSize);
        Little.put32(bytes, 16, EVENT_BYTES);
        Little.put32(bytes, SENSE_OFFSET, senseSize);
        Little.put32(bytes, CDB_OFFSET, cdbSize);
        Little.put16(bytes, 28, 0);
        Little.put16(bytes, 30, 0);
        Little.put32(bytes, 32, Lun.MAX);
        return bytes;
    }

    /** Takes what a driver writes; false, and nothing changed, unless it is a good size of the two fields. */
    boolean write(int offset, byte[] data) {
        byte[] now = encode();
        for (int i = 0; i < data.length; i++) {
            int at = offset + i;
            byte before = at < SIZE ? now[at] : 0;
            if (data[i] != before) {
                if (at < SENSE_OFFSET || at >= WRITABLE_END) {
                    return false;
                }
                now[at] = data[i];
            }
        }
        int sense = Little.get32(now, SENSE_OFFSET);
        int cdb = Little.get32(now, CDB_OFFSET);
        if (sense < MIN_SENSE || sense > MAX_SENSE || cdb < MIN_CDB || cdb > MAX_CDB) {
            return false;
        }
        senseSize = sense;
        cdbSize = cdb;
        return true;
    }
}
