package io.zonewright.frontend.scsi.iscsi.login;

import io.zonewright.frontend.scsi.iscsi.chap.ChapExchange;
import io.zonewright.frontend.scsi.iscsi.text.TextReader;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The keys that we understand (RFC 7143, sections 12.1 and 13; RFC 7144, section 7.1.1). */
enum LoginKey {
    INITIATOR_NAME("InitiatorName", Use.WHO),
    INITIATOR_ALIAS("InitiatorAlias", Use.WHO),
    TARGET_NAME("TargetName", Use.WHO),
    SESSION_TYPE("SessionType", Use.WHO),

    AUTH_METHOD("AuthMethod", Use.SECURITY),
    CHAP_A("CHAP_A", Use.SECURITY),
    CHAP_I("CHAP_I", Use.SECURITY),
    CHAP_C("CHAP_C", Use.SECURITY),
    CHAP_N("CHAP_N", Use.SECURITY),
    CHAP_R("CHAP_R", Use.SECURITY),

    HEADER_DIGEST("HeaderDigest", Use.CONNECTION),
    DATA_DIGEST("DataDigest", Use.CONNECTION),
    MAX_RECV_DATA_SEGMENT_LENGTH("MaxRecvDataSegmentLength", Use.CONNECTION),

    MAX_CONNECTIONS("MaxConnections", Use.NORMAL_SESSION),
    INITIAL_R2T("InitialR2T", Use.NORMAL_SESSION),
    IMMEDIATE_DATA("ImmediateData", Use.NORMAL_SESSION),
    MAX_BURST_LENGTH("MaxBurstLength", Use.NORMAL_SESSION),
    FIRST_BURST_LENGTH("FirstBurstLength", Use.NORMAL_SESSION),
    MAX_OUTSTANDING_R2T("MaxOutstandingR2T", Use.NORMAL_SESSION),
    DATA_PDU_IN_ORDER("DataPDUInOrder", Use.NORMAL_SESSION),
    DATA_SEQUENCE_IN_ORDER("DataSequenceInOrder", Use.NORMAL_SESSION),
    TASK_REPORTING("TaskReporting", Use.NORMAL_SESSION),
    PROTOCOL_LEVEL("iSCSIProtocolLevel", Use.NORMAL_SESSION),

    DEFAULT_TIME2WAIT("DefaultTime2Wait", Use.SESSION),
    DEFAULT_TIME2RETAIN("DefaultTime2Retain", Use.SESSION),
    ERROR_RECOVERY_LEVEL("ErrorRecoveryLevel", Use.SESSION),

    IF_MARKER("IFMarker", Use.CONNECTION),
    OF_MARKER("OFMarker", Use.CONNECTION),
    IF_MARK_INT("IFMarkInt", Use.CONNECTION),
    OF_MARK_INT("OFMarkInt", Use.CONNECTION),

    TARGET_ALIAS("TargetAlias", Use.TARGET),
    TARGET_ADDRESS("TargetAddress", Use.TARGET),
    TARGET_PORTAL_GROUP_TAG("TargetPortalGroupTag", Use.TARGET),

    SEND_TARGETS("SendTargets", Use.FULL_FEATURE);

    /** When an initiator may send a key, and what it is about. */
    enum Use {
        /** Who logs in to what: in any stage. */
        WHO,
        /** In SecurityNegotiation. */
        SECURITY,
        /** In LoginOperationalNegotiation, of each connection. */
        CONNECTION,
        /** In LoginOperationalNegotiation of a session's first connection. */
        SESSION,
        /** The same, irrelevant in discovery sessions. */
        NORMAL_SESSION,
        /** Never: targets declare it. */
        TARGET,
        /** After the login. */
        FULL_FEATURE;

        /** Whether the key is negotiated in LoginOperationalNegotiation. */
        boolean operational() {
            return switch (this) {
                case CONNECTION, SESSION, NORMAL_SESSION -> true;
                case WHO, SECURITY, TARGET, FULL_FEATURE -> false;
            };
        }

        /** Whether only the first connection of a session negotiates it. */
        boolean leadingOnly() {
            return this == SESSION || this == NORMAL_SESSION;
        }
    }

    private static final Map<String, LoginKey> BY_NAME = new HashMap<>();

    static {
        for (LoginKey key : values()) {
            BY_NAME.put(key.text, key);
        }
    }

    private final String text;
    private final Use use;

    LoginKey(String text, Use use) {
        this.text = text;
        this.use = use;
    }

    /** As on the wire. */
    String text() {
        return text;
    }

    Use use() {
        return use;
    }

    /** The key of this name; null if we do not understand it. */
    static @Nullable LoginKey of(String name) {
        return BY_NAME.get(name);
    }

    /** Longest value that is taken, bytes. */
    static int maxValueBytes(String name) {
        return name.equals(CHAP_C.text) || name.equals(CHAP_R.text)
                ? ChapExchange.MAX_VALUE_BYTES
                : TextReader.MAX_VALUE_BYTES;
    }
}
