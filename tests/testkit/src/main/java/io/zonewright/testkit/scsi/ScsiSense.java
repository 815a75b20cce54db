package io.zonewright.testkit.scsi;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Sense data (SPC-5 section 4.4), fixed (70h, 71h) or in descriptors (72h, 73h).
 *
 * @param deferred whether it is about an earlier command (71h, 73h)
 * @param information INFORMATION; null if not valid
 * @param sks the three bytes of sense key specific information; -1 if not valid (SKSV)
 */
public record ScsiSense(
        boolean descriptor,
        boolean deferred,
        int key,
        int asc,
        int ascq,
        @Nullable Long information,
        int sks) {
    private static final int SKSV = 0x80_0000;

    /** {@code key << 16 | ASC << 8 | ASCQ}. */
    public int code() {
        return key << 16 | asc << 8 | ascq;
    }

    /**
     * Reads sense data.
     *
     * @return null if there is none
     * @throws IllegalStateException if it has no known format or is cut short
     */
    public static @Nullable ScsiSense parse(byte[] bytes) {
        if (bytes.length == 0) {
            return null;
        }
        int format = bytes[0] & 0x7F;
        return switch (format) {
            case 0x70, 0x71 -> fixed(bytes, format == 0x71);
            case 0x72, 0x73 -> descriptors(bytes, format == 0x73);
            default ->
                throw new IllegalStateException(
                        "no sense data: " + HexFormat.of().formatHex(bytes));
        };
    }

    /** SPC-5 table 48: key in byte 2, information in 3 to 6, ASC in 12, ASCQ in 13, SKS in 15 to 17. */
    private static ScsiSense fixed(byte[] bytes, boolean deferred) {
        need(bytes, 18);
        ByteBuffer b = ByteBuffer.wrap(bytes);
        need(bytes, 8 + (bytes[7] & 0xFF));
        int sks = b.getInt(14) & 0xFF_FFFF;
        return new ScsiSense(
                false,
                deferred,
                bytes[2] & 0xF,
                bytes[12] & 0xFF,
                bytes[13] & 0xFF,
                (bytes[0] & 0x80) != 0 ? Long.valueOf(b.getInt(3) & 0xFFFF_FFFFL) : null,
                (sks & SKSV) != 0 ? sks : -1);
    }

    /** SPC-5 table 28: key in byte 1, ASC in 2, ASCQ in 3, descriptors from byte 8 on: 00h information, 02h SKS. */
    private static ScsiSense descriptors(byte[] bytes, boolean deferred) {
        need(bytes, 8);
        int end = 8 + (bytes[7] & 0xFF);
        need(bytes, end);
        ByteBuffer b = ByteBuffer.wrap(bytes);
        Long information = null;
        int sks = -1;
        for (int at = 8; at < end; at += 2 + (bytes[at + 1] & 0xFF)) {
            if (bytes[at] == 0 && (bytes[at + 2] & 0x80) != 0) {
                information = b.getLong(at + 4);
            } else if (bytes[at] == 2) {
                sks = b.getInt(at + 4) >>> 8;
            }
        }
        return new ScsiSense(true, deferred, bytes[1] & 0xF, bytes[2] & 0xFF, bytes[3] & 0xFF, information, sks);
    }

    private static void need(byte[] bytes, int length) {
        if (bytes.length < length) {
            throw new IllegalStateException("sense data of " + bytes.length + " bytes lacks some: "
                    + HexFormat.of().formatHex(bytes));
        }
    }

    @Override
    public String toString() {
        return String.format("%X/%02X/%02X", key, asc, ascq)
                + (information == null ? "" : " information " + information)
                + (sks < 0 ? "" : " sks " + Integer.toHexString(sks));
    }
}
