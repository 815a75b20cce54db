package io.zonewright.testkit.nvme.tcp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * One PDU (TCP section 3.6): a common header of 8 bytes (type, flags, HLEN, PDO, PLEN), the rest of the header, perhaps a
 * header digest, perhaps padding, perhaps data and a data digest. Little-endian.
 *
 * @param bytes all of it, as it goes over the wire
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of the wire; nobody compares PDUs as wholes
public record Pdu(byte[] bytes) {
    public static final int IC_REQ = 0x00;
    public static final int IC_RESP = 0x01;
    public static final int H2C_TERM_REQ = 0x02;
    public static final int C2H_TERM_REQ = 0x03;
    public static final int CAPSULE_CMD = 0x04;
    public static final int CAPSULE_RESP = 0x05;
    public static final int H2C_DATA = 0x06;
    public static final int C2H_DATA = 0x07;
    public static final int R2T = 0x09;

    public static final int F_HEADER_DIGEST = 0x01;
    public static final int F_DATA_DIGEST = 0x02;
    public static final int F_LAST = 0x04;
    public static final int F_SUCCESS = 0x08;

    public static final int COMMON_BYTES = 8;
    public static final int DIGEST_BYTES = 4;

    /** A header of {@code hlen} bytes with the common part filled for a PDU that has nothing else. */
    public static ByteBuffer header(int type, int flags, int hlen) {
        return ByteBuffer.allocate(hlen)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) type)
                .put((byte) flags)
                .put((byte) hlen)
                .put((byte) 0)
                .putInt(hlen);
    }

    /**
     * Puts a PDU together and sets flags, PDO and PLEN.
     *
     * @param header with type and flags, see {@link #header}
     * @param headerDigest whether digests of headers were agreed on
     * @param dataDigest likewise of data
     * @param alignment of the data in bytes, from the controller's CPDA; 4 or a multiple
     */
    public static Pdu of(ByteBuffer header, byte[] data, boolean headerDigest, boolean dataDigest, int alignment) {
        int hlen = header.capacity();
        int end = hlen + (headerDigest ? DIGEST_BYTES : 0);
        boolean digested = dataDigest && data.length > 0;
        int pdo = data.length == 0 ? 0 : (end + alignment - 1) / alignment * alignment;
        int plen = data.length == 0 ? end : pdo + data.length + (digested ? DIGEST_BYTES : 0);
        ByteBuffer all = ByteBuffer.allocate(plen).order(ByteOrder.LITTLE_ENDIAN);
        all.put(0, header, 0, hlen);
        int flags = header.get(1) | (headerDigest ? F_HEADER_DIGEST : 0) | (digested ? F_DATA_DIGEST : 0);
        all.put(1, (byte) flags).put(3, (byte) pdo).putInt(4, plen);
        if (headerDigest) {
            all.putInt(hlen, crc(all.array(), 0, hlen));
        }
        if (data.length > 0) {
            all.put(pdo, data);
        }
        if (digested) {
            all.putInt(pdo + data.length, crc(data, 0, data.length));
        }
        return new Pdu(all.array());
    }

    public int type() {
        return bytes[0] & 0xFF;
    }

    public int flags() {
        return bytes[1] & 0xFF;
    }

    public boolean has(int flag) {
        return (flags() & flag) != 0;
    }

    public int hlen() {
        return bytes[2] & 0xFF;
    }

    /** PDU Data Offset. */
    public int pdo() {
        return bytes[3] & 0xFF;
    }

    public int plen() {
        return u32(4);
    }

    public int u16(int at) {
        return buffer().getShort(at) & 0xFFFF;
    }

    public int u32(int at) {
        return buffer().getInt(at);
    }

    /** The data, without its digest. */
    public byte[] data() {
        if (pdo() == 0) {
            return new byte[0];
        }
        return Arrays.copyOfRange(bytes, pdo(), bytes.length - (has(F_DATA_DIGEST) ? DIGEST_BYTES : 0));
    }

    /** Checks the digests that the flags announce; throws {@link IllegalStateException} if one is wrong. */
    void checkDigests() {
        if (has(F_HEADER_DIGEST) && u32(hlen()) != crc(bytes, 0, hlen())) {
            throw new IllegalStateException("the header digest is wrong: " + this);
        }
        if (has(F_DATA_DIGEST)) {
            int length = bytes.length - DIGEST_BYTES - pdo();
            if (u32(bytes.length - DIGEST_BYTES) != crc(bytes, pdo(), length)) {
                throw new IllegalStateException("the data digest is wrong: " + this);
            }
        }
    }

    /** CRC32C as TCP section 3.3.1.1 has it. */
    public static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public String toString() {
        int shown = Math.min(bytes.length, 128);
        return "PDU of " + bytes.length + ": " + HexFormat.of().formatHex(bytes, 0, shown);
    }
}
