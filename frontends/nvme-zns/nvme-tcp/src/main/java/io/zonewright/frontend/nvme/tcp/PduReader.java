package io.zonewright.frontend.nvme.tcp;

import static io.zonewright.frontend.nvme.tcp.pdu.Pdu.COMMON_SIZE;
import static io.zonewright.frontend.nvme.tcp.pdu.Pdu.DIGEST_SIZE;

import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.tcp.pdu.FatalError;
import io.zonewright.frontend.nvme.tcp.pdu.Pdu;
import io.zonewright.net.NetBuffer;
import io.zonewright.net.ReceiveBuffer;
import io.zonewright.posix.IoVecs;
import io.zonewright.posix.Posix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Receives and takes apart what one host sends (TCP Transport 1.1, section 3.6). Input gathers in one buffer, where data
 * within a capsule stays; data after an R2T goes straight into its command's buffer. On the loop's thread.
 */
final class PduReader {
    /** The largest PDU that must lie in one piece: a capsule with its data, paddings and digests. */
    private static final int LARGEST_PIECE = 256 + NvmeTcpConnection.IO_CAPSULE_DATA + DIGEST_SIZE;

    /** While bulk data is expected, no more than this is read at once into the common buffer, to be copied from there. */
    private static final int PEEK_BYTES = 4 << 10;

    /** Receive calls before other connections have their turn. */
    static final int RECEIVES = 8;

    private final NvmeTcpConnection connection;
    private final ConnectionTerms terms;
    private final PduWriter writer;
    private final CommandData data;
    private final DigestPolicy digests;
    private boolean initialized;

    // What was received and not yet understood.
    private final ReceiveBuffer input;

    // Data of an H2CData PDU on its way into a command's buffer.
    private @Nullable ReadyToTransfer incoming;
    private int incomingAt;
    private int incomingLeft;
    private int incomingBytes;

    PduReader(
            NvmeTcpConnection connection,
            ConnectionTerms terms,
            PduWriter writer,
            CommandData data,
            DigestPolicy digests) {
        this.connection = connection;
        this.terms = terms;
        this.writer = writer;
        this.data = data;
        input = new ReceiveBuffer(connection.loop().pool(), LARGEST_PIECE);
        this.digests = digests;
    }

    /** Whether there is no memory to receive into. */
    boolean starved() {
        return input.starved();
    }

    /** Memory may have come back. */
    void retry() {
        input.retry();
    }

    /** Whether a part of a PDU has come. */
    boolean withinPdu() {
        return !input.isEmpty() || incoming != null;
    }

    /** Memory that is held for input, bytes. */
    long held() {
        return input.held();
    }

    /** No data is taken any more for commands that were dropped. */
    void dropIncoming() {
        incoming = null;
        incomingLeft = 0;
    }

    /** The connection is closed. */
    void closed() {
        input.release();
    }

    /** Reads what there is; whether something came. */
    boolean receive() {
        if (!connection.mayRead()) {
            return false;
        }
        if (!input.makeRoom()) {
            return false;
        }
        int room = input.room();
        long offered;
        long got;
        ReadyToTransfer transfer = incoming;
        if (transfer != null && incomingLeft > 0 && input.isEmpty()) {
            int peek = Math.min(room, PEEK_BYTES);
            IoVecs vectors = connection.loop().vectors();
            vectors.clear();
            vectors.add(dataOf(transfer), incomingAt, incomingLeft);
            input.addRoom(vectors, peek);
            offered = (long) incomingLeft + peek;
            got = connection.socket().receive(vectors);
            vectors.clear();
            if (got > 0) {
                int direct = (int) Math.min(got, incomingLeft);
                incomingAt += direct;
                incomingLeft -= direct;
                input.received((int) got - direct);
            }
        } else {
            offered = data.transfers().open() > 0 ? Math.min(room, PEEK_BYTES) : room;
            got = input.receive(connection.socket(), (int) offered);
        }
        if (got == Posix.AGAIN) {
            connection.nothingToRead();
            return false;
        }
        if (got == 0) {
            connection.close();
            return false;
        }
        if (got < offered) {
            connection.nothingToRead();
        }
        connection.received(got);
        return true;
    }

    private static MemorySegment dataOf(ReadyToTransfer transfer) {
        return Objects.requireNonNull(Objects.requireNonNull(transfer.command).buffer)
                .segment();
    }

    /** Makes sure that there is memory to receive into before the host is asked for data; false if there is none. */
    boolean reserve() {
        return input.reserve();
    }

    /** Nothing more to do for now: a connection holds no buffer unless its host was, or is about to be, asked for data. */
    void settle() {
        if (input.isEmpty() && !data.expectsData()) {
            input.release();
        }
    }

    /** Reads and forgets, so that our last words are not lost in a reset. */
    void discard() {
        if (!input.clear()) {
            return;
        }
        NetBuffer sink = input.buffer();
        for (int i = 0; i < RECEIVES && connection.mayRead(); i++) {
            long got = connection.socket().receive(sink.segment(), 0, sink.size());
            if (got == 0) {
                connection.close();
                return;
            }
            if (got == Posix.AGAIN) {
                connection.nothingToRead();
            }
        }
        settle();
    }

    /** Takes all that is there. */
    void parse() {
        while (!connection.terminating() && !connection.closed()) {
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
        int have = input.bytes();
        if (have < COMMON_SIZE) {
            return false;
        }
        MemorySegment in = input.segment();
        int type = Little.u8(in, input.start() + Pdu.TYPE_OFFSET);
        int flags = Little.u8(in, input.start() + Pdu.FLAGS_OFFSET);
        int hlen = Little.u8(in, input.start() + Pdu.HLEN_OFFSET);
        int pdo = Little.u8(in, input.start() + Pdu.PDO_OFFSET);
        int plen = Little.i32(in, input.start() + Pdu.PLEN_OFFSET);
        return switch (type) {
            case Pdu.ICREQ -> initialize(in, have, hlen, plen);
            case Pdu.H2C_TERM_REQ -> terminated(have, hlen, plen);
            case Pdu.CAPSULE_CMD -> capsule(in, have, flags, hlen, pdo, plen);
            case Pdu.H2C_DATA -> h2cData(in, have, flags, hlen, pdo, plen);
            default -> terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.TYPE_OFFSET);
        };
    }

    private boolean initialize(MemorySegment in, int have, int hlen, int plen) {
        if (initialized) {
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
        if (Little.u16(in, input.start() + Pdu.PFV_OFFSET) != 0) {
            return terminate(FatalError.UNSUPPORTED_PARAMETER, Pdu.PFV_OFFSET);
        }
        int alignment = Little.u8(in, input.start() + Pdu.PDA_OFFSET);
        if (alignment > Pdu.MAX_PDA) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.PDA_OFFSET);
        }
        int wanted = Little.u8(in, input.start() + Pdu.DGST_OFFSET);
        long more = Integer.toUnsignedLong(Little.i32(in, input.start() + Pdu.MAXR2T_OFFSET));
        input.consume(Pdu.IC_SIZE);
        terms.headerDigest = digests.allows(wanted & Pdu.DGST_HEADER);
        terms.dataDigest = digests.allows(wanted & Pdu.DGST_DATA);
        terms.dataAlignment = (alignment + 1) * 4;
        terms.transfersPerCommand = (int) Math.min(more + 1, 1 + NvmeTcpConnection.MAX_DATA / CommandData.R2T_BYTES);
        initialized = true;
        connection.send(writer.initialized());
        return true;
    }

    private boolean terminated(int have, int hlen, int plen) {
        if (hlen != Pdu.TERM_SIZE || plen < Pdu.TERM_SIZE || plen > Pdu.TERM_SIZE + Pdu.TERM_MAX_DATA || have >= plen) {
            // Whatever it says: the host is going.
            connection.close();
        }
        return false;
    }

    /** Says why, and ends the connection. Always false. */
    private boolean terminate(FatalError error, int information) {
        MemorySegment in = input.segment();
        connection.terminate(PduWriter.termination(error, information, in, input.start(), input.bytes()));
        return false;
    }

    private boolean capsule(MemorySegment in, int have, int flags, int hlen, int pdo, int plen) {
        if (!initialized) {
            return terminate(FatalError.PDU_SEQUENCE_ERROR, 0);
        }
        if (hlen != Pdu.COMMAND_SIZE) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.HLEN_OFFSET);
        }
        int header = Pdu.COMMAND_SIZE + (terms.headerDigest ? DIGEST_SIZE : 0);
        boolean withData = plen != header;
        int expected = (terms.headerDigest ? Pdu.HDGSTF : 0) | (withData && terms.dataDigest ? Pdu.DDGSTF : 0);
        if (flags != expected) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.FLAGS_OFFSET);
        }
        int tail = withData && terms.dataDigest ? DIGEST_SIZE : 0;
        if (withData && (pdo < header || pdo % 4 != 0)) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.PDO_OFFSET);
        }
        int bytes = withData ? plen - pdo - tail : 0;
        if (plen < header || (withData && (bytes < 1 || bytes > connection.capsuleData()))) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.PLEN_OFFSET);
        }
        if (have < plen) {
            return false;
        }
        if (!headerDigestRight(in, hlen)) {
            return false;
        }
        if (connection.full()) {
            return terminate(FatalError.PDU_SEQUENCE_ERROR, 0);
        }
        TcpCommand command = connection.resources().takeCommand();
        command.start(connection);
        connection.taken();
        MemorySegment.copy(in, ValueLayout.JAVA_BYTE, input.start() + Pdu.SQE_OFFSET, command.sqe(), 0, 64);
        if (withData) {
            takeCapsuleData(command, in, pdo, bytes);
        }
        input.consume(plen);
        if (command.digestWrong) {
            connection.count(NvmeTcpCounter.DATA_DIGEST_ERRORS, 1);
            command.end(NvmeStatus.TRANSIENT_TRANSPORT_ERROR, 0, 0);
        } else {
            connection.route(command);
        }
        return true;
    }

    private void takeCapsuleData(TcpCommand command, MemorySegment in, int pdo, int bytes) {
        NetBuffer buffer = input.buffer();
        buffer.retain();
        command.capsule = buffer;
        command.capsuleAt = input.start() + pdo;
        command.capsuleBytes = bytes;
        connection.count(NvmeTcpCounter.BYTES_FROM_HOSTS, bytes);
        command.digestWrong = terms.dataDigest
                && connection.loop().crc().of(buffer, input.start() + pdo, bytes)
                        != Little.i32(in, (long) input.start() + pdo + bytes);
    }

    private boolean headerDigestRight(MemorySegment in, int hlen) {
        if (terms.headerDigest) {
            int told = Little.i32(in, (long) input.start() + hlen);
            if (connection.loop().crc().of(input.buffer(), input.start(), hlen) != told) {
                terminate(FatalError.HEADER_DIGEST_ERROR, told);
                return false;
            }
        }
        return true;
    }

    private boolean h2cData(MemorySegment in, int have, int flags, int hlen, int pdo, int plen) {
        if (!initialized) {
            return terminate(FatalError.PDU_SEQUENCE_ERROR, 0);
        }
        if (hlen != Pdu.DATA_SIZE) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.HLEN_OFFSET);
        }
        int expected = (terms.headerDigest ? Pdu.HDGSTF : 0) | (terms.dataDigest ? Pdu.DDGSTF : 0);
        if ((flags & ~Pdu.LAST_PDU) != expected) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.FLAGS_OFFSET);
        }
        int header = Pdu.DATA_SIZE + (terms.headerDigest ? DIGEST_SIZE : 0);
        if (pdo < header || pdo % 4 != 0) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.PDO_OFFSET);
        }
        long bytes = Integer.toUnsignedLong(plen) - pdo - (terms.dataDigest ? DIGEST_SIZE : 0);
        if (bytes < 1) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.PLEN_OFFSET);
        }
        if (have < pdo || !headerDigestRight(in, hlen)) {
            return false;
        }
        long length = Integer.toUnsignedLong(Little.i32(in, input.start() + Pdu.DATA_LENGTH_OFFSET));
        if (length > NvmeTcpConnection.MAX_H2C_DATA) {
            return terminate(FatalError.DATA_TRANSFER_LIMIT_EXCEEDED, 0);
        }
        if (length != bytes) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.DATA_LENGTH_OFFSET);
        }
        return beginData(in, (flags & Pdu.LAST_PDU) != 0, pdo, (int) bytes);
    }

    private boolean beginData(MemorySegment in, boolean last, int pdo, int bytes) {
        ReadyToTransfer transfer = data.transfers().get(Little.u16(in, input.start() + Pdu.TTAG_OFFSET));
        if (transfer == null || transfer.sending) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.TTAG_OFFSET);
        }
        TcpCommand command = Objects.requireNonNull(transfer.command);
        if (Little.u16(in, input.start() + Pdu.CCCID_OFFSET) != command.cid()) {
            return terminate(FatalError.INVALID_PDU_HEADER_FIELD, Pdu.CCCID_OFFSET);
        }
        long offset = Integer.toUnsignedLong(Little.i32(in, input.start() + Pdu.DATA_OFFSET_OFFSET));
        if (offset < transfer.offset || offset + bytes > (long) transfer.offset + transfer.length) {
            return terminate(FatalError.DATA_TRANSFER_OUT_OF_RANGE, 0);
        }
        if (offset != transfer.offset + transfer.received || last != (transfer.received + bytes == transfer.length)) {
            return terminate(FatalError.PDU_SEQUENCE_ERROR, 0);
        }
        input.consume(pdo);
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
        int step = Math.min(incomingLeft, input.bytes());
        if (step > 0) {
            MemorySegment.copy(input.segment(), input.start(), buffer.segment(), incomingAt, step);
            input.consume(step);
            incomingAt += step;
            incomingLeft -= step;
        }
        if (incomingLeft > 0 || (terms.dataDigest && input.bytes() < DIGEST_SIZE)) {
            return false;
        }
        if (terms.dataDigest) {
            int told = Little.i32(input.segment(), input.start());
            input.consume(DIGEST_SIZE);
            if (connection.loop().crc().of(buffer, incomingAt - incomingBytes, incomingBytes) != told) {
                command.digestWrong = true;
                connection.count(NvmeTcpCounter.DATA_DIGEST_ERRORS, 1);
            }
        }
        connection.count(NvmeTcpCounter.BYTES_FROM_HOSTS, incomingBytes);
        transfer.received += incomingBytes;
        command.received += incomingBytes;
        incoming = null;
        if (transfer.received == transfer.length) {
            data.finish(transfer);
            data.ask(command);
            if (command.received == command.bytes) {
                data.received(command);
            }
        }
        return true;
    }
}
