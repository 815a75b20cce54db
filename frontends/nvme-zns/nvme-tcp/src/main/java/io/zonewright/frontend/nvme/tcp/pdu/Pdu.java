package io.zonewright.frontend.nvme.tcp.pdu;

/**
 * Types, flags, sizes and offsets of PDUs (TCP Transport 1.1, section 3.6.2). All fields are little-endian; offsets and
 * sizes are in bytes from the start of the PDU.
 */
public final class Pdu {
    // Types (section 3.6.1, "Common Header").
    public static final int ICREQ = 0x00;
    public static final int ICRESP = 0x01;
    public static final int H2C_TERM_REQ = 0x02;
    public static final int C2H_TERM_REQ = 0x03;
    public static final int CAPSULE_CMD = 0x04;
    public static final int CAPSULE_RESP = 0x05;
    public static final int H2C_DATA = 0x06;
    public static final int C2H_DATA = 0x07;
    public static final int R2T = 0x09;

    // Flags.
    public static final int HDGSTF = 1;
    public static final int DDGSTF = 1 << 1;
    public static final int LAST_PDU = 1 << 2;
    public static final int SUCCESS = 1 << 3;

    // Common header.
    public static final int TYPE_OFFSET = 0;
    public static final int FLAGS_OFFSET = 1;
    public static final int HLEN_OFFSET = 2;
    public static final int PDO_OFFSET = 3;
    public static final int PLEN_OFFSET = 4;
    public static final int COMMON_SIZE = 8;

    /** A header or data digest, a CRC32C. */
    public static final int DIGEST_SIZE = 4;

    // ICReq and ICResp.
    public static final int IC_SIZE = 128;
    public static final int PFV_OFFSET = 8;
    public static final int PDA_OFFSET = 10;
    public static final int DGST_OFFSET = 11;
    public static final int MAXR2T_OFFSET = 12;
    public static final int MAXH2CDATA_OFFSET = 12;
    /** The largest HPDA: data starts at a multiple of 128 bytes. */
    public static final int MAX_PDA = 31;

    public static final int DGST_HEADER = 1;
    public static final int DGST_DATA = 1 << 1;

    // H2CTermReq and C2HTermReq.
    public static final int TERM_SIZE = 24;
    public static final int FES_OFFSET = 8;
    public static final int FEI_OFFSET = 10;
    /** Most of the offending header that follows. */
    public static final int TERM_MAX_DATA = 128;

    // CapsuleCmd and CapsuleResp.
    public static final int SQE_OFFSET = 8;
    public static final int COMMAND_SIZE = 72;
    public static final int CQE_OFFSET = 8;
    public static final int RESPONSE_SIZE = 24;

    // H2CData, C2HData and R2T.
    public static final int CCCID_OFFSET = 8;
    public static final int TTAG_OFFSET = 10;
    public static final int DATA_OFFSET_OFFSET = 12;
    public static final int DATA_LENGTH_OFFSET = 16;
    public static final int DATA_SIZE = 24;
    public static final int R2T_SIZE = 24;

    private Pdu() {}
}
