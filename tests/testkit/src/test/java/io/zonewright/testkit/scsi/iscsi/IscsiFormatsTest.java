package io.zonewright.testkit.scsi.iscsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.testkit.scsi.Scsi;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.ScsiResult;
import io.zonewright.testkit.scsi.TargetGoneException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The initiator's bytes, literally, and a session with a target that says what the test wrote down. */
@Timeout(30)
class IscsiFormatsTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void digestsOfTheStandardsExamples() {
        // RFC 7143 appendix A.4.
        byte[] ones = new byte[32];
        Arrays.fill(ones, (byte) 0xFF);
        assertEquals(Integer.reverseBytes(0xAA36918A), IscsiPdu.crc(new byte[32], 0, 32));
        assertEquals(Integer.reverseBytes(0x43ABA862), IscsiPdu.crc(ones, 0, 32));
    }

    @Test
    void paddingAndDigests() {
        IscsiPdu pdu = IscsiPdu.of(IscsiPdu.NOP_OUT, new byte[] {1, 2, 3, 4, 5}).flags(IscsiPdu.FINAL);
        String header = "0080000000000005" + "00".repeat(40);
        assertEquals(header + "0102030405000000", HEX.formatHex(pdu.wire()));
        byte[] digested = pdu.wire(true, true);
        assertEquals(48 + 4 + 8 + 4, digested.length);
        IscsiPdu.checkCrc(digested, 0, 48, "header");
        IscsiPdu.checkCrc(digested, 52, 8, "data");
        digested[52] ^= 1;
        assertThrows(IllegalStateException.class, () -> IscsiPdu.checkCrc(digested, 52, 8, "data"));
    }

    @Test
    void text() {
        Map<String, String> pairs = new LinkedHashMap<>();
        pairs.put("HeaderDigest", "CRC32C,None");
        pairs.put("X-a", "=b");
        byte[] bytes = IscsiText.format(pairs);
        assertEquals("HeaderDigest=CRC32C,None\0X-a==b\0", new String(bytes, StandardCharsets.UTF_8));
        assertEquals(pairs, IscsiText.parse(bytes));
        assertThrows(IllegalStateException.class, () -> IscsiText.parse(new byte[] {'a', '='}));
    }

    @Test
    void challengeResponses() {
        // MD5 of 01h, "secret", 00 01 02 03 04 05 06 07: what md5sum says.
        byte[] challenge = HEX.parseHex("0001020304050607");
        assertEquals("0x103737aad0c82ba8bb99ba6a994c4446", IscsiChap.response(5, 1, "secret", challenge));
        assertArrayEquals(challenge, IscsiChap.binary("0x0001020304050607"));
        assertArrayEquals(challenge, IscsiChap.binary("0bAAECAwQFBgc="));
    }

    /** A target that expects what it is told to, and says what it is told to; bytes in hexadecimal digits. */
    private record Script(ServerSocket listener, CompletableFuture<String> heard) implements AutoCloseable {
        static Script of(Object... steps) throws IOException {
            ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            CompletableFuture<String> heard = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                StringBuilder all = new StringBuilder();
                try (Socket socket = listener.accept()) {
                    for (Object step : steps) {
                        if (step instanceof Integer count) {
                            InputStream in = socket.getInputStream();
                            all.append(HEX.formatHex(in.readNBytes(count))).append('\n');
                        } else {
                            socket.getOutputStream()
                                    .write(HEX.parseHex(step.toString().replace(" ", "")));
                        }
                    }
                    heard.complete(all.toString());
                } catch (IOException e) {
                    heard.completeExceptionally(e);
                }
            });
            return new Script(listener, heard);
        }

        InetSocketAddress address() {
            return (InetSocketAddress) listener.getLocalSocketAddress();
        }

        @Override
        public void close() {
            try {
                listener.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final IscsiOptions OPTIONS = IscsiOptions.DEFAULT
            .with(Map.of("ImmediateData", "Yes"))
            .withoutSecurity()
            .withInitiator("iqn.x:i", 0x4000_0000_0001L)
            .withFirstCmdSn(5);

    /** InitiatorName=iqn.x:i, SessionType=Normal, TargetName=iqn.x:t, ImmediateData=Yes: 22 + 19 + 19 + 18 bytes. */
    private static final int LOGIN_BYTES = 48 + 80;

    /** Transit to full feature, TSIH 7, StatSN 100, ExpCmdSN 5, MaxCmdSN 36, status 0; ImmediateData=Yes. */
    private static final String LOGIN_RESPONSE =
            "23870000 00000012 400000000001 0007 00001000 00000000 00000064 00000005"
                    + "00000024 00000000 00000000 00000000"
                    + "496d6d656469617465446174613d59657300 0000";

    @Test
    void aLoginAndAReadInTwoPieces() throws Exception {
        String data1 =
                "25000000 00000200 0000000000000000 00010000 ffffffff 00000000 00000006 00000025 00000000 00000000"
                        + "00000000" + "11".repeat(512);
        String data2 =
                "25810000 00000200 0000000000000000 00010000 ffffffff 00000065 00000006 00000025 00000001 00000200"
                        + "00000000" + "22".repeat(512);
        try (Script target = Script.of(LOGIN_BYTES, LOGIN_RESPONSE, 48, data1, data2);
                IscsiSession session = IscsiSession.connect(target.address(), "iqn.x:t", OPTIONS)) {
            assertEquals(7, session.tsih());
            assertEquals(32, session.window());
            ScsiResult result = session.run(ScsiRequest.read(0x10, 2, 512));
            assertEquals("11".repeat(512) + "22".repeat(512), HEX.formatHex(result.in()));
            assertEquals(0, result.code());
            assertEquals(102, session.expStatSn());
            String[] heard = target.heard().get().split("\n", -1);
            assertEquals(
                    "43870000" + "0000004e" + "400000000001" + "0000" + "00001000" + "00010000" + "00000005"
                            + "00000000" + "00".repeat(16),
                    heard[0].substring(0, 96));
            assertEquals(
                    "01c10000" + "00000000" + "0000000000000000" + "00010000" + "00000400" + "00000005" + "00000065"
                            + "8800000000000000001000000002" + "0000",
                    heard[1]);
        }
    }

    @Test
    void aWriteWithDataAndAnR2t() throws Exception {
        // ImmediateData=Yes, InitialR2T by default Yes: 8192 bytes in the command, which is the default segment, then
        // an R2T.
        String r2t =
                "31800000 00000000 0000000000000000 00010000 00000099 00000065 00000006 00000025 00000000 00002000 00000200";
        String response =
                "21820002 00000014 0000000000000000 00010000 00000000 00000065 00000006 00000025 00000001 00000000"
                        + "00000200 0012 70000500000000 0a 00000000 2104 00000000";
        try (Script target = Script.of(LOGIN_BYTES, LOGIN_RESPONSE, 48 + 8192, r2t, 48 + 512, response);
                IscsiSession session = IscsiSession.connect(target.address(), "iqn.x:t", OPTIONS)) {
            ScsiResult result = session.run(ScsiRequest.write(0x10, 512, new byte[8192 + 512]));
            assertEquals(Scsi.UNALIGNED_WRITE, result.code());
            assertEquals(512, result.residual());
            String[] heard = target.heard().get().split("\n", -1);
            assertEquals("01a1000000002000", heard[1].substring(0, 16));
            // Final, the R2T's tag, DataSN 0, offset 8192.
            assertEquals(
                    "05800000" + "00000200" + "0000000000000000" + "00010000" + "00000099" + "00000000" + "00000065"
                            + "00000000" + "00000000" + "00002000" + "00000000",
                    heard[2].substring(0, 96));
        }
    }

    @Test
    void aTargetThatSkipsAStatusNumberIsFoundOut() throws Exception {
        String response =
                "21800000 00000000 0000000000000000 00010000 00000000 00000066 00000006 00000025 00000000 00000000"
                        + "00000000";
        try (Script target = Script.of(LOGIN_BYTES, LOGIN_RESPONSE, 48, response);
                IscsiSession session = IscsiSession.connect(target.address(), "iqn.x:t", OPTIONS)) {
            IllegalStateException found =
                    assertThrows(IllegalStateException.class, () -> session.run(ScsiRequest.testUnitReady()));
            String message = Objects.requireNonNull(found.getMessage());
            assertEquals("StatSN is 102 instead of 101", message.substring(0, message.indexOf(':')));
            assertNotNull(target.heard().get());
        }
    }

    @Test
    void aRefusedLoginSaysWhy() throws Exception {
        String refusal = "23000000 00000000 400000000001 0000 00001000 00000000 00000000 00000000 00000000 0203 0000"
                + "00000000 00000000";
        try (Script target = Script.of(LOGIN_BYTES, refusal)) {
            TargetGoneException gone = assertThrows(
                    TargetGoneException.class, () -> IscsiSession.connect(target.address(), "iqn.x:t", OPTIONS));
            assertEquals("the login ended with status 0203h", gone.getMessage());
        }
    }

    @Test
    void nothingComesWithinTheTime() throws Exception {
        try (Script target = Script.of(48)) {
            IscsiConnection connection = IscsiConnection.connect(target.address());
            assertNull(connection.receive(10));
            connection.send(IscsiPdu.of(IscsiPdu.NOP_OUT));
            assertNotNull(connection.awaitHangUp(5_000));
            connection.close();
        }
    }
}
