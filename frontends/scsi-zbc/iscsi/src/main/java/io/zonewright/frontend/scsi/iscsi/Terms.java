package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.frontend.scsi.iscsi.login.SessionParameters;
import io.zonewright.frontend.scsi.iscsi.pdu.Pdu;

/** What login agreed upon for one connection, as the data path needs it. On the loop's thread. */
final class Terms {
    /** Before the full feature phase there are no digests (RFC 7143, section 6.3). */
    boolean headerDigest;

    boolean dataDigest;

    /** Longest data segment that we take. */
    int maxReceive = LoginPhase.MAX_SEGMENT;

    /** Longest that we send, a multiple of four. */
    int maxSend = LoginPhase.MAX_SEGMENT;

    /** Most data of one R2T, or of one sequence of Data-In PDUs, a multiple of four. */
    int maxBurst;

    int firstBurst;
    boolean initialR2t;
    boolean immediateData;
    int outstandingR2t;

    void agree(SessionParameters parameters) {
        headerDigest = parameters.headerDigest();
        dataDigest = parameters.dataDigest();
        maxReceive = parameters.maxReceiveBytes();
        setMaxSend(parameters.maxSendBytes());
        maxBurst = parameters.maxBurstBytes() & ~3;
        firstBurst = parameters.firstBurstBytes();
        initialR2t = parameters.initialR2t();
        immediateData = parameters.immediateData();
        outstandingR2t = parameters.maxOutstandingR2t();
    }

    void setMaxSend(int bytes) {
        maxSend = bytes & ~3;
    }

    int headerDigestBytes() {
        return headerDigest ? Pdu.DIGEST_SIZE : 0;
    }

    /** What follows the padding of a data segment. */
    int dataDigestBytes(int segment) {
        return dataDigest && segment > 0 ? Pdu.DIGEST_SIZE : 0;
    }
}
