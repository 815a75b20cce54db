package io.zonewright.frontend.scsi.iscsi.login;

/**
 * What a Login Response PDU says (RFC 7143, section 11.13). Version-max and Version-active are 0. ISID and Initiator Task
 * Tag are the request's.
 *
 * @param transit T bit
 * @param carryOn C bit
 * @param csg current stage
 * @param nsg next stage, 0 where transit is not set
 * @param tsih of the session; the final answer of a new one tells it
 * @param status anything but {@link LoginStatus#SUCCESS} ends the connection once the answer is sent
 * @param text data segment, at most {@link Login#MAX_ANSWER_BYTES}
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of the wire; nobody compares these as wholes
public record LoginAnswer(
        boolean transit, boolean carryOn, int csg, int nsg, int tsih, LoginStatus status, byte[] text) {
    private static final byte[] NOTHING = {};

    /** A refusal, after which the connection is closed. */
    public static LoginAnswer refuse(LoginStatus status, int csg, int tsih) {
        return new LoginAnswer(false, false, csg, 0, tsih, status, NOTHING);
    }

    /** Whether the connection ends once this is sent. */
    public boolean closes() {
        return status != LoginStatus.SUCCESS;
    }
}
