package io.zonewright.frontend.nvme.tcp;

import static io.zonewright.frontend.nvme.tcp.pdu.Pdu.COMMON_SIZE;
import static io.zonewright.frontend.nvme.tcp.pdu.Pdu.DIGEST_SIZE;

import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.tcp.pdu.FatalError;
import io.zonewright.frontend.nvme.tcp.pdu.Pdu;
import io.zonewright.net.BufferPool;
import io.zonewright.net.NetAddress;
import io.zonewright.net.NetBuffer;
import io.zonewright.net.Outgoing;
import io.zonewright.net.SendQueue;
import io.zonewright.net.SocketMember;
import io.zonewright.posix.IoVecs;
import io.zonewright.posix.Posix;
import io.zonewright.posix.TcpConnection;
import io.zonewright.runtime.Counters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One queue pair's connection: PDUs in and out (TCP Transport 1.1, section 3). Knows nothing of what commands mean: those
 * go to the {@link Association}, or before and beside it to {@link FabricsCommands}.
 *
 * <p><b>Memory.</b> Idle, it holds none. Input gathers in one buffer, and data that came within a capsule is handed down
 * where it lies. Data by R2T goes straight into the command's own buffer, for which a command waits before the R2T is
 * sent; a read waits for its buffer likewise. What one connection may hold is bounded, so a host that does not read, or
 * does not send what it was asked for, stalls its own commands only, and is disconnected after a while.
 *
 * <p>Everything belongs to the loop's thread, except {@link #closeSoon} and {@link #drainSoon}.
 */
final class NvmeTcpConnection extends SocketMember {
    /** In-capsule data of Fabrics and admin commands (section 3.4, "at least 8,192 bytes"). */
    static final int ADMIN_CAPSULE_DATA = 8 << 10;

    /** In-capsule data on I/O queues: IOCCSZ less the entry. */
    static final int IO_CAPSULE_DATA = 16 << 10;

    /** MAXH2CDATA. */
    static final int MAX_H2C_DATA = BufferPool.MAX_BYTES;

    /** Data of one command: MDTS. */
    static final int MAX_DATA = BufferPool.MAX_BYTES;

    /** Where a host allows several R2Ts of one command, each asks for at most this much. */
    static final int R2T_BYTES = 256 << 10;

    /** Buffers of commands that one connection may hold; one command is always allowed. */
    static final long MAX_HELD = 4L << 20;

    /** Reads of at least this much are sent from the medium's own memory if it lends; the copy of less costs less. */
    static final int LEND_BYTES = 16 << 10;

    /** What it may take while the loop's memory is scarce; likewise. */
    static final long MAX_HELD_WHEN_SCARCE = MAX_HELD / 8;

    /** While memory is scarce, a host has this long to let half of what it holds go on. */
    static final long SCARCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(10);
    static final long AUTHENTICATION_NANOS = TimeUnit.SECONDS.toNanos(60);
    static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(30);
    static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final int RECEIVE_BYTES = 64 << 10;

    /** The largest PDU that must lie in one piece: a capsule with its data, paddings and digests. */
    private static final int LARGEST_PIECE = 256 + IO_CAPSULE_DATA + DIGEST_SIZE;

    /** While bulk data is expected, no more than this is read at once into the common buffer, to be copied from there. */
    private static final int PEEK_BYTES = 4 << 10;

    /** Receive calls before other connections have their turn. */
    private static final int RECEIVES = 8;

    private static final int SGL_IN_CAPSULE = 0x01;
    private static final int SGL_TRANSPORT = 0x5A;

    /** Life of a connection. */
    private enum State {
        WAIT_ICREQ,
        OPEN,
        TERMINATING
    }

    private final LoopResources resources;
    private final FabricsCommands fabrics;
    private final InetSocketAddress peer;
    private final Runnable afterClose;
    private final DigestPolicy digests;
    private final SendQueue queue = new SendQueue();
    private final Transfers transfers = new Transfers();
    private final Portal portal;

    /** When the host was last told to prove itself, or came: nanoseconds of the loop's clock. */
    private long waitingSince;

    private State state = State.WAIT_ICREQ;
    private Counters<NvmeTcpCounter> counters;
    private @Nullable Association association;
    private int qid;
    private int entries = 1;
    private boolean flowControl = true;
    private int sqHead;
    private boolean admitted;
    private int capsuleData = ADMIN_CAPSULE_DATA;

    private boolean headerDigest;
    private boolean dataDigest;
    private int dataAlignment = 4;
    private int transfersPerCommand = 1;

    // What was received and not yet understood.
    private @Nullable NetBuffer rx;
    private int rxStart;
    private int rxEnd;
    private boolean starved;

    // Data of an H2CData PDU on its way into a command's buffer.
    private @Nullable ReadyToTransfer incoming;
    private int incomingAt;
    private int incomingLeft;
    private int incomingBytes;

    private @Nullable TcpCommand waitingHead;
    private @Nullable TcpCommand waitingTail;
    private boolean retryWaiting;

    private int inFlight;
    private int executing;
    private long held;
    private int work;
    private boolean serving;
    /** Commands carried out in this pass, and whose device gathers them. */
    private int started;

    private @Nullable Association batch;
    private boolean outputShut;
    private boolean draining;
    private @Nullable Runnable drained;
    private int quietReports;

    private boolean progressed = true;
    private long lastProgress;
    private long terminatingSince;

    /** Since when memory has been scarce while this host held some: 0 if it is not. And the bytes moved since then. */
    private long scarceSince;

    private long moved;

    NvmeTcpConnection(
            TcpConnection socket,
            InetSocketAddress peer,
            LoopResources resources,
            Portal portal,
            Counters<NvmeTcpCounter> counters,
            Runnable afterClose) {
        super(socket, resources.loop());
        this.resources = resources;
        this.peer = peer;
        this.counters = counters;
        this.afterClose = afterClose;
        digests = portal.options().digests();
        this.portal = portal;
        waitingSince = resources.loop().now();
        lastProgress = waitingSince;
        fabrics = new FabricsCommands(this, portal);
    }

    @Override
    public String name() {
        Association of = association;
        String who = NetAddress.of(peer).toString();
        return of == null ? who : who + " controller " + of.id() + " queue " + qid;
    }

    InetSocketAddress peer() {
        return peer;
    }

    LoopResources resources() {
        return resources;
    }

    @Nullable
    Association association() {
        return association;
    }

    int qid() {
        return qid;
    }

    /** Counts from now on for a subsystem. */
    void countFor(Counters<NvmeTcpCounter> others) {
        counters = others;
    }

    void count(NvmeTcpCounter counter, long amount) {
        counters.add(counter, amount);
    }

    /**
     * The queue is connected.
     *
     * @param queueEntries size of the submission queue
     * @param withFlowControl whether SQHD is told
     * @param trusted whether commands are taken at once, or only after authentication
     */
    void connected(Association to, int number, int queueEntries, boolean withFlowControl, boolean trusted) {
        association = to;
        qid = number;
        entries = queueEntries;
        flowControl = withFlowControl;
        sqHead = 0;
        admitted = trusted;
        capsuleData = number == 0 ? ADMIN_CAPSULE_DATA : IO_CAPSULE_DATA;
    }

    /** Authentication succeeded. */
    void admit() {
        admitted = true;
    }

    /** Ends {@link #connected} or {@link #admit}: the host may take the connection down, or prove itself, now. */
    void disconnected() {
        if (admitted) {
            admitted = false;
            waitingSince = loop().now();
        }
    }

    Portal portal() {
        return portal;
    }

    boolean admitted() {
        return admitted;
    }

    // Life on the loop ---------------------------------------------------------------------------------------------

    @Override
    protected int serve() {
        work = 0;
        serving = true;
        try {
            if (state == State.TERMINATING || draining) {
                discard();
            } else {
                started = 0;
                try {
                    if (retryWaiting) {
                        startWaiting();
                    }
                    for (int i = 0; i < RECEIVES && state != State.TERMINATING && receive(); i++) {
                        parse();
                    }
                    settle();
                } finally {
                    endBatch();
                }
            }
            if (!closed()) {
                flush();
            }
        } finally {
            serving = false;
        }
        return work;
    }

    @Override
    protected boolean hasWork() {
        return (readReady() && !starved) || (retryWaiting && waitingHead != null);
    }

    @Override
    protected void writable() {
        queue.unblock();
    }

    @Override
    protected void memoryReturned() {
        if (starved || waitingHead != null) {
            starved = false;
            retryWaiting = true;
            schedule();
        }
    }

    private void flush() {
        long sent = queue.isEmpty() ? 0 : queue.flush(socket(), loop().vectors());
        if (sent > 0) {
            progressed = true;
            moved += sent;
            work++;
        }
        if (queue.isEmpty()) {
            if (state == State.TERMINATING && !outputShut) {
                outputShut = true;
                socket().shutdownOutput();
            }
            if (draining && executing == 0) {
                close();
            }
        }
    }

    @Override
    protected void tick(long now) {
        if (progressed) {
            progressed = false;
            lastProgress = now;
        }
        Association of = association;
        if (of != null && qid == 0 && state == State.OPEN) {
            of.tick(now);
        }
        if (closed()) {
            return;
        }
        if (state == State.TERMINATING) {
            terminatingSince = terminatingSince == 0 ? now : terminatingSince;
            if (now - terminatingSince >= LINGER_NANOS) {
                close();
            }
        } else if (!admitted && now - waitingSince >= (of == null ? HANDSHAKE_NANOS : AUTHENTICATION_NANOS)) {
            timeout();
        } else if (unfinished() && (now - lastProgress >= STALL_NANOS || hogs(now))) {
            timeout();
        }
    }

    /** Whether the host keeps memory that others wait for, and is too slow about it. Asked at each tick. */
    private boolean hogs(long now) {
        long holds = held + (rx == null ? 0 : rx.size());
        if (!loop().memoryScarce() || holds == 0) {
            scarceSince = 0;
            return false;
        }
        if (scarceSince != 0 && now - scarceSince < SCARCE_NANOS) {
            return false;
        }
        boolean slow = scarceSince != 0 && moved < holds / 2;
        scarceSince = now;
        moved = 0;
        return slow;
    }

    /** Whether the peer owes us something: the rest of a PDU, data that it was asked for, or reading our answers. */
    private boolean unfinished() {
        return rxEnd > rxStart || incoming != null || transfers.open() > 0 || !queue.isEmpty();
    }

    private void timeout() {
        count(NvmeTcpCounter.TIMEOUTS, 1);
        close();
    }

    /**
     * Closes the connection, soon; from any thread.
     *
     * @param report whether to tell the association when all is quiet
     */
    void closeSoon(boolean report) {
        loop().pollLoop().execute(() -> {
            if (report) {
                quietReports++;
                if (closed()) {
                    checkQuiet();
                }
            }
            close();
        });
    }

    /** Takes no more commands, answers those that are being carried out, then closes; from any thread. */
    void drainSoon(Runnable whenClosed) {
        loop().pollLoop().execute(() -> {
            if (closed()) {
                whenClosed.run();
                return;
            }
            drained = whenClosed;
            draining = true;
            dropUnstarted();
            schedule();
        });
    }

    @Override
    protected void onClosed() {
        queue.drop();
        dropUnstarted();
        NetBuffer in = rx;
        rx = null;
        rxStart = 0;
        rxEnd = 0;
        if (in != null) {
            in.release();
        }
        fabrics.closed();
        Association of = association;
        if (of != null) {
            of.closed(qid, this);
        }
        afterClose.run();
        Runnable then = drained;
        drained = null;
        if (then != null) {
            then.run();
        }
        checkQuiet();
    }

    private void checkQuiet() {
        Association of = association;
        while (quietReports > 0 && executing == 0 && closed() && of != null) {
            quietReports--;
            of.quiet();
        }
    }

    /** Lets go of commands that the controller has not been given. */
    private void dropUnstarted() {
        incoming = null;
        incomingLeft = 0;
        TcpCommand waiting = waitingHead;
        waitingHead = null;
        waitingTail = null;
        while (waiting != null) {
            TcpCommand command = waiting;
            waiting = command.next;
            command.next = null;
            abandon(command);
        }
        for (int tag = 0, n = transfers.size(); tag < n && transfers.open() > 0; tag++) {
            ReadyToTransfer transfer = transfers.get(tag);
            if (transfer != null) {
                TcpCommand command = Objects.requireNonNull(transfer.command);
                finish(transfer);
                if (command.transfersOpen == 0) {
                    abandon(command);
                }
            }
        }
    }

    private void abandon(TcpCommand command) {
        command.phase = TcpCommand.Phase.HELD;
        Association of = association;
        if (command.begun && of != null) {
            of.refuse(command, NvmeStatus.ABORTED_SQ_DELETION);
        } else {
            release(command);
        }
    }

    // Receiving ----------------------------------------------------------------------------------------------------

    /** Reads what there is; whether something came. */
    private boolean receive() {
        if (!readReady()) {
            return false;
        }
        if (!makeRoom()) {
            starved = true;
            return false;
        }
        NetBuffer in = Objects.requireNonNull(rx);
        int room = in.size() - rxEnd;
        long offered;
        long got;
        ReadyToTransfer transfer = incoming;
        if (transfer != null && incomingLeft > 0 && rxStart == rxEnd) {
            int peek = Math.min(room, PEEK_BYTES);
            IoVecs vectors = loop().vectors();
            vectors.clear();
            vectors.add(dataOf(transfer), incomingAt, incomingLeft);
            vectors.add(in.segment(), rxEnd, peek);
            offered = (long) incomingLeft + peek;
            got = socket().receive(vectors);
            vectors.clear();
            if (got > 0) {
                int direct = (int) Math.min(got, incomingLeft);
                incomingAt += direct;
                incomingLeft -= direct;
                rxEnd += (int) got - direct;
            }
        } else {
            offered = transfers.open() > 0 ? Math.min(room, PEEK_BYTES) : room;
            got = socket().receive(in.segment(), rxEnd, offered);
            rxEnd += (int) Math.max(0, got);
        }
        if (got == Posix.AGAIN) {
            drained();
            return false;
        }
        if (got == 0) {
            close();
            return false;
        }
        if (got < offered) {
            drained();
        }
        progressed = true;
        moved += got;
        work++;
        return true;
    }

    private static MemorySegment dataOf(ReadyToTransfer transfer) {
        return Objects.requireNonNull(Objects.requireNonNull(transfer.command).buffer)
                .segment();
    }

    /** Makes sure that the PDU that has begun can be completed in one piece; false if there is no memory. */
    private boolean makeRoom() {
        NetBuffer in = rx;
        if (in == null) {
            rx = resources.loop().pool().take(RECEIVE_BYTES);
            rxStart = 0;
            rxEnd = 0;
            return rx != null;
        }
        if (in.size() - rxStart >= LARGEST_PIECE && rxEnd < in.size()) {
            return true;
        }
        int partial = rxEnd - rxStart;
        if (in.users() == 1) {
            MemorySegment.copy(in.segment(), rxStart, in.segment(), 0, partial);
        } else {
            // Commands still use what lies before.
            NetBuffer fresh = resources.loop().pool().take(RECEIVE_BYTES);
            if (fresh == null) {
                return false;
            }
            MemorySegment.copy(in.segment(), rxStart, fresh.segment(), 0, partial);
            in.release();
            rx = fresh;
        }
        rxStart = 0;
        rxEnd = partial;
        return true;
    }

    /** Nothing more to do for now: an idle connection holds no buffer. */
    private void settle() {
        NetBuffer in = rx;
        if (in != null && rxStart == rxEnd) {
            rx = null;
            rxStart = 0;
            rxEnd = 0;
            in.release();
        }
    }

    /** Reads and forgets, so that our last words are not lost in a reset. */
    private void discard() {
        NetBuffer sink = rx != null ? rx : resources.loop().pool().take(RECEIVE_BYTES);
        rx = sink;
        if (sink == null) {
            starved = true;
            return;
        }
        rxStart = 0;
        rxEnd = 0;
        if (sink.users() > 1) {
            settle();
            return;
        }
        for (int i = 0; i < RECEIVES && readReady(); i++) {
            long got = socket().receive(sink.segment(), 0, sink.size());
            if (got == 0) {
                close();
                return;
            }
            if (got == Posix.AGAIN) {
                drained();
            }
        }
        settle();
    }

    private void parse() {
        while (state != State.TERMINATING && !closed()) {
            if (incoming != null) {
                if (!continueData()) {
                    return;
                }
            } else if (!parseOne()) {
                return;
            }
        }
    }

    /** Takes one PDU, or the header of one with bulk data; false if it is not all here. */
    private boolean parseOne() {
        int have = rxEnd - rxStart;
        if (have < COMMON_SIZE) {
            return false;
        }
        MemorySegment in = Objects.requireNonNull(rx).segment();
        int type = Little.u8(in, rxStart + Pdu.TYPE_OFFSET);
        int flags = Little.u8(in, rxStart + Pdu.FLAGS_OFFSET);
        int hlen = Little.u8(in, rxStart + Pdu.HLEN_OFFSET);
        int pdo = Little.u8(in, rxStart + Pdu.PDO_OFFSET);
        int plen = Little.i32(in, rxStart + Pdu.PLEN_OFFSET);
        return switch (type) {
            case Pdu.ICREQ -> initialize(in, have, hlen, plen);
            case Pdu.H2C_TERM_REQ -> terminated(have, hlen, plen);
            case Pdu.CAPSULE_CMD -> capsule(in, have, flags, hlen, pdo, plen);
            case Pdu.H2C_DATA -> data(in, have, flags, hlen, pdo, plen);
            default -> terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.TYPE_OFFSET);
        };
    }

    // Connection ---------------------------------------------------------------------------------------------------

    private boolean initialize(MemorySegment in, int have, int hlen, int plen) {
        if (state != State.WAIT_ICREQ) {
            return terminate(FatalError.PDU_SEQUENCE_ERROR, 0);
        }
        if (hlen != Pdu.IC_SIZE) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.HLEN_OFFSET);
        }
        if (plen != Pdu.IC_SIZE) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.PLEN_OFFSET);
        }
        if (have < Pdu.IC_SIZE) {
            return false;
        }
        if (Little.u16(in, rxStart + Pdu.PFV_OFFSET) != 0) {
            return terminate(FatalError.UNSUPPORTED_PARAMETER, Pdu.PFV_OFFSET);
        }
        int alignment = Little.u8(in, rxStart + Pdu.PDA_OFFSET);
        if (alignment > Pdu.MAX_PDA) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.PDA_OFFSET);
        }
        int wanted = Little.u8(in, rxStart + Pdu.DGST_OFFSET);
        long more = Integer.toUnsignedLong(Little.i32(in, rxStart + Pdu.MAXR2T_OFFSET));
        rxStart += Pdu.IC_SIZE;
        headerDigest = digests.allows(wanted & Pdu.DGST_HEADER);
        dataDigest = digests.allows(wanted & Pdu.DGST_DATA);
        dataAlignment = (alignment + 1) * 4;
        transfersPerCommand = (int) Math.min(more + 1, 1 + MAX_DATA / R2T_BYTES);
        state = State.OPEN;
        byte[] response = new byte[Pdu.IC_SIZE];
        response[Pdu.TYPE_OFFSET] = Pdu.ICRESP;
        response[Pdu.HLEN_OFFSET] = (byte) Pdu.IC_SIZE;
        Little.put32(response, Pdu.PLEN_OFFSET, Pdu.IC_SIZE);
        response[Pdu.DGST_OFFSET] = (byte) ((headerDigest ? Pdu.DGST_HEADER : 0) | (dataDigest ? Pdu.DGST_DATA : 0));
        Little.put32(response, Pdu.MAXH2CDATA_OFFSET, MAX_H2C_DATA);
        send(response);
        return true;
    }

    /** For PDUs of which a connection sends one in its life. */
    private void send(byte[] bytes) {
        MemorySegment memory = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        Outgoing out = new Outgoing() {
            @Override
            protected void sent() {}
        };
        out.set(memory, 0, bytes.length);
        queue.add(out);
    }

    private boolean terminated(int have, int hlen, int plen) {
        if (hlen != Pdu.TERM_SIZE || plen < Pdu.TERM_SIZE || plen > Pdu.TERM_SIZE + Pdu.TERM_MAX_DATA || have >= plen) {
            // Whatever it says: the host is going.
            close();
        }
        return false;
    }

    /** Says why, and ends the connection. Always false. */
    private boolean terminate(FatalError error, int information) {
        count(NvmeTcpCounter.FATAL_ERRORS, 1);
        MemorySegment in = Objects.requireNonNull(rx).segment();
        int hlen = Little.u8(in, rxStart + Pdu.HLEN_OFFSET);
        int echo = Math.min(Math.max(hlen, COMMON_SIZE), Math.min(rxEnd - rxStart, Pdu.TERM_MAX_DATA));
        byte[] request = new byte[Pdu.TERM_SIZE + echo];
        request[Pdu.TYPE_OFFSET] = Pdu.C2H_TERM_REQ;
        request[Pdu.HLEN_OFFSET] = Pdu.TERM_SIZE;
        Little.put32(request, Pdu.PLEN_OFFSET, request.length);
        Little.put16(request, Pdu.FES_OFFSET, error.status());
        Little.put32(request, Pdu.FEI_OFFSET, information);
        MemorySegment.copy(in, ValueLayout.JAVA_BYTE, rxStart, request, Pdu.TERM_SIZE, echo);
        state = State.TERMINATING;
        dropUnstarted();
        send(request);
        return false;
    }

    // Capsules -----------------------------------------------------------------------------------------------------

    private boolean capsule(MemorySegment in, int have, int flags, int hlen, int pdo, int plen) {
        if (state == State.WAIT_ICREQ) {
            return terminate(FatalError.PDU_SEQUENCE_ERROR, 0);
        }
        if (hlen != Pdu.COMMAND_SIZE) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.HLEN_OFFSET);
        }
        int header = Pdu.COMMAND_SIZE + (headerDigest ? DIGEST_SIZE : 0);
        boolean withData = plen != header;
        int expected = (headerDigest ? Pdu.HDGSTF : 0) | (withData && dataDigest ? Pdu.DDGSTF : 0);
        if (flags != expected) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.FLAGS_OFFSET);
        }
        int tail = withData && dataDigest ? DIGEST_SIZE : 0;
        if (withData && (pdo < header || pdo % 4 != 0)) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.PDO_OFFSET);
        }
        int bytes = withData ? plen - pdo - tail : 0;
        if (plen < header || (withData && (bytes < 1 || bytes > capsuleData))) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.PLEN_OFFSET);
        }
        if (have < plen) {
            return false;
        }
        if (!headerDigestRight(in, hlen)) {
            return false;
        }
        if (inFlight == entries) {
            return terminate(FatalError.PDU_SEQUENCE_ERROR, 0);
        }
        TcpCommand command = resources.takeCommand();
        command.start(this);
        inFlight++;
        work++;
        count(NvmeTcpCounter.COMMANDS, 1);
        MemorySegment.copy(in, ValueLayout.JAVA_BYTE, rxStart + Pdu.SQE_OFFSET, command.sqe(), 0, 64);
        if (withData) {
            takeCapsuleData(command, in, pdo, bytes);
        }
        rxStart += plen;
        if (command.digestWrong) {
            count(NvmeTcpCounter.DATA_DIGEST_ERRORS, 1);
            command.end(NvmeStatus.TRANSIENT_TRANSPORT_ERROR, 0, 0);
        } else {
            route(command);
        }
        return true;
    }

    private void takeCapsuleData(TcpCommand command, MemorySegment in, int pdo, int bytes) {
        NetBuffer buffer = Objects.requireNonNull(rx);
        buffer.retain();
        command.capsule = buffer;
        command.capsuleAt = rxStart + pdo;
        command.capsuleBytes = bytes;
        count(NvmeTcpCounter.BYTES_FROM_HOSTS, bytes);
        command.digestWrong = dataDigest
                && loop().crc().of(buffer, rxStart + pdo, bytes) != Little.i32(in, (long) rxStart + pdo + bytes);
    }

    private boolean headerDigestRight(MemorySegment in, int hlen) {
        if (headerDigest) {
            int told = Little.i32(in, (long) rxStart + hlen);
            if (loop().crc().of(Objects.requireNonNull(rx), rxStart, hlen) != told) {
                terminate(FatalError.HEADER_DIGEST_ERROR, told);
                return false;
            }
        }
        return true;
    }

    private void route(TcpCommand command) {
        if (command.opcode() == NvmeOpcode.FABRICS.code()) {
            fabrics.begin(command);
            return;
        }
        Association to = association;
        if (to == null || fabrics.left()) {
            command.end(NvmeStatus.dnr(NvmeStatus.COMMAND_SEQUENCE_ERROR), 0, 0);
        } else if (!admitted) {
            command.end(NvmeStatus.dnr(NvmeStatus.AUTHENTICATION_REQUIRED), 0, 0);
        } else if (to.begin(command, qid)) {
            provideData(command);
        }
    }

    // Data of commands ---------------------------------------------------------------------------------------------

    /** Brings about {@link TcpCommand#bytes} of data, then has the command carried out. */
    void provideData(TcpCommand command) {
        if (command.bytes == 0) {
            execute(command);
            return;
        }
        boolean toController = command.direction == Transfer.TO_CONTROLLER;
        int sgl = command.sglIdentifier();
        if (command.psdt() == 0 || (sgl == SGL_IN_CAPSULE && !toController)) {
            refuse(command, NvmeStatus.dnr(NvmeStatus.INVALID_FIELD));
        } else if (sgl != SGL_IN_CAPSULE && sgl != SGL_TRANSPORT) {
            refuse(command, NvmeStatus.dnr(NvmeStatus.SGL_DESCRIPTOR_TYPE_INVALID));
        } else if (sgl == SGL_IN_CAPSULE && command.sglAddress() != 0) {
            refuse(command, NvmeStatus.dnr(NvmeStatus.SGL_OFFSET_INVALID));
        } else if (command.sglLength() < command.bytes
                || (sgl == SGL_IN_CAPSULE && command.sglLength() > command.capsuleBytes)) {
            refuse(command, NvmeStatus.dnr(NvmeStatus.DATA_SGL_LENGTH_INVALID));
        } else if (sgl == SGL_IN_CAPSULE) {
            NetBuffer capsule = Objects.requireNonNull(command.capsule);
            command.data().add(capsule.segment(), command.capsuleAt, command.bytes);
            execute(command);
        } else if (command.lendable && command.bytes >= LEND_BYTES && !dataDigest) {
            command.borrow();
            execute(command);
        } else if (waitingHead != null || !takeBuffer(command)) {
            count(NvmeTcpCounter.MEMORY_WAITS, 1);
            await(command);
        } else {
            transfer(command);
        }
    }

    private boolean takeBuffer(TcpCommand command) {
        if (held > 0 && held + command.bytes > (loop().memoryScarce() ? MAX_HELD_WHEN_SCARCE : MAX_HELD)) {
            return false;
        }
        NetBuffer buffer = resources.loop().pool().take(command.bytes);
        if (buffer == null) {
            return false;
        }
        command.buffer = buffer;
        command.data().clear();
        command.data().add(buffer.segment(), TcpCommand.DATA_AT, command.bytes);
        held += buffer.size();
        return true;
    }

    private void await(TcpCommand command) {
        command.phase = TcpCommand.Phase.WAITING;
        TcpCommand last = waitingTail;
        if (last == null) {
            waitingHead = command;
        } else {
            last.next = command;
        }
        waitingTail = command;
    }

    private void startWaiting() {
        retryWaiting = false;
        TcpCommand command = waitingHead;
        while (command != null && takeBuffer(command)) {
            waitingHead = command.next;
            if (waitingHead == null) {
                waitingTail = null;
            }
            command.next = null;
            work++;
            transfer(command);
            command = waitingHead;
        }
    }

    private void transfer(TcpCommand command) {
        if (command.direction == Transfer.TO_HOST) {
            execute(command);
        } else {
            command.phase = TcpCommand.Phase.RECEIVING;
            ask(command);
        }
    }

    /** Sends as many R2Ts as the host allows. */
    private void ask(TcpCommand command) {
        while (command.asked < command.bytes && command.transfersOpen < transfersPerCommand) {
            int left = command.bytes - command.asked;
            ReadyToTransfer transfer = resources.takeTransfer();
            transfer.command = command;
            transfer.offset = command.asked;
            transfer.length = transfersPerCommand == 1 ? left : Math.min(left, R2T_BYTES);
            transfer.received = 0;
            transfer.over = false;
            transfers.add(transfer);
            command.asked += transfer.length;
            command.transfersOpen++;
            count(NvmeTcpCounter.READY_TO_TRANSFERS, 1);
            MemorySegment out = transfer.memory;
            int size = putHeader(out, 0, Pdu.R2T, 0, Pdu.R2T_SIZE, 0, Pdu.R2T_SIZE);
            Little.put16(out, Pdu.CCCID_OFFSET, command.cid());
            Little.put16(out, Pdu.TTAG_OFFSET, transfer.tag);
            Little.put32(out, Pdu.DATA_OFFSET_OFFSET, transfer.offset);
            Little.put32(out, Pdu.DATA_LENGTH_OFFSET, transfer.length);
            Little.put32(out, Pdu.DATA_LENGTH_OFFSET + 4, 0);
            if (headerDigest) {
                Little.put32(out, Pdu.R2T_SIZE, loop().crc().of(transfer.view, 0, Pdu.R2T_SIZE));
            }
            transfer.set(out, 0, size);
            transfer.sending = true;
            queue.add(transfer);
        }
    }

    /** A common header; gives the PDU's length, which it adds the header digest to. */
    private int putHeader(MemorySegment out, int at, int type, int flags, int hlen, int pdo, int length) {
        int digest = headerDigest && pdo == 0 ? DIGEST_SIZE : 0;
        Little.put8(out, at + Pdu.TYPE_OFFSET, type);
        Little.put8(out, at + Pdu.FLAGS_OFFSET, flags | (headerDigest ? Pdu.HDGSTF : 0));
        Little.put8(out, at + Pdu.HLEN_OFFSET, hlen);
        Little.put8(out, at + Pdu.PDO_OFFSET, pdo);
        Little.put32(out, at + Pdu.PLEN_OFFSET, length + digest);
        return length + digest;
    }

    private boolean data(MemorySegment in, int have, int flags, int hlen, int pdo, int plen) {
        if (state == State.WAIT_ICREQ) {
            return terminate(FatalError.PDU_SEQUENCE_ERROR, 0);
        }
        if (hlen != Pdu.DATA_SIZE) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.HLEN_OFFSET);
        }
        int expected = (headerDigest ? Pdu.HDGSTF : 0) | (dataDigest ? Pdu.DDGSTF : 0);
        if ((flags & ~Pdu.LAST_PDU) != expected) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.FLAGS_OFFSET);
        }
        int header = Pdu.DATA_SIZE + (headerDigest ? DIGEST_SIZE : 0);
        if (pdo < header || pdo % 4 != 0) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.PDO_OFFSET);
        }
        long bytes = Integer.toUnsignedLong(plen) - pdo - (dataDigest ? DIGEST_SIZE : 0);
        if (bytes < 1) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.PLEN_OFFSET);
        }
        if (have < pdo || !headerDigestRight(in, hlen)) {
            return false;
        }
        long length = Integer.toUnsignedLong(Little.i32(in, rxStart + Pdu.DATA_LENGTH_OFFSET));
        if (length > MAX_H2C_DATA) {
            return terminate(FatalError.DATA_TRANSFER_LIMIT_EXCEEDED, 0);
        }
        if (length != bytes) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.DATA_LENGTH_OFFSET);
        }
        return beginData(in, (flags & Pdu.LAST_PDU) != 0, pdo, (int) bytes);
    }

    private boolean beginData(MemorySegment in, boolean last, int pdo, int bytes) {
        ReadyToTransfer transfer = transfers.get(Little.u16(in, rxStart + Pdu.TTAG_OFFSET));
        if (transfer == null || transfer.sending) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.TTAG_OFFSET);
        }
        TcpCommand command = Objects.requireNonNull(transfer.command);
        if (Little.u16(in, rxStart + Pdu.CCCID_OFFSET) != command.cid()) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.CCCID_OFFSET);
        }
        long offset = Integer.toUnsignedLong(Little.i32(in, rxStart + Pdu.DATA_OFFSET_OFFSET));
        if (offset < transfer.offset || offset + bytes > (long) transfer.offset + transfer.length) {
            return terminate(FatalError.DATA_TRANSFER_OUT_OF_RANGE, 0);
        }
        if (offset != transfer.offset + transfer.received || last != (transfer.received + bytes == transfer.length)) {
            return terminate(FatalError.PDU_SEQUENCE_ERROR, 0);
        }
        rxStart += pdo;
        incoming = transfer;
        incomingAt = TcpCommand.DATA_AT + (int) offset;
        incomingLeft = bytes;
        incomingBytes = bytes;
        return true;
    }

    /** Takes data, and the digest behind it; false if more has to come. */
    private boolean continueData() {
        ReadyToTransfer transfer = Objects.requireNonNull(incoming);
        TcpCommand command = Objects.requireNonNull(transfer.command);
        NetBuffer buffer = Objects.requireNonNull(command.buffer);
        int step = Math.min(incomingLeft, rxEnd - rxStart);
        if (step > 0) {
            MemorySegment.copy(Objects.requireNonNull(rx).segment(), rxStart, buffer.segment(), incomingAt, step);
            rxStart += step;
            incomingAt += step;
            incomingLeft -= step;
        }
        if (incomingLeft > 0 || (dataDigest && rxEnd - rxStart < DIGEST_SIZE)) {
            return false;
        }
        if (dataDigest) {
            int told = Little.i32(Objects.requireNonNull(rx).segment(), rxStart);
            rxStart += DIGEST_SIZE;
            if (loop().crc().of(buffer, incomingAt - incomingBytes, incomingBytes) != told) {
                command.digestWrong = true;
                count(NvmeTcpCounter.DATA_DIGEST_ERRORS, 1);
            }
        }
        count(NvmeTcpCounter.BYTES_FROM_HOSTS, incomingBytes);
        transfer.received += incomingBytes;
        command.received += incomingBytes;
        incoming = null;
        if (transfer.received == transfer.length) {
            finish(transfer);
            ask(command);
            if (command.received == command.bytes) {
                received(command);
            }
        }
        return true;
    }

    private void received(TcpCommand command) {
        if (command.digestWrong) {
            refuse(command, NvmeStatus.TRANSIENT_TRANSPORT_ERROR);
        } else {
            execute(command);
        }
    }

    private void finish(ReadyToTransfer transfer) {
        transfers.remove(transfer);
        Objects.requireNonNull(transfer.command).transfersOpen--;
        transfer.over = true;
        if (!transfer.sending) {
            resources.giveBack(transfer);
        }
    }

    // Execution ----------------------------------------------------------------------------------------------------

    private void execute(TcpCommand command) {
        command.phase = TcpCommand.Phase.EXECUTING;
        executing++;
        if (command.begun) {
            Association of = Objects.requireNonNull(association);
            // The first of a pass starts at once, the others as a batch.
            if (serving && ++started == 2) {
                batch = of;
                of.beginBatch();
            }
            of.execute(command);
        } else {
            fabrics.execute(command);
        }
    }

    private void endBatch() {
        Association of = batch;
        if (of != null) {
            batch = null;
            of.endBatch();
        }
    }

    /** Ends a command before it was carried out. */
    void refuse(TcpCommand command, int status) {
        command.phase = TcpCommand.Phase.HELD;
        if (command.begun) {
            Objects.requireNonNull(association).refuse(command, status);
        } else {
            command.end(status, 0, 0);
        }
    }

    /** A command has ended. */
    void completed(TcpCommand command) {
        if (command.phase == TcpCommand.Phase.EXECUTING) {
            executing--;
        }
        if (closed() || state == State.TERMINATING) {
            release(command);
            checkQuiet();
            return;
        }
        command.phase = TcpCommand.Phase.ANSWERING;
        work++;
        answer(command);
        if (!serving) {
            schedule();
        }
    }

    private void answer(TcpCommand command) {
        int head = 0;
        if (flowControl) {
            sqHead = sqHead + 1 == entries ? 0 : sqHead + 1;
            head = sqHead;
        } else if (fabrics.isConnect(command)) {
            head = 0xFFFF;
        }
        boolean good = command.resultStatus == NvmeStatus.SUCCESS;
        if (!good) {
            count(NvmeTcpCounter.ERRORS, 1);
        }
        NetBuffer buffer = command.buffer;
        if (command.borrowed()) {
            MemorySegment out = command.scratch;
            int start = putDataHeader(command, out, command.scratchView);
            int end = putEnd(command, out, command.scratchView, TcpCommand.DATA_AT, head);
            command.answer.set(out, start, end - start, TcpCommand.DATA_AT - start, command.data());
        } else if (good && buffer != null && command.direction == Transfer.TO_HOST) {
            MemorySegment out = buffer.segment();
            int start = putDataHeader(command, out, buffer.view());
            int end = TcpCommand.DATA_AT + command.bytes;
            if (dataDigest) {
                Little.put32(out, end, loop().crc().of(buffer, TcpCommand.DATA_AT, command.bytes));
                end += DIGEST_SIZE;
            }
            end = putEnd(command, out, buffer.view(), end, head);
            command.answer.set(out, start, end - start);
        } else {
            releaseData(command);
            command.answer.set(command.scratch, 0, putResponse(command, command.scratch, command.scratchView, 0, head));
        }
        queue.add(command.answer);
    }

    /** Without flow control of the submission queue the response may be implied (section 3.3.2.1). */
    private boolean implied(TcpCommand command) {
        return !flowControl && command.resultDw0 == 0 && command.resultDw1 == 0;
    }

    /** The header of a PDU whose data starts at {@link TcpCommand#DATA_AT}; where it starts itself. */
    private int putDataHeader(TcpCommand command, MemorySegment out, ByteBuffer view) {
        int header = Pdu.DATA_SIZE + (headerDigest ? DIGEST_SIZE : 0);
        int pdo = (header + dataAlignment - 1) / dataAlignment * dataAlignment;
        int start = TcpCommand.DATA_AT - pdo;
        int tail = dataDigest ? DIGEST_SIZE : 0;
        int flags = Pdu.LAST_PDU | (implied(command) ? Pdu.SUCCESS : 0) | (dataDigest ? Pdu.DDGSTF : 0);
        putHeader(out, start, Pdu.C2H_DATA, flags, Pdu.DATA_SIZE, pdo, pdo + command.bytes + tail);
        Little.put16(out, start + Pdu.CCCID_OFFSET, command.cid());
        Little.put16(out, start + Pdu.TTAG_OFFSET, 0);
        Little.put32(out, start + Pdu.DATA_OFFSET_OFFSET, 0);
        Little.put32(out, start + Pdu.DATA_LENGTH_OFFSET, command.bytes);
        Little.put32(out, start + Pdu.DATA_LENGTH_OFFSET + 4, 0);
        int padded = start + Pdu.DATA_SIZE;
        if (headerDigest) {
            Little.put32(out, padded, loop().crc().of(view, start, Pdu.DATA_SIZE));
            padded += DIGEST_SIZE;
        }
        for (; padded < TcpCommand.DATA_AT; padded += 4) {
            Little.put32(out, padded, 0);
        }
        count(NvmeTcpCounter.BYTES_TO_HOSTS, command.bytes);
        return start;
    }

    /** What follows data, at {@code at}: a response, if it is not implied. The end of all. */
    private int putEnd(TcpCommand command, MemorySegment out, ByteBuffer view, int at, int head) {
        return implied(command) ? at : at + putResponse(command, out, view, at, head);
    }

    /** A response capsule at {@code at}; its length. */
    private int putResponse(TcpCommand command, MemorySegment out, ByteBuffer view, int at, int head) {
        int size = putHeader(out, at, Pdu.CAPSULE_RESP, 0, Pdu.RESPONSE_SIZE, 0, Pdu.RESPONSE_SIZE);
        command.putResponse(out, at, head);
        if (headerDigest) {
            Little.put32(out, at + Pdu.RESPONSE_SIZE, loop().crc().of(view, at, Pdu.RESPONSE_SIZE));
        }
        return size;
    }

    /** The answer is with the kernel, or never will be. */
    void answered(TcpCommand command) {
        release(command);
    }

    private void releaseData(TcpCommand command) {
        NetBuffer buffer = command.buffer;
        if (buffer != null) {
            command.buffer = null;
            held -= buffer.size();
            buffer.release();
            if (waitingHead != null) {
                retryWaiting = true;
                if (!serving) {
                    schedule();
                }
            }
        }
        NetBuffer capsule = command.capsule;
        if (capsule != null) {
            command.capsule = null;
            capsule.release();
        }
    }

    private void release(TcpCommand command) {
        releaseData(command);
        inFlight--;
        if (command.borrowed()) {
            command.endLoan();
        }
        command.data().clear();
        command.forget();
        resources.giveBack(command);
    }
}
