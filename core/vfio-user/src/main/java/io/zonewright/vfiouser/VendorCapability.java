package io.zonewright.vfiouser;

import java.nio.ByteBuffer;

/** A vendor-specific capability (id 09h) in configuration space. The library writes its id, next pointer and length. */
public final class VendorCapability {
    /** Id, next pointer, length: the first three bytes. */
    public static final int HEADER_SIZE = 3;

    private final byte[] body;
    private final byte[] writable;
    private final Hook hook;

    /**
     * @param body the whole capability as it reads at the start, with room for the header; at most 192 bytes, a multiple
     *     of 4
     * @param writable a mask as long as the body: bits that the driver can change
     * @param hook told of accesses
     */
    public VendorCapability(byte[] body, byte[] writable, Hook hook) {
        if (body.length < 4 || body.length > 192 || body.length % 4 != 0 || writable.length != body.length) {
            throw new IllegalArgumentException("a capability of " + body.length + " bytes");
        }
        this.body = body.clone();
        this.writable = writable.clone();
        this.hook = hook;
    }

    /** One that nobody writes. */
    public static VendorCapability constant(byte[] body) {
        return new VendorCapability(body, new byte[body.length], Hook.NONE);
    }

    /** Bytes of the whole capability. */
    public int size() {
        return body.length;
    }

    /** A copy. */
    public byte[] body() {
        return body.clone();
    }

    /** A copy. */
    public byte[] writable() {
        return writable.clone();
    }

    /** Told of accesses. */
    public Hook hook() {
        return hook;
    }

    /** For capabilities that do something when they are accessed; on the control thread. */
    public interface Hook {
        /** Does nothing. */
        Hook NONE = new Hook() {};

        /**
         * Bytes of the capability are about to be read.
         *
         * @param body all of the capability, little-endian; what is put here is what is read
         * @param offset first byte read, from the capability's start
         */
        default void reading(ByteBuffer body, int offset, int length) {}

        /** Bytes of the capability have been written, as far as the mask lets them be. */
        default void written(ByteBuffer body, int offset, int length) {}
    }
}
