package io.zonewright.frontend.scsi.iscsi.login;

import io.zonewright.net.NetAddress;
import java.security.SecureRandom;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What logins through one connection may do: targets, limits, and the registry of sessions. Called by the connection's
 * thread; must not block.
 */
public interface LoginPolicy {
    /** TargetPortalGroupTag of the portal, 0 to 65535. */
    int portalGroup();

    /** Where the initiator reached us. */
    NetAddress local();

    /** What we agree to at most. */
    NegotiationLimits limits();

    /** For challenges. */
    SecureRandom random();

    /** The target with this name in its normal form; null if there is none here. */
    @Nullable
    LoginTarget target(String name);

    /** All targets of the portal, for SendTargets. */
    Collection<LoginTarget> targets();

    /**
     * Whether to go on with a login, asked once, as soon as it is known who wants what and before anything is proved:
     * changes nothing. {@link LoginStatus#SESSION_DOES_NOT_EXIST} where the TSIH is unknown, {@link
     * LoginStatus#TOO_MANY_CONNECTIONS} where the session has another connection, and so on.
     */
    LoginStatus admit(SessionClaim claim);

    /**
     * What the session that a claim names by its TSIH negotiated: a connection that takes the place of another keeps it.
     * Null if there is none, or no such connection is ever admitted.
     */
    default @Nullable SessionParameters parameters(SessionClaim claim) {
        return null;
    }

    /**
     * Makes the session, or takes the place of the one that the claim names, as the last step of a login that succeeded.
     * What was an old session or connection of the same name is the caller's to end (RFC 7143, section 6.3.5).
     */
    SessionGrant establish(SessionClaim claim, SessionParameters parameters);
}
