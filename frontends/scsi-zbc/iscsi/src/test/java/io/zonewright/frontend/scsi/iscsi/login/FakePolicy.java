package io.zonewright.frontend.scsi.iscsi.login;

import io.zonewright.frontend.scsi.iscsi.chap.ChapSecret;
import io.zonewright.frontend.scsi.iscsi.chap.ChapUser;
import io.zonewright.frontend.scsi.iscsi.chap.ChapUsers;
import io.zonewright.net.NetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Targets and sessions of tests. */
final class FakePolicy implements LoginPolicy {
    static final String IQN = "iqn.2026-11.io.zonewright:archive";
    static final String INITIATOR = "iqn.1993-08.org.debian:01:4f2c9d0a1b";
    static final NetAddress HERE = NetAddress.parse("0.0.0.0:0");

    final List<LoginTarget> targets = new ArrayList<>();
    final List<SessionClaim> admitted = new ArrayList<>();
    final List<SessionParameters> established = new ArrayList<>();
    NegotiationLimits limits = NegotiationLimits.DEFAULT;
    NetAddress local = NetAddress.parse("10.0.2.2:3260");
    LoginStatus admission = LoginStatus.SUCCESS;

    @Nullable
    SessionParameters before;

    SessionGrant grant = SessionGrant.of(0x0107);

    /** One target for everybody. */
    static FakePolicy open() {
        FakePolicy policy = new FakePolicy();
        policy.targets.add(target(IQN, InitiatorAccess.ANY));
        return policy;
    }

    /** One target for two users, one of them named like an initiator. */
    static FakePolicy chap() {
        FakePolicy policy = new FakePolicy();
        ChapUsers users = new ChapUsers(List.of(
                new ChapUser(
                        "backup", ChapSecret.parse("secret-of-host-1"), ChapSecret.parse("secret-of-target"), null),
                new ChapUser(INITIATOR, ChapSecret.parse("secret-of-host-1"), null, null)));
        policy.targets.add(target(IQN, new InitiatorAccess(Set.of(), users)));
        return policy;
    }

    static LoginTarget target(String name, InitiatorAccess access) {
        return new LoginTarget(name, "", access, HERE, DigestPolicy.ALLOW);
    }

    @Override
    public int portalGroup() {
        return 1;
    }

    @Override
    public NetAddress local() {
        return local;
    }

    @Override
    public NegotiationLimits limits() {
        return limits;
    }

    /** Draws 0, 1, 2 and so on. */
    @Override
    public SecureRandom random() {
        return new SecureRandom() {
            private static final long serialVersionUID = 1;

            @Override
            public void nextBytes(byte[] bytes) {
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) i;
                }
            }
        };
    }

    @Override
    public @Nullable LoginTarget target(String name) {
        return targets.stream().filter(t -> t.name().equals(name)).findFirst().orElse(null);
    }

    @Override
    public Collection<LoginTarget> targets() {
        return targets;
    }

    @Override
    public LoginStatus admit(SessionClaim claim) {
        admitted.add(claim);
        return admission;
    }

    @Override
    public @Nullable SessionParameters parameters(SessionClaim claim) {
        return claim.tsih() == 7 ? before : null;
    }

    @Override
    public SessionGrant establish(SessionClaim claim, SessionParameters parameters) {
        established.add(parameters);
        return grant;
    }
}
