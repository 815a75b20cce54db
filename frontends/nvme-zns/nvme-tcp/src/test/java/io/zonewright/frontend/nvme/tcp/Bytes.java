package io.zonewright.frontend.nvme.tcp;

import java.util.HexFormat;
import java.util.zip.CRC32C;

/** Literal bytes of tests. */
final class Bytes {
    private Bytes() {}

    /** Hexadecimal digits, blanks ignored; {@code *N} after a pair repeats it so often. */
    static byte[] hex(String text) {
        StringBuilder all = new StringBuilder();
        for (String word : text.strip().split("\\s+", -1)) {
            int star = word.indexOf('*');
            all.append(star < 0 ? word : word.substring(0, star).repeat(Integer.parseInt(word.substring(star + 1))));
        }
        return HexFormat.of().parseHex(all);
    }

    static String text(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    /** CRC32C, little-endian, as it travels. */
    static byte[] digest(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        byte[] result = new byte[4];
        Little.put32(result, 0, (int) crc.getValue());
        return result;
    }

    static byte[] pattern(int length, int seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (seed + i * 31 + (i >>> 8));
        }
        return bytes;
    }
}
