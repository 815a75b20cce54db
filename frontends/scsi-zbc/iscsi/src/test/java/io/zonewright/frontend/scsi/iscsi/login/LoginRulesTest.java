package io.zonewright.frontend.scsi.iscsi.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each rule, and the status of who breaks it. */
class LoginRulesTest {
    private static final String NAME = "InitiatorName=" + FakePolicy.INITIATOR;
    private static final String TARGET = "TargetName=" + FakePolicy.IQN;
    private static final byte[] WHO = Initiator.text(NAME, TARGET);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # flags | keys                                                        | answer
        87 | TargetName=iqn.2026-11.io.zonewright:archive                     | 04 0207
        87 | InitiatorName=iqn.1993-08.org.debian:x                           | 04 0207
        87 | InitiatorName=somebody;TargetName=iqn.2026-11.io.zonewright:archive | 04 0200
        87 | InitiatorName=iqn.1993-08.org.debian:x;TargetName=iqn.2026-11.io.zonewright:other | 04 0203
        87 | InitiatorName=iqn.1993-08.org.debian:x;TargetName=archive        | 04 0203
        87 | InitiatorName=iqn.1993-08.org.debian:x;SessionType=Other         | 04 0209
        87 | InitiatorName=iqn.1993-08.org.debian:x;SessionType=normal        | 04 0209
        87 | InitiatorName=iqn.1993-08.org.debian:x;InitiatorName=iqn.1993-08.org.debian:x | 04 0200
        87 | ID;HeaderDigest=None;HeaderDigest=None                           | 04 0200
        87 | ID;AuthMethod=None                                               | 04 0200
        87 | ID;CHAP_A=5                                                      | 04 0200
        81 | ID;HeaderDigest=None                                             | 00 0200
        81 | ID;MaxRecvDataSegmentLength=8192                                 | 00 0200
        81 | ID;CHAP_A=5                                                      | 00 0201
        81 | ID;AuthMethod=None;CHAP_A=5                                      | 00 0201
        81 | ID;AuthMethod=CHAP                                               | 00 0201
        81 | ID;AuthMethod=KRB5,SRP                                           | 00 0201
        81 | ID;AuthMethod=none                                               | 00 0201
        87 | ID;SendTargets=All                                               | 04 0200
        87 | ID;TargetAddress=10.0.0.1                                        | 04 0200
        87 | ID;TargetPortalGroupTag=1                                        | 04 0200
        87 | ID;MaxRecvDataSegmentLength=511                                  | 04 0200
        87 | ID;MaxRecvDataSegmentLength=16777216                             | 04 0200
        87 | ID;MaxRecvDataSegmentLength=many                                 | 04 0200
        87 | ID;novalue                                                       | 04 0200
        87 | ID;=novalue                                                      | 04 0200
        80 | ID                                                               | 00 0200
        82 | ID                                                               | 00 0200
        85 | ID                                                               | 04 0200
        86 | ID                                                               | 04 0200
        8B | ID                                                               | 08 0200
        8F | ID                                                               | 0C 0200
        C7 | ID                                                               | 04 0200
        """)
    void whatIsRefused(String flags, String keys, String answer) {
        Initiator initiator = new Initiator(FakePolicy.open());
        LoginAnswer got = initiator.send(
                Integer.parseInt(flags, 16),
                keys.replace("ID", NAME + ";" + TARGET).split(";"));
        assertEquals(answer + " ", Initiator.show(got));
        assertEquals(true, got.closes());
        assertEquals(false, initiator.login().complete());
        assertThrows(IllegalStateException.class, () -> initiator.send(0x87, NAME, TARGET));
        assertThrows(IllegalStateException.class, () -> initiator.login().outcome());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        HeaderDigest=CRC32C,None                | HeaderDigest=CRC32C
        HeaderDigest=None,CRC32C                | HeaderDigest=None
        DataDigest=CRC64,CRC32C                 | DataDigest=CRC32C
        DataDigest=CRC64                        | DataDigest=Reject
        DataDigest=                             | DataDigest=Reject
        MaxConnections=8                        | MaxConnections=1
        MaxConnections=0                        | MaxConnections=Reject
        MaxConnections=65536                    | MaxConnections=Reject
        InitialR2T=Yes                          | InitialR2T=Yes
        InitialR2T=yes                          | InitialR2T=Reject
        ImmediateData=No                        | ImmediateData=No
        MaxBurstLength=512                      | MaxBurstLength=512
        MaxBurstLength=511                      | MaxBurstLength=Reject
        MaxBurstLength=0x20000                  | MaxBurstLength=131072
        MaxBurstLength=16777215                 | MaxBurstLength=1048576
        MaxBurstLength=16777216                 | MaxBurstLength=Reject
        MaxBurstLength=0512                     | MaxBurstLength=Reject
        MaxBurstLength=-1                       | MaxBurstLength=Reject
        MaxBurstLength=99999999999999999999     | MaxBurstLength=Reject
        FirstBurstLength=1048576                | FirstBurstLength=262144
        FirstBurstLength=4096                   | FirstBurstLength=4096
        DefaultTime2Wait=3600                   | DefaultTime2Wait=3600
        DefaultTime2Wait=3601                   | DefaultTime2Wait=Reject
        DefaultTime2Retain=20                   | DefaultTime2Retain=0
        MaxOutstandingR2T=4                     | MaxOutstandingR2T=4
        MaxOutstandingR2T=100                   | MaxOutstandingR2T=8
        DataPDUInOrder=No                       | DataPDUInOrder=Yes
        DataSequenceInOrder=No                  | DataSequenceInOrder=Yes
        ErrorRecoveryLevel=2                    | ErrorRecoveryLevel=0
        ErrorRecoveryLevel=3                    | ErrorRecoveryLevel=Reject
        TaskReporting=FastAbort,RFC3720         | TaskReporting=RFC3720
        TaskReporting=FastAbort                 | TaskReporting=Reject
        iSCSIProtocolLevel=2                    | iSCSIProtocolLevel=1
        iSCSIProtocolLevel=32                   | iSCSIProtocolLevel=Reject
        IFMarker=Yes                            | IFMarker=No
        OFMarker=No                             | OFMarker=No
        IFMarkInt=2048~8192                     | IFMarkInt=Reject
        OFMarkInt=2048                          | OFMarkInt=Reject
        X-com.example.key=1                     | X-com.example.key=NotUnderstood
        X#NodeArchitecture=x86                  | X#NodeArchitecture=NotUnderstood
        RDMAExtensions=Yes                      | RDMAExtensions=NotUnderstood
        """)
    void whatIsNegotiated(String offer, String result) {
        assertEquals(
                "87 0000 TargetPortalGroupTag=1|" + result + "|MaxRecvDataSegmentLength=262144|",
                new Initiator(FakePolicy.open()).exchange(0x87, NAME, TARGET, offer));
    }

    /** An answer to what we declared is not answered. */
    @Test
    void answersAreNotAnswered() {
        assertEquals(
                "87 0000 TargetPortalGroupTag=1|MaxRecvDataSegmentLength=262144|",
                new Initiator(FakePolicy.open())
                        .exchange(0x87, NAME, TARGET, "TargetAlias=NotUnderstood", "X-what=Irrelevant"));
    }

    @Test
    void theFirstBurstIsNoLongerThanABurst() {
        Initiator before = new Initiator(FakePolicy.open());
        assertEquals(
                "87 0000 TargetPortalGroupTag=1|FirstBurstLength=8192|MaxBurstLength=8192|"
                        + "MaxRecvDataSegmentLength=262144|",
                before.exchange(0x87, NAME, TARGET, "FirstBurstLength=65536", "MaxBurstLength=8192"));
        Initiator silent = new Initiator(FakePolicy.open());
        silent.send(0x87, NAME, TARGET, "MaxBurstLength=8192");
        assertEquals(8192, silent.login().outcome().parameters().firstBurstBytes());
        Initiator later = new Initiator(FakePolicy.open());
        later.send(0x04, NAME, TARGET, "FirstBurstLength=65536");
        assertEquals("04 0200 ", later.exchange(0x87, "MaxBurstLength=8192"));
    }

    @Test
    void keysAreNegotiatedOnce() {
        Initiator initiator = new Initiator(FakePolicy.open());
        assertEquals(
                "04 0000 TargetPortalGroupTag=1|InitialR2T=No|MaxRecvDataSegmentLength=262144|",
                initiator.exchange(0x05, NAME, TARGET, "InitialR2T=No"));
        assertEquals("04 0200 ", initiator.exchange(0x87, "InitialR2T=No"));
    }

    @Test
    void nobodyTurnsIntoSomebodyElse() {
        for (String other : List.of(
                "InitiatorName=iqn.1993-08.org.debian:other",
                "TargetName=iqn.2026-11.io.zonewright:other",
                "SessionType=Discovery")) {
            Initiator initiator = new Initiator(FakePolicy.open());
            initiator.send(0x05, NAME, TARGET);
            assertEquals("04 0200 ", initiator.exchange(0x87, other));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 00023D000001, 0, 1, 0, 0205",
        "1, 0, 00023D000001, 0, 1, 0, 0000",
        "0, 0, 00023D000002, 0, 1, 0, 0200",
        "0, 0, 00023D000001, 7, 1, 0, 0200",
        "0, 0, 00023D000001, 0, 2, 0, 0200",
        "0, 0, 00023D000001, 0, 1, 1, 0200",
    })
    void theHeaderStaysTheSame(int max, int min, String isid, int tsih, int tag, int cid, String status) {
        Login login = new Login(FakePolicy.open());
        login.request(Initiator.request(0x04, 0, 0, Initiator.ISID, 0, 1, 0, WHO));
        LoginAnswer answer =
                login.request(Initiator.request(0x87, max, min, Long.parseLong(isid, 16), tsih, tag, cid, new byte[0]));
        assertEquals(
                status,
                String.format(
                        "%02X%02X",
                        answer.status().statusClass(), answer.status().statusDetail()));
    }

    /** The stage is what was agreed, not what a request says. */
    @Test
    void stagesAreNotSkipped() {
        Initiator back = new Initiator(FakePolicy.open());
        back.send(0x04, NAME, TARGET);
        assertEquals("00 0200 ", back.exchange(0x00));
        Initiator ahead = new Initiator(FakePolicy.open());
        ahead.send(0x00, NAME, TARGET);
        assertEquals("04 0200 ", ahead.exchange(0x87));
    }

    @Test
    void textMayLieAcrossRequests() {
        Initiator initiator = new Initiator(FakePolicy.open());
        byte[] whole = Initiator.text(NAME, TARGET, "InitialR2T=No");
        assertEquals("04 0000 ", Initiator.show(initiator.sendRaw(0x44, Arrays.copyOf(whole, 20))));
        assertEquals(
                "04 0000 ", Initiator.show(initiator.sendRaw(0x44, Arrays.copyOfRange(whole, 20, whole.length - 3))));
        assertEquals(
                "87 0000 TargetPortalGroupTag=1|InitialR2T=No|MaxRecvDataSegmentLength=262144|",
                Initiator.show(initiator.sendRaw(0x87, Arrays.copyOfRange(whole, whole.length - 3, whole.length))));
    }

    /** 16384 bytes are taken, one more is too long. */
    @Test
    void textIsBounded() {
        byte[] full = Arrays.copyOf(WHO, 16_384);
        Initiator good = new Initiator(FakePolicy.open());
        good.sendRaw(0x44, Arrays.copyOf(full, 8192));
        assertEquals(
                "87 0000 TargetPortalGroupTag=1|MaxRecvDataSegmentLength=262144|",
                Initiator.show(good.sendRaw(0x87, Arrays.copyOfRange(full, 8192, 16_384))));
        Initiator bad = new Initiator(FakePolicy.open());
        bad.sendRaw(0x44, Arrays.copyOf(full, 8192));
        assertEquals("04 0200 ", Initiator.show(bad.sendRaw(0x87, new byte[8193])));
        Initiator endless = new Initiator(FakePolicy.open());
        for (int i = 0; i < 64; i++) {
            assertEquals("04 0000 ", Initiator.show(endless.sendRaw(0x44, new byte[0])));
        }
        assertEquals("04 0200 ", Initiator.show(endless.sendRaw(0x44, new byte[0])));
    }

    /** An answer of more than 8192 bytes is asked for piece by piece; the stage changes with the last. */
    @Test
    void longAnswersTakeSeveral() {
        List<String> keys = new ArrayList<>(List.of(NAME, TARGET));
        for (int i = 0; i < 120; i++) {
            keys.add(String.format("X-%060d%d=1", 0, i % 10).replace("X-0", "X-" + (char) ('a' + i / 10)));
        }
        Initiator initiator = new Initiator(FakePolicy.open());
        LoginAnswer first = initiator.send(0x87, keys.toArray(new String[0]));
        assertEquals(8192, first.text().length);
        assertEquals(true, first.carryOn());
        assertEquals(false, first.transit());
        assertEquals(4, first.csg() << 2 | first.nsg());
        LoginAnswer last = initiator.send(0x87);
        assertEquals(false, last.carryOn());
        assertEquals(true, last.transit());
        String all = new String(first.text(), StandardCharsets.UTF_8) + new String(last.text(), StandardCharsets.UTF_8);
        assertEquals(122, all.split("\0", -1).length - 1);
        assertEquals(120, all.split("=NotUnderstood\0", -1).length - 1);
        Initiator impatient = new Initiator(FakePolicy.open());
        impatient.send(0x87, keys.toArray(new String[0]));
        assertEquals("04 0200 ", impatient.exchange(0x87, "InitialR2T=No"));
    }

    @Test
    void whoIsNotListedIsNotAuthorized() {
        FakePolicy policy = new FakePolicy();
        InitiatorAccess listed = new InitiatorAccess(
                Set.of(FakePolicy.INITIATOR), io.zonewright.frontend.scsi.iscsi.chap.ChapUsers.NONE);
        policy.targets.add(FakePolicy.target(FakePolicy.IQN, listed));
        assertEquals(
                "04 0202 ", new Initiator(policy).exchange(0x87, "InitiatorName=iqn.1993-08.org.debian:other", TARGET));
        assertEquals(
                "87 0000 TargetPortalGroupTag=1|MaxRecvDataSegmentLength=262144|",
                new Initiator(policy).exchange(0x87, "InitiatorName=IQN.1993-08.ORG.Debian:01:4F2C9D0A1B", TARGET));
    }

    @ParameterizedTest
    @CsvSource({
        "TARGET_REMOVED, 0204", "TOO_MANY_CONNECTIONS, 0206", "CANNOT_INCLUDE_IN_SESSION, 0208",
        "SESSION_DOES_NOT_EXIST, 020A", "INVALID_DURING_LOGIN, 020B", "TARGET_ERROR, 0300",
        "SERVICE_UNAVAILABLE, 0301", "OUT_OF_RESOURCES, 0302"
    })
    void theRegistryDecides(LoginStatus why, String status) {
        FakePolicy policy = FakePolicy.open();
        policy.admission = why;
        assertEquals("04 " + status + " ", new Initiator(policy).exchange(0x87, NAME, TARGET));
        FakePolicy late = FakePolicy.open();
        late.grant = SessionGrant.refused(why);
        assertEquals("04 " + status + " ", new Initiator(late).exchange(0x87, NAME, TARGET));
    }

    /** A connection that joins a session negotiates only what is its own. */
    @Test
    void onlyTheLeadingConnectionNegotiatesTheSession() {
        FakePolicy policy = FakePolicy.open();
        byte[] session = Initiator.text(NAME, TARGET, "InitialR2T=No");
        LoginAnswer refused =
                new Login(policy).request(Initiator.request(0x87, 0, 0, Initiator.ISID, 7, 1, 2, session));
        assertEquals("04 0200 ", Initiator.show(refused));
        assertEquals(7, refused.tsih());
        policy.before = new SessionParameters(false, true, 8192, 512, 4096, 2048, false, false, 3, 4, 5, 1);
        byte[] own = Initiator.text(NAME, TARGET, "HeaderDigest=CRC32C");
        LoginAnswer joined = new Login(policy).request(Initiator.request(0x87, 0, 0, Initiator.ISID, 7, 1, 2, own));
        assertEquals(
                "87 0000 TargetPortalGroupTag=1|HeaderDigest=CRC32C|MaxRecvDataSegmentLength=262144|",
                Initiator.show(joined));
        assertEquals(
                new SessionClaim(SessionType.NORMAL, FakePolicy.INITIATOR, FakePolicy.IQN, Initiator.ISID, 7, 2),
                policy.admitted.getLast());
        assertEquals(
                new SessionParameters(true, false, 262_144, 8192, 4096, 2048, false, false, 3, 4, 5, 1),
                policy.established.getLast());
    }

    @Test
    void digestsMayBeOffOrRequired() {
        for (DigestPolicy digests : List.of(DigestPolicy.OFF, DigestPolicy.REQUIRE)) {
            FakePolicy policy = new FakePolicy();
            policy.targets.add(
                    new LoginTarget(FakePolicy.IQN, "Archive", InitiatorAccess.ANY, FakePolicy.HERE, digests));
            String chosen = digests == DigestPolicy.OFF ? "None" : "CRC32C";
            assertEquals(
                    "87 0000 TargetPortalGroupTag=1|TargetAlias=Archive|HeaderDigest=" + chosen + "|DataDigest="
                            + chosen + "|MaxRecvDataSegmentLength=262144|",
                    new Initiator(policy)
                            .exchange(0x87, NAME, TARGET, "HeaderDigest=CRC32C,None", "DataDigest=None,CRC32C"));
            assertEquals(
                    digests == DigestPolicy.OFF
                            ? "87 0000 TargetPortalGroupTag=1|TargetAlias=Archive|HeaderDigest=Reject|"
                                    + "MaxRecvDataSegmentLength=262144|"
                            : "04 0200 ",
                    new Initiator(policy).exchange(0x87, NAME, TARGET, "HeaderDigest=CRC32C"));
        }
    }
}
