package io.zonewright.frontend.scsi.iscsi.login;

/**
 * What we agree to at most. The bounds are such that an initiator which leaves a key at its default is content.
 *
 * @param maxReceiveBytes our MaxRecvDataSegmentLength, 8192 to 2^24 - 1
 * @param maxBurstBytes most for MaxBurstLength, 262144 to 2^24 - 1
 * @param firstBurstBytes most for FirstBurstLength, 65536 to maxBurstBytes
 * @param maxOutstandingR2t most for MaxOutstandingR2T, 1 to 65535
 * @param protocolLevel most for iSCSIProtocolLevel: 1, or 2 for a carrier that does what RFC 7144 adds
 */
public record NegotiationLimits(
        int maxReceiveBytes, int maxBurstBytes, int firstBurstBytes, int maxOutstandingR2t, int protocolLevel) {
    /** Segments of 256 KiB, bursts of 1 MiB, 256 KiB of it at once, 8 R2Ts of a task, RFC 7143 alone. */
    public static final NegotiationLimits DEFAULT = new NegotiationLimits(256 << 10, 1 << 20, 256 << 10, 8, 1);

    private static final int MAX_LENGTH = (1 << 24) - 1;

    public NegotiationLimits {
        if (maxReceiveBytes < 8192
                || maxReceiveBytes > MAX_LENGTH
                || maxBurstBytes < 262_144
                || maxBurstBytes > MAX_LENGTH
                || firstBurstBytes < 65_536
                || firstBurstBytes > maxBurstBytes
                || maxOutstandingR2t < 1
                || maxOutstandingR2t > 65_535
                || protocolLevel < 1
                || protocolLevel > 2) {
            throw new IllegalArgumentException("limits that RFC 7143 does not allow, or below its defaults");
        }
    }
}
