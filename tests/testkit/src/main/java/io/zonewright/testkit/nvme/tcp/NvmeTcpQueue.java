package io.zonewright.testkit.nvme.tcp;

import io.zonewright.testkit.nvme.ControllerGoneException;
import io.zonewright.testkit.nvme.Cqe;
import io.zonewright.testkit.nvme.Nvme;
import io.zonewright.testkit.nvme.NvmeFlight;
import io.zonewright.testkit.nvme.NvmeHost;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeResult;
import io.zonewright.testkit.nvme.Sqe;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One queue pair over one connection. It checks what a kernel does not: offsets and lengths of data, the last-PDU flag,
 * the number of R2Ts outstanding, the submission queue head. For one thread at a time.
 */
public final class NvmeTcpQueue implements AutoCloseable {
    /** A transport SGL data block descriptor: type 5h, sub-type Ah (TCP section 3.4.2). */
    public static final int SGL_TRANSPORT = 0x5A;

    /** A data block descriptor whose address is an offset into the capsule: type 0h, sub-type 1h. */
    public static final int SGL_IN_CAPSULE = 0x01;

    private static final int COMMAND_HEADER = 72;
    private static final int DATA_HEADER = 24;
    private static final int IC_BYTES = 128;

    /** A command on this queue. */
    public static final class Flight extends NvmeFlight {
        private final int cid;
        private final boolean inCapsule;
        private final byte[] in;
        private int received;
        private int requested;
        private int r2ts;

        private Flight(NvmeRequest request, int cid, boolean inCapsule) {
            super(request);
            this.inCapsule = inCapsule;
            this.cid = cid;
            in = new byte[request.inBytes()];
        }

        /** The command's identifier. */
        public int cid() {
            return cid;
        }

        private void finish(NvmeResult result) {
            end(result);
        }
    }

    private final PduConnection connection;
    private final TcpOptions options;
    private final int size;
    private final boolean headerDigest;
    private final boolean dataDigest;
    private final int alignment;
    private final int maxH2cData;
    private final @Nullable Flight[] flights;
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private final ArrayDeque<Pdu> heldR2ts = new ArrayDeque<>();
    private int capsuleData;
    private boolean holdsR2ts;

    private NvmeTcpQueue(PduConnection connection, TcpOptions options, int size, Pdu response) {
        this.connection = connection;
        this.options = options;
        this.size = size;
        // TCP section 3.6.2.3: PFV at 8, CPDA at 10, DGST at 11, MAXH2CDATA at 12.
        if (response.type() != Pdu.IC_RESP || response.hlen() != IC_BYTES || response.plen() != IC_BYTES) {
            throw new IllegalStateException("not an ICResp: " + response);
        }
        if (response.u16(8) != 0) {
            throw new IllegalStateException("PDU format version " + response.u16(8));
        }
        alignment = 4 * ((response.bytes()[10] & 0x1F) + 1);
        headerDigest = (response.bytes()[11] & 1) != 0;
        dataDigest = (response.bytes()[11] & 2) != 0;
        maxH2cData = response.u32(12);
        if (maxH2cData < 4096) {
            throw new IllegalStateException("MAXH2CDATA of " + maxH2cData + " is below 4096");
        }
        flights = new @Nullable Flight[size];
        for (int i = 0; i < size; i++) {
            free.add(i);
        }
    }

    /** Connects and exchanges ICReq and ICResp; the queue is not connected yet. */
    public static NvmeTcpQueue open(InetSocketAddress address, TcpOptions options, int size) {
        PduConnection connection = PduConnection.connect(address);
        try {
            connection.send(initialize(options));
            Pdu response = connection.receive(NvmeHost.TIMEOUT_MILLIS);
            if (response == null) {
                throw new IllegalStateException("no ICResp");
            }
            return new NvmeTcpQueue(connection, options, size, response);
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** ICReq (TCP section 3.6.2.2): PFV at 8, HPDA at 10, DGST at 11, MAXR2T, 0's based, at 12. */
    public static Pdu initialize(TcpOptions options) {
        ByteBuffer header = Pdu.header(Pdu.IC_REQ, 0, IC_BYTES)
                .put(10, (byte) (options.alignment() / 4 - 1))
                .put(11, (byte) ((options.headerDigest() ? 1 : 0) | (options.dataDigest() ? 2 : 0)))
                .putInt(12, options.maxR2t() - 1);
        return Pdu.of(header, new byte[0], false, false, 4);
    }

    /**
     * The Connect command (Base section 6.3): record format at 40, queue at 42, size, 0's based, at 44, attributes at 46,
     * keep alive at 48; 1024 bytes of data with host identifier at 0, controller at 16, subsystem at 256, host at 512.
     *
     * @param controller FFFFh for the admin queue of a dynamic controller
     */
    public static NvmeRequest connect(TcpOptions options, String subsystem, int queue, int size, int controller) {
        Sqe sqe = new Sqe(Nvme.FABRICS)
                .octet(4, Nvme.FABRICS_CONNECT)
                .octet(42, queue)
                .octet(43, queue >>> 8)
                .octet(44, size - 1)
                .octet(45, (size - 1) >>> 8)
                .octet(46, options.flowControl() ? 0 : 4)
                .dword(12, queue == 0 ? options.keepAliveMillis() : 0);
        ByteBuffer data = ByteBuffer.allocate(1024).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        byte[] host = options.hostName().getBytes(StandardCharsets.UTF_8);
        // The identifier has to be the host's own: two names with one identifier are two hosts in one.
        data.put(
                0,
                Arrays.copyOf(
                        java.util.UUID.nameUUIDFromBytes(host).toString().getBytes(StandardCharsets.US_ASCII), 16));
        data.putShort(16, (short) controller);
        data.put(256, subsystem.getBytes(StandardCharsets.UTF_8));
        data.put(512, host);
        return NvmeRequest.sending(sqe, data.array());
    }

    /** From now on at most so many bytes of data go into a capsule, if the options allow as many. */
    void capsuleData(int bytes) {
        capsuleData = Math.min(bytes, options.inCapsule());
    }

    /** From now on R2Ts wait for {@link #nextR2t} and {@link #sendData}. */
    public void holdR2ts() {
        holdsR2ts = true;
    }

    /** The connection, for PDUs of the test's own. */
    public PduConnection connection() {
        return connection;
    }

    public boolean headerDigest() {
        return headerDigest;
    }

    public boolean dataDigest() {
        return dataDigest;
    }

    /** MAXH2CDATA of the controller, bytes. */
    public int maxH2cData() {
        return maxH2cData;
    }

    /** Most commands in flight at once. */
    public int depth() {
        return size - 1;
    }

    /** How many commands are in flight. */
    public int inFlight() {
        return size - free.size();
    }

    // --- sending -----------------------------------------------------------------------------------------------------

    /** Sends a command; data that is small enough in the capsule. */
    public Flight submit(NvmeRequest request) {
        // Fabrics commands have room for 8192 bytes in the capsule of an admin queue (TCP section 3.4.1).
        int limit = request.sqe().opcode() == Nvme.FABRICS ? 8192 : capsuleData;
        return submit(request, request.out().length > 0 && request.out().length <= limit);
    }

    /** Sends a command, with its data in the capsule or not. */
    public Flight submit(NvmeRequest request, boolean inCapsule) {
        if (free.size() <= 1) {
            throw new IllegalStateException("the queue of " + size + " is full");
        }
        int cid = free.remove();
        Flight flight = new Flight(request, cid, inCapsule);
        flights[cid] = flight;
        connection.send(capsule(request, cid, inCapsule));
        return flight;
    }

    /** A command capsule as this queue sends it. */
    public Pdu capsule(NvmeRequest request, int cid, boolean inCapsule) {
        Sqe sqe = request.sqe().copy().cid(cid);
        byte[] data = inCapsule ? request.out() : new byte[0];
        int bytes = Math.max(request.out().length, request.inBytes());
        if (inCapsule) {
            sqe.sgl(0, data.length, SGL_IN_CAPSULE);
        } else {
            sqe.sgl(0, bytes, SGL_TRANSPORT);
        }
        ByteBuffer header = Pdu.header(Pdu.CAPSULE_CMD, 0, COMMAND_HEADER).put(8, sqe.bytes());
        return Pdu.of(header, data, headerDigest, dataDigest, alignment);
    }

    /** An H2CData PDU (TCP section 3.6.2.6): CCCID at 8, TTAG at 10, DATAO at 12, DATAL at 16. */
    public Pdu h2cData(int cid, int tag, byte[] data, int offset, int length, boolean last) {
        ByteBuffer header = Pdu.header(Pdu.H2C_DATA, last ? Pdu.F_LAST : 0, DATA_HEADER)
                .putShort(8, (short) cid)
                .putShort(10, (short) tag)
                .putInt(12, offset)
                .putInt(16, length);
        return Pdu.of(header, Arrays.copyOfRange(data, offset, offset + length), headerDigest, dataDigest, alignment);
    }

    // --- receiving
    // -----------------------------------------------------------------------------------------------------

    /** Handles what is there by now; returns how many commands ended. */
    public int collect() {
        int ended = 0;
        Pdu pdu = connection.receive(0);
        while (pdu != null) {
            ended += handle(pdu);
            pdu = connection.receive(0);
        }
        return ended;
    }

    /** Waits for a command; whether it completed in time. */
    public boolean await(NvmeFlight flight, int timeoutMillis) {
        long end = System.nanoTime() + timeoutMillis * 1_000_000L;
        while (flight.result() == null) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            Pdu pdu = connection.receive((int) left);
            if (pdu != null) {
                handle(pdu);
            }
        }
        return true;
    }

    /** Answers R2Ts until all data of a command is sent, or it ended, or the time is over. */
    void awaitDataSent(Flight flight, int timeoutMillis) {
        long end = System.nanoTime() + timeoutMillis * 1_000_000L;
        while (!flight.inCapsule && flight.requested < flight.request().out().length && flight.result() == null) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (holdsR2ts || left <= 0) {
                return;
            }
            Pdu pdu = connection.receive((int) left);
            if (pdu != null) {
                handle(pdu);
            }
        }
    }

    /** Asks and waits. */
    public NvmeResult run(NvmeRequest request) {
        Flight flight = submit(request);
        if (!await(flight, NvmeHost.TIMEOUT_MILLIS)) {
            throw new IllegalStateException("no completion of " + request);
        }
        NvmeResult result = flight.result();
        return java.util.Objects.requireNonNull(result);
    }

    /** With {@link #holdR2ts}: the next R2T, which has to come within the time. */
    public Pdu nextR2t() {
        long end = System.nanoTime() + NvmeHost.TIMEOUT_MILLIS * 1_000_000L;
        while (heldR2ts.isEmpty()) {
            long left = (end - System.nanoTime()) / 1_000_000;
            Pdu pdu = left <= 0 ? null : connection.receive((int) left);
            if (pdu == null) {
                throw new IllegalStateException("no R2T");
            }
            handle(pdu);
        }
        return heldR2ts.remove();
    }

    private int handle(Pdu pdu) {
        boolean digested = pdu.has(Pdu.F_HEADER_DIGEST);
        if (pdu.type() != Pdu.C2H_TERM_REQ && digested != headerDigest) {
            throw new IllegalStateException("header digest " + (digested ? "unasked" : "missing") + ": " + pdu);
        }
        return switch (pdu.type()) {
            case Pdu.CAPSULE_RESP -> response(pdu);
            case Pdu.C2H_DATA -> data(pdu);
            case Pdu.R2T -> r2t(pdu);
            case Pdu.C2H_TERM_REQ ->
                throw new ControllerGoneException(
                        "C2HTermReq with fatal error status " + pdu.u16(8) + ", information " + pdu.u32(10));
            default -> throw new IllegalStateException("not for a host: " + pdu);
        };
    }

    private Flight flight(int cid) {
        Flight flight = cid < size ? flights[cid] : null;
        if (flight == null) {
            throw new IllegalStateException("no command " + cid + " is in flight");
        }
        return flight;
    }

    private int response(Pdu pdu) {
        require(pdu.hlen() == DATA_HEADER && pdu.pdo() == 0, pdu);
        Cqe cqe = Cqe.parse(pdu.bytes(), Pdu.COMMON_BYTES);
        Flight flight = flight(cqe.cid());
        if (options.flowControl()) {
            require(cqe.sqHead() < size, pdu);
        }
        int wanted = flight.request().inBytes();
        if (cqe.status() == 0 && flight.received != wanted) {
            throw new IllegalStateException(
                    "success after " + flight.received + " of " + wanted + " bytes: " + flight.request());
        }
        finish(flight, new NvmeResult(cqe.status(), cqe.dw0(), cqe.dw1(), flight.in));
        return 1;
    }

    private void finish(Flight flight, NvmeResult result) {
        flights[flight.cid] = null;
        free.add(flight.cid);
        flight.finish(result);
    }

    private int data(Pdu pdu) {
        require(pdu.hlen() == DATA_HEADER && pdu.pdo() % options.alignment() == 0, pdu);
        Flight flight = flight(pdu.u16(8));
        byte[] data = pdu.data();
        int offset = pdu.u32(12);
        require(pdu.u32(16) == data.length && pdu.has(Pdu.F_DATA_DIGEST) == (dataDigest && data.length > 0), pdu);
        require(offset == flight.received && offset + data.length <= flight.in.length && data.length > 0, pdu);
        System.arraycopy(data, 0, flight.in, offset, data.length);
        flight.received += data.length;
        require(pdu.has(Pdu.F_LAST) == (flight.received == flight.in.length), pdu);
        if (pdu.has(Pdu.F_SUCCESS)) {
            // TCP section 3.4.4: only with the last one, and not where a completion has to tell the queue's head.
            require(pdu.has(Pdu.F_LAST) && !options.flowControl(), pdu);
            finish(flight, new NvmeResult(0, 0, 0, flight.in));
            return 1;
        }
        return 0;
    }

    private int r2t(Pdu pdu) {
        require(pdu.hlen() == DATA_HEADER && pdu.pdo() == 0, pdu);
        Flight flight = flight(pdu.u16(8));
        int offset = pdu.u32(12);
        int length = pdu.u32(16);
        require(
                length > 0
                        && offset == flight.requested
                        && offset + length <= flight.request().out().length,
                pdu);
        flight.requested += length;
        flight.r2ts++;
        require(flight.r2ts <= options.maxR2t(), pdu);
        if (holdsR2ts) {
            heldR2ts.add(pdu);
        } else {
            sendData(pdu);
        }
        return 0;
    }

    /** Answers an R2T with everything that it asks for. */
    public void sendData(Pdu r2t) {
        Flight flight = flight(r2t.u16(8));
        byte[] out = flight.request().out();
        int step = Math.min(maxH2cData, options.h2cBytes());
        int end = r2t.u32(12) + r2t.u32(16);
        flight.r2ts--;
        for (int at = r2t.u32(12); at < end; at += step) {
            int length = Math.min(step, end - at);
            connection.send(h2cData(flight.cid, r2t.u16(10), out, at, length, at + length == end));
        }
    }

    private static void require(boolean holds, Pdu pdu) {
        if (!holds) {
            throw new IllegalStateException("against the specification: " + pdu);
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
