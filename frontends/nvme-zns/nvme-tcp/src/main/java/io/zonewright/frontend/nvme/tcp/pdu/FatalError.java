package io.zonewright.frontend.nvme.tcp.pdu;

/**
 * Why a connection is terminated: the Fatal Error Status (FES) of a C2HTermReq PDU (TCP Transport 1.1, section 3.6.2.4).
 */
public enum FatalError {
    /** The information is the offset of the field in the header. */
    INVALID_PDU_HEADER_FIELD(0x01),
    PDU_SEQUENCE_ERROR(0x02),
    /** The information is the digest that was received. */
    HEADER_DIGEST_ERROR(0x03),
    DATA_TRANSFER_OUT_OF_RANGE(0x04),
    DATA_TRANSFER_LIMIT_EXCEEDED(0x05),
    /** The information is the offset of the parameter in the header. */
    UNSUPPORTED_PARAMETER(0x06);

    private final int status;

    FatalError(int status) {
        this.status = status;
    }

    /** FES. */
    public int status() {
        return status;
    }
}
