package io.zonewright.frontend.scsi.iscsi.chap;

import io.zonewright.frontend.scsi.iscsi.text.TextWriter;
import io.zonewright.frontend.scsi.iscsi.text.Values;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The target's side of one authentication: CHAP_A is answered by CHAP_A, CHAP_I and CHAP_C; CHAP_N and CHAP_R by nothing, or
 * by CHAP_N and CHAP_R if CHAP_I and CHAP_C came with them. For one thread.
 */
public final class ChapExchange {
    /** Longest value of CHAP_C, bytes: 1024 bytes in hexadecimal. */
    public static final int MAX_VALUE_BYTES = 2 + 2 * 1024;

    private static final int MIN_CHALLENGE = 16;
    private static final int MAX_CHALLENGE = 1024;
    private static final int MAX_RESPONSE = 32;
    private static final byte[] NO_SECRET = new byte[ChapSecret.MIN_BYTES];

    /** How it stands. */
    public enum State {
        /** CHAP_A is awaited. */
        ALGORITHM,
        /** CHAP_N and CHAP_R are awaited. */
        RESPONSE,
        /** The initiator has proved who it is. */
        PASSED,
        /** It has not. */
        FAILED
    }

    private final SecureRandom random;
    private final List<ChapUsers> users;
    private final String targetName;
    private State state = State.ALGORITHM;
    private @Nullable ChapAlgorithm algorithm;
    private int identifier;
    private byte[] challenge = {};
    private @Nullable ChapUser user;

    /**
     * Nothing exchanged yet.
     *
     * @param users a user is looked for in each
     * @param targetName CHAP_N of ours for users that do not say another
     */
    public ChapExchange(SecureRandom random, List<ChapUsers> users, String targetName) {
        this.random = random;
        this.users = List.copyOf(users);
        this.targetName = targetName;
    }

    public State state() {
        return state;
    }

    /** Who has proved to be there; null unless it {@link State#PASSED}. */
    public @Nullable ChapUser user() {
        return state == State.PASSED ? user : null;
    }

    /**
     * Takes the CHAP keys of a request, and answers.
     *
     * @param keys CHAP_A, CHAP_N, CHAP_R, CHAP_I, CHAP_C, as far as they came; not empty
     */
    public void step(Map<String, String> keys, TextWriter answer) {
        state = switch (state) {
            case ALGORITHM -> challenge(keys, answer) ? State.RESPONSE : State.FAILED;
            case RESPONSE -> verify(keys, answer) ? State.PASSED : State.FAILED;
            case PASSED, FAILED -> State.FAILED;
        };
    }

    private boolean challenge(Map<String, String> keys, TextWriter answer) {
        String list = keys.get("CHAP_A");
        ChapAlgorithm chosen = list == null || keys.size() != 1 ? null : ChapAlgorithm.choose(list);
        if (chosen == null) {
            return false;
        }
        algorithm = chosen;
        byte[] drawn = new byte[chosen.bytes() + 1];
        random.nextBytes(drawn);
        identifier = drawn[chosen.bytes()] & 0xFF;
        challenge = Arrays.copyOf(drawn, chosen.bytes());
        answer.put("CHAP_A", chosen.id());
        answer.put("CHAP_I", identifier);
        answer.put("CHAP_C", Values.hex(challenge));
        return true;
    }

    private boolean verify(Map<String, String> keys, TextWriter answer) {
        String name = keys.get("CHAP_N");
        String response = keys.get("CHAP_R");
        ChapAlgorithm hash = algorithm;
        byte[] given = response == null ? null : Values.binary(response, MAX_RESPONSE);
        if (name == null || given == null || hash == null || keys.containsKey("CHAP_A")) {
            return false;
        }
        user = whoProved(name, hash, given);
        boolean mutual = keys.containsKey("CHAP_I") || keys.containsKey("CHAP_C");
        return user != null && (!mutual || prove(user, hash, keys, answer));
    }

    /** As much work for names that nobody has as for others. */
    private @Nullable ChapUser whoProved(String name, ChapAlgorithm hash, byte[] given) {
        ChapUser proved = null;
        for (ChapUsers some : users) {
            ChapUser candidate = some.find(name);
            byte[] secret = candidate == null ? NO_SECRET : candidate.secret().bytes();
            boolean right = MessageDigest.isEqual(given, hash.response(identifier, secret, challenge));
            if (right && candidate != null && proved == null) {
                proved = candidate;
            }
        }
        return proved;
    }

    /** Our own proof, over the initiator's challenge. One that repeats ours asks us to answer ourselves: never. */
    private boolean prove(ChapUser whom, ChapAlgorithm hash, Map<String, String> keys, TextWriter answer) {
        long theirIdentifier = Values.number(keys.getOrDefault("CHAP_I", ""));
        byte[] theirs = Values.binary(keys.getOrDefault("CHAP_C", ""), MAX_CHALLENGE);
        ChapSecret secret = whom.targetSecret();
        if (theirIdentifier < 0
                || theirIdentifier > 0xFF
                || theirs == null
                || theirs.length < MIN_CHALLENGE
                || secret == null
                || MessageDigest.isEqual(theirs, challenge)) {
            return false;
        }
        String name = whom.targetName();
        answer.put("CHAP_N", name == null ? targetName : name);
        answer.put("CHAP_R", Values.hex(hash.response((int) theirIdentifier, secret.bytes(), theirs)));
        return true;
    }
}
