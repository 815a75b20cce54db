package io.zonewright.frontend.scsi.iscsi.login;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Logins that prove something. Responses were computed with Python's hashlib, and the first with openssl too:
 * {@code printf '\x10secret-of-host-1\x00\x01…\x0f' | openssl dgst -md5}. Our challenges are 00h 01h 02h and so on, and the
 * identifier the byte after them.
 */
class ChapLoginTest {
    private static final String NAME = "InitiatorName=" + FakePolicy.INITIATOR;
    private static final String TARGET = "TargetName=" + FakePolicy.IQN;
    private static final String RIGHT = "CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e1";
    private static final String CHALLENGE = "CHAP_C=0x808182838485868788898a8b8c8d8e8f9091929394959697";

    private static Initiator asked(String algorithms) {
        Initiator initiator = new Initiator(FakePolicy.chap());
        assertEquals(
                "00 0000 TargetPortalGroupTag=1|AuthMethod=CHAP|",
                initiator.exchange(0x00, NAME, TARGET, "AuthMethod=CHAP"));
        initiator.send(0x00, algorithms);
        return initiator;
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
        5, 16, 000102030405060708090a0b0c0d0e0f, 87ad3ebe7faeb025e7037f67c87699e1, aae11c2ab6c33d47a516da7498938796
        6, 20, 000102030405060708090a0b0c0d0e0f10111213, 6022855e86787012f89b9553956d72156868cec7, 7e9c747fffabfd2964b1e1143308546ba8880268
        7, 32, 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f, 9eae4db22b20f398384e1f9267c6517459f58066d207b39746f5347215d219e1, 1f2f530900c5f7c604d2bc02b9cbc17e30ced7fce8598c69b6733a2cd74f9a0f
        8, 32, 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f, fcb7c277e7bfb0a255c560faa2540d6d047d30d1cec87b26243e8744af31bd5c, 546e4b1406299cdab631695b97434db1f79bc857092cdeec8053aa87e8094148
        """)
    void bothSidesProveThemselves(String algorithm, int identifier, String challenge, String theirs, String ours) {
        Initiator initiator = new Initiator(FakePolicy.chap());
        initiator.send(0x00, NAME, TARGET, "AuthMethod=CHAP");
        assertEquals(
                "00 0000 CHAP_A=" + algorithm + "|CHAP_I=" + identifier + "|CHAP_C=0x" + challenge + "|",
                initiator.exchange(0x00, "CHAP_A=1," + algorithm + ",5"));
        assertEquals(
                "81 0000 CHAP_N=iqn.2026-11.io.zonewright:archive|CHAP_R=0x" + ours + "|",
                initiator.exchange(0x81, "CHAP_N=backup", "CHAP_R=0x" + theirs, "CHAP_I=200", CHALLENGE));
        assertEquals("87 0000 MaxRecvDataSegmentLength=262144|", initiator.exchange(0x87));
    }

    /** The proof in base64; the T bit in a request of its own. */
    @Test
    void oneSideIsEnough() {
        Initiator initiator = asked("CHAP_A=5");
        assertEquals("00 0000 ", initiator.exchange(0x00, "CHAP_N=backup", "CHAP_R=0bh60+vn+usCXnA39nyHaZ4Q=="));
        assertEquals("83 0000 ", initiator.exchange(0x83));
    }

    @Test
    void aUserThatIsAnInitiatorIsOnlyThatOne() {
        assertEquals("81 0000 ", asked("CHAP_A=5").exchange(0x81, "CHAP_N=" + FakePolicy.INITIATOR, RIGHT));
        Initiator other = new Initiator(FakePolicy.chap());
        other.send(0x00, "InitiatorName=iqn.1993-08.org.debian:other", TARGET, "AuthMethod=CHAP");
        other.send(0x00, "CHAP_A=5");
        assertEquals("00 0202 ", other.exchange(0x81, "CHAP_N=" + FakePolicy.INITIATOR, RIGHT));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        CHAP_N=backup;CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e2
        CHAP_N=backup;CHAP_R=0x87ad3ebe7faeb025e7037f67c87699
        CHAP_N=backup;CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e100
        CHAP_N=backup;CHAP_R=87ad3ebe7faeb025e7037f67c87699e1
        CHAP_N=backup;CHAP_R=0x
        CHAP_N=Backup;CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e1
        CHAP_N=nobody;CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e1
        CHAP_N=;CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e1
        CHAP_N=backup
        CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e1
        CHAP_A=5
        AuthMethod=CHAP
        CHAP_N=backup;CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e1;CHAP_I=1
        CHAP_N=backup;CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e1;CHAP_C=0x808182838485868788898a8b8c8d8e8f
        CHAP_N=backup;CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e1;CHAP_I=256;CHAP_C=0x808182838485868788898a8b8c8d8e8f
        CHAP_N=backup;CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e1;CHAP_I=1;CHAP_C=0x808182838485868788898a8b8c8d8e
        CHAP_N=backup;CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e1;CHAP_I=1;CHAP_C=0x000102030405060708090a0b0c0d0e0f
        CHAP_N=iqn.1993-08.org.debian:01:4f2c9d0a1b;CHAP_R=0x87ad3ebe7faeb025e7037f67c87699e1;CHAP_I=1;CHAP_C=0x808182838485868788898a8b8c8d8e8f
        """)
    void whoDoesNotProveItIsRefused(String keys) {
        Initiator initiator = asked("CHAP_A=5");
        String answer = initiator.exchange(0x81, keys.split(";"));
        // A key that was sent before breaks a rule of its own.
        assertEquals(keys.equals("CHAP_A=5") || keys.startsWith("AuthMethod") ? "00 0200 " : "00 0201 ", answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        CHAP_A=56
        CHAP_A=
        CHAP_A=1,2,3,4
        CHAP_N=backup
        """)
    void algorithmsThatNobodyHas(String key) {
        Initiator initiator = new Initiator(FakePolicy.chap());
        initiator.send(0x00, NAME, TARGET, "AuthMethod=CHAP");
        assertEquals("00 0201 ", initiator.exchange(0x00, key));
    }

    /** iscsi-test-cu offers all four, and takes the answer for MD5. */
    @Test
    void theFirstKnownAlgorithmIsTaken() {
        Initiator initiator = new Initiator(FakePolicy.chap());
        initiator.send(0x00, NAME, TARGET, "AuthMethod=CHAP");
        assertEquals(
                "00 0000 CHAP_A=5|CHAP_I=16|CHAP_C=0x000102030405060708090a0b0c0d0e0f|",
                initiator.exchange(0x00, "CHAP_A=5,6,7,8"));
    }

    @Test
    void nobodyGetsAroundIt() {
        assertEquals("00 0201 ", new Initiator(FakePolicy.chap()).exchange(0x81, NAME, TARGET, "AuthMethod=None"));
        assertEquals("00 0201 ", new Initiator(FakePolicy.chap()).exchange(0x81, NAME, TARGET));
        assertEquals("00 0201 ", new Initiator(FakePolicy.chap()).exchange(0x83, NAME, TARGET));
        assertEquals("04 0201 ", new Initiator(FakePolicy.chap()).exchange(0x87, NAME, TARGET));
        Initiator hasty = new Initiator(FakePolicy.chap());
        hasty.send(0x81, NAME, TARGET, "AuthMethod=CHAP");
        assertEquals("00 0000 ", hasty.exchange(0x83));
        assertEquals(false, hasty.login().complete());
        assertEquals("04 0200 ", hasty.exchange(0x87));
    }

    /** A discovery may prove itself if it likes, with any target's secret. */
    @Test
    void discoveryMayProveItself() {
        Initiator initiator = new Initiator(FakePolicy.chap());
        assertEquals(
                "00 0000 AuthMethod=CHAP|",
                initiator.exchange(0x81, NAME, "SessionType=Discovery", "AuthMethod=CHAP,None"));
        initiator.send(0x00, "CHAP_A=5");
        assertEquals("83 0000 ", initiator.exchange(0x83, "CHAP_N=backup", RIGHT));
        assertEquals(
                "00 0201 ",
                new Initiator(FakePolicy.open()).exchange(0x81, NAME, "SessionType=Discovery", "AuthMethod=CHAP"));
    }
}
