package io.zonewright.frontend.scsi.iscsi.login;

import io.zonewright.frontend.scsi.iscsi.text.KeyValue;
import io.zonewright.frontend.scsi.iscsi.text.TextException;
import io.zonewright.frontend.scsi.iscsi.text.TextGather;
import io.zonewright.frontend.scsi.iscsi.text.TextReader;
import io.zonewright.frontend.scsi.iscsi.text.TextWriter;
import io.zonewright.frontend.scsi.iscsi.text.Values;
import io.zonewright.net.NetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Text requests of one connection in its full feature phase (RFC 7143, sections 6.4, 11.10 and appendix C): SendTargets, and
 * MaxRecvDataSegmentLength declared anew; what only a login may negotiate is rejected. For one thread at a time; never
 * blocks.
 */
public final class TextNegotiation {
    private static final String ALL = "All";
    private static final byte[] NOTHING = {};

    private final LoginPolicy policy;
    private final LoginOutcome outcome;
    private final TextGather gather = new TextGather();
    private final TextWriter answer = new TextWriter();
    private final Set<String> offered = new HashSet<>();

    private int maxSendBytes;
    private int declaredSendBytes;
    private int tag = TextAnswer.NO_TAG;
    private int initiatorTaskTag;

    /** No exchange under way. */
    public TextNegotiation(LoginPolicy policy, LoginOutcome outcome) {
        this.policy = policy;
        this.outcome = outcome;
        maxSendBytes = outcome.parameters().maxSendBytes();
        declaredSendBytes = maxSendBytes;
    }

    /** Longest data segment that the initiator takes, bytes: may change with an answer that has its F bit set. */
    public int maxSendBytes() {
        return maxSendBytes;
    }

    /** Answers the next request. */
    public TextAnswer request(TextRequest request) {
        if (request.targetTransferTag() == TextAnswer.NO_TAG) {
            reset(); // a new exchange; an old one is forgotten
            initiatorTaskTag = request.initiatorTaskTag();
        } else if (request.targetTransferTag() != tag || request.initiatorTaskTag() != initiatorTaskTag) {
            return reject(TextAnswer.PROTOCOL_ERROR);
        }
        if (request.carryOn() && request.last()) {
            return reject(TextAnswer.PROTOCOL_ERROR);
        }
        if (!answer.isEmpty()) {
            return request.text().length > 0 || request.carryOn() ? reject(TextAnswer.PROTOCOL_ERROR) : reply(request);
        }
        if (!gather.add(request.text())) {
            return reject(TextAnswer.INVALID_PDU_FIELD);
        }
        if (request.carryOn()) {
            return new TextAnswer(false, false, open(), NOTHING, 0);
        }
        try {
            List<KeyValue> pairs = TextReader.read(gather.take(), name -> TextReader.MAX_VALUE_BYTES);
            for (KeyValue pair : pairs) {
                if (!offered.add(pair.key()) || offered.size() > TextReader.MAX_PAIRS) {
                    return reject(TextAnswer.PROTOCOL_ERROR);
                }
                handle(pair);
            }
        } catch (TextException | LoginRefusedException e) {
            return reject(TextAnswer.INVALID_PDU_FIELD);
        }
        return reply(request);
    }

    private TextAnswer reject(int reason) {
        reset();
        return TextAnswer.reject(reason);
    }

    private void reset() {
        gather.take();
        answer.clear();
        offered.clear();
        declaredSendBytes = maxSendBytes;
        tag = TextAnswer.NO_TAG;
    }

    /** The exchange goes on: its tag, which stays the same to its end. */
    private int open() {
        if (tag == TextAnswer.NO_TAG) {
            tag = 1;
        }
        return tag;
    }

    /** As much as fits; the exchange ends with the last part, if the initiator wants no more either. */
    private TextAnswer reply(TextRequest request) {
        byte[] text = answer.take(Math.min(maxSendBytes, Login.MAX_ANSWER_BYTES));
        if (!answer.isEmpty()) {
            return new TextAnswer(false, true, open(), text, 0);
        }
        if (!request.last()) {
            return new TextAnswer(false, false, open(), text, 0);
        }
        maxSendBytes = declaredSendBytes;
        reset();
        return new TextAnswer(true, false, TextAnswer.NO_TAG, text, 0);
    }

    private void handle(KeyValue pair) throws LoginRefusedException {
        LoginKey key = LoginKey.of(pair.key());
        if (Values.answerOnly(pair.value()) || key == LoginKey.INITIATOR_ALIAS) {
            return;
        }
        if (key == null) {
            answer.put(pair.key(), Values.NOT_UNDERSTOOD);
        } else if (key == LoginKey.SEND_TARGETS) {
            sendTargets(pair.value());
        } else if (key == LoginKey.MAX_RECV_DATA_SEGMENT_LENGTH) {
            declaredSendBytes = Negotiation.segmentLength(pair.value());
        } else {
            answer.put(pair.key(), Values.REJECT);
        }
    }

    /** All only in a discovery session, no name only in a normal one (RFC 7143, appendix C). */
    private void sendTargets(String which) {
        LoginTarget own = outcome.target();
        if (which.equals(ALL) ? own != null : which.isEmpty() && own == null) {
            answer.put(LoginKey.SEND_TARGETS.text(), Values.REJECT);
            return;
        }
        String name = IscsiName.lenient(which);
        for (LoginTarget target : policy.targets()) {
            boolean wanted = own == null
                    ? which.equals(ALL) || target.name().equals(name)
                    : target.name().equals(own.name())
                            && (which.isEmpty() || own.name().equals(name));
            if (wanted && target.access().admits(outcome.claim().initiatorName())) {
                NetAddress address = resolve(target.advertised(), policy.local());
                answer.put(LoginKey.TARGET_NAME.text(), target.name());
                answer.put(LoginKey.TARGET_ADDRESS.text(), address + "," + policy.portalGroup());
            }
        }
    }

    /** What is left open (0.0.0.0, port 0) is filled in with where the initiator reached us. */
    private static NetAddress resolve(NetAddress told, NetAddress here) {
        return new NetAddress(
                told.wildcard() ? here.host() : told.host(), told.port() == 0 ? here.port() : told.port());
    }
}
