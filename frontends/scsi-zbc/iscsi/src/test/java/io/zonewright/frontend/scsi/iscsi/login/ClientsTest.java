package io.zonewright.frontend.scsi.iscsi.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What initiators in use say, and the exact answers. */
class ClientsTest {
    private static final String NAME = "InitiatorName=" + FakePolicy.INITIATOR;
    private static final String TARGET = "TargetName=" + FakePolicy.IQN;

    /** open-iscsi 2.1, usr/login.c with the defaults of iscsid.conf: NSG repeats CSG where T is not set. */
    @Test
    void openIscsi() {
        FakePolicy policy = FakePolicy.open();
        Initiator initiator = new Initiator(policy);
        assertEquals(
                "81 0000 TargetPortalGroupTag=1|AuthMethod=None|",
                initiator.exchange(0x81, NAME, "InitiatorAlias=host", TARGET, "SessionType=Normal", "AuthMethod=None"));
        LoginAnswer last = initiator.send(
                0x87,
                "HeaderDigest=None",
                "DataDigest=None",
                "DefaultTime2Wait=2",
                "DefaultTime2Retain=0",
                "IFMarker=No",
                "OFMarker=No",
                "ErrorRecoveryLevel=0",
                "InitialR2T=No",
                "ImmediateData=Yes",
                "MaxBurstLength=16776192",
                "FirstBurstLength=262144",
                "MaxOutstandingR2T=1",
                "MaxConnections=1",
                "DataPDUInOrder=Yes",
                "DataSequenceInOrder=Yes",
                "MaxRecvDataSegmentLength=262144");
        assertEquals(
                "87 0000 HeaderDigest=None|DataDigest=None|DefaultTime2Wait=2|DefaultTime2Retain=0|IFMarker=No|"
                        + "OFMarker=No|ErrorRecoveryLevel=0|InitialR2T=No|ImmediateData=Yes|MaxBurstLength=1048576|"
                        + "FirstBurstLength=262144|MaxOutstandingR2T=1|MaxConnections=1|DataPDUInOrder=Yes|"
                        + "DataSequenceInOrder=Yes|MaxRecvDataSegmentLength=262144|",
                Initiator.show(last));
        assertEquals(0x0107, last.tsih());
        LoginOutcome outcome = initiator.login().outcome();
        assertEquals(
                new SessionClaim(SessionType.NORMAL, FakePolicy.INITIATOR, FakePolicy.IQN, Initiator.ISID, 0, 0),
                outcome.claim());
        assertEquals("host", outcome.initiatorAlias());
        assertEquals(
                new SessionParameters(false, false, 262_144, 262_144, 1_048_576, 262_144, false, true, 1, 2, 0, 1),
                outcome.parameters());
        assertEquals(List.of(outcome.parameters()), policy.established);
    }

    /** open-iscsi's discovery: straight to the full feature phase only if nothing differs from the defaults. */
    @Test
    void openIscsiDiscovery() {
        Initiator initiator = new Initiator(FakePolicy.chap());
        assertEquals(
                "81 0000 AuthMethod=None|",
                initiator.exchange(0x81, NAME, "InitiatorAlias=host", "SessionType=Discovery", "AuthMethod=None"));
        assertEquals(
                "87 0000 HeaderDigest=None|DataDigest=None|DefaultTime2Wait=2|DefaultTime2Retain=0|IFMarker=No|"
                        + "OFMarker=No|ErrorRecoveryLevel=0|MaxRecvDataSegmentLength=262144|",
                initiator.exchange(
                        0x87,
                        "HeaderDigest=None",
                        "DataDigest=None",
                        "DefaultTime2Wait=2",
                        "DefaultTime2Retain=0",
                        "IFMarker=No",
                        "OFMarker=No",
                        "ErrorRecoveryLevel=0",
                        "MaxRecvDataSegmentLength=32768"));
        assertNull(initiator.login().outcome().target());
        assertEquals(32_768, initiator.login().outcome().parameters().maxSendBytes());
    }

    /** libiscsi 1.19 without a user, as iscsi-test-cu and QEMU use it: one request, in the operational stage. */
    @Test
    void libiscsi() {
        Initiator initiator = new Initiator(FakePolicy.open());
        assertEquals(
                "87 0000 TargetPortalGroupTag=1|HeaderDigest=None|DataDigest=None|InitialR2T=No|ImmediateData=Yes|"
                        + "MaxBurstLength=262144|FirstBurstLength=262144|DefaultTime2Wait=2|DefaultTime2Retain=0|"
                        + "MaxOutstandingR2T=1|ErrorRecoveryLevel=0|IFMarker=No|OFMarker=No|MaxConnections=1|"
                        + "DataPDUInOrder=Yes|DataSequenceInOrder=Yes|MaxRecvDataSegmentLength=262144|",
                initiator.exchange(0x87, libiscsi("Normal", TARGET)));
        assertEquals(262_144, initiator.login().outcome().parameters().firstBurstBytes());
    }

    private static String[] libiscsi(String type, String... target) {
        List<String> all = new java.util.ArrayList<>(List.of(NAME));
        all.addAll(List.of(target));
        all.addAll(List.of(
                "SessionType=" + type,
                "HeaderDigest=None,CRC32C",
                "DataDigest=None",
                "InitialR2T=No",
                "ImmediateData=Yes",
                "MaxBurstLength=262144",
                "FirstBurstLength=262144",
                "DefaultTime2Wait=2",
                "DefaultTime2Retain=0",
                "MaxOutstandingR2T=1",
                "ErrorRecoveryLevel=0",
                "IFMarker=No",
                "OFMarker=No",
                "MaxConnections=1",
                "MaxRecvDataSegmentLength=262144",
                "DataPDUInOrder=Yes",
                "DataSequenceInOrder=Yes"));
        return all.toArray(new String[0]);
    }

    /** libiscsi sends all keys in a discovery session too. */
    @Test
    void libiscsiDiscovery() {
        Initiator initiator = new Initiator(FakePolicy.open());
        assertEquals(
                "87 0000 HeaderDigest=None|DataDigest=None|InitialR2T=Irrelevant|ImmediateData=Irrelevant|"
                        + "MaxBurstLength=Irrelevant|FirstBurstLength=Irrelevant|DefaultTime2Wait=2|"
                        + "DefaultTime2Retain=0|MaxOutstandingR2T=Irrelevant|ErrorRecoveryLevel=0|IFMarker=No|"
                        + "OFMarker=No|MaxConnections=Irrelevant|DataPDUInOrder=Irrelevant|"
                        + "DataSequenceInOrder=Irrelevant|MaxRecvDataSegmentLength=262144|",
                initiator.exchange(0x87, libiscsi("Discovery")));
    }

    /**
     * libiscsi with a user: T and NSG=1 in the first request, and, in versions before 1.16, its name again in the
     * operational stage.
     */
    @Test
    void libiscsiWithChap() {
        Initiator initiator = new Initiator(FakePolicy.chap());
        assertEquals(
                "00 0000 TargetPortalGroupTag=1|AuthMethod=CHAP|",
                initiator.exchange(0x81, NAME, TARGET, "SessionType=Normal", "AuthMethod=CHAP,None"));
        assertEquals(
                "00 0000 CHAP_A=5|CHAP_I=16|CHAP_C=0x000102030405060708090a0b0c0d0e0f|",
                initiator.exchange(0x01, "CHAP_A=5"));
        assertEquals(
                "81 0000 ", initiator.exchange(0x81, "CHAP_N=backup", "CHAP_R=0x87AD3EBE7FAEB025E7037F67C87699E1"));
        assertEquals(
                "87 0000 HeaderDigest=None|MaxRecvDataSegmentLength=262144|",
                initiator.exchange(0x87, NAME, TARGET, "SessionType=Normal", "HeaderDigest=None"));
    }

    /** Microsoft's initiator asks for more than it needs: recovery level 2, a long retention, 16 R2Ts. */
    @Test
    void windows() {
        Initiator initiator = new Initiator(FakePolicy.open());
        assertEquals(
                "81 0000 TargetPortalGroupTag=1|AuthMethod=None|",
                initiator.exchange(
                        0x81,
                        "InitiatorName=iqn.1991-05.com.microsoft:HOST-1.example.com",
                        "SessionType=Normal",
                        TARGET,
                        "AuthMethod=None"));
        assertEquals(
                "87 0000 HeaderDigest=None|DataDigest=None|ErrorRecoveryLevel=0|InitialR2T=No|ImmediateData=Yes|"
                        + "MaxBurstLength=262144|FirstBurstLength=65536|MaxConnections=1|DataPDUInOrder=Yes|"
                        + "DataSequenceInOrder=Yes|DefaultTime2Wait=0|DefaultTime2Retain=0|MaxOutstandingR2T=8|"
                        + "MaxRecvDataSegmentLength=262144|",
                initiator.exchange(
                        0x87,
                        "HeaderDigest=None,CRC32C",
                        "DataDigest=None,CRC32C",
                        "ErrorRecoveryLevel=2",
                        "InitialR2T=No",
                        "ImmediateData=Yes",
                        "MaxRecvDataSegmentLength=65536",
                        "MaxBurstLength=262144",
                        "FirstBurstLength=65536",
                        "MaxConnections=1",
                        "DataPDUInOrder=Yes",
                        "DataSequenceInOrder=Yes",
                        "DefaultTime2Wait=0",
                        "DefaultTime2Retain=60",
                        "MaxOutstandingR2T=16"));
        LoginOutcome outcome = initiator.login().outcome();
        assertEquals(
                "iqn.1991-05.com.microsoft:host-1.example.com", outcome.claim().initiatorName());
        assertEquals(
                new SessionParameters(false, false, 262_144, 65_536, 262_144, 65_536, false, true, 8, 0, 0, 1),
                outcome.parameters());
    }

    /** Stage 0 straight to the full feature phase: everything at its default, our longest segment too. */
    @Test
    void fromSecurityToFullFeature() {
        Initiator initiator = new Initiator(FakePolicy.open());
        assertEquals("83 0000 TargetPortalGroupTag=1|", initiator.exchange(0x83, NAME, TARGET));
        assertEquals(
                new SessionParameters(false, false, 8192, 8192, 262_144, 65_536, true, true, 1, 2, 20, 1),
                initiator.login().outcome().parameters());
    }
}
