package io.zonewright.tests.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.frontend.scsi.iscsi.chap.ChapSecret;
import io.zonewright.frontend.scsi.iscsi.chap.ChapUser;
import io.zonewright.frontend.scsi.iscsi.chap.ChapUsers;
import io.zonewright.frontend.scsi.iscsi.login.DigestPolicy;
import io.zonewright.frontend.scsi.iscsi.login.InitiatorAccess;
import io.zonewright.frontend.scsi.iscsi.login.Login;
import io.zonewright.frontend.scsi.iscsi.login.LoginAnswer;
import io.zonewright.frontend.scsi.iscsi.login.LoginPolicy;
import io.zonewright.frontend.scsi.iscsi.login.LoginRequest;
import io.zonewright.frontend.scsi.iscsi.login.LoginStatus;
import io.zonewright.frontend.scsi.iscsi.login.LoginTarget;
import io.zonewright.frontend.scsi.iscsi.login.NegotiationLimits;
import io.zonewright.frontend.scsi.iscsi.login.SessionClaim;
import io.zonewright.frontend.scsi.iscsi.login.SessionGrant;
import io.zonewright.frontend.scsi.iscsi.login.SessionParameters;
import io.zonewright.net.NetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Text of iSCSI logins. Each case knows its verdict beforehand: the exact answer to good offers in any order and cut in any
 * way, or the exact status of the one rule that is broken (RFC 7143, sections 6 and 11.13.5). Noise may end in any status,
 * but must neither throw nor log in where a proof is asked for.
 */
@Timeout(900)
class LoginTextFuzzTest {
    private static final String TARGET = "iqn.2026-11.io.zonewright:fuzz";
    private static final String INITIATOR = "iqn.1993-08.org.debian:01:fuzz";
    private static final String SECRET = "secret-of-the-host";
    private static final String[] WHO = {"InitiatorName=" + INITIATOR, "TargetName=" + TARGET};
    private static final int TO_FULL_FEATURE = 0x87;

    /** Targets and limits: the seam through which a fault is planted. */
    private record Policy(boolean chap, int burst) implements LoginPolicy {
        @Override
        public int portalGroup() {
            return 1;
        }

        @Override
        public NetAddress local() {
            return NetAddress.parse("127.0.0.1:3260");
        }

        @Override
        public NegotiationLimits limits() {
            return new NegotiationLimits(262_144, burst, 65_536, 8, 1);
        }

        @Override
        public SecureRandom random() {
            return RANDOM;
        }

        @Override
        public @Nullable LoginTarget target(String name) {
            return name.equals(TARGET) ? only() : null;
        }

        private LoginTarget only() {
            ChapUser user = new ChapUser("fuzz", ChapSecret.parse(SECRET), null, null);
            ChapUsers users = chap ? new ChapUsers(List.of(user)) : ChapUsers.NONE;
            return new LoginTarget(
                    TARGET,
                    "",
                    new InitiatorAccess(Set.of(), users),
                    NetAddress.parse("0.0.0.0:0"),
                    DigestPolicy.ALLOW);
        }

        @Override
        public Collection<LoginTarget> targets() {
            return List.of(only());
        }

        @Override
        public LoginStatus admit(SessionClaim claim) {
            return LoginStatus.SUCCESS;
        }

        @Override
        public SessionGrant establish(SessionClaim claim, SessionParameters parameters) {
            return SessionGrant.of(1);
        }
    }

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Policy OPEN = new Policy(false, 1 << 20);
    private static final Policy GUARDED = new Policy(true, 1 << 20);

    @Test
    void loginText() {
        FuzzRun.run("iSCSI login text", random -> play(random, OPEN, GUARDED));
    }

    /** A target that agrees to longer bursts than it should, and one that forgets to ask for a proof. */
    @Test
    void plantedFaultsAreFound() {
        for (List<Policy> faulty :
                List.of(List.of(new Policy(false, 1 << 21), GUARDED), List.of(OPEN, new Policy(false, 1 << 20)))) {
            assertThrows(AssertionError.class, () -> {
                for (int seed = 0; seed < 200; seed++) {
                    play(new Random(seed), faulty.get(0), faulty.get(1));
                }
            });
        }
    }

    private static void play(Random random, Policy open, Policy guarded) {
        switch (random.nextInt(5)) {
            case 0 -> noise(random, guarded);
            case 1 -> offers(random, open);
            case 2 -> brokenRule(random, open);
            case 3 -> proof(random, guarded);
            default -> cutText(random, open);
        }
    }

    private static LoginAnswer send(Login login, int flags, byte[] text) {
        LoginAnswer answer = login.request(new LoginRequest(
                (flags & 0x80) != 0, (flags & 0x40) != 0, flags >> 2 & 3, flags & 3, 0, 0, 1, 0, 1, 0, text));
        if (answer.text().length > Login.MAX_ANSWER_BYTES) {
            throw new AssertionError("an answer of " + answer.text().length + " bytes");
        }
        return answer;
    }

    private static byte[] text(List<String> pairs) {
        return (String.join("\0", pairs) + "\0").getBytes(StandardCharsets.UTF_8);
    }

    private static String show(LoginAnswer answer) {
        return new String(answer.text(), StandardCharsets.UTF_8).replace('\0', '|');
    }

    /** Anything at all, or good text with some bytes wrong; nobody gets in without a proof. */
    private static void noise(Random random, Policy policy) {
        Login login = new Login(policy);
        for (int i = 0; i < 70; i++) {
            byte[] text = text(offered(random, new ArrayList<>()));
            if (random.nextInt(4) == 0) {
                text = new byte[random.nextInt(600)];
                random.nextBytes(text);
            } else {
                for (int wrong = random.nextInt(4); wrong > 0; wrong--) {
                    text[random.nextInt(text.length)] = (byte) random.nextInt(256);
                }
            }
            int flags = random.nextBoolean() ? random.nextInt(256) : random.nextBoolean() ? 0x81 : TO_FULL_FEATURE;
            LoginAnswer answer = send(login, flags, text);
            if (login.complete()) {
                throw new AssertionError("logged in without a proof");
            }
            if (answer.closes()) {
                return;
            }
        }
        throw new AssertionError("70 requests, and no end");
    }

    /** Who, and some offers; what the answers have to be is added to {@code answers}. */
    private static List<String> offered(Random random, List<String> answers) {
        List<String[]> all = new ArrayList<>();
        int burst = 512 + random.nextInt(1 << 24);
        int first = 512 + random.nextInt(1 << 24);
        int count = random.nextInt(70_000);
        boolean both = random.nextBoolean();
        int mostFirst = Math.min(65_536, both && burst < 1 << 24 ? Math.min(burst, 1 << 20) : 262_144);
        if (both) {
            all.add(new String[] {"MaxBurstLength", number(random, burst), least(burst, 512, 0xFF_FFFF, 1 << 20)});
        }
        all.add(new String[] {"FirstBurstLength", number(random, first), least(first, 512, 0xFF_FFFF, mostFirst)});
        all.add(new String[] {"MaxConnections", number(random, count), least(count, 1, 65_535, 1)});
        all.add(new String[] {"MaxOutstandingR2T", number(random, count), least(count, 1, 65_535, 8)});
        all.add(new String[] {"DefaultTime2Retain", number(random, count), least(count, 0, 3600, 0)});
        all.add(new String[] {"DefaultTime2Wait", number(random, count), least(count, 0, 3600, 3600)});
        String bool = List.of("Yes", "No", "yes", "1", "").get(random.nextInt(5));
        String same = bool.length() >= 2 && !bool.equals("yes") ? bool : "Reject";
        all.add(new String[] {"InitialR2T", bool, same});
        all.add(new String[] {"ImmediateData", bool, same});
        all.add(new String[] {"DataPDUInOrder", bool, same.equals("Reject") ? same : "Yes"});
        List<String> digests = new ArrayList<>(List.of("None", "CRC32C"));
        Collections.shuffle(digests, random);
        all.add(new String[] {"HeaderDigest", "X,Y," + String.join(",", digests), digests.getFirst()});
        all.add(new String[] {"X-" + random.nextInt(1000), "1", "NotUnderstood"});
        Collections.shuffle(all, random);
        List<String> pairs = new ArrayList<>(List.of(WHO));
        for (String[] one : all.subList(0, both ? all.size() : random.nextInt(all.size()))) {
            pairs.add(one[0] + "=" + one[1]);
            answers.add(one[0] + "=" + one[2]);
        }
        return pairs;
    }

    private static String number(Random random, int value) {
        return random.nextBoolean() ? Integer.toString(value) : "0x" + Integer.toHexString(value);
    }

    private static String least(int value, int from, int to, int ours) {
        return value < from || value > to ? "Reject" : Integer.toString(Math.min(value, ours));
    }

    private static String expected(List<String> answers) {
        return "TargetPortalGroupTag=1|"
                + String.join("", answers.stream().map(one -> one + "|").toList())
                + "MaxRecvDataSegmentLength=262144|";
    }

    private static void offers(Random random, Policy policy) {
        List<String> answers = new ArrayList<>();
        Login login = new Login(policy);
        LoginAnswer answer = send(login, TO_FULL_FEATURE, text(offered(random, answers)));
        assertEquals(expected(answers), show(answer));
        assertEquals(true, login.complete());
    }

    /** The same text in several requests gives the same answer. */
    private static void cutText(Random random, Policy policy) {
        List<String> answers = new ArrayList<>();
        byte[] whole = text(offered(random, answers));
        Login login = new Login(policy);
        int at = 0;
        for (int parts = random.nextInt(8); parts > 0; parts--) {
            int end = at + random.nextInt(whole.length - at);
            LoginAnswer between = send(login, 0x44, Arrays.copyOfRange(whole, at, end));
            assertEquals("04 ", String.format("%02X %s", between.csg() << 2 | between.nsg(), show(between)));
            assertEquals(LoginStatus.SUCCESS, between.status());
            at = end;
        }
        LoginAnswer answer = send(login, TO_FULL_FEATURE, Arrays.copyOfRange(whole, at, whole.length));
        assertEquals(expected(answers), show(answer));
    }

    private static void brokenRule(Random random, Policy policy) {
        List<String> pairs = offered(random, new ArrayList<>());
        int flags = TO_FULL_FEATURE;
        int where = 2 + random.nextInt(pairs.size() - 1);
        LoginStatus verdict = LoginStatus.INITIATOR_ERROR;
        byte[] tail = {};
        switch (random.nextInt(12)) {
            case 0 -> {
                pairs.removeFirst();
                verdict = LoginStatus.MISSING_PARAMETER;
            }
            case 1 -> {
                pairs.remove(1);
                verdict = LoginStatus.MISSING_PARAMETER;
            }
            case 2 -> {
                pairs.set(1, "TargetName=" + TARGET + "x");
                verdict = LoginStatus.NOT_FOUND;
            }
            case 3 -> {
                pairs.add(where, "SessionType=" + random.nextInt());
                verdict = LoginStatus.SESSION_TYPE_NOT_SUPPORTED;
            }
            case 4 -> pairs.add(where, pairs.get(random.nextInt(where)));
            case 5 -> pairs.add(where, "K".repeat(64 + random.nextInt(100)) + "=1");
            case 6 -> pairs.add(where, "InitiatorAlias=" + "v".repeat(256 + random.nextInt(1000)));
            case 7 -> pairs.add(where, "NoEquals" + random.nextInt(1000));
            case 8 -> tail = new byte[] {'A', '=', (byte) (0x80 + random.nextInt(0x40)), 0};
            case 9 -> tail = new byte[] {'A', '=', '1'};
            case 10 -> pairs.add(where, "MaxRecvDataSegmentLength=" + random.nextInt(512));
            default -> flags = new int[] {0x84, 0x85, 0x86, 0x8B, 0xC7, 0x80, 0x82}[random.nextInt(7)];
        }
        byte[] good = text(pairs);
        byte[] text = Arrays.copyOf(good, good.length + tail.length);
        System.arraycopy(tail, 0, text, good.length, tail.length);
        Login login = new Login(policy);
        assertEquals(verdict, send(login, flags, text).status(), () -> pairs.toString());
        assertEquals(false, login.complete());
    }

    /** The right proof lets in, one with a bit wrong does not. */
    private static void proof(Random random, Policy policy) {
        Login login = new Login(policy);
        List<String> first = new ArrayList<>(List.of(WHO));
        first.add("AuthMethod=CHAP,None");
        assertEquals("TargetPortalGroupTag=1|AuthMethod=CHAP|", show(send(login, 0x81, text(first))));
        int algorithm = random.nextInt(4);
        String[] challenge = show(send(login, 0x00, text(List.of("CHAP_A=" + (5 + algorithm)))))
                .split("[|=]", -1);
        byte[] proof = response(algorithm, Integer.parseInt(challenge[3]), challenge[5].substring(2));
        boolean right = random.nextBoolean();
        if (!right) {
            proof[random.nextInt(proof.length)] ^= (byte) (1 << random.nextInt(8));
        }
        String word = "CHAP_R=0x" + HexFormat.of().formatHex(proof);
        LoginAnswer answer = send(login, 0x83, text(List.of("CHAP_N=fuzz", word)));
        assertEquals(right ? LoginStatus.SUCCESS : LoginStatus.AUTHENTICATION_FAILURE, answer.status());
        assertEquals(right, login.complete());
    }

    private static byte[] response(int algorithm, int identifier, String challenge) {
        String name = List.of("MD5", "SHA-1", "SHA-256", "SHA3-256").get(algorithm);
        try {
            MessageDigest digest = MessageDigest.getInstance(name);
            digest.update((byte) identifier);
            digest.update(SECRET.getBytes(StandardCharsets.UTF_8));
            return digest.digest(HexFormat.of().parseHex(challenge));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
