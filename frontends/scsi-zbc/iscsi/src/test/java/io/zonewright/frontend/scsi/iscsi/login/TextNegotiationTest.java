package io.zonewright.frontend.scsi.iscsi.login;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.frontend.scsi.iscsi.chap.ChapUsers;
import io.zonewright.net.NetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextNegotiationTest {
    private static final String NAME = "InitiatorName=" + FakePolicy.INITIATOR;
    private static final String TARGET = "TargetName=" + FakePolicy.IQN;
    private static final String OTHER = "iqn.2026-11.io.zonewright:other";

    private static FakePolicy policy() {
        FakePolicy policy = FakePolicy.open();
        policy.targets.add(new LoginTarget(
                OTHER, "", InitiatorAccess.ANY, NetAddress.parse("198.51.100.7:0"), DigestPolicy.ALLOW));
        policy.targets.add(FakePolicy.target(
                "iqn.2026-11.io.zonewright:secret",
                new InitiatorAccess(Set.of("iqn.1993-08.org.debian:other"), ChapUsers.NONE)));
        return policy;
    }

    private static TextNegotiation session(FakePolicy policy, String... who) {
        Initiator initiator = new Initiator(policy);
        initiator.send(0x87, who);
        return new TextNegotiation(policy, initiator.login().outcome());
    }

    private static TextNegotiation discovery(FakePolicy policy) {
        return session(policy, NAME, "SessionType=Discovery");
    }

    private static String ask(TextNegotiation text, boolean last, boolean carryOn, int tag, String... pairs) {
        return show(text.request(new TextRequest(last, carryOn, 5, tag, Initiator.text(pairs))));
    }

    private static String show(TextAnswer answer) {
        return answer.rejected()
                ? "reject " + answer.rejectReason()
                : (answer.last() ? "F" : "")
                        + (answer.carryOn() ? "C" : "")
                        + String.format(" %X ", answer.targetTransferTag())
                        + new String(answer.text(), StandardCharsets.UTF_8).replace('\0', '|');
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
        All   | TargetName=iqn.2026-11.io.zonewright:archive;TargetAddress=10.0.2.2:3260,1;TargetName=iqn.2026-11.io.zonewright:other;TargetAddress=198.51.100.7:3260,1;
        iqn.2026-11.io.zonewright:OTHER | TargetName=iqn.2026-11.io.zonewright:other;TargetAddress=198.51.100.7:3260,1;
        iqn.2026-11.io.zonewright:secret | ''
        iqn.2026-11.io.zonewright:none | ''
        ''    | SendTargets=Reject;
        """)
    void discoveryListsWhatTheInitiatorMayUse(String which, String answer) {
        assertEquals(
                "F FFFFFFFF " + answer.replace(';', '|'),
                ask(discovery(policy()), true, false, -1, "SendTargets=" + which));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''    | TargetName=iqn.2026-11.io.zonewright:archive;TargetAddress=10.0.2.2:3260,1;
        iqn.2026-11.io.zonewright:archive | TargetName=iqn.2026-11.io.zonewright:archive;TargetAddress=10.0.2.2:3260,1;
        iqn.2026-11.io.zonewright:other | ''
        All   | SendTargets=Reject;
        """)
    void aNormalSessionListsItsOwnTarget(String which, String answer) {
        assertEquals(
                "F FFFFFFFF " + answer.replace(';', '|'),
                ask(session(policy(), NAME, TARGET), true, false, -1, "SendTargets=" + which));
    }

    @Test
    void ipv6AddressesHaveBrackets() {
        FakePolicy policy = FakePolicy.open();
        policy.local = NetAddress.parse("[2001:db8::7]:3260");
        assertEquals(
                "F FFFFFFFF TargetName=iqn.2026-11.io.zonewright:archive|TargetAddress=[2001:db8:0:0:0:0:0:7]:3260,1|",
                ask(discovery(policy), true, false, -1, "SendTargets=All"));
    }

    /** 512 bytes at a time, as the initiator declared; each part is asked for by the tag. */
    @Test
    void longListsComeInParts() {
        FakePolicy policy = FakePolicy.open();
        for (int i = 10; i < 20; i++) {
            policy.targets.add(FakePolicy.target(OTHER + i, InitiatorAccess.ANY));
        }
        TextNegotiation text = session(policy, NAME, "SessionType=Discovery", "MaxRecvDataSegmentLength=512");
        StringBuilder all = new StringBuilder();
        TextAnswer answer = text.request(new TextRequest(true, false, 5, -1, Initiator.text("SendTargets=All")));
        int parts = 1;
        while (!answer.last()) {
            assertEquals(512, answer.text().length);
            assertEquals(true, answer.carryOn());
            assertEquals(1, answer.targetTransferTag());
            all.append(new String(answer.text(), StandardCharsets.UTF_8));
            answer = text.request(new TextRequest(true, false, 5, 1, new byte[0]));
            parts++;
        }
        all.append(new String(answer.text(), StandardCharsets.UTF_8));
        assertEquals(11 * 2, all.toString().split("\0", -1).length - 1);
        assertEquals((all.length() + 511) / 512, parts);
        assertEquals(-1, answer.targetTransferTag());
    }

    @Test
    void aSegmentLengthIsDeclaredAnew() {
        TextNegotiation text = session(policy(), NAME, TARGET, "MaxRecvDataSegmentLength=65536");
        assertEquals(65_536, text.maxSendBytes());
        assertEquals(" 1 ", ask(text, false, false, -1, "MaxRecvDataSegmentLength=4096"));
        assertEquals(65_536, text.maxSendBytes());
        assertEquals("F FFFFFFFF ", ask(text, true, false, 1));
        assertEquals(4096, text.maxSendBytes());
        assertEquals("reject 9", ask(text, true, false, -1, "MaxRecvDataSegmentLength=511"));
        assertEquals(4096, text.maxSendBytes());
        ask(text, false, false, -1, "MaxRecvDataSegmentLength=8192");
        assertEquals("F FFFFFFFF ", ask(text, true, false, -1)); // begun anew: the old exchange is forgotten
        assertEquals(4096, text.maxSendBytes());
    }

    @Test
    void whatOnlyALoginNegotiatesIsRejected() {
        assertEquals(
                "F FFFFFFFF MaxBurstLength=Reject|HeaderDigest=Reject|X-unknown=NotUnderstood|",
                ask(
                        session(policy(), NAME, TARGET),
                        true,
                        false,
                        -1,
                        "MaxBurstLength=512",
                        "HeaderDigest=None",
                        "X-unknown=1",
                        "InitiatorAlias=host"));
    }

    @Test
    void textMayLieAcrossRequests() {
        TextNegotiation text = discovery(FakePolicy.open());
        byte[] whole = Initiator.text("SendTargets=All");
        assertEquals(" 1 ", show(text.request(new TextRequest(false, true, 5, -1, Arrays.copyOf(whole, 7)))));
        assertEquals(
                "F FFFFFFFF TargetName=iqn.2026-11.io.zonewright:archive|TargetAddress=10.0.2.2:3260,1|",
                show(text.request(new TextRequest(true, false, 5, 1, Arrays.copyOfRange(whole, 7, whole.length)))));
    }

    @Test
    void exchangesThatBreakARuleAreRejected() {
        TextNegotiation text = discovery(FakePolicy.open());
        assertEquals("reject 4", ask(text, true, false, 1, "SendTargets=All"));
        assertEquals("reject 4", ask(text, true, true, -1, "SendTargets=All"));
        assertEquals("reject 9", ask(text, true, false, -1, "SendTargets=All", "SendTargets=All"));
        assertEquals("reject 9", show(text.request(new TextRequest(true, false, 5, -1, new byte[16_385]))));
        assertEquals(" 1 ", ask(text, false, false, -1));
        assertEquals("reject 4", show(text.request(new TextRequest(true, false, 6, 1, new byte[0]))));
        assertEquals(" 1 ", ask(text, false, false, -1, "X-a=1").replace("X-a=NotUnderstood|", ""));
        assertEquals("reject 4", ask(text, true, false, 1, "X-a=1"));
    }
}
