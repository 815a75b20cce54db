package io.zonewright.frontend.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.net.NetAddress;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A host's end of one connection: sends and receives whole PDUs, checks nothing that a test does not ask for. */
final class Host implements AutoCloseable {
    static final String NQN = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    static final String ID = "11112222333344445555666677778888";

    static final int BLOCK = 512;

    private final Socket socket;
    private boolean headerDigest;
    private boolean dataDigest;

    Host(NetAddress address) {
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

    Host send(byte[]... parts) {
        try {
            socket.getOutputStream().write(Bytes.join(parts));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** The next PDU, whole; null at the end. */
    byte[] receive() {
        try {
            byte[] head = socket.getInputStream().readNBytes(8);
            if (head.length == 0) {
                return new byte[0];
            }
            if (head.length < 8) {
                throw new EOFException("in the middle of a header");
            }
            int rest = Little.i32(head, 4) - 8;
            byte[] body = socket.getInputStream().readNBytes(rest);
            assertEquals(rest, body.length, "the connection ended within a PDU");
            return Bytes.join(head, body);
        } catch (SocketException e) {
            return new byte[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Receives a PDU and gives it as hexadecimal digits. */
    String receiveHex() {
        return Bytes.text(receive());
    }

    /** The end of the connection. */
    void expectEnd() {
        assertEquals("", receiveHex());
    }

    /** Initializes the connection; digests: bit 0 header, bit 1 data. */
    Host initialize(int digests, int hpda, int maxR2t) {
        byte[] request = Bytes.hex("00 00 80 00 80000000 0000 00 00 00000000 00*112");
        request[10] = (byte) hpda;
        request[11] = (byte) digests;
        Little.put32(request, 12, maxR2t);
        send(request);
        byte[] response = receive();
        assertEquals("0100800080000000", Bytes.text(Arrays.copyOf(response, 8)));
        headerDigest = (response[11] & 1) != 0;
        dataDigest = (response[11] & 2) != 0;
        return this;
    }

    /** A command capsule, with data in it or none. */
    byte[] capsule(byte[] sqe, byte[] data) {
        int header = headerDigest ? 76 : 72;
        byte[] pdu = new byte[72];
        pdu[0] = 4;
        pdu[1] = (byte) ((headerDigest ? 1 : 0) | (dataDigest && data.length > 0 ? 2 : 0));
        pdu[2] = 72;
        pdu[3] = (byte) (data.length > 0 ? header : 0);
        Little.put32(pdu, 4, header + data.length + (dataDigest && data.length > 0 ? 4 : 0));
        System.arraycopy(sqe, 0, pdu, 8, 64);
        byte[] none = {};
        return Bytes.join(
                pdu,
                headerDigest ? Bytes.digest(pdu) : none,
                data,
                dataDigest && data.length > 0 ? Bytes.digest(data) : none);
    }

    /** Data after an R2T. */
    byte[] h2cData(int cid, int tag, int offset, byte[] data, boolean last) {
        byte[] pdu = new byte[24];
        pdu[0] = 6;
        pdu[1] = (byte) ((headerDigest ? 1 : 0) | (dataDigest ? 2 : 0) | (last ? 4 : 0));
        pdu[2] = 24;
        pdu[3] = (byte) (headerDigest ? 28 : 24);
        Little.put32(pdu, 4, pdu[3] + data.length + (dataDigest ? 4 : 0));
        Little.put16(pdu, 8, cid);
        Little.put16(pdu, 10, tag);
        Little.put32(pdu, 12, offset);
        Little.put32(pdu, 16, data.length);
        byte[] none = {};
        return Bytes.join(pdu, headerDigest ? Bytes.digest(pdu) : none, data, dataDigest ? Bytes.digest(data) : none);
    }

    /** The fields of a submission queue entry with the SGL of data in the capsule. */
    static byte[] sqe(int opcode, int cid, int nsid, int inCapsule) {
        byte[] sqe = new byte[64];
        sqe[0] = (byte) opcode;
        sqe[1] = 0x40;
        Little.put16(sqe, 2, cid);
        Little.put32(sqe, 4, nsid);
        Little.put32(sqe, 32, inCapsule);
        sqe[39] = (byte) (inCapsule > 0 ? 0x01 : 0x5A);
        blocks(sqe, inCapsule);
        return sqe;
    }

    /** The same with the SGL of data by R2T or C2HData. */
    static byte[] sqeTransport(int opcode, int cid, int nsid, int length) {
        byte[] sqe = sqe(opcode, cid, nsid, 0);
        Little.put32(sqe, 32, length);
        blocks(sqe, length);
        return sqe;
    }

    /** NLB of Write and Read, at block 0. */
    static void blocks(byte[] sqe, int bytes) {
        if ((sqe[0] == 1 || sqe[0] == 2) && bytes > 0) {
            Little.put16(sqe, 48, bytes / BLOCK - 1);
        }
    }

    static byte[] connectSqe(int cid, int qid, int sqSize, int attributes, int kato) {
        byte[] sqe = sqe(0x7F, cid, 0, 1024);
        sqe[4] = 1;
        Little.put16(sqe, 42, qid);
        Little.put16(sqe, 44, sqSize);
        sqe[46] = (byte) attributes;
        Little.put32(sqe, 48, kato);
        return sqe;
    }

    static byte[] connectData(int controller, String subsystem, String host) {
        byte[] data = new byte[1024];
        System.arraycopy(Bytes.hex(ID), 0, data, 0, 16);
        Little.put16(data, 16, controller);
        byte[] sub = subsystem.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(sub, 0, data, 256, sub.length);
        byte[] own = host.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(own, 0, data, 512, own.length);
        return data;
    }

    /** Sends a command, and gives its answer: the 16 bytes of the completion. */
    byte[] command(byte[] sqe, byte[] inCapsule) {
        send(capsule(sqe, inCapsule));
        return completion();
    }

    byte[] completion() {
        byte[] pdu = receive();
        assertEquals(5, pdu.length == 0 ? -1 : pdu[0], () -> "not a response: " + Bytes.text(pdu));
        return Arrays.copyOfRange(pdu, 8, 24);
    }

    static int status(byte[] completion) {
        return Little.u16(completion, 14) >>> 1;
    }

    static long result(byte[] completion) {
        return Integer.toUnsignedLong(Little.i32(completion, 0)) | (long) Little.i32(completion, 4) << 32;
    }

    /** Connects the admin queue and enables the controller: its number. */
    int admin(String subsystem, int kato) {
        byte[] done = command(connectSqe(0, 0, 31, 0, kato), connectData(0xFFFF, subsystem, NQN));
        assertEquals(0, status(done));
        int id = Little.i32(done, 0) & 0xFFFF;
        assertEquals(0, status(setProperty(0x14, 0x00460061))); // CC: IOCQES 4, IOSQES 6, CSS all sets, EN
        return id;
    }

    /** Connects an I/O queue. */
    Host queue(String subsystem, int controller, int qid, int entries, int attributes) {
        byte[] done = command(connectSqe(0, qid, entries - 1, attributes, 0), connectData(controller, subsystem, NQN));
        assertEquals(0, status(done));
        return this;
    }

    byte[] setProperty(int offset, long value) {
        byte[] sqe = sqe(0x7F, 1, 0, 0);
        sqe[4] = 0;
        Little.put32(sqe, 44, offset);
        Little.put64(sqe, 48, value);
        return command(sqe, new byte[0]);
    }

    byte[] getProperty(int offset, int attribute) {
        byte[] sqe = sqe(0x7F, 2, 0, 0);
        sqe[4] = 4;
        sqe[40] = (byte) attribute;
        Little.put32(sqe, 44, offset);
        return command(sqe, new byte[0]);
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
