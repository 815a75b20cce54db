package io.zonewright.frontend.nvme.tcp;

import io.zonewright.frontend.nvme.command.NvmeStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * A Connect command with its data (Base 2.1, section 6.3), checked as far as that is possible without knowing any
 * controller.
 *
 * @param error status of what is wrong, or {@link NvmeStatus#SUCCESS}
 * @param errorDword DW0 of the answer then: where the parameter at fault is
 */
record ConnectRequest(
        int qid,
        int sqEntries,
        boolean flowControl,
        long keepAliveMillis,
        UUID hostId,
        int controllerId,
        String subsystemNqn,
        String hostNqn,
        int error,
        int errorDword) {
    static final int DATA_BYTES = 1024;

    /** CNTLID: any. */
    static final int DYNAMIC = 0xFFFF;

    // In the submission queue entry.
    private static final int RECFMT_OFFSET = 40;
    static final int QID_OFFSET = 42;
    static final int SQSIZE_OFFSET = 44;
    static final int CATTR_OFFSET = 46;
    private static final int KATO_OFFSET = 48;

    // In the data.
    static final int HOSTID_OFFSET = 0;
    static final int CNTLID_OFFSET = 16;
    static final int SUBNQN_OFFSET = 256;
    static final int HOSTNQN_OFFSET = 512;

    private static final int NQN_BYTES = 256;
    private static final int MAX_NQN_BYTES = 223;
    private static final int DISABLE_FLOW_CONTROL = 1 << 2;

    /** Bits 1:0 priority class, bit 2 flow control, bit 3 individual queue deletion. */
    private static final int KNOWN_ATTRIBUTES = 0xF;

    /** Result of a parameter at fault in the entry: IPO. */
    static int inEntry(int offset) {
        return offset;
    }

    /** Result of a parameter at fault in the data: IPO and IATTR. */
    static int inData(int offset) {
        return offset | 1 << 16;
    }

    static ConnectRequest of(byte[] sqe, byte[] data) {
        ByteBuffer id = ByteBuffer.wrap(data, HOSTID_OFFSET, 16);
        UUID hostId = new UUID(id.getLong(), id.getLong());
        String subsystem = nqn(data, SUBNQN_OFFSET);
        String host = nqn(data, HOSTNQN_OFFSET);
        int size = Little.u16(sqe, SQSIZE_OFFSET);
        int attributes = sqe[CATTR_OFFSET] & 0xFF;
        int error = NvmeStatus.dnr(NvmeStatus.CONNECT_INVALID_PARAMETERS);
        int where = 0;
        if (Little.u16(sqe, RECFMT_OFFSET) != 0) {
            error = NvmeStatus.dnr(NvmeStatus.CONNECT_INCOMPATIBLE_FORMAT);
        } else if (size == 0) {
            where = inEntry(SQSIZE_OFFSET);
        } else if ((attributes & ~KNOWN_ATTRIBUTES) != 0) {
            where = inEntry(CATTR_OFFSET);
        } else if (subsystem.isEmpty()) {
            where = inData(SUBNQN_OFFSET);
        } else if (host.isEmpty()) {
            where = inData(HOSTNQN_OFFSET);
        } else if (hostId.getMostSignificantBits() == 0 && hostId.getLeastSignificantBits() == 0) {
            where = inData(HOSTID_OFFSET);
        } else {
            error = NvmeStatus.SUCCESS;
        }
        return new ConnectRequest(
                Little.u16(sqe, QID_OFFSET),
                size + 1,
                (attributes & DISABLE_FLOW_CONTROL) == 0,
                Integer.toUnsignedLong(Little.i32(sqe, KATO_OFFSET)),
                hostId,
                Little.u16(data, CNTLID_OFFSET),
                subsystem,
                host,
                error,
                where);
    }

    /** A name that ends with a zero byte and has 1 to 223 others; empty if it is not one. */
    private static String nqn(byte[] data, int offset) {
        int length = 0;
        while (length < NQN_BYTES && data[offset + length] != 0) {
            length++;
        }
        return length > MAX_NQN_BYTES ? "" : new String(data, offset, length, StandardCharsets.UTF_8);
    }
}
