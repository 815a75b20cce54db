package io.zonewright.testkit.nvme;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A command and its data.
 *
 * @param sqe without command identifier and data pointer, which are the carrier's
 * @param out data to the controller; empty for none
 * @param inBytes data from the controller
 */
@SuppressWarnings("ArrayRecordComponent") // payload; nobody compares requests as wholes
public record NvmeRequest(Sqe sqe, byte[] out, int inBytes) {
    private static final byte[] NONE = {};

    /** Namespace identifier of all namespaces. */
    public static final int ALL_NAMESPACES = 0xFFFF_FFFF;

    /** Identify data is always so long. */
    public static final int IDENTIFY_BYTES = 4096;

    private static final int FUA = 1 << 30;
    private static final int DEALLOCATE = 1 << 25;
    private static final int SELECT_ALL = 1 << 8;
    private static final int ACTION_OPTION = 1 << 9;
    private static final int PARTIAL = 1 << 16;

    /** A command without data. */
    public static NvmeRequest plain(Sqe sqe) {
        return new NvmeRequest(sqe, NONE, 0);
    }

    /** A command that sends data. */
    public static NvmeRequest sending(Sqe sqe, byte[] out) {
        return new NvmeRequest(sqe, out, 0);
    }

    /** A command that gets data. */
    public static NvmeRequest receiving(Sqe sqe, int bytes) {
        return new NvmeRequest(sqe, NONE, bytes);
    }

    // --- NVM command set -------------------------------------------------------------------------------------------

    /** SLBA in dwords 10 and 11, number of blocks, 0's based, in bits 15:0 of dword 12. */
    private static Sqe blocks(int opcode, int nsid, long lba, int count) {
        return new Sqe(opcode).nsid(nsid).quad(10, lba).dword(12, count - 1 & 0xFFFF);
    }

    public static NvmeRequest read(int nsid, long lba, int blocks, int blockBytes) {
        return receiving(blocks(Nvme.READ, nsid, lba, blocks), blocks * blockBytes);
    }

    public static NvmeRequest write(int nsid, long lba, int blockBytes, byte[] data) {
        return sending(blocks(Nvme.WRITE, nsid, lba, data.length / blockBytes), data);
    }

    /** A write with force unit access. */
    public static NvmeRequest writeThrough(int nsid, long lba, int blockBytes, byte[] data) {
        Sqe sqe = blocks(Nvme.WRITE, nsid, lba, data.length / blockBytes);
        return sending(sqe.dword(12, sqe.dword(12) | FUA), data);
    }

    public static NvmeRequest compare(int nsid, long lba, int blockBytes, byte[] data) {
        return sending(blocks(Nvme.COMPARE, nsid, lba, data.length / blockBytes), data);
    }

    public static NvmeRequest verify(int nsid, long lba, int blocks) {
        return plain(blocks(Nvme.VERIFY, nsid, lba, blocks));
    }

    public static NvmeRequest flush(int nsid) {
        return plain(new Sqe(Nvme.FLUSH).nsid(nsid));
    }

    public static NvmeRequest writeZeroes(int nsid, long lba, int blocks) {
        return plain(blocks(Nvme.WRITE_ZEROES, nsid, lba, blocks));
    }

    /** Write Zeroes that may deallocate. */
    public static NvmeRequest writeZeroesDeallocating(int nsid, long lba, int blocks) {
        Sqe sqe = blocks(Nvme.WRITE_ZEROES, nsid, lba, blocks);
        return plain(sqe.dword(12, sqe.dword(12) | DEALLOCATE));
    }

    /** Dataset Management with one range to deallocate: 16 bytes of context, length, LBA. */
    public static NvmeRequest deallocate(int nsid, long lba, int blocks) {
        byte[] range = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0)
                .putInt(blocks)
                .putLong(lba)
                .array();
        return sending(new Sqe(Nvme.DATASET_MANAGEMENT).nsid(nsid).dword(10, 0).dword(11, 1 << 2), range);
    }

    // --- zoned namespace command set ---------------------------------------------------------------------------------

    public static NvmeRequest append(int nsid, long zone, int blockBytes, byte[] data) {
        return sending(blocks(Nvme.ZONE_APPEND, nsid, zone, data.length / blockBytes), data);
    }

    /** Zone Management Send of an action without data. */
    public static NvmeRequest zoneSend(int nsid, long zone, int action) {
        return plain(new Sqe(Nvme.ZONE_SEND).nsid(nsid).quad(10, zone).dword(13, action));
    }

    /** Zone Management Send to every zone that the action suits. */
    public static NvmeRequest zoneSendAll(int nsid, int action) {
        return plain(new Sqe(Nvme.ZONE_SEND).nsid(nsid).dword(13, action | SELECT_ALL));
    }

    /** Open with a random write area (ZNS section 3.4.3.1.3, ZSASO as ZRWAA). */
    public static NvmeRequest openWithRandomWriteArea(int nsid, long zone) {
        return plain(new Sqe(Nvme.ZONE_SEND).nsid(nsid).quad(10, zone).dword(13, Nvme.ZSA_OPEN | ACTION_OPTION));
    }

    /** Flushes a random write area up to and including {@code lba}. */
    public static NvmeRequest flushRandomWriteArea(int nsid, long lba) {
        return zoneSend(nsid, lba, Nvme.ZSA_FLUSH_ZRWA);
    }

    /** Set Zone Descriptor Extension. */
    public static NvmeRequest setExtension(int nsid, long zone, byte[] extension) {
        return sending(new Sqe(Nvme.ZONE_SEND).nsid(nsid).quad(10, zone).dword(13, Nvme.ZSA_SET_EXTENSION), extension);
    }

    /**
     * Zone Management Receive: a report.
     *
     * @param bytes a multiple of 4
     * @param extended whether with descriptor extensions
     * @param option Zone Receive Action Specific, 0: all zones
     */
    public static NvmeRequest report(int nsid, long lba, int bytes, boolean extended, int option, boolean partial) {
        return receiving(
                new Sqe(Nvme.ZONE_RECEIVE)
                        .nsid(nsid)
                        .quad(10, lba)
                        .dword(12, bytes / 4 - 1)
                        .dword(13, (extended ? 1 : 0) | option << 8 | (partial ? PARTIAL : 0)),
                bytes);
    }

    // --- admin -------------------------------------------------------------------------------------------------------

    /**
     * Identify (Base section 5.1.13): CNS in bits 7:0 of dword 10, controller in bits 31:16; command set in bits 31:24 of
     * dword 11.
     */
    public static NvmeRequest identify(int cns, int nsid, int commandSet) {
        return receiving(
                new Sqe(Nvme.ADMIN_IDENTIFY).nsid(nsid).dword(10, cns).dword(11, commandSet << 24), IDENTIFY_BYTES);
    }

    /** Get Log Page (Base section 5.1.12): {@code bytes} and {@code offset} are multiples of 4. */
    public static NvmeRequest log(int page, int nsid, long offset, int bytes) {
        int dwords = bytes / 4 - 1;
        return receiving(
                new Sqe(Nvme.ADMIN_GET_LOG)
                        .nsid(nsid)
                        .dword(10, page | dwords << 16)
                        .dword(11, dwords >>> 16)
                        .quad(12, offset),
                bytes);
    }

    public static NvmeRequest getFeature(int feature, int nsid, int value) {
        return plain(
                new Sqe(Nvme.ADMIN_GET_FEATURES).nsid(nsid).dword(10, feature).dword(11, value));
    }

    public static NvmeRequest setFeature(int feature, int nsid, int value) {
        return plain(
                new Sqe(Nvme.ADMIN_SET_FEATURES).nsid(nsid).dword(10, feature).dword(11, value));
    }

    /** Asks for so many I/O submission and completion queues (feature 07h). */
    public static NvmeRequest queues(int count) {
        return setFeature(0x07, 0, (count - 1) | (count - 1) << 16);
    }

    public static NvmeRequest asyncEvent() {
        return plain(new Sqe(Nvme.ADMIN_ASYNC_EVENT));
    }

    public static NvmeRequest keepAlive() {
        return plain(new Sqe(Nvme.ADMIN_KEEP_ALIVE));
    }

    /** Abort of a command on a submission queue. */
    public static NvmeRequest abort(int sqId, int cid) {
        return plain(new Sqe(Nvme.ADMIN_ABORT).dword(10, sqId | cid << 16));
    }

    @Override
    public String toString() {
        return "command " + sqe + (out.length == 0 ? "" : " out " + out.length)
                + (inBytes == 0 ? "" : " in " + inBytes);
    }
}
