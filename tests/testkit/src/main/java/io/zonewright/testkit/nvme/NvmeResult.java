package io.zonewright.testkit.nvme;

/**
 * What a command ended with.
 *
 * @param status 15 bits, see {@link Cqe}
 * @param in the data that the controller sent; if it failed, whatever arrived
 */
@SuppressWarnings("ArrayRecordComponent") // bytes off the wire; nobody compares results as wholes
public record NvmeResult(int status, int dw0, int dw1, byte[] in) {
    /** SCT and SC: {@code SCT << 8 | SC}; 0 is good. */
    public int code() {
        return status & 0x7FF;
    }

    /** Whether the controller says that a retry is of no use. */
    public boolean doNotRetry() {
        return (status & Nvme.DNR) != 0;
    }

    /** Dwords 0 and 1 as one number: where an append went, or a property of 8 bytes. */
    public long dw01() {
        return (dw0 & 0xFFFF_FFFFL) | (long) dw1 << 32;
    }

    @Override
    public String toString() {
        return "status 0x" + Integer.toHexString(status) + " dw0 0x" + Integer.toHexString(dw0) + " in " + in.length;
    }
}
