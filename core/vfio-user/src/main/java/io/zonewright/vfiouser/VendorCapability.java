package io.zonewright.vfiouser;

import java.nio.ByteBuffer;

/**
 * A vendor-specific capability (id 09h) in configuration space. The library writes its first three bytes: id, next
 * pointer, length.
 *
 * @param body the whole capability as it reads at the start, with room for those three bytes; little-endian
 * @param writable a mask as long as the body: bits that the driver can change
 * @param hook told of accesses
 */
public record VendorCapability(byte[] body, byte[] writable, Hook hook) {
    public VendorCapability {
        if (body.length < 3 || body.length > 0xFF || writable.length != body.length) {
            throw new IllegalArgumentException("a capability of " + body.length + " bytes");
        }
    }

    /** One that nobody writes. */
    public static VendorCapability constant(byte[] body) {
        return new VendorCapability(body, new byte[body.length], Hook.NONE);
    }

    /** For capabilities that do something when they are accessed; on the control thread. */
    public interface Hook {
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
