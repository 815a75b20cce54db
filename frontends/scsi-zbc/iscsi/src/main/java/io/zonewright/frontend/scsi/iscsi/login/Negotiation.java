package io.zonewright.frontend.scsi.iscsi.login;

import io.zonewright.frontend.scsi.iscsi.text.KeyValue;
import io.zonewright.frontend.scsi.iscsi.text.TextWriter;
import io.zonewright.frontend.scsi.iscsi.text.Values;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Operational keys of one login: each offer is answered with what holds from then on; what is not offered stays at its
 * default (RFC 7143, section 13). For one thread.
 */
final class Negotiation {
    /** MaxRecvDataSegmentLength of who does not declare one, bytes. */
    static final int DEFAULT_SEGMENT = 8192;

    private static final int MIN_LENGTH = 512;
    private static final int MAX_LENGTH = (1 << 24) - 1;
    private static final int MAX_COUNT = 65_535;
    private static final int MAX_SECONDS = 3600;
    private static final int MAX_LEVEL = 31;
    private static final int MAX_RECOVERY = 2;
    private static final String CRC32C = "CRC32C";
    private static final String OLD_REPORTING = "RFC3720";

    private final NegotiationLimits limits;
    private final DigestPolicy digests;
    private final boolean discovery;

    private boolean headerDigest;
    private boolean dataDigest;
    private int maxReceive = DEFAULT_SEGMENT;
    private int maxSend = DEFAULT_SEGMENT;
    private int maxBurst = 262_144;
    private int firstBurst = 65_536;
    private boolean firstBurstTold;
    private boolean initialR2t = true;
    private boolean immediateData = true;
    private int maxOutstandingR2t = 1;
    private int time2Wait = 2;
    private int time2Retain = 20;
    private int protocolLevel = 1;

    /** @param session what the session has negotiated already; null for a new one */
    Negotiation(
            NegotiationLimits limits, DigestPolicy digests, boolean discovery, @Nullable SessionParameters session) {
        this.limits = limits;
        this.digests = digests;
        this.discovery = discovery;
        if (session != null) {
            maxBurst = session.maxBurstBytes();
            firstBurst = session.firstBurstBytes();
            initialR2t = session.initialR2t();
            immediateData = session.immediateData();
            maxOutstandingR2t = session.maxOutstandingR2t();
            time2Wait = session.time2WaitSeconds();
            time2Retain = session.time2RetainSeconds();
            protocolLevel = session.protocolLevel();
        }
    }

    /** Takes note of what other keys of the same text depend on, wherever in it they stand. */
    void prepare(List<KeyValue> pairs) throws LoginRefusedException {
        for (KeyValue pair : pairs) {
            long length = pair.key().equals(LoginKey.MAX_BURST_LENGTH.text()) ? Values.number(pair.value()) : -1;
            if (length >= MIN_LENGTH && length <= MAX_LENGTH) {
                maxBurst = (int) Math.min(length, limits.maxBurstBytes());
                if (firstBurstTold && firstBurst > maxBurst) {
                    throw new LoginRefusedException(LoginStatus.INITIATOR_ERROR);
                }
            }
        }
    }

    /** Declares what is ours, once the operational stage is reached. */
    void declare(TextWriter answer) {
        maxReceive = limits.maxReceiveBytes();
        answer.put(LoginKey.MAX_RECV_DATA_SEGMENT_LENGTH.text(), maxReceive);
    }

    /** Answers an offer of an operational key. */
    void offer(LoginKey key, String value, TextWriter answer) throws LoginRefusedException {
        if (key == LoginKey.MAX_RECV_DATA_SEGMENT_LENGTH) {
            maxSend = segmentLength(value);
            return;
        }
        answer.put(
                key.text(),
                discovery && key.use() == LoginKey.Use.NORMAL_SESSION ? Values.IRRELEVANT : result(key, value));
    }

    /** A declaration, which is not answered; a wrong one leaves nothing to go on with. */
    static int segmentLength(String value) throws LoginRefusedException {
        long length = Values.number(value);
        if (length < MIN_LENGTH || length > MAX_LENGTH) {
            throw new LoginRefusedException(LoginStatus.INITIATOR_ERROR);
        }
        return (int) length;
    }

    private String result(LoginKey key, String value) {
        return switch (key) {
            case HEADER_DIGEST -> {
                String chosen = digest(value);
                headerDigest = chosen.equals(CRC32C);
                yield chosen;
            }
            case DATA_DIGEST -> {
                String chosen = digest(value);
                dataDigest = chosen.equals(CRC32C);
                yield chosen;
            }
            case INITIAL_R2T -> {
                initialR2t = !value.equals(Values.NO);
                yield bool(value, value);
            }
            case IMMEDIATE_DATA -> {
                immediateData = !value.equals(Values.NO);
                yield bool(value, value);
            }
            case DATA_PDU_IN_ORDER, DATA_SEQUENCE_IN_ORDER -> bool(value, Values.YES);
            case IF_MARKER, OF_MARKER -> Values.NO;
            case IF_MARK_INT, OF_MARK_INT -> Values.REJECT;
            case MAX_CONNECTIONS -> text(least(value, 1, MAX_COUNT, 1));
            case ERROR_RECOVERY_LEVEL -> text(least(value, 0, MAX_RECOVERY, 0));
            case MAX_OUTSTANDING_R2T -> {
                int chosen = least(value, 1, MAX_COUNT, limits.maxOutstandingR2t());
                maxOutstandingR2t = chosen < 0 ? maxOutstandingR2t : chosen;
                yield text(chosen);
            }
            case MAX_BURST_LENGTH -> text(least(value, MIN_LENGTH, MAX_LENGTH, limits.maxBurstBytes()));
            case FIRST_BURST_LENGTH -> {
                int most = Math.min(limits.firstBurstBytes(), maxBurst);
                int chosen = least(value, MIN_LENGTH, MAX_LENGTH, most);
                firstBurstTold = chosen >= 0;
                firstBurst = firstBurstTold ? chosen : firstBurst;
                yield text(chosen);
            }
            case DEFAULT_TIME2WAIT -> {
                // The larger of both, and we need no wait.
                int chosen = least(value, 0, MAX_SECONDS, MAX_SECONDS);
                time2Wait = chosen < 0 ? time2Wait : chosen;
                yield text(chosen);
            }
            case DEFAULT_TIME2RETAIN -> {
                // The smaller of both, and we keep no tasks without a connection.
                int chosen = least(value, 0, MAX_SECONDS, 0);
                time2Retain = chosen < 0 ? time2Retain : chosen;
                yield text(chosen);
            }
            case TASK_REPORTING -> Values.list(value).contains(OLD_REPORTING) ? OLD_REPORTING : Values.REJECT;
            case PROTOCOL_LEVEL -> {
                int chosen = least(value, 0, MAX_LEVEL, limits.protocolLevel());
                protocolLevel = chosen < 0 ? protocolLevel : chosen;
                yield text(chosen);
            }
            case INITIATOR_NAME,
                    INITIATOR_ALIAS,
                    TARGET_NAME,
                    SESSION_TYPE,
                    AUTH_METHOD,
                    CHAP_A,
                    CHAP_I,
                    CHAP_C,
                    CHAP_N,
                    CHAP_R,
                    MAX_RECV_DATA_SEGMENT_LENGTH,
                    TARGET_ALIAS,
                    TARGET_ADDRESS,
                    TARGET_PORTAL_GROUP_TAG,
                    SEND_TARGETS -> throw new IllegalArgumentException(key + " is not negotiated");
        };
    }

    /** The first of the initiator's list that is allowed. */
    private String digest(String list) {
        for (String word : Values.list(list)) {
            boolean allowed = switch (digests) {
                case ALLOW -> word.equals(CRC32C) || word.equals(Values.NONE);
                case OFF -> word.equals(Values.NONE);
                case REQUIRE -> word.equals(CRC32C);
            };
            if (allowed) {
                return word;
            }
        }
        return Values.REJECT;
    }

    private static String bool(String value, String result) {
        return value.equals(Values.YES) || value.equals(Values.NO) ? result : Values.REJECT;
    }

    /** The smaller of an offer and ours; -1 if the offer is none, or out of the key's range. */
    private static int least(String value, int from, int to, int ours) {
        long number = Values.number(value);
        return number < from || number > to ? -1 : (int) Math.min(number, ours);
    }

    private static String text(int chosen) {
        return chosen < 0 ? Values.REJECT : Integer.toString(chosen);
    }

    /**
     * What holds.
     *
     * @throws LoginRefusedException if digests are required and there are none
     */
    SessionParameters result() throws LoginRefusedException {
        if (digests == DigestPolicy.REQUIRE && !(headerDigest && dataDigest)) {
            throw new LoginRefusedException(LoginStatus.INITIATOR_ERROR);
        }
        return new SessionParameters(
                headerDigest,
                dataDigest,
                maxReceive,
                maxSend,
                maxBurst,
                Math.min(firstBurst, maxBurst),
                initialR2t,
                immediateData,
                maxOutstandingR2t,
                time2Wait,
                time2Retain,
                protocolLevel);
    }
}
