package io.zonewright.frontend.scsi.iscsi.login;

/**
 * A Text Request PDU (RFC 7143, section 11.10).
 *
 * @param last F bit
 * @param carryOn C bit
 * @param targetTransferTag FFFFFFFFh at the beginning of an exchange, else what the last answer said
 * @param text the data segment without padding, a private copy
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of the wire; nobody compares these as wholes
public record TextRequest(boolean last, boolean carryOn, int initiatorTaskTag, int targetTransferTag, byte[] text) {}
