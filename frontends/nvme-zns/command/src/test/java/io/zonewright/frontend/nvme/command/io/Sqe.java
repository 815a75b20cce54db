package io.zonewright.frontend.nvme.command.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/** The 64 bytes of a submission queue entry, put together as a host would. */
final class Sqe {
    static final int FLUSH = 0x00;
    static final int WRITE = 0x01;
    static final int READ = 0x02;
    static final int COMPARE = 0x05;
    static final int WRITE_ZEROES = 0x08;
    static final int DATASET = 0x09;
    static final int VERIFY = 0x0C;
    static final int ZONE_SEND = 0x79;
    static final int ZONE_RECEIVE = 0x7A;
    static final int APPEND = 0x7D;

    static final int FUA = 1 << 30;
    static final int DEAC = 1 << 25;

    private Sqe() {}

    static byte[] of(int opcode, int nsid, long slba, int cdw12, int cdw13) {
        return ByteBuffer.allocate(64)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0, opcode | 0x1234 << 16)
                .putInt(4, nsid)
                .putLong(40, slba)
                .putInt(48, cdw12)
                .putInt(52, cdw13)
                .array();
    }

    /** A command on {@code count} blocks, 1 to 65536. */
    static byte[] blocks(int opcode, int nsid, long slba, int count) {
        return of(opcode, nsid, slba, count - 1, 0);
    }

    /** Hexadecimal, blanks ignored; zeroes follow up to 64 bytes. */
    static byte[] hex(String text) {
        byte[] given = HexFormat.of().parseHex(text.replaceAll("\\s", ""));
        return ByteBuffer.allocate(64).put(given).array();
    }
}
