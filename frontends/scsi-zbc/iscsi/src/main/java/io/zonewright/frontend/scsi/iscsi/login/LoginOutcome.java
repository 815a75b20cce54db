package io.zonewright.frontend.scsi.iscsi.login;

import org.jspecify.annotations.Nullable;

/**
 * A login that has reached the full feature phase.
 *
 * @param claim who logged in, to what
 * @param target the target; null in a discovery session
 * @param initiatorAlias for people; empty if there is none
 * @param tsih of the session, not 0
 * @param parameters what was negotiated
 */
public record LoginOutcome(
        SessionClaim claim,
        @Nullable LoginTarget target,
        String initiatorAlias,
        int tsih,
        SessionParameters parameters) {}
