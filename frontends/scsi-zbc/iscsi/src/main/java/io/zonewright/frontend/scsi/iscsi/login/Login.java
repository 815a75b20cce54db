package io.zonewright.frontend.scsi.iscsi.login;

import org.jspecify.annotations.Nullable;

/**
 * One connection's login phase (RFC 7143, section 6.3), the target's side. For one thread at a time; never blocks.
 */
public final class Login {
    /** Longest text of an answer: what every initiator takes during the login phase, bytes. */
    public static final int MAX_ANSWER_BYTES = 8192;

    private final LoginPolicy policy;
    private @Nullable LoginOutcome outcome;

    public Login(LoginPolicy policy) {
        this.policy = policy;
    }

    /** Answers the next request. */
    public LoginAnswer request(LoginRequest request) {
        outcome = null;
        return LoginAnswer.refuse(
                policy.targets().isEmpty() ? LoginStatus.SERVICE_UNAVAILABLE : LoginStatus.TARGET_ERROR,
                request.csg(),
                request.tsih());
    }

    /** Whether the full feature phase is reached: the answer that says so is the last one without digests. */
    public boolean complete() {
        return outcome != null;
    }

    /**
     * What was agreed.
     *
     * @throws IllegalStateException before the login is complete
     */
    public LoginOutcome outcome() {
        if (outcome == null) {
            throw new IllegalStateException("the login goes on");
        }
        return outcome;
    }
}
