package io.zonewright.testkit.blk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One request as a driver asks it, not yet laid out (virtio 1.3, section 5.2.6): the readable part is a header of 16
 * bytes and {@code out}, the writable part is {@code inBytes} of data and a tail whose last byte is the status.
 *
 * @param type a {@code VirtioBlk.T_…}, or any other number
 * @param sector position in units of 512 bytes
 * @param out data that the device reads, after the header
 * @param inBytes data that the device writes, before the tail
 * @param tailBytes 1 for the status; more for an append, where {@code append_sector} comes first
 */
@SuppressWarnings("ArrayRecordComponent") // payload; nobody compares requests as wholes
public record BlkRequest(int type, long sector, byte[] out, int inBytes, int tailBytes) {
    /** Bytes of the header: le32 type, le32 reserved, le64 sector. */
    public static final int HEADER_BYTES = 16;

    /** The tail of an append by the text: le64 append_sector, u8 status. */
    public static final int APPEND_TAIL = 9;

    /** The tail of an append by Linux, whose structure is not packed: append_sector, 7 bytes of nothing, status. */
    public static final int LINUX_APPEND_TAIL = 16;

    private static final byte[] NOTHING = {};

    public static BlkRequest read(long sector, int bytes) {
        return new BlkRequest(VirtioBlk.T_IN, sector, NOTHING, bytes, 1);
    }

    public static BlkRequest write(long sector, byte[] data) {
        return new BlkRequest(VirtioBlk.T_OUT, sector, data, 0, 1);
    }

    public static BlkRequest flush() {
        return new BlkRequest(VirtioBlk.T_FLUSH, 0, NOTHING, 0, 1);
    }

    /** Asks for the 20 bytes of the serial number. */
    public static BlkRequest getId() {
        return new BlkRequest(VirtioBlk.T_GET_ID, 0, NOTHING, 20, 1);
    }

    /** One range. */
    public static BlkRequest discard(long sector, int sectors, int flags) {
        return new BlkRequest(VirtioBlk.T_DISCARD, 0, range(sector, sectors, flags), 0, 1);
    }

    /** One range; flag 1 allows to unmap. */
    public static BlkRequest writeZeroes(long sector, int sectors, int flags) {
        return new BlkRequest(VirtioBlk.T_WRITE_ZEROES, 0, range(sector, sectors, flags), 0, 1);
    }

    /** struct virtio_blk_discard_write_zeroes: le64 sector, le32 num_sectors, le32 flags. */
    public static byte[] range(long sector, int sectors, int flags) {
        return ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(sector)
                .putInt(sectors)
                .putInt(flags)
                .array();
    }

    /** As the text lays it out. */
    public static BlkRequest append(long sector, byte[] data) {
        return new BlkRequest(VirtioBlk.T_ZONE_APPEND, sector, data, 0, APPEND_TAIL);
    }

    /** As Linux lays it out. */
    public static BlkRequest linuxAppend(long sector, byte[] data) {
        return new BlkRequest(VirtioBlk.T_ZONE_APPEND, sector, data, 0, LINUX_APPEND_TAIL);
    }

    /** Asks for as many zones as fit: 64 bytes of header, 64 bytes for each. */
    public static BlkRequest report(long sector, int zones) {
        return new BlkRequest(VirtioBlk.T_ZONE_REPORT, sector, NOTHING, 64 + 64 * zones, 1);
    }

    public static BlkRequest open(long sector) {
        return zoneAction(VirtioBlk.T_ZONE_OPEN, sector);
    }

    public static BlkRequest close(long sector) {
        return zoneAction(VirtioBlk.T_ZONE_CLOSE, sector);
    }

    public static BlkRequest finish(long sector) {
        return zoneAction(VirtioBlk.T_ZONE_FINISH, sector);
    }

    public static BlkRequest reset(long sector) {
        return zoneAction(VirtioBlk.T_ZONE_RESET, sector);
    }

    public static BlkRequest resetAll() {
        return zoneAction(VirtioBlk.T_ZONE_RESET_ALL, 0);
    }

    /** A request without data. */
    public static BlkRequest zoneAction(int type, long sector) {
        return new BlkRequest(type, sector, NOTHING, 0, 1);
    }

    /** The readable part. */
    public byte[] readable() {
        return ByteBuffer.allocate(HEADER_BYTES + out.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(0)
                .putLong(sector)
                .put(out)
                .array();
    }

    /** Bytes of the writable part. */
    public int writableBytes() {
        return inBytes + tailBytes;
    }

    @Override
    public String toString() {
        return "type " + type + " sector " + sector + " out " + out.length + " in " + inBytes + "+" + tailBytes;
    }
}
