package io.zonewright.testkit.blk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What came back.
 *
 * @param status the very last writable byte
 * @param usedBytes what the device says that it wrote
 * @param in the data part
 * @param tail what follows the data, status included
 */
@SuppressWarnings("ArrayRecordComponent") // payload; nobody compares results as wholes
public record BlkResult(int status, long usedBytes, byte[] in, byte[] tail) {
    /** What an append's tail says: the first sector written. */
    public long appendSector() {
        return ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    }

    /** The data of a ZONE_REPORT. */
    public ZoneReport report() {
        return ZoneReport.parse(in);
    }

    @Override
    public String toString() {
        return "status " + status + " used " + usedBytes;
    }
}
