package io.zonewright.frontend.nvme.tcp.auth;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The controller's side of one authentication (Base 2.1, section 8.3.5): the host's messages come through Authentication
 * Send, ours go through Authentication Receive. Some messages cost a modular exponentiation of up to 8192 bits, so this
 * runs beside the data path. For one thread at a time.
 */
public final class DhchapSession {
    private static final int COMMON = 0;
    private static final int DHCHAP = 1;

    private static final int NEGOTIATE = 0x00;
    private static final int CHALLENGE = 0x01;
    private static final int REPLY = 0x02;
    private static final int SUCCESS1 = 0x03;
    private static final int SUCCESS2 = 0x04;
    private static final int FAILURE2 = 0xF0;
    private static final int FAILURE1 = 0xF1;

    private static final int REASON_FAILED = 1;

    // Explanations of a failure.
    private static final int FAILED = 0x01;
    private static final int NOT_USABLE = 0x02;
    private static final int CONCATENATION_MISMATCH = 0x03;
    private static final int HASH_UNUSABLE = 0x04;
    private static final int GROUP_UNUSABLE = 0x05;
    private static final int INCORRECT_PAYLOAD = 0x06;
    private static final int INCORRECT_MESSAGE = 0x07;

    private static final int HEADER_BYTES = 16;
    private static final int NEGOTIATE_BYTES = 8;
    private static final int PROTOCOL_BYTES = 64;
    private static final int MAX_IDS = 30;

    private final SecureRandom random;
    private final String hostNqn;
    private final String subsystemNqn;
    private final HostSecrets secrets;

    /** The message that comes next, theirs or ours. */
    private int next = NEGOTIATE;

    private int explanation;
    private int transaction;
    private HashAlgorithm hash = HashAlgorithm.SHA256;
    private DhGroup group = DhGroup.NULL;
    private @Nullable KeyPair keys;
    private byte[] challenge = {};
    private int sequence;
    private byte[] secret = {};
    private byte @Nullable [] hostChallenge;
    private int hostSequence;
    private boolean authenticated;
    private int failures;

    /**
     * Nothing exchanged yet.
     *
     * @param random for challenges
     */
    public DhchapSession(SecureRandom random, String hostNqn, String subsystemNqn, HostSecrets secrets) {
        this.random = random;
        this.hostNqn = hostNqn;
        this.subsystemNqn = subsystemNqn;
        this.secrets = secrets;
    }

    /** Whether the host has proved who it is, and is content with our own proof if it asked for one. */
    public boolean authenticated() {
        return authenticated;
    }

    /** How many exchanges have failed. */
    public int failures() {
        return failures;
    }

    /** Takes the host's next message. What is wrong with it is told by the next {@link #receive}. */
    public void send(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        try {
            int type = in.get() & 0xFF;
            int id = in.get() & 0xFF;
            if (type == COMMON && id == NEGOTIATE) {
                // A host that proved itself may do so again, and works on meanwhile.
                next = NEGOTIATE;
                negotiate(in);
            } else if (type == COMMON && id == FAILURE2) {
                authenticated = false;
                failures++;
                next = NEGOTIATE;
            } else if (type != DHCHAP || id != next) {
                fail(INCORRECT_MESSAGE);
            } else if ((in.getShort(4) & 0xFFFF) != transaction) {
                fail(INCORRECT_PAYLOAD);
            } else if (id == REPLY) {
                reply(in);
            } else {
                // Success2: the host has checked our proof.
                authenticated = true;
                next = NEGOTIATE;
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            fail(INCORRECT_PAYLOAD);
        }
    }

    /**
     * Our next message.
     *
     * @param room bytes that the host takes
     * @return the message, or null if there is no room for it
     */
    public byte @Nullable [] receive(int room) {
        if (next != CHALLENGE && next != SUCCESS1 && next != FAILURE1) {
            fail(INCORRECT_MESSAGE);
        }
        byte[] message = switch (next) {
            case CHALLENGE -> challenge();
            case SUCCESS1 -> success();
            default -> failure();
        };
        return message.length <= room ? message : null;
    }

    private void fail(int why) {
        explanation = why;
        next = FAILURE1;
        failures++;
        authenticated = false;
    }

    private void negotiate(ByteBuffer in) {
        transaction = in.getShort(4) & 0xFFFF;
        int concatenation = in.get(6);
        int protocols = in.get(7) & 0xFF;
        if (in.limit() < NEGOTIATE_BYTES + PROTOCOL_BYTES) {
            fail(INCORRECT_PAYLOAD);
            return;
        }
        if (concatenation != 0) {
            fail(CONCATENATION_MISMATCH);
            return;
        }
        int halen = in.get(NEGOTIATE_BYTES + 2) & 0xFF;
        int dhlen = in.get(NEGOTIATE_BYTES + 3) & 0xFF;
        if (protocols < 1 || halen > MAX_IDS || dhlen > MAX_IDS) {
            fail(INCORRECT_PAYLOAD);
            return;
        }
        if (in.get(NEGOTIATE_BYTES) != 1) {
            fail(NOT_USABLE);
            return;
        }
        choose(in, halen, dhlen);
    }

    /**
     * Of hashes that we know, the host's first. Of groups, the smallest, since it is the cheapest and strong enough; no
     * group only if the host offers nothing else: without one, who listens can try passwords at leisure.
     */
    private void choose(ByteBuffer in, int halen, int dhlen) {
        int ids = NEGOTIATE_BYTES + 4;
        HashAlgorithm chosenHash = null;
        for (int i = 0; i < halen && chosenHash == null; i++) {
            chosenHash = HashAlgorithm.of(in.get(ids + i) & 0xFF);
        }
        DhGroup chosenGroup = null;
        for (int i = 0; i < dhlen; i++) {
            DhGroup offered = DhGroup.of(in.get(ids + MAX_IDS + i) & 0xFF);
            if (offered != null && (chosenGroup == null || offered.betterThan(chosenGroup))) {
                chosenGroup = offered;
            }
        }
        if (chosenHash == null) {
            fail(HASH_UNUSABLE);
        } else if (chosenGroup == null) {
            fail(GROUP_UNUSABLE);
        } else {
            hash = chosenHash;
            group = chosenGroup;
            next = CHALLENGE;
        }
    }

    private byte[] challenge() {
        challenge = new byte[hash.bytes()];
        random.nextBytes(challenge);
        byte[] number = new byte[Integer.BYTES];
        random.nextBytes(number);
        sequence = ByteBuffer.wrap(number).getInt() | 1; // 0 means something else
        byte[] value = {};
        keys = null;
        if (group != DhGroup.NULL) {
            KeyPair pair = group.newKeyPair();
            keys = pair;
            value = group.publicValue(pair);
        }
        byte[] bytes = message(DHCHAP, CHALLENGE, HEADER_BYTES + challenge.length + value.length);
        ByteBuffer out = little(bytes);
        out.put(6, (byte) hash.bytes());
        out.put(8, (byte) hash.id());
        out.put(9, (byte) group.id());
        out.putShort(10, (short) value.length);
        out.putInt(12, sequence);
        out.position(HEADER_BYTES).put(challenge).put(value);
        next = REPLY;
        return bytes;
    }

    private void reply(ByteBuffer in) {
        int length = in.get(6) & 0xFF;
        boolean bidirectional = (in.get(8) & 1) != 0;
        int valueLength = in.getShort(10) & 0xFFFF;
        if (length != hash.bytes() || in.limit() < HEADER_BYTES + 2 * length + valueLength) {
            fail(INCORRECT_PAYLOAD);
            return;
        }
        hostSequence = in.getInt(12);
        byte[] response = new byte[length];
        in.position(HEADER_BYTES).get(response);
        byte[] theirs = new byte[length];
        in.get(theirs);
        byte[] value = new byte[valueLength];
        in.get(value);
        if (!agree(value)) {
            fail(INCORRECT_PAYLOAD);
            return;
        }
        byte[] expected = hash.hmac(
                secrets.host().keyOf(hostNqn), augmented(challenge), tail(sequence, "HostHost", hostNqn, subsystemNqn));
        if (!MessageDigest.isEqual(expected, response)) {
            fail(FAILED);
            return;
        }
        // A host that sends our own challenge back wants the answer from us.
        if (bidirectional && (secrets.controller() == null || Arrays.equals(theirs, challenge))) {
            fail(FAILED);
            return;
        }
        hostChallenge = bidirectional ? theirs : null;
        authenticated |= !bidirectional;
        next = SUCCESS1;
    }

    private boolean agree(byte[] value) {
        secret = new byte[0];
        KeyPair own = keys;
        if (own == null) {
            return value.length == 0;
        }
        keys = null;
        try {
            secret = group.sharedSecret(own, value);
            return true;
        } catch (InvalidKeyException e) {
            return false;
        }
    }

    /** With a group, the challenge is bound to the shared secret (section 8.3.5.5.6). */
    private byte[] augmented(byte[] plain) {
        return secret.length == 0 ? plain : hash.hmac(hash.hash(secret), plain);
    }

    private byte[] tail(int number, String role, String first, String second) {
        byte[] roleBytes = role.getBytes(StandardCharsets.US_ASCII);
        byte[] one = first.getBytes(StandardCharsets.UTF_8);
        byte[] two = second.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(7 + roleBytes.length + one.length + 1 + two.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .putShort((short) transaction)
                .put((byte) 0) // SC_C: no secure channel
                .put(roleBytes)
                .put(one)
                .put((byte) 0)
                .put(two)
                .array();
    }

    private byte[] success() {
        byte[] asked = hostChallenge;
        DhchapSecret own = secrets.controller();
        byte[] response = {};
        if (asked != null && own != null) {
            response = hash.hmac(
                    own.keyOf(subsystemNqn), augmented(asked), tail(hostSequence, "Controller", subsystemNqn, hostNqn));
        }
        byte[] bytes = message(DHCHAP, SUCCESS1, HEADER_BYTES + response.length);
        ByteBuffer out = little(bytes);
        out.put(6, (byte) hash.bytes());
        out.put(8, (byte) (response.length > 0 ? 1 : 0));
        out.position(HEADER_BYTES).put(response);
        next = response.length > 0 ? SUCCESS2 : NEGOTIATE;
        return bytes;
    }

    private byte[] failure() {
        byte[] bytes = message(COMMON, FAILURE1, 8);
        bytes[6] = REASON_FAILED;
        bytes[7] = (byte) explanation;
        next = NEGOTIATE;
        return bytes;
    }

    private byte[] message(int type, int id, int length) {
        byte[] bytes = new byte[length];
        bytes[0] = (byte) type;
        bytes[1] = (byte) id;
        little(bytes).putShort(4, (short) transaction);
        return bytes;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
