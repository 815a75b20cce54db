package io.zonewright.frontend.nvme.tcp;

import static io.zonewright.frontend.nvme.tcp.pdu.Pdu.COMMON_SIZE;
import static io.zonewright.frontend.nvme.tcp.pdu.Pdu.DIGEST_SIZE;

import io.zonewright.frontend.nvme.tcp.pdu.FatalError;
import io.zonewright.frontend.nvme.tcp.pdu.Pdu;
import io.zonewright.net.Crc32c;
import io.zonewright.net.NetBuffer;
import io.zonewright.net.Outgoing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Forms the PDUs that one connection sends (TCP Transport 1.1, section 3.6). Decides nothing and queues nothing. */
final class PduWriter {
    private final ConnectionTerms terms;
    private final Crc32c crc;

    PduWriter(ConnectionTerms terms, Crc32c crc) {
        this.terms = terms;
        this.crc = crc;
    }

    /** For PDUs of which a connection sends one in its life. */
    private static Outgoing once(byte[] bytes) {
        MemorySegment memory = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        Outgoing out = new Outgoing() {
            @Override
            protected void sent() {}
        };
        out.set(memory, 0, bytes.length);
        return out;
    }

    /** ICResp. */
    Outgoing initialized() {
        byte[] response = new byte[Pdu.IC_SIZE];
        response[Pdu.TYPE_OFFSET] = Pdu.ICRESP;
        response[Pdu.HLEN_OFFSET] = (byte) Pdu.IC_SIZE;
        Little.put32(response, Pdu.PLEN_OFFSET, Pdu.IC_SIZE);
        response[Pdu.DGST_OFFSET] =
                (byte) ((terms.headerDigest ? Pdu.DGST_HEADER : 0) | (terms.dataDigest ? Pdu.DGST_DATA : 0));
        Little.put32(response, Pdu.MAXH2CDATA_OFFSET, NvmeTcpConnection.MAX_H2C_DATA);
        return once(response);
    }

    /** C2HTermReq about the PDU at {@code at}, of which {@code have} bytes are there. */
    static Outgoing termination(FatalError error, int information, MemorySegment in, int at, int have) {
        int hlen = Little.u8(in, at + Pdu.HLEN_OFFSET);
        int echo = Math.min(Math.max(hlen, COMMON_SIZE), Math.min(have, Pdu.TERM_MAX_DATA));
        byte[] request = new byte[Pdu.TERM_SIZE + echo];
        request[Pdu.TYPE_OFFSET] = Pdu.C2H_TERM_REQ;
        request[Pdu.HLEN_OFFSET] = Pdu.TERM_SIZE;
        Little.put32(request, Pdu.PLEN_OFFSET, request.length);
        Little.put16(request, Pdu.FES_OFFSET, error.status());
        Little.put32(request, Pdu.FEI_OFFSET, information);
        MemorySegment.copy(in, ValueLayout.JAVA_BYTE, at, request, Pdu.TERM_SIZE, echo);
        return once(request);
    }

    /** R2T. */
    void request(ReadyToTransfer transfer) {
        MemorySegment out = transfer.memory;
        int size = putHeader(out, 0, Pdu.R2T, 0, Pdu.R2T_SIZE, 0, Pdu.R2T_SIZE);
        Little.put16(
                out, Pdu.CCCID_OFFSET, Objects.requireNonNull(transfer.command).cid());
        Little.put16(out, Pdu.TTAG_OFFSET, transfer.tag);
        Little.put32(out, Pdu.DATA_OFFSET_OFFSET, transfer.offset);
        Little.put32(out, Pdu.DATA_LENGTH_OFFSET, transfer.length);
        Little.put32(out, Pdu.DATA_LENGTH_OFFSET + 4, 0);
        if (terms.headerDigest) {
            Little.put32(out, Pdu.R2T_SIZE, crc.of(transfer.view, 0, Pdu.R2T_SIZE));
        }
        transfer.set(out, 0, size);
    }

    /** A response without data. */
    void answer(TcpCommand command, int head) {
        command.answer.set(command.scratch, 0, putResponse(command, command.scratch, command.scratchView, 0, head));
    }

    /** Data in a buffer, header before and response behind it, so that they leave as one. */
    void answer(TcpCommand command, int head, boolean implied, NetBuffer buffer) {
        MemorySegment out = buffer.segment();
        int start = putDataHeader(command, out, buffer.view(), implied);
        int end = TcpCommand.DATA_AT + command.bytes;
        if (terms.dataDigest) {
            Little.put32(out, end, crc.of(buffer, TcpCommand.DATA_AT, command.bytes));
            end += DIGEST_SIZE;
        }
        end = putEnd(command, out, buffer.view(), end, head, implied);
        command.answer.set(out, start, end - start);
    }

    /** Data where the medium has it, in the midst of header and response. Without data digest. */
    void answerBorrowed(TcpCommand command, int head, boolean implied) {
        MemorySegment out = command.scratch;
        int start = putDataHeader(command, out, command.scratchView, implied);
        int end = putEnd(command, out, command.scratchView, TcpCommand.DATA_AT, head, implied);
        command.answer.set(out, start, end - start, TcpCommand.DATA_AT - start, command.data());
    }

    /** A common header; gives the PDU's length, which it adds the header digest to. */
    private int putHeader(MemorySegment out, int at, int type, int flags, int hlen, int pdo, int length) {
        int digest = terms.headerDigest && pdo == 0 ? DIGEST_SIZE : 0;
        Little.put8(out, at + Pdu.TYPE_OFFSET, type);
        Little.put8(out, at + Pdu.FLAGS_OFFSET, flags | (terms.headerDigest ? Pdu.HDGSTF : 0));
        Little.put8(out, at + Pdu.HLEN_OFFSET, hlen);
        Little.put8(out, at + Pdu.PDO_OFFSET, pdo);
        Little.put32(out, at + Pdu.PLEN_OFFSET, length + digest);
        return length + digest;
    }

    /** The header of a PDU whose data starts at {@link TcpCommand#DATA_AT}; where it starts itself. */
    private int putDataHeader(TcpCommand command, MemorySegment out, ByteBuffer view, boolean implied) {
        int header = Pdu.DATA_SIZE + (terms.headerDigest ? DIGEST_SIZE : 0);
        int pdo = (header + terms.dataAlignment - 1) / terms.dataAlignment * terms.dataAlignment;
        int start = TcpCommand.DATA_AT - pdo;
        int tail = terms.dataDigest ? DIGEST_SIZE : 0;
        int flags = Pdu.LAST_PDU | (implied ? Pdu.SUCCESS : 0) | (terms.dataDigest ? Pdu.DDGSTF : 0);
        putHeader(out, start, Pdu.C2H_DATA, flags, Pdu.DATA_SIZE, pdo, pdo + command.bytes + tail);
        Little.put16(out, start + Pdu.CCCID_OFFSET, command.cid());
        Little.put16(out, start + Pdu.TTAG_OFFSET, 0);
        Little.put32(out, start + Pdu.DATA_OFFSET_OFFSET, 0);
        Little.put32(out, start + Pdu.DATA_LENGTH_OFFSET, command.bytes);
        Little.put32(out, start + Pdu.DATA_LENGTH_OFFSET + 4, 0);
        int padded = start + Pdu.DATA_SIZE;
        if (terms.headerDigest) {
            Little.put32(out, padded, crc.of(view, start, Pdu.DATA_SIZE));
            padded += DIGEST_SIZE;
        }
        for (; padded < TcpCommand.DATA_AT; padded += 4) {
            Little.put32(out, padded, 0);
        }
        return start;
    }

    /** What follows data, at {@code at}: a response, if it is not implied. The end of all. */
    private int putEnd(TcpCommand command, MemorySegment out, ByteBuffer view, int at, int head, boolean implied) {
        return implied ? at : at + putResponse(command, out, view, at, head);
    }

    /** A response capsule at {@code at}; its length. */
    private int putResponse(TcpCommand command, MemorySegment out, ByteBuffer view, int at, int head) {
        int size = putHeader(out, at, Pdu.CAPSULE_RESP, 0, Pdu.RESPONSE_SIZE, 0, Pdu.RESPONSE_SIZE);
        command.putResponse(out, at, head);
        if (terms.headerDigest) {
            Little.put32(out, at + Pdu.RESPONSE_SIZE, crc.of(view, at, Pdu.RESPONSE_SIZE));
        }
        return size;
    }
}
