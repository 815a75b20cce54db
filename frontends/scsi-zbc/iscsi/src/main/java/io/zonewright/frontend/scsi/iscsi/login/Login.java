package io.zonewright.frontend.scsi.iscsi.login;

import io.zonewright.frontend.scsi.iscsi.chap.ChapUsers;
import io.zonewright.frontend.scsi.iscsi.text.KeyValue;
import io.zonewright.frontend.scsi.iscsi.text.TextException;
import io.zonewright.frontend.scsi.iscsi.text.TextGather;
import io.zonewright.frontend.scsi.iscsi.text.TextReader;
import io.zonewright.frontend.scsi.iscsi.text.TextWriter;
import io.zonewright.frontend.scsi.iscsi.text.Values;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One connection's login phase (RFC 7143, section 6.3), the target's side: SecurityNegotiation, LoginOperationalNegotiation,
 * full feature phase. For one thread at a time; never blocks. How long an initiator may take is the carrier's to bound.
 */
public final class Login {
    /** Longest text of an answer: what every initiator takes during the login phase, bytes. */
    public static final int MAX_ANSWER_BYTES = 8192;

    /** Stage SecurityNegotiation. */
    static final int SECURITY = 0;
    /** Stage LoginOperationalNegotiation. */
    static final int OPERATIONAL = 1;
    /** Stage FullFeaturePhase. */
    static final int FULL_FEATURE = 3;

    /** More than any initiator needs: it would go on for ever. */
    private static final int MAX_REQUESTS = 64;

    private static final byte[] NOTHING = {};

    private final LoginPolicy policy;
    private final TextGather gather = new TextGather();
    private final TextWriter answer = new TextWriter();
    private final Set<String> offered = new HashSet<>();

    private int requests;
    private int stage = -1;
    private long isid;
    private int tsih;
    private int initiatorTaskTag;
    private int cid;
    private boolean declared;
    private boolean refused;

    private @Nullable Identity identity;
    private String initiatorAlias = "";
    private @Nullable LoginOutcome outcome;

    /** Who logs in to what, known since the first text. */
    private record Identity(
            SessionClaim claim, @Nullable LoginTarget target, Authentication authentication, Negotiation negotiation) {}

    /** Nothing exchanged yet. */
    public Login(LoginPolicy policy) {
        this.policy = policy;
    }

    /**
     * Answers the next request.
     *
     * @throws IllegalStateException if the login is complete, or was refused
     */
    public LoginAnswer request(LoginRequest request) {
        if (complete() || refused) {
            throw new IllegalStateException("the login is over");
        }
        try {
            return step(request);
        } catch (LoginRefusedException e) {
            refused = true;
            return LoginAnswer.refuse(e.status(), request.csg(), request.tsih());
        }
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

    private LoginAnswer step(LoginRequest request) throws LoginRefusedException {
        checkHeader(request);
        if (!answer.isEmpty()) {
            // What was left of the last answer is asked for with an empty request.
            if (request.text().length > 0 || request.carryOn()) {
                throw error();
            }
            return reply(request);
        }
        if (!gather.add(request.text())) {
            throw error();
        }
        if (request.carryOn()) {
            return new LoginAnswer(false, false, stage, 0, tsih, LoginStatus.SUCCESS, NOTHING);
        }
        handle(pairs(gather.take()));
        return reply(request);
    }

    private void checkHeader(LoginRequest request) throws LoginRefusedException {
        if (request.versionMin() > 0) {
            throw new LoginRefusedException(LoginStatus.UNSUPPORTED_VERSION);
        }
        if (stage < 0) {
            if (request.csg() != SECURITY && request.csg() != OPERATIONAL) {
                throw error();
            }
            stage = request.csg();
            isid = request.isid();
            tsih = request.tsih();
            initiatorTaskTag = request.initiatorTaskTag();
            cid = request.cid();
        }
        boolean same = request.csg() == stage
                && request.isid() == isid
                && request.tsih() == tsih
                && request.initiatorTaskTag() == initiatorTaskTag
                && request.cid() == cid;
        // Without the T bit, NSG means nothing, and some initiators repeat CSG there.
        boolean leap = request.transit()
                && (request.carryOn()
                        || request.nsg() <= request.csg()
                        || (request.nsg() != OPERATIONAL && request.nsg() != FULL_FEATURE));
        requests++;
        if (!same || leap || requests > MAX_REQUESTS) {
            throw error();
        }
    }

    private static List<KeyValue> pairs(byte[] text) throws LoginRefusedException {
        try {
            return TextReader.read(text, LoginKey::maxValueBytes);
        } catch (TextException e) {
            throw error();
        }
    }

    private void handle(List<KeyValue> pairs) throws LoginRefusedException {
        Identity known = identity;
        if (known == null) {
            known = identify(pairs);
            identity = known;
        }
        if (stage == OPERATIONAL && !known.authentication().done()) {
            throw new LoginRefusedException(LoginStatus.AUTHENTICATION_FAILURE);
        }
        known.negotiation().prepare(pairs);
        Map<String, String> security = new HashMap<>();
        for (KeyValue pair : pairs) {
            handle(known, pair, security);
        }
        known.authentication().step(security, answer);
        if (stage == OPERATIONAL && !declared) {
            declared = true;
            known.negotiation().declare(answer);
        }
    }

    private void handle(Identity known, KeyValue pair, Map<String, String> security) throws LoginRefusedException {
        LoginKey key = LoginKey.of(pair.key());
        boolean repeated = !offered.add(pair.key());
        if (key != null && key.use() == LoginKey.Use.WHO) {
            who(known, key, pair.value(), repeated);
        } else if (repeated) {
            throw error();
        } else if (Values.answerOnly(pair.value())) {
            return; // an answer to what we declared
        } else if (key == null) {
            answer.put(pair.key(), Values.NOT_UNDERSTOOD);
        } else if (key.use() == LoginKey.Use.SECURITY && stage == SECURITY) {
            security.put(pair.key(), pair.value());
        } else if (key.use().operational()
                && stage == OPERATIONAL
                && !(key.use().leadingOnly() && tsih != 0)) {
            known.negotiation().offer(key, pair.value(), answer);
        } else {
            throw error();
        }
    }

    /** Old versions of libiscsi say in each stage who they are; somebody else they must not be. */
    private void who(Identity known, LoginKey key, String value, boolean repeated) throws LoginRefusedException {
        SessionClaim claim = known.claim();
        boolean same = switch (key) {
            case INITIATOR_NAME -> claim.initiatorName().equals(IscsiName.lenient(value));
            case TARGET_NAME ->
                claim.type() == SessionType.DISCOVERY || claim.targetName().equals(IscsiName.lenient(value));
            case SESSION_TYPE -> claim.type() == sessionType(value);
            default -> {
                boolean alias = !repeated || initiatorAlias.equals(value);
                initiatorAlias = value;
                yield alias;
            }
        };
        if (!same) {
            throw error();
        }
    }

    private static @Nullable SessionType sessionType(String value) {
        return switch (value) {
            case "Normal" -> SessionType.NORMAL;
            case "Discovery" -> SessionType.DISCOVERY;
            default -> null;
        };
    }

    private Identity identify(List<KeyValue> pairs) throws LoginRefusedException {
        Map<String, String> values = new HashMap<>();
        pairs.forEach(pair -> values.put(pair.key(), pair.value()));
        String name = values.get(LoginKey.INITIATOR_NAME.text());
        if (name == null) {
            throw new LoginRefusedException(LoginStatus.MISSING_PARAMETER);
        }
        String initiator = IscsiName.lenient(name);
        if (initiator == null) {
            throw error();
        }
        SessionType type = sessionType(values.getOrDefault(LoginKey.SESSION_TYPE.text(), "Normal"));
        if (type == null) {
            throw new LoginRefusedException(LoginStatus.SESSION_TYPE_NOT_SUPPORTED);
        }
        LoginTarget target =
                type == SessionType.DISCOVERY ? null : target(values.get(LoginKey.TARGET_NAME.text()), initiator);
        SessionClaim claim = new SessionClaim(type, initiator, target == null ? "" : target.name(), isid, tsih, cid);
        LoginStatus admitted = policy.admit(claim);
        if (admitted != LoginStatus.SUCCESS) {
            throw new LoginRefusedException(admitted);
        }
        return target == null ? discovery(claim) : normal(claim, target);
    }

    private LoginTarget target(@Nullable String name, String initiator) throws LoginRefusedException {
        if (name == null) {
            throw new LoginRefusedException(LoginStatus.MISSING_PARAMETER);
        }
        String normal = IscsiName.lenient(name);
        LoginTarget target = normal == null ? null : policy.target(normal);
        if (target == null) {
            throw new LoginRefusedException(LoginStatus.NOT_FOUND);
        }
        if (!target.access().admits(initiator)) {
            throw new LoginRefusedException(LoginStatus.AUTHORIZATION_FAILURE);
        }
        return target;
    }

    private Identity normal(SessionClaim claim, LoginTarget target) {
        answer.put(LoginKey.TARGET_PORTAL_GROUP_TAG.text(), policy.portalGroup());
        if (!target.alias().isEmpty()) {
            answer.put(LoginKey.TARGET_ALIAS.text(), target.alias());
        }
        Authentication authentication = new Authentication(
                policy.random(),
                claim.initiatorName(),
                target.name(),
                List.of(target.access().users()),
                target.access().authenticates());
        return new Identity(claim, target, authentication, negotiation(claim, target.digests()));
    }

    private Negotiation negotiation(SessionClaim claim, DigestPolicy digests) {
        SessionParameters session = claim.tsih() == 0 ? null : policy.parameters(claim);
        return new Negotiation(policy.limits(), digests, claim.type() == SessionType.DISCOVERY, session);
    }

    /** In a discovery session an initiator may prove who it is, to any of the targets; it does not have to. */
    private Identity discovery(SessionClaim claim) {
        List<ChapUsers> users = new ArrayList<>();
        String ownName = "";
        for (LoginTarget target : policy.targets()) {
            if (target.access().admits(claim.initiatorName()) && target.access().authenticates()) {
                users.add(target.access().users());
                ownName = ownName.isEmpty() ? target.name() : ownName;
            }
        }
        Authentication authentication =
                new Authentication(policy.random(), claim.initiatorName(), ownName, users, false);
        return new Identity(claim, null, authentication, negotiation(claim, DigestPolicy.ALLOW));
    }

    /** What was collected, as much as fits; the stage changes with the last part of it. */
    private LoginAnswer reply(LoginRequest request) throws LoginRefusedException {
        byte[] text = answer.take(MAX_ANSWER_BYTES);
        if (!answer.isEmpty()) {
            return new LoginAnswer(false, true, stage, 0, tsih, LoginStatus.SUCCESS, text);
        }
        Identity known = identity;
        if (known == null || !request.transit() || !known.authentication().done()) {
            return new LoginAnswer(false, false, stage, 0, tsih, LoginStatus.SUCCESS, text);
        }
        int from = stage;
        if (request.nsg() == FULL_FEATURE) {
            finish(known);
        }
        stage = request.nsg();
        return new LoginAnswer(true, false, from, stage, tsih, LoginStatus.SUCCESS, text);
    }

    private void finish(Identity known) throws LoginRefusedException {
        SessionParameters parameters = known.negotiation().result();
        SessionGrant grant = policy.establish(known.claim(), parameters);
        if (grant.status() != LoginStatus.SUCCESS) {
            throw new LoginRefusedException(grant.status());
        }
        tsih = grant.tsih();
        outcome = new LoginOutcome(known.claim(), known.target(), initiatorAlias, tsih, parameters);
    }

    private static LoginRefusedException error() {
        return new LoginRefusedException(LoginStatus.INITIATOR_ERROR);
    }
}
