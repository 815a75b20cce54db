package io.zonewright.frontend.scsi.iscsi.login;

/**
 * What was negotiated (RFC 7143, section 13). Not here since there is no choice: MaxConnections 1, ErrorRecoveryLevel 0,
 * DataPDUInOrder and DataSequenceInOrder Yes.
 *
 * @param headerDigest whether headers carry a CRC32C, from the first PDU of the full feature phase on
 * @param dataDigest whether data segments carry one
 * @param maxReceiveBytes longest data segment that we take: our MaxRecvDataSegmentLength, bytes
 * @param maxSendBytes longest that the initiator takes: its MaxRecvDataSegmentLength, bytes
 * @param maxBurstBytes MaxBurstLength
 * @param firstBurstBytes FirstBurstLength, never above maxBurstBytes
 * @param initialR2t InitialR2T: no unsolicited Data-Out PDUs
 * @param immediateData ImmediateData: data may come with the command
 * @param maxOutstandingR2t MaxOutstandingR2T of one task
 * @param time2WaitSeconds DefaultTime2Wait
 * @param time2RetainSeconds DefaultTime2Retain
 * @param protocolLevel iSCSIProtocolLevel (RFC 7144)
 */
public record SessionParameters(
        boolean headerDigest,
        boolean dataDigest,
        int maxReceiveBytes,
        int maxSendBytes,
        int maxBurstBytes,
        int firstBurstBytes,
        boolean initialR2t,
        boolean immediateData,
        int maxOutstandingR2t,
        int time2WaitSeconds,
        int time2RetainSeconds,
        int protocolLevel) {}
