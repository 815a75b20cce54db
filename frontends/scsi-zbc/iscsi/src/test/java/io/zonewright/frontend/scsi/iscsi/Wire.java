package io.zonewright.frontend.scsi.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.net.NetAddress;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** An initiator's end of one connection: sends and receives whole PDUs, checks nothing that a test does not ask for. */
final class Wire implements AutoCloseable {
    static final String NAME = "iqn.2026-11.test:a";

    private static final int BHS = 48;

    private final Socket socket;
    private boolean headerDigest;
    private boolean dataDigest;

    Wire(NetAddress address) {
        try {
            socket = new Socket(address.host(), address.port());
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(5_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Socket socket() {
        return socket;
    }

    // Bytes --------------------------------------------------------------------------------------------------------

    /** Hexadecimal digits, blanks ignored; {@code *N} after a pair repeats it so often. */
    static byte[] hex(String text) {
        StringBuilder all = new StringBuilder();
        for (String word : text.strip().split("\\s+", -1)) {
            int star = word.indexOf('*');
            all.append(star < 0 ? word : word.substring(0, star).repeat(Integer.parseInt(word.substring(star + 1))));
        }
        return HexFormat.of().parseHex(all);
    }

    static byte[] pattern(int length, int seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (seed + i * 31 + (i >>> 8));
        }
        return bytes;
    }

    private static byte[] join(byte[]... parts) {
        ByteBuffer all =
                ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
        Arrays.stream(parts).forEach(all::put);
        return all.array();
    }

    /** CRC32C, little-endian, as it travels. */
    private static byte[] digest(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) crc.getValue())
                .array();
    }

    /** A PDU of a header of 48 bytes and perhaps additional ones, whose lengths are filled in. */
    byte[] pdu(byte[] header, byte... data) {
        byte[] head = header.clone();
        head[4] = (byte) ((head.length - BHS) / 4);
        head[5] = (byte) (data.length >> 16);
        head[6] = (byte) (data.length >> 8);
        head[7] = (byte) data.length;
        byte[] padded = Arrays.copyOf(data, data.length + 3 & ~3);
        byte[] none = {};
        return join(
                head,
                headerDigest ? digest(head) : none,
                padded,
                dataDigest && data.length > 0 ? digest(padded) : none);
    }

    Wire send(byte[]... parts) {
        try {
            socket.getOutputStream().write(join(parts));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** A PDU that was received. */
    static final class Got {
        private final byte[] header;
        private final byte[] data;

        Got(byte[] header, byte[] data) {
            this.header = header;
            this.data = data;
        }

        byte[] header() {
            return header;
        }

        byte[] data() {
            return data;
        }

        int opcode() {
            return header[0] & 0x3F;
        }

        int at(int offset) {
            return ByteBuffer.wrap(header).getInt(offset);
        }

        /** Bytes of the header as hexadecimal digits. */
        String hex(int from, int to) {
            return HexFormat.of().formatHex(header, from, to);
        }

        String data(int from, int to) {
            return HexFormat.of().formatHex(data, from, to);
        }

        String text() {
            return new String(data, StandardCharsets.US_ASCII).replace('\0', '|');
        }
    }

    /** The next PDU, whole, whose digests are right; one without header at the end. */
    Got receive() {
        try {
            byte[] head = socket.getInputStream().readNBytes(BHS);
            if (head.length == 0) {
                return new Got(head, head);
            }
            if (head.length < BHS) {
                throw new EOFException("in the middle of a header");
            }
            if (headerDigest) {
                assertEquals(text(digest(head)), text(take(4)));
            }
            int length = (head[5] & 0xFF) << 16 | (head[6] & 0xFF) << 8 | (head[7] & 0xFF);
            byte[] padded = take(length + 3 & ~3);
            for (int i = length; i < padded.length; i++) {
                assertEquals(0, padded[i], "padding");
            }
            if (dataDigest && length > 0) {
                assertEquals(text(digest(padded)), text(take(4)));
            }
            return new Got(head, Arrays.copyOf(padded, length));
        } catch (SocketException e) {
            return new Got(new byte[0], new byte[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private byte[] take(int bytes) throws IOException {
        byte[] got = socket.getInputStream().readNBytes(bytes);
        assertEquals(bytes, got.length, "the connection ended within a PDU");
        return got;
    }

    /** The next PDU, which has this opcode. */
    Got expect(int opcode) {
        Got got = receive();
        assertTrue(got.header.length > 0, "the connection ended");
        assertEquals(opcode, got.opcode(), () -> "not what was expected: " + text(got.header));
        return got;
    }

    /** The end of the connection. */
    void expectEnd() {
        assertEquals("", text(receive().header));
    }

    // Login --------------------------------------------------------------------------------------------------------

    /** A Login Request from operational negotiation to full feature, CmdSN 1. */
    static byte[] loginHeader(int isid, int tsih, int cid) {
        return hex(String.format(
                "43 87 0000 00 000000 %012x %04x 00000000 %04x 0000 00000001 00000000 00*16", isid, tsih, cid));
    }

    /** Logs in with these keys, {@code |} behind each, beside names; the answer. */
    Got login(int isid, int tsih, String keys) {
        String text = "InitiatorName=" + NAME + "|TargetName=" + Target.NAME + "|" + keys;
        send(pdu(loginHeader(isid, tsih, 0), text.replace('|', '\0').getBytes(StandardCharsets.US_ASCII)));
        return expect(0x23);
    }

    /** Logs in, which succeeds. */
    Wire loggedIn(String keys) {
        Got answer = login(0x80_0001, 0, keys);
        assertEquals("0000", answer.hex(36, 38));
        headerDigest = keys.contains("HeaderDigest=CRC32C");
        dataDigest = keys.contains("DataDigest=CRC32C");
        // Whoever comes is told that the unit was reset; that is not what the tests are about.
        Got attention = command(1, 0x80, 0, "00 00*5", new byte[0]);
        assertEquals("02", attention.hex(3, 4));
        return this;
    }

    Wire loggedIn() {
        return loggedIn("HeaderDigest=None|DataDigest=None|");
    }

    // Commands -----------------------------------------------------------------------------------------------------

    /** The header of a SCSI Command; the tag is the CmdSN. */
    static byte[] commandHeader(int cmdSn, int flags, int bytes, String cdb) {
        byte[] header = hex(
                String.format("01 %02x 0000 00 000000 00*8 %08x %08x %08x 00000000 00*16", flags, cmdSn, bytes, cmdSn));
        byte[] command = hex(cdb);
        System.arraycopy(command, 0, header, 32, Math.min(16, command.length));
        return header;
    }

    byte[] commandPdu(int cmdSn, int flags, int bytes, String cdb, byte... data) {
        return pdu(commandHeader(cmdSn, flags, bytes, cdb), data);
    }

    /** Sends a command, and gives what comes back. */
    Got command(int cmdSn, int flags, int bytes, String cdb, byte... data) {
        send(commandPdu(cmdSn, flags, bytes, cdb, data));
        return receive();
    }

    /** READ (16). */
    static String read16(int lba, int blocks) {
        return String.format("8800 %016x %08x 0000", lba, blocks);
    }

    /** WRITE (16). */
    static String write16(int lba, int blocks) {
        return String.format("8a00 %016x %08x 0000", lba, blocks);
    }

    /** Data-Out. */
    byte[] dataOut(int itt, int ttt, int dataSn, int offset, boolean last, byte... data) {
        return pdu(
                hex(String.format(
                        "05 %s 0000 00 000000 00*8 %08x %08x 00000000 00000000 00000000 %08x %08x 00000000",
                        last ? "80" : "00", itt, ttt, dataSn, offset)),
                data);
    }

    /** Task Management Function Request, immediate. */
    byte[] manage(int function, int itt, int referenced, int cmdSn, int refCmdSn) {
        return pdu(hex(String.format(
                "42 %02x 0000 00 000000 00*8 %08x %08x %08x 00000000 %08x 00*12",
                0x80 | function, itt, referenced, cmdSn, refCmdSn)));
    }

    @Override
    public void close() {
        hangUp();
    }

    /** Closes the connection in the middle of a test. */
    void hangUp() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
