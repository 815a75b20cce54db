package io.zonewright.testkit.scsi.iscsi;

import io.zonewright.testkit.scsi.ScsiHost;
import io.zonewright.testkit.scsi.TargetGoneException;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The login phase of a connection (RFC 7143 sections 6 and 11.12), whole by {@link #run} or step by step by {@link #exchange}.
 * For one thread at a time.
 */
public final class IscsiLogin {
    public static final int SECURITY = 0;
    public static final int OPERATIONAL = 1;
    public static final int FULL_FEATURE = 3;

    private static final int TRANSIT = 0x80;
    private static final int CONTINUE = 0x40;
    /** More rounds than an honest negotiation needs. */
    private static final int MOST_ROUNDS = 16;

    private static final int CHALLENGE_BYTES = 24;

    private final IscsiConnection connection;
    private final IscsiOptions options;
    private final Map<String, String> answered = new LinkedHashMap<>();
    private int cid = 1;
    private int tsih;
    private int task = 0x1000;
    private @Nullable IscsiPdu last;

    public IscsiLogin(IscsiConnection connection, IscsiOptions options) {
        this.connection = connection;
        this.options = options;
    }

    /** Another connection of a session, or a session to be taken over. */
    public IscsiLogin into(int sessionHandle, int connectionId) {
        tsih = sessionHandle;
        cid = connectionId;
        return this;
    }

    /**
     * Logs in.
     *
     * @param target its name; empty for a discovery session
     * @throws TargetGoneException if the target refuses, with status class and detail
     */
    public void run(String target) {
        Map<String, String> declared = new LinkedHashMap<>();
        declared.put("InitiatorName", options.initiator());
        if (target.isEmpty()) {
            declared.put("SessionType", "Discovery");
        } else {
            declared.put("SessionType", "Normal");
            declared.put("TargetName", target);
        }
        if (options.security()) {
            declared.put("AuthMethod", options.chap() == null ? "None" : "CHAP");
            security(declared);
            declared = new LinkedHashMap<>();
        }
        declared.putAll(options.keys());
        stage(OPERATIONAL, FULL_FEATURE, declared);
        IscsiParameters parameters = parameters();
        connection.digests(parameters.headerDigest(), parameters.dataDigest());
    }

    private void security(Map<String, String> declared) {
        IscsiChap chap = options.chap();
        if (chap == null) {
            stage(SECURITY, OPERATIONAL, declared);
        } else {
            must(exchange(SECURITY, OPERATIONAL, false, declared));
            authenticate(chap);
        }
    }

    /** Asks for the next stage until the target agrees. */
    private void stage(int stage, int next, Map<String, String> declared) {
        Map<String, String> pairs = declared;
        for (int i = 0; i < MOST_ROUNDS; i++) {
            IscsiPdu answer = must(exchange(stage, next, true, pairs));
            if ((answer.flags() & TRANSIT) != 0) {
                return;
            }
            pairs = Map.of();
        }
        throw new IllegalStateException("the target never leaves stage " + stage + ": " + last);
    }

    private void authenticate(IscsiChap chap) {
        if (!"CHAP".equals(answered.get("AuthMethod"))) {
            throw new IllegalStateException("the target chose AuthMethod=" + answered.get("AuthMethod"));
        }
        must(exchange(SECURITY, OPERATIONAL, false, Map.of("CHAP_A", chap.algorithms())));
        int algorithm = Integer.parseInt(answer("CHAP_A"));
        Map<String, String> proof = new LinkedHashMap<>();
        proof.put("CHAP_N", chap.name());
        proof.put(
                "CHAP_R",
                IscsiChap.response(
                        algorithm,
                        Integer.decode(answer("CHAP_I")),
                        chap.secret(),
                        IscsiChap.binary(answer("CHAP_C"))));
        byte[] challenge = new byte[CHALLENGE_BYTES];
        int identifier = ThreadLocalRandom.current().nextInt(256);
        if (chap.mutual() != null) {
            ThreadLocalRandom.current().nextBytes(challenge);
            proof.put("CHAP_I", Integer.toString(identifier));
            proof.put("CHAP_C", "0x" + HexFormat.of().formatHex(challenge));
        }
        IscsiPdu answer = must(exchange(SECURITY, OPERATIONAL, true, proof));
        if (chap.mutual() != null) {
            String expected = IscsiChap.response(algorithm, identifier, chap.mutual(), challenge);
            if (!IscsiChap.same(expected, answer("CHAP_R"))) {
                throw new IllegalStateException("the target does not know its secret");
            }
        }
        if ((answer.flags() & TRANSIT) == 0) {
            throw new IllegalStateException("the target does not leave the security stage: " + answer);
        }
    }

    private String answer(String key) {
        String value = answered.get(key);
        if (value == null) {
            throw new IllegalStateException("the target did not send " + key);
        }
        return value;
    }

    /** A login request with its data, ready to be changed and sent. */
    public IscsiPdu request(int stage, int next, boolean transit, Map<String, String> pairs) {
        return IscsiPdu.of(IscsiPdu.LOGIN_REQUEST, IscsiText.format(pairs))
                .immediately()
                .flags((transit ? TRANSIT : 0) | stage << 2 | (transit ? next : 0))
                .u16(8, (int) (options.isid() >>> 32))
                .u32(10, (int) options.isid())
                .u16(14, tsih)
                .itt(task)
                .u16(20, cid)
                .sn(options.firstCmdSn())
                .expected(last == null ? 0 : last.sn() + 1);
    }

    /**
     * One request and the whole answer, which may come in several PDUs.
     *
     * @return the last PDU of the answer
     * @throws TargetGoneException if the target hangs up
     */
    public IscsiPdu exchange(int stage, int next, boolean transit, Map<String, String> pairs) {
        connection.send(request(stage, next, transit, pairs));
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        IscsiPdu answer = receive();
        for (int i = 0; (answer.flags() & CONTINUE) != 0; i++) {
            if (i == MOST_ROUNDS) {
                throw new IllegalStateException("an answer without end");
            }
            text.writeBytes(answer.data());
            connection.send(request(stage, next, false, Map.of()));
            answer = receive();
        }
        text.writeBytes(answer.data());
        if (status(answer) == 0) {
            answered.putAll(IscsiText.parse(text.toByteArray()));
        }
        return answer;
    }

    /** The next login response; checks what is the same in all. */
    public IscsiPdu receive() {
        IscsiPdu answer = connection.receive(ScsiHost.TIMEOUT_MILLIS);
        if (answer == null) {
            throw new IllegalStateException("no login response");
        }
        if (answer.opcode() != IscsiPdu.LOGIN_RESPONSE) {
            throw new IllegalStateException("not a login response: " + answer);
        }
        boolean isid = answer.u16(8) == (int) (options.isid() >>> 32) && answer.u32(10) == (int) options.isid();
        if (!isid || answer.itt() != task || answer.u8(3) != 0) {
            throw new IllegalStateException("ISID, task tag or version of another login: " + answer);
        }
        if (status(answer) == 0 && last != null && answer.sn() != last.sn() + 1) {
            throw new IllegalStateException("StatSN " + answer.sn() + " after " + last.sn());
        }
        last = answer;
        return answer;
    }

    /** Status class and detail (RFC 7143 section 11.13.5) as one number; 0 is good. */
    public static int status(IscsiPdu answer) {
        return answer.u16(36);
    }

    private static IscsiPdu must(IscsiPdu answer) {
        if (status(answer) != 0) {
            throw new TargetGoneException(String.format("the login ended with status %04Xh", status(answer)));
        }
        return answer;
    }

    /** Everything that the target said until now. */
    public Map<String, String> answered() {
        return answered;
    }

    /** What was agreed on. */
    public IscsiParameters parameters() {
        return IscsiParameters.of(options.keys(), answered);
    }

    /** The last response. */
    public IscsiPdu last() {
        return Objects.requireNonNull(last, "nothing was exchanged");
    }
}
