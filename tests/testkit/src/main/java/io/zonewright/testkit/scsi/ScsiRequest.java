package io.zonewright.testkit.scsi;

import java.nio.ByteBuffer;

/**
 * A command and its data.
 *
 * @param lun the 8 bytes, see {@link Scsi#lun}
 * @param attribute task attribute as iSCSI numbers it, see {@link Scsi#SIMPLE}; carriers translate
 * @param out data to the target; empty for none
 * @param inBytes room for data from the target, which the carrier tells the target; usually the CDB's allocation length
 */
@SuppressWarnings("ArrayRecordComponent") // payload; nobody compares requests as wholes
public record ScsiRequest(long lun, Cdb cdb, int attribute, byte[] out, int inBytes) {
    private static final byte[] NONE = {};

    /** A command to LUN 0 without data. */
    public static ScsiRequest plain(Cdb cdb) {
        return new ScsiRequest(0, cdb, Scsi.SIMPLE, NONE, 0);
    }

    /** A command to LUN 0 that sends data. */
    public static ScsiRequest sending(Cdb cdb, byte[] out) {
        return new ScsiRequest(0, cdb, Scsi.SIMPLE, out, 0);
    }

    /** A command to LUN 0 that gets data. */
    public static ScsiRequest receiving(Cdb cdb, int bytes) {
        return new ScsiRequest(0, cdb, Scsi.SIMPLE, NONE, bytes);
    }

    /** The same to another LUN, given as its number. */
    public ScsiRequest to(int number) {
        return new ScsiRequest(Scsi.lun(number), cdb, attribute, out, inBytes);
    }

    /** The same with other 8 bytes of LUN. */
    public ScsiRequest toLun(long bytes) {
        return new ScsiRequest(bytes, cdb, attribute, out, inBytes);
    }

    public ScsiRequest with(int taskAttribute) {
        return new ScsiRequest(lun, cdb, taskAttribute, out, inBytes);
    }

    /** The same with more or less room for data-in than the CDB asks for. */
    public ScsiRequest withRoom(int bytes) {
        return new ScsiRequest(lun, cdb, attribute, out, bytes);
    }

    // --- SPC ---------------------------------------------------------------------------------------------------------

    public static ScsiRequest testUnitReady() {
        return plain(new Cdb(Scsi.TEST_UNIT_READY, 6));
    }

    /** REQUEST SENSE (SPC-5 section 6.39); DESC in byte 1, allocation length in byte 4. */
    public static ScsiRequest requestSense(boolean descriptor) {
        return receiving(
                new Cdb(Scsi.REQUEST_SENSE, 6).u8(1, descriptor ? 1 : 0).u8(4, 252), 252);
    }

    /** INQUIRY (SPC-5 section 6.7): allocation length in bytes 3 and 4. */
    public static ScsiRequest inquiry(int bytes) {
        return receiving(new Cdb(Scsi.INQUIRY, 6).u16(3, bytes), bytes);
    }

    /** INQUIRY with EVPD. */
    public static ScsiRequest vitalProductData(int page, int bytes) {
        return receiving(new Cdb(Scsi.INQUIRY, 6).u8(1, 1).u8(2, page).u16(3, bytes), bytes);
    }

    /** REPORT LUNS (SPC-5 section 6.33): SELECT REPORT in byte 2, allocation length in bytes 6 to 9. */
    public static ScsiRequest reportLuns(int select, int bytes) {
        return receiving(new Cdb(Scsi.REPORT_LUNS, 12).u8(2, select).u32(6, bytes), bytes);
    }

    /** MODE SENSE(6): page control and page in byte 2, subpage in 3, allocation length in 4; DBD is bit 3 of byte 1. */
    public static ScsiRequest modeSense6(int control, int page, int subpage, int bytes) {
        return receiving(
                new Cdb(Scsi.MODE_SENSE_6, 6)
                        .u8(2, control << 6 | page)
                        .u8(3, subpage)
                        .u8(4, bytes),
                bytes);
    }

    /** MODE SENSE(10): allocation length in bytes 7 and 8. */
    public static ScsiRequest modeSense10(int control, int page, int subpage, int bytes) {
        return receiving(
                new Cdb(Scsi.MODE_SENSE_10, 10)
                        .u8(2, control << 6 | page)
                        .u8(3, subpage)
                        .u16(7, bytes),
                bytes);
    }

    /** MODE SELECT(6) with PF: parameter list length in byte 4. */
    public static ScsiRequest modeSelect6(boolean save, byte[] list) {
        return sending(new Cdb(Scsi.MODE_SELECT_6, 6).u8(1, save ? 0x11 : 0x10).u8(4, list.length), list);
    }

    /** MODE SELECT(10) with PF: parameter list length in bytes 7 and 8. */
    public static ScsiRequest modeSelect10(boolean save, byte[] list) {
        return sending(
                new Cdb(Scsi.MODE_SELECT_10, 10).u8(1, save ? 0x11 : 0x10).u16(7, list.length), list);
    }

    /** LOG SENSE (SPC-5 section 6.9): PC 01b and page in byte 2, subpage in 3, parameter pointer in 5, length in 7. */
    public static ScsiRequest logSense(int page, int subpage, int bytes) {
        return receiving(
                new Cdb(Scsi.LOG_SENSE, 10).u8(2, 0x40 | page).u8(3, subpage).u16(7, bytes), bytes);
    }

    /** REPORT SUPPORTED OPERATION CODES (SPC-5 section 6.35): A3h/0Ch. */
    public static ScsiRequest supportedOpcodes(int options, int opcode, int serviceAction, int bytes) {
        return receiving(
                new Cdb(Scsi.MAINTENANCE_IN, 12)
                        .u8(1, 0x0C)
                        .u8(2, options)
                        .u8(3, opcode)
                        .u16(4, serviceAction)
                        .u32(6, bytes),
                bytes);
    }

    /** REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-5 section 6.36): A3h/0Dh. */
    public static ScsiRequest supportedFunctions(int bytes) {
        return receiving(new Cdb(Scsi.MAINTENANCE_IN, 12).u8(1, 0x0D).u32(6, bytes), bytes);
    }

    /** PERSISTENT RESERVE IN (SPC-5 section 6.16). */
    public static ScsiRequest reserveIn(int serviceAction, int bytes) {
        return receiving(
                new Cdb(Scsi.PERSISTENT_RESERVE_IN, 10).u8(1, serviceAction).u16(7, bytes), bytes);
    }

    /** PERSISTENT RESERVE OUT (SPC-5 section 6.17): type in bits 3:0 of byte 2, 24 bytes of parameters: both keys. */
    public static ScsiRequest reserveOut(int serviceAction, int type, long key, long serviceActionKey) {
        byte[] list =
                ByteBuffer.allocate(24).putLong(key).putLong(serviceActionKey).array();
        return sending(
                new Cdb(Scsi.PERSISTENT_RESERVE_OUT, 10)
                        .u8(1, serviceAction)
                        .u8(2, type)
                        .u32(5, list.length),
                list);
    }

    // --- SBC ---------------------------------------------------------------------------------------------------------

    /** READ CAPACITY(10): 8 bytes. */
    public static ScsiRequest readCapacity10() {
        return receiving(new Cdb(Scsi.READ_CAPACITY_10, 10), 8);
    }

    /** READ CAPACITY(16): 9Eh/10h, allocation length in bytes 10 to 13. */
    public static ScsiRequest readCapacity16() {
        return receiving(new Cdb(Scsi.SERVICE_ACTION_IN_16, 16).u8(1, 0x10).u32(10, 32), 32);
    }

    /** GET LBA STATUS(16): 9Eh/12h, LBA in bytes 2 to 9, allocation length in 10 to 13. */
    public static ScsiRequest lbaStatus(long lba, int bytes) {
        return receiving(
                new Cdb(Scsi.SERVICE_ACTION_IN_16, 16).u8(1, 0x12).u64(2, lba).u32(10, bytes), bytes);
    }

    /** A CDB of 16 bytes with LBA in bytes 2 to 9 and a number of blocks in 10 to 13. */
    private static Cdb blocks16(int opcode, long lba, int blocks) {
        return new Cdb(opcode, 16).u64(2, lba).u32(10, blocks);
    }

    /** A CDB of 10 bytes with LBA in bytes 2 to 5 and a number of blocks in 7 and 8. */
    private static Cdb blocks10(int opcode, long lba, int blocks) {
        return new Cdb(opcode, 10).u32(2, lba).u16(7, blocks);
    }

    /** A CDB of 12 bytes with LBA in bytes 2 to 5 and a number of blocks in 6 to 9. */
    private static Cdb blocks12(int opcode, long lba, int blocks) {
        return new Cdb(opcode, 12).u32(2, lba).u32(6, blocks);
    }

    /** READ(16). */
    public static ScsiRequest read(long lba, int blocks, int blockBytes) {
        return receiving(blocks16(Scsi.READ_16, lba, blocks), blocks * blockBytes);
    }

    /** WRITE(16). */
    public static ScsiRequest write(long lba, int blockBytes, byte[] data) {
        return sending(blocks16(Scsi.WRITE_16, lba, data.length / blockBytes), data);
    }

    /** WRITE(16) with FUA (bit 3 of byte 1). */
    public static ScsiRequest writeThrough(long lba, int blockBytes, byte[] data) {
        return sending(blocks16(Scsi.WRITE_16, lba, data.length / blockBytes).u8(1, 0x08), data);
    }

    /** READ(6): LBA in the low 21 bits of bytes 1 to 3, blocks in byte 4, where 0 stands for 256. */
    public static ScsiRequest read6(int lba, int blocks, int blockBytes) {
        return receiving(new Cdb(Scsi.READ_6, 6).u24(1, lba).u8(4, blocks), blocks * blockBytes);
    }

    public static ScsiRequest write6(int lba, int blockBytes, byte[] data) {
        return sending(new Cdb(Scsi.WRITE_6, 6).u24(1, lba).u8(4, data.length / blockBytes), data);
    }

    public static ScsiRequest read10(long lba, int blocks, int blockBytes) {
        return receiving(blocks10(Scsi.READ_10, lba, blocks), blocks * blockBytes);
    }

    public static ScsiRequest write10(long lba, int blockBytes, byte[] data) {
        return sending(blocks10(Scsi.WRITE_10, lba, data.length / blockBytes), data);
    }

    public static ScsiRequest read12(long lba, int blocks, int blockBytes) {
        return receiving(blocks12(Scsi.READ_12, lba, blocks), blocks * blockBytes);
    }

    public static ScsiRequest write12(long lba, int blockBytes, byte[] data) {
        return sending(blocks12(Scsi.WRITE_12, lba, data.length / blockBytes), data);
    }

    /** A CDB of 32 bytes: 18h more bytes, service action in 8 and 9, LBA in 12 to 19, blocks in 28 to 31. */
    private static Cdb blocks32(int serviceAction, long lba, int blocks) {
        return new Cdb(Scsi.VARIABLE_LENGTH, 32)
                .u8(7, 0x18)
                .u16(8, serviceAction)
                .u64(12, lba)
                .u32(28, blocks);
    }

    /** READ(32): 7Fh/0009h. */
    public static ScsiRequest read32(long lba, int blocks, int blockBytes) {
        return receiving(blocks32(0x0009, lba, blocks), blocks * blockBytes);
    }

    /** WRITE(32): 7Fh/000Bh. */
    public static ScsiRequest write32(long lba, int blockBytes, byte[] data) {
        return sending(blocks32(0x000B, lba, data.length / blockBytes), data);
    }

    /** VERIFY(16) without a comparison (BYTCHK 00b in bits 2:1 of byte 1). */
    public static ScsiRequest verify(long lba, int blocks) {
        return plain(blocks16(Scsi.VERIFY_16, lba, blocks));
    }

    /** VERIFY(16) against data, BYTCHK 01b. */
    public static ScsiRequest verify(long lba, int blockBytes, byte[] data) {
        return sending(blocks16(Scsi.VERIFY_16, lba, data.length / blockBytes).u8(1, 0x02), data);
    }

    /** WRITE AND VERIFY(16), BYTCHK 00b. */
    public static ScsiRequest writeAndVerify(long lba, int blockBytes, byte[] data) {
        return sending(blocks16(Scsi.WRITE_AND_VERIFY_16, lba, data.length / blockBytes), data);
    }

    /** WRITE SAME(16) of one block given. */
    public static ScsiRequest writeSame(long lba, int blocks, byte[] block) {
        return sending(blocks16(Scsi.WRITE_SAME_16, lba, blocks), block);
    }

    /** WRITE SAME(16) of zeroes without data: NDOB is bit 0 of byte 1, UNMAP bit 3. */
    public static ScsiRequest writeZeroes(long lba, int blocks, boolean unmap) {
        return plain(blocks16(Scsi.WRITE_SAME_16, lba, blocks).u8(1, unmap ? 0x09 : 0x01));
    }

    /** UNMAP (SBC-4 section 5.32) of one range: 8 bytes of header, 16 of descriptor. */
    public static ScsiRequest unmap(long lba, int blocks) {
        byte[] list = ByteBuffer.allocate(24)
                .putShort((short) 22)
                .putShort((short) 16)
                .putInt(0)
                .putLong(lba)
                .putInt(blocks)
                .array();
        return sending(new Cdb(Scsi.UNMAP, 10).u16(7, list.length), list);
    }

    /** SYNCHRONIZE CACHE(16); 0 blocks: to the end. */
    public static ScsiRequest synchronizeCache(long lba, int blocks) {
        return plain(blocks16(Scsi.SYNCHRONIZE_CACHE_16, lba, blocks));
    }

    /** COMPARE AND WRITE (SBC-4 section 5.3): number of blocks in byte 13; first what to compare, then what to write. */
    public static ScsiRequest compareAndWrite(long lba, int blocks, byte[] both) {
        return sending(new Cdb(Scsi.COMPARE_AND_WRITE, 16).u64(2, lba).u8(13, blocks), both);
    }

    // --- ZBC ---------------------------------------------------------------------------------------------------------

    /**
     * REPORT ZONES (ZBC-2 section 5.8): zone start LBA in bytes 2 to 9, allocation length in 10 to 13, PARTIAL in bit 7 and
     * the reporting option in bits 5:0 of byte 14.
     */
    public static ScsiRequest reportZones(long lba, int bytes, int option, boolean partial) {
        return receiving(
                new Cdb(Scsi.ZBC_IN, 16).u64(2, lba).u32(10, bytes).u8(14, (partial ? 0x80 : 0) | option), bytes);
    }

    /** CLOSE, FINISH, OPEN, RESET WRITE POINTER, SEQUENTIALIZE (ZBC-2 section 5): zone ID in bytes 2 to 9. */
    public static ScsiRequest zone(int serviceAction, long lba) {
        return plain(new Cdb(Scsi.ZBC_OUT, 16).u8(1, serviceAction).u64(2, lba));
    }

    /** The same for several zones: ZONE COUNT in bytes 12 and 13. */
    public static ScsiRequest zones(int serviceAction, long lba, int count) {
        return plain(new Cdb(Scsi.ZBC_OUT, 16).u8(1, serviceAction).u64(2, lba).u16(12, count));
    }

    /** The same for all zones: ALL is bit 0 of byte 14. */
    public static ScsiRequest allZones(int serviceAction) {
        return plain(new Cdb(Scsi.ZBC_OUT, 16).u8(1, serviceAction).u8(14, 1));
    }

    @Override
    public String toString() {
        return "CDB " + cdb + (lun == 0 ? "" : " to LUN " + Long.toHexString(lun))
                + (out.length == 0 ? "" : " out " + out.length) + (inBytes == 0 ? "" : " in " + inBytes);
    }
}
