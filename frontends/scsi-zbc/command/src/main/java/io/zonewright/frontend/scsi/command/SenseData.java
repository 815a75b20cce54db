package io.zonewright.frontend.scsi.command;

import java.util.Arrays;

/**
 * Sense data as bytes (SPC-5, "Fixed format sense data" and "Descriptor format sense data"), big-endian:
 *
 * <pre>
 *  fixed       0 u8 VALID 7, response code 70h   2 u8 sense key   3 be32 INFORMATION   7 u8 length after this (0Ah)
 *              12 u8 ASC   13 u8 ASCQ   15 3 bytes sense key specific, SKSV in bit 7 of the first
 *  descriptor  0 u8 response code 72h   1 u8 sense key   2 u8 ASC   3 u8 ASCQ   7 u8 length after this
 *              INFORMATION: 00h 0Ah, VALID in bit 7 of the third byte, be64 at 4
 *              sense key specific: 02h 06h, three bytes at 4
 * </pre>
 */
public final class SenseData {
    /** Bytes of fixed format sense data. */
    public static final int FIXED_SIZE = 18;
    /** Most bytes that are ever made. */
    public static final int MAX_SIZE = 8 + 12 + 8;

    private static final int CURRENT_FIXED = 0x70;
    private static final int CURRENT_DESCRIPTOR = 0x72;
    private static final int VALID = 0x80;
    private static final int FIXED_ADDITIONAL = FIXED_SIZE - 8;
    private static final int HEADER = 8;

    private SenseData() {}

    /**
     * Writes sense data of a current error to the start of {@code into}.
     *
     * @param information -1 if the INFORMATION field says nothing; fixed format has no room for more than 32 bits, and
     *     leaves it out then
     * @param specific the three sense key specific bytes; 0 if there are none
     * @return how many bytes were written
     */
    public static int write(byte[] into, boolean descriptor, Sense sense, long information, int specific) {
        Arrays.fill(into, 0, MAX_SIZE, (byte) 0);
        return descriptor
                ? writeDescriptor(into, sense, information, specific)
                : writeFixed(into, sense, information, specific);
    }

    private static int writeFixed(byte[] into, Sense sense, long information, int specific) {
        boolean valid = information >= 0 && information <= 0xFFFF_FFFFL;
        into[0] = (byte) (CURRENT_FIXED | (valid ? VALID : 0));
        into[2] = (byte) sense.key();
        if (valid) {
            put(into, 3, information, Integer.BYTES);
        }
        into[7] = FIXED_ADDITIONAL;
        into[12] = (byte) sense.code();
        into[13] = (byte) sense.qualifier();
        put(into, 15, specific, 3);
        return FIXED_SIZE;
    }

    private static int writeDescriptor(byte[] into, Sense sense, long information, int specific) {
        into[0] = CURRENT_DESCRIPTOR;
        into[1] = (byte) sense.key();
        into[2] = (byte) sense.code();
        into[3] = (byte) sense.qualifier();
        int at = HEADER;
        if (information >= 0) {
            into[at + 1] = 0x0A;
            into[at + 2] = (byte) VALID;
            put(into, at + 4, information, Long.BYTES);
            at += 12;
        }
        if (specific != 0) {
            into[at] = 0x02;
            into[at + 1] = 0x06;
            put(into, at + 4, specific, 3);
            at += 8;
        }
        into[7] = (byte) (at - HEADER);
        return at;
    }

    private static void put(byte[] into, int at, long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            into[at + i] = (byte) (value >>> ((bytes - 1 - i) * Byte.SIZE));
        }
    }
}
