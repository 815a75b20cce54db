package io.zonewright.frontend.nvme.tcp.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The literal responses were computed by Python's hmac and hashlib, the primes by OpenSSL 3.0. */
class DhchapTest {
    private static final String HOST = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    private static final String SUBSYSTEM = "nqn.2026-11.io.zonewright:test";
    private static final String SECRET = "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:";
    private static final String RAW_SECRET = "DHHC-1:00:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:";
    private static final String CONTROLLER_SECRET =
            "DHHC-1:02:ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoOEhYaHiImKi4yNjo+QkZKTvGwQfg==:";

    /** Gives AAh for ever. */
    private static final class Fixed extends SecureRandom {
        private static final long serialVersionUID = 1;

        @Override
        public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) 0xAA);
        }
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static String text(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static DhchapSession session(String secret, boolean both) {
        return new DhchapSession(
                new Fixed(),
                HOST,
                SUBSYSTEM,
                new HostSecrets(DhchapSecret.parse(secret), both ? DhchapSecret.parse(CONTROLLER_SECRET) : null));
    }

    /** AUTH_Negotiate: transaction 1234h, one protocol, these hashes and groups. */
    private static byte[] negotiate(String hashes, String groups) {
        byte[] message = new byte[72];
        System.arraycopy(hex("0000 0000 3412 00 01 01 00"), 0, message, 0, 10);
        byte[] hash = hex(hashes);
        byte[] group = hex(groups);
        message[10] = (byte) hash.length;
        message[11] = (byte) group.length;
        System.arraycopy(hash, 0, message, 12, hash.length);
        System.arraycopy(group, 0, message, 42, group.length);
        return message;
    }

    private static byte[] reply(
            int length, boolean both, int sequence, byte[] response, byte[] challenge, byte[] value) {
        return ByteBuffer.allocate(16 + 2 * length + value.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(hex("0102 0000 3412"))
                .put((byte) length)
                .put((byte) 0)
                .put((byte) (both ? 1 : 0))
                .put((byte) 0)
                .putShort((short) value.length)
                .putInt(sequence)
                .put(response)
                .put(challenge)
                .put(value)
                .array();
    }

    @Test
    void transformedSecretsAreThoseOfPython() {
        assertEquals(
                "6ce1e4ea31e8331a4fe5826bfde17a5cd386b8f0338748919e279ba6c55bf727",
                text(DhchapSecret.parse(SECRET).keyOf(HOST)));
        assertEquals(
                "f90c71c0468f17fd8bf6395a0d11b3ff9a46cde4e6644b7ac07b2399cbb9d9f5e4efdd2780b6932c3173e6d026da7307",
                text(DhchapSecret.parse(CONTROLLER_SECRET).keyOf(SUBSYSTEM)));
        assertEquals(
                "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                text(DhchapSecret.parse(RAW_SECRET).keyOf(HOST)));
        assertEquals("a secret of 32 bytes", DhchapSecret.parse(SECRET).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "DHHC-1:00:",
                "DHHC-2:00:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
                "DHHC-1:04:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
                "DHHC-1:00:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR",
                "DHHC-1:00:BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
                "DHHC-1:00:!AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
                "DHHC-1:00:AAECAwQFBgc=:"
            })
    void wrongSecretsAreRefusedWithoutBeingShown(String secret) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> DhchapSecret.parse(secret));
        assertFalse(Objects.requireNonNull(e.getMessage()).contains("AQFBgc"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "FFDHE2048, 9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966",
        "FFDHE3072, 0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17",
        "FFDHE4096, 4648414224ac881b3d0dc59b466f96d06a558278776807797ecf1f66ff397b3e",
        "FFDHE6144, 227ac9066b3ddd9e193670cda2388fa884f65ba0cf98b742d1fe77a6687c79c7",
        "FFDHE8192, 770b14efaf6f049929c523113b3fa99a8d11dab1b18af3609590122075d19833"
    })
    void primesAreThoseOfRfc7919(DhGroup group, String sha256) throws Exception {
        byte[] raw = group.prime().toByteArray();
        byte[] prime = Arrays.copyOfRange(raw, raw.length - group.bytes(), raw.length);
        assertEquals(sha256, text(MessageDigest.getInstance("SHA-256").digest(prime)));
    }

    @Test
    void hostProvesItself() {
        DhchapSession session = session(SECRET, false);
        session.send(negotiate("01", "00"));
        assertEquals(
                "0101 0000 3412 20 00 01 00 0000 abaaaaaa".replace(" ", "") + "aa".repeat(32),
                text(Objects.requireNonNull(session.receive(4096))));
        byte[] response = hex("5166cf08c228213cbfad309b4d4d369739637a6bc408cbd9591eecff92134cd3");
        session.send(reply(32, false, 0, response, new byte[32], new byte[0]));
        assertTrue(session.authenticated());
        assertEquals(
                "0103 0000 3412 20 00 00 00000000000000".replace(" ", ""),
                text(Objects.requireNonNull(session.receive(4096))));
    }

    @Test
    void onceMoreOnALiveConnectionWhichWorksOnUntilThatFails() {
        DhchapSession session = session(SECRET, false);
        byte[] response = hex("5166cf08c228213cbfad309b4d4d369739637a6bc408cbd9591eecff92134cd3");
        for (int i = 0; i < 2; i++) {
            session.send(negotiate("01", "00"));
            session.receive(4096);
            assertEquals(i == 1, session.authenticated());
            session.send(reply(32, false, 0, response, new byte[32], new byte[0]));
            session.receive(4096);
            assertTrue(session.authenticated());
        }
        session.send(negotiate("01", "00"));
        session.receive(4096);
        assertTrue(session.authenticated());
        response[0] ^= 1;
        session.send(reply(32, false, 0, response, new byte[32], new byte[0]));
        assertFalse(session.authenticated());
        assertEquals(1, session.failures());
    }

    @Test
    void sha512WithAKeyUsedAsItIs() {
        DhchapSession session = session(RAW_SECRET, false);
        session.send(negotiate("03 01", "00"));
        session.receive(4096);
        byte[] response = hex("53061fcdc74d25b62a82882b6a330564a77de187dc6449066932459698792cfd"
                + "50757a51019c58b79abaf90b284c8397b50f2f12347beeb0d55a79c9a6370706");
        session.send(reply(64, false, 0, response, new byte[64], new byte[0]));
        assertTrue(session.authenticated());
    }

    @Test
    void bothProveThemselves() {
        DhchapSession session = session(SECRET, true);
        session.send(negotiate("01", "00"));
        session.receive(4096);
        byte[] challenge = new byte[32];
        Arrays.fill(challenge, (byte) 0xBB);
        byte[] response = hex("5166cf08c228213cbfad309b4d4d369739637a6bc408cbd9591eecff92134cd3");
        session.send(reply(32, true, 0x0A0B0C0D, response, challenge, new byte[0]));
        assertFalse(session.authenticated());
        assertEquals(
                "0103 0000 3412 20 00 01 00000000000000".replace(" ", "")
                        + "8f6170981c68bf30511382259cc0f11679e0454d838704cad64b9d0183c64f5f",
                text(Objects.requireNonNull(session.receive(4096))));
        session.send(hex("0104 0000 3412 00000000000000000000"));
        assertTrue(session.authenticated());
    }

    @Test
    void aChallengeSentBackIsNotAnswered() {
        DhchapSession session = session(SECRET, true);
        session.send(negotiate("01", "00"));
        session.receive(4096);
        byte[] same = new byte[32];
        Arrays.fill(same, (byte) 0xAA);
        byte[] response = hex("5166cf08c228213cbfad309b4d4d369739637a6bc408cbd9591eecff92134cd3");
        session.send(reply(32, true, 1, response, same, new byte[0]));
        assertEquals("00f1 0000 3412 01 01".replace(" ", ""), text(Objects.requireNonNull(session.receive(64))));
        assertFalse(session.authenticated());
    }

    /** Of groups the smallest, whatever the host prefers; none only if there is nothing else. Linux offers all in order. */
    @ParameterizedTest
    @CsvSource({"00 01 02 03 04 05, 1", "05 04 02 00, 2", "00, 0", "09 00, 0", "00 09 03, 3", "02 01, 1", "05, 5"})
    void theSmallestGroupIsChosenAndNoneAsTheLastResort(String offered, int chosen) {
        DhchapSession session = session(SECRET, false);
        session.send(negotiate("02", offered));
        byte[] challenge = Objects.requireNonNull(session.receive(4096));
        assertEquals(1, challenge[1]);
        assertEquals(chosen, challenge[9]);
        int[] valueBytes = {0, 256, 384, 512, 768, 1024};
        assertEquals(16 + 48 + valueBytes[chosen], challenge.length);
    }

    @Test
    void withAGroupTheResponseIsBoundToTheSharedSecret() throws Exception {
        DhchapSession session = session(SECRET, false);
        session.send(negotiate("02", "01"));
        byte[] challenge = Objects.requireNonNull(session.receive(4096));
        assertEquals(16 + 48 + 256, challenge.length);
        assertEquals(1, challenge[9]);
        KeyPair own = DhGroup.FFDHE2048.newKeyPair();
        byte[] shared = DhGroup.FFDHE2048.sharedSecret(own, Arrays.copyOfRange(challenge, 64, 64 + 256));
        HashAlgorithm sha384 = HashAlgorithm.SHA384;
        byte[] augmented = sha384.hmac(sha384.hash(shared), Arrays.copyOfRange(challenge, 16, 64));
        byte[] response = sha384.hmac(
                DhchapSecret.parse(SECRET).keyOf(HOST),
                augmented,
                hex("abaaaaaa 3412 00"),
                ("HostHost" + HOST + "\0" + SUBSYSTEM).getBytes(StandardCharsets.US_ASCII));
        session.send(reply(48, false, 0, response, new byte[48], DhGroup.FFDHE2048.publicValue(own)));
        assertTrue(session.authenticated());
    }

    @Test
    void valuesOutsideTheGroupAreRefused() {
        KeyPair own = DhGroup.FFDHE2048.newKeyPair();
        byte[] one = new byte[256];
        one[255] = 1;
        assertThrows(InvalidKeyException.class, () -> DhGroup.FFDHE2048.sharedSecret(own, one));
        assertThrows(InvalidKeyException.class, () -> DhGroup.FFDHE2048.sharedSecret(own, new byte[255]));
        byte[] all = new byte[256];
        Arrays.fill(all, (byte) 0xFF);
        assertThrows(InvalidKeyException.class, () -> DhGroup.FFDHE2048.sharedSecret(own, all));
    }

    /** What is wrong, and the explanation in AUTH_Failure1. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        secure concatenation | 0000 0000 3412 01 01 01 00 01 01 01 | 03
        no protocol          | 0000 0000 3412 00 00 01 00 01 01 01 | 06
        other protocol       | 0000 0000 3412 00 01 02 00 01 01 01 | 02
        31 hashes            | 0000 0000 3412 00 01 01 00 1f 01 01 | 06
        unknown hash         | 0000 0000 3412 00 01 01 00 01 01 04 | 04
        no hash              | 0000 0000 3412 00 01 01 00 00 01 01 | 04
        no group             | 0000 0000 3412 00 01 01 00 01 00 01 | 05
        success out of turn  | 0104 0000 3412 00 01 01 00 01 01 01 | 07
        reply out of turn    | 0102 0000 3412 00 01 01 00 01 01 01 | 07
        """)
    void failures(String what, String start, String explanation) {
        byte[] message = new byte[72];
        byte[] given = hex(start);
        System.arraycopy(given, 0, message, 0, given.length);
        message[42] = (byte) (what.equals("no group") ? 9 : 0);
        DhchapSession session = session(SECRET, false);
        session.send(message);
        byte[] answer = Objects.requireNonNull(session.receive(4096));
        assertEquals("00f1", text(Arrays.copyOf(answer, 2)), what);
        assertEquals("01" + explanation, text(Arrays.copyOfRange(answer, 6, 8)), what);
        assertFalse(session.authenticated());
        assertEquals(1, session.failures());
    }

    @Test
    void shortMessagesAndSmallRooms() {
        DhchapSession session = session(SECRET, false);
        session.send(new byte[1]);
        assertEquals(6, Objects.requireNonNull(session.receive(8))[7]);
        session.send(negotiate("01", "00"));
        assertNull(session.receive(47));
    }

    @Test
    void aWrongResponseFails() {
        DhchapSession session = session(SECRET, false);
        session.send(negotiate("01", "00"));
        session.receive(4096);
        session.send(reply(32, false, 0, new byte[32], new byte[32], new byte[0]));
        assertFalse(session.authenticated());
        assertEquals("00f100003412" + "0101", text(Objects.requireNonNull(session.receive(64))));
    }
}
