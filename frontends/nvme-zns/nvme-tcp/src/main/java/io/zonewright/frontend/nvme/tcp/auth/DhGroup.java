package io.zonewright.frontend.nvme.tcp.auth;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import javax.crypto.KeyAgreement;
import javax.crypto.interfaces.DHPublicKey;
import javax.crypto.spec.DHParameterSpec;
import javax.crypto.spec.DHPublicKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Diffie-Hellman groups (Base 2.1, section 8.3.5.5.2): none, or the finite field groups of RFC 7919, whose primes are
 * {@code 2^b - 2^(b-64) + ([2^(b-130) e] + x) 2^64 - 1} with generator 2 (RFC 7919, appendix A).
 */
public enum DhGroup {
    NULL(0, 0, 0),
    FFDHE2048(1, 2048, 560_316),
    FFDHE3072(2, 3072, 2_625_351),
    FFDHE4096(3, 4096, 5_736_041),
    FFDHE6144(4, 6144, 15_705_020),
    FFDHE8192(5, 8192, 10_965_728);

    private final int id;
    private final int bits;
    private final BigInteger prime;

    DhGroup(int id, int bits, long addend) {
        this.id = id;
        this.bits = bits;
        prime = bits == 0 ? BigInteger.ZERO : prime(bits, addend);
    }

    /** The group with this identifier, or null. */
    public static @Nullable DhGroup of(int id) {
        return id >= 0 && id < values().length ? values()[id] : null;
    }

    /** Whether to prefer this group: any to none, and the smaller to the larger, since all are strong enough. */
    boolean betterThan(DhGroup other) {
        return this != NULL && (other == NULL || bits < other.bits);
    }

    /** Identifier on the wire. */
    public int id() {
        return id;
    }

    /** Length of a public value, bytes. */
    public int bytes() {
        return bits / 8;
    }

    /** The prime; not of {@link #NULL}. */
    public BigInteger prime() {
        return prime;
    }

    private DHParameterSpec parameters() {
        return new DHParameterSpec(prime, BigInteger.TWO);
    }

    private static BigInteger prime(int bits, long addend) {
        return BigInteger.ONE
                .shiftLeft(bits)
                .subtract(BigInteger.ONE.shiftLeft(bits - 64))
                .add(eulerScaled(bits - 130).add(BigInteger.valueOf(addend)).shiftLeft(64))
                .subtract(BigInteger.ONE);
    }

    /** e times 2 to the power of {@code bits}, rounded down, by its series with room for rounding. */
    private static BigInteger eulerScaled(int bits) {
        int guard = 64;
        BigInteger term = BigInteger.ONE.shiftLeft(bits + guard);
        BigInteger sum = term;
        for (int n = 1; term.signum() > 0; n++) {
            term = term.divide(BigInteger.valueOf(n));
            sum = sum.add(term);
        }
        return sum.shiftRight(guard);
    }

    /** A fresh key pair; not of {@link #NULL}. Takes a while. */
    public KeyPair newKeyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("DiffieHellman");
            generator.initialize(parameters());
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK knows groups of " + bits + " bits", e);
        }
    }

    /** The public value of a pair, as on the wire: {@link #bytes} bytes, big-endian. */
    public byte[] publicValue(KeyPair pair) {
        return fixed(((DHPublicKey) pair.getPublic()).getY());
    }

    /**
     * The shared secret, {@link #bytes} bytes. Takes a while.
     *
     * @throws InvalidKeyException if the peer's value is none of this group
     */
    public byte[] sharedSecret(KeyPair own, byte[] peerValue) throws InvalidKeyException {
        if (peerValue.length != bytes()) {
            throw new InvalidKeyException("a public value of " + peerValue.length + " bytes, not " + bytes());
        }
        DHParameterSpec group = parameters();
        BigInteger y = new BigInteger(1, peerValue);
        if (y.compareTo(BigInteger.ONE) <= 0 || y.compareTo(group.getP().subtract(BigInteger.ONE)) >= 0) {
            throw new InvalidKeyException("the public value is not within 2..p-2");
        }
        try {
            KeyAgreement agreement = KeyAgreement.getInstance("DiffieHellman");
            agreement.init(own.getPrivate());
            agreement.doPhase(
                    KeyFactory.getInstance("DiffieHellman")
                            .generatePublic(new DHPublicKeySpec(y, group.getP(), group.getG())),
                    true);
            return fixed(new BigInteger(1, agreement.generateSecret()));
        } catch (InvalidKeyException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK knows groups of " + bits + " bits", e);
        }
    }

    private byte[] fixed(BigInteger number) {
        byte[] raw = number.toByteArray();
        byte[] result = new byte[bytes()];
        int length = Math.min(raw.length, result.length);
        System.arraycopy(raw, raw.length - length, result, result.length - length, length);
        return result;
    }
}
