package io.zonewright.frontend.scsi.iscsi.login;

/**
 * What a Text Response PDU says (RFC 7143, section 11.11), or why there is a Reject PDU instead (section 11.17.1).
 *
 * @param last F bit
 * @param carryOn C bit
 * @param targetTransferTag FFFFFFFFh with the F bit
 * @param text data segment, never longer than the initiator takes
 * @param rejectReason 0 for a Text Response, else the Reason of the Reject PDU that is sent instead
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of the wire; nobody compares these as wholes
public record TextAnswer(boolean last, boolean carryOn, int targetTransferTag, byte[] text, int rejectReason) {
    /** Reason of a Reject PDU: Protocol Error. */
    public static final int PROTOCOL_ERROR = 0x04;
    /** Reason of a Reject PDU: Invalid PDU Field. */
    public static final int INVALID_PDU_FIELD = 0x09;

    /** Target Transfer Tag of no exchange. */
    public static final int NO_TAG = 0xFFFF_FFFF;

    private static final byte[] NOTHING = {};

    static TextAnswer reject(int reason) {
        return new TextAnswer(true, false, NO_TAG, NOTHING, reason);
    }

    /** Whether a Reject PDU is sent instead. */
    public boolean rejected() {
        return rejectReason != 0;
    }
}
