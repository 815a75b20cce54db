package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.frontend.scsi.command.InitiatorPort;
import io.zonewright.frontend.scsi.command.Nexus;
import io.zonewright.frontend.scsi.command.NexusListener;
import io.zonewright.frontend.scsi.iscsi.login.LoginStatus;
import io.zonewright.frontend.scsi.iscsi.login.SessionClaim;
import io.zonewright.frontend.scsi.iscsi.login.SessionParameters;
import io.zonewright.frontend.scsi.iscsi.login.SessionType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All sessions of a portal: by the handle that we gave them (TSIH), and by what names them for good, of which there is one
 * at a time (RFC 7143, sections 4.4.3.1 and 6.3.5). Any thread.
 */
final class Sessions {
    private static final int MAX_TSIH = 0xFFFF;

    /** An I_T nexus: of two sessions with the same one, the later takes the place of the earlier. */
    private record Name(String initiator, long isid, String target) {
        static Name of(SessionClaim claim) {
            return new Name(claim.initiatorName(), claim.isid(), claim.targetName());
        }
    }

    private final Map<Integer, Session> byHandle = new HashMap<>();
    private final Map<Name, Session> byName = new HashMap<>();
    private int lastHandle;

    /** Whether a login may go on. */
    synchronized LoginStatus admit(SessionClaim claim) {
        if (claim.tsih() == 0) {
            return LoginStatus.SUCCESS;
        }
        Session session = byHandle.get(claim.tsih());
        if (session == null
                || !Name.of(session.claim()).equals(Name.of(claim))
                || session.claim().type() != claim.type()) {
            return LoginStatus.SESSION_DOES_NOT_EXIST;
        }
        // The same connection once more takes its own place; another one would be the second.
        return session.claim().cid() == claim.cid() ? LoginStatus.SUCCESS : LoginStatus.TOO_MANY_CONNECTIONS;
    }

    /** What the session that the claim names negotiated; null if there is none. */
    synchronized @Nullable SessionParameters parameters(SessionClaim claim) {
        Session session = byHandle.get(claim.tsih());
        return session == null ? null : session.parameters();
    }

    /**
     * Makes a session. One of the same name, or whose connection is named, ends first: at ErrorRecoveryLevel 0 its tasks
     * end with it.
     *
     * @return null if there are too many
     */
    @Nullable
    Session open(
            SessionClaim claim,
            @Nullable IscsiTarget target,
            SessionParameters parameters,
            IscsiConnection connection) {
        Session before;
        synchronized (this) {
            before = claim.tsih() != 0
                    ? byHandle.get(claim.tsih())
                    : claim.type() == SessionType.NORMAL ? byName.get(Name.of(claim)) : null;
            if (before != null) {
                forget(before);
            }
        }
        if (before != null) {
            before.end();
        }
        Nexus nexus = target == null
                ? null
                : target.core().connect(InitiatorPort.iscsi(claim.initiatorName(), claim.isid()), NexusListener.NONE);
        Session raced = null;
        Session made = null;
        synchronized (this) {
            int tsih = claim.tsih() != 0 && !byHandle.containsKey(claim.tsih()) ? claim.tsih() : freeHandle();
            if (tsih != 0) {
                made = new Session(claim, tsih, target, nexus, parameters, connection);
                byHandle.put(tsih, made);
                if (claim.type() == SessionType.NORMAL) {
                    raced = byName.put(Name.of(claim), made);
                }
                if (raced != null) {
                    byHandle.remove(raced.tsih(), raced);
                }
            }
        }
        if (raced != null) {
            raced.end();
        }
        if (made == null && nexus != null) {
            nexus.close();
        }
        return made;
    }

    private int freeHandle() {
        for (int i = 0; i < MAX_TSIH; i++) {
            lastHandle = lastHandle % MAX_TSIH + 1;
            if (!byHandle.containsKey(lastHandle)) {
                return lastHandle;
            }
        }
        return 0;
    }

    private void forget(Session session) {
        byHandle.remove(session.tsih(), session);
        byName.remove(Name.of(session.claim()), session);
    }

    /** The session's connection is closed. */
    void close(Session session) {
        synchronized (this) {
            forget(session);
        }
        Nexus nexus = session.nexus();
        if (nexus != null) {
            nexus.close();
        }
    }

    /** Those to this target. */
    synchronized List<Session> of(IscsiTarget target) {
        return byHandle.values().stream()
                .filter(session -> session.target() == target)
                .toList();
    }
}
