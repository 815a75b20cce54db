package io.zonewright.frontend.scsi.iscsi.login;

/**
 * A Login Request PDU (RFC 7143, section 11.12), as its fields stand in the header; nothing is checked yet.
 *
 * @param transit T bit
 * @param carryOn C bit: the text goes on in the next request
 * @param csg current stage, 0 to 3
 * @param nsg next stage, 0 to 3
 * @param versionMax highest version that the initiator knows
 * @param versionMin lowest one
 * @param isid initiator's part of the session identifier, 48 bits
 * @param tsih target's part, 0 for a new session
 * @param initiatorTaskTag the same in all requests of a login
 * @param cid connection identifier
 * @param text the data segment without padding, a private copy
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of the wire; nobody compares these as wholes
public record LoginRequest(
        boolean transit,
        boolean carryOn,
        int csg,
        int nsg,
        int versionMax,
        int versionMin,
        long isid,
        int tsih,
        int initiatorTaskTag,
        int cid,
        byte[] text) {}
