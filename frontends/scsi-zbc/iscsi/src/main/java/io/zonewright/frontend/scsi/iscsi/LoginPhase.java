package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.frontend.scsi.iscsi.login.Login;
import io.zonewright.frontend.scsi.iscsi.login.LoginAnswer;
import io.zonewright.frontend.scsi.iscsi.login.LoginOutcome;
import io.zonewright.frontend.scsi.iscsi.login.LoginPolicy;
import io.zonewright.frontend.scsi.iscsi.login.LoginRequest;
import io.zonewright.frontend.scsi.iscsi.login.LoginStatus;
import io.zonewright.frontend.scsi.iscsi.login.LoginTarget;
import io.zonewright.frontend.scsi.iscsi.login.NegotiationLimits;
import io.zonewright.frontend.scsi.iscsi.login.SessionClaim;
import io.zonewright.frontend.scsi.iscsi.login.SessionGrant;
import io.zonewright.frontend.scsi.iscsi.login.SessionParameters;
import io.zonewright.frontend.scsi.iscsi.pdu.Big;
import io.zonewright.frontend.scsi.iscsi.pdu.Pdu;
import io.zonewright.net.NetAddress;
import java.security.SecureRandom;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Login PDUs of one connection: their headers here, their text in {@link Login}. On the loop's thread. */
final class LoginPhase implements LoginPolicy {
    /** Longest data segment of either side before the full feature phase (RFC 7143, section 13.12). */
    static final int MAX_SEGMENT = 8192;

    private static final int STAGE_MASK = 3;
    private static final int CSG_SHIFT = 2;

    private final IscsiConnection connection;
    private final Portal portal;
    private final Login login = new Login(this);
    private final NetAddress local;
    private boolean begun;
    private @Nullable Session session;

    LoginPhase(IscsiConnection connection, Portal portal) {
        this.connection = connection;
        this.portal = portal;
        local = NetAddress.of(connection.socket().local());
    }

    /** Answers a PDU. */
    void request(byte[] header, byte[] text) {
        int flags = header[Pdu.FLAGS_OFFSET] & 0xFF;
        int csg = flags >> CSG_SHIFT & STAGE_MASK;
        long isid = Big.i64(header, Pdu.ISID_OFFSET) >>> 16;
        int tsih = Big.u16(header, Pdu.TSIH_OFFSET);
        int itt = Big.i32(header, Pdu.ITT_OFFSET);
        boolean isLogin = (header[0] & Pdu.OPCODE_MASK) == Pdu.LOGIN;
        if (!begun) {
            if (!isLogin) {
                // Nobody who speaks iSCSI begins like this (section 6.3).
                connection.breakOff();
                return;
            }
            begun = true;
            connection.window().start(Big.i32(header, Pdu.CMD_SN_OFFSET));
        }
        LoginAnswer answer = !isLogin
                ? LoginAnswer.refuse(LoginStatus.INVALID_DURING_LOGIN, csg, tsih)
                : login.request(new LoginRequest(
                        (flags & Pdu.FINAL) != 0,
                        (flags & Pdu.CONTINUE) != 0,
                        csg,
                        flags & STAGE_MASK,
                        header[Pdu.VERSION_MAX_OFFSET] & 0xFF,
                        header[Pdu.VERSION_MIN_OFFSET] & 0xFF,
                        isid,
                        tsih,
                        itt,
                        Big.u16(header, Pdu.CID_OFFSET),
                        text));
        Session made = session;
        if (login.complete() && made != null) {
            connection.welcome(answer, isid, itt, made, login.outcome());
        } else {
            connection.answerLogin(answer, isid, itt);
        }
    }

    /** What was agreed, once login is complete. */
    LoginOutcome outcome() {
        return login.outcome();
    }

    @Override
    public int portalGroup() {
        return Portal.GROUP;
    }

    @Override
    public NetAddress local() {
        return local;
    }

    @Override
    public NegotiationLimits limits() {
        return NegotiationLimits.DEFAULT;
    }

    @Override
    public SecureRandom random() {
        return portal.random();
    }

    @Override
    public @Nullable LoginTarget target(String name) {
        IscsiTarget target = portal.target(name);
        return target == null ? null : target.login();
    }

    @Override
    public Collection<LoginTarget> targets() {
        return portal.logins();
    }

    @Override
    public LoginStatus admit(SessionClaim claim) {
        return portal.sessions().admit(claim);
    }

    @Override
    public @Nullable SessionParameters parameters(SessionClaim claim) {
        return portal.sessions().parameters(claim);
    }

    @Override
    public SessionGrant establish(SessionClaim claim, SessionParameters parameters) {
        IscsiTarget target = claim.targetName().isEmpty() ? null : portal.target(claim.targetName());
        if (target == null && !claim.targetName().isEmpty()) {
            return SessionGrant.refused(LoginStatus.TARGET_REMOVED);
        }
        LoginStatus status = portal.sessions().admit(claim);
        Session made =
                status == LoginStatus.SUCCESS ? portal.sessions().open(claim, target, parameters, connection) : null;
        if (made == null) {
            return SessionGrant.refused(status == LoginStatus.SUCCESS ? LoginStatus.OUT_OF_RESOURCES : status);
        }
        session = made;
        return SessionGrant.of(made.tsih());
    }

    /** The connection is closed. */
    void closed() {
        Session mine = session;
        if (mine != null) {
            portal.sessions().close(mine);
        }
    }
}
