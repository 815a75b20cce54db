package io.zonewright.frontend.scsi.iscsi.login;

/**
 * Which session a connection wants to be (RFC 7143, sections 4.4.3.1 and 6.3.1).
 *
 * @param initiatorName in its normal form
 * @param targetName in its normal form; empty in a discovery session
 * @param isid 48 bits
 * @param tsih 0 for a new session, which takes the place of one with the same initiator name, ISID and target; else the
 *     session that the connection wants to belong to
 */
public record SessionClaim(SessionType type, String initiatorName, String targetName, long isid, int tsih, int cid) {}
