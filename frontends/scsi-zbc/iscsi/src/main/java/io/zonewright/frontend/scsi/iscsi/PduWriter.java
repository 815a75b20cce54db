package io.zonewright.frontend.scsi.iscsi;

import static io.zonewright.frontend.scsi.iscsi.pdu.Pdu.BHS_SIZE;
import static io.zonewright.frontend.scsi.iscsi.pdu.Pdu.DIGEST_SIZE;

import io.zonewright.frontend.scsi.command.ScsiStatus;
import io.zonewright.frontend.scsi.iscsi.login.LoginAnswer;
import io.zonewright.frontend.scsi.iscsi.login.TextAnswer;
import io.zonewright.frontend.scsi.iscsi.pdu.Big;
import io.zonewright.frontend.scsi.iscsi.pdu.Pdu;
import io.zonewright.net.Crc32c;
import io.zonewright.net.NetBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Forms the PDUs that one connection sends (RFC 7143, section 11), and numbers them with StatSN. Decides nothing and queues
 * nothing. On the loop's thread.
 */
final class PduWriter {
    private static final ValueLayout.OfInt DIGEST = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Terms terms;
    private final CommandWindow window;
    private final Crc32c crc;
    private int statSn = 1;

    PduWriter(Terms terms, CommandWindow window, Crc32c crc) {
        this.terms = terms;
        this.window = window;
        this.crc = crc;
    }

    // What all have in common -------------------------------------------------------------------------------------

    private static void begin(MemorySegment out, int at, int opcode, int flags) {
        for (int i = 0; i < BHS_SIZE; i += Long.BYTES) {
            Big.put64(out, at + i, 0);
        }
        Big.put8(out, at, opcode);
        Big.put8(out, at + Pdu.FLAGS_OFFSET, Pdu.FINAL | flags);
    }

    /** StatSN of a PDU that is an answer, and so counts. */
    private int nextStatSn() {
        return statSn++;
    }

    private void putNumbers(MemorySegment out, int at, int stat) {
        Big.put32(out, at + Pdu.STAT_SN_OFFSET, stat);
        putWindow(out, at);
    }

    private void putWindow(MemorySegment out, int at) {
        Big.put32(out, at + Pdu.EXP_CMD_SN_OFFSET, window.expected());
        Big.put32(out, at + Pdu.MAX_CMD_SN_OFFSET, window.max());
    }

    /** Adds the header digest; where the data segment begins. */
    private int endHeader(MemorySegment out, ByteBuffer view, int at) {
        if (!terms.headerDigest) {
            return at + BHS_SIZE;
        }
        out.set(DIGEST, at + BHS_SIZE, crc.of(view, at, BHS_SIZE));
        return at + BHS_SIZE + DIGEST_SIZE;
    }

    /** Adds padding and data digest to a data segment that lies behind its header; the end of all. */
    private int endData(MemorySegment out, ByteBuffer view, int at, int length) {
        int end = at + length;
        for (; (end - at & 3) != 0; end++) {
            Big.put8(out, end, 0);
        }
        if (terms.dataDigestBytes(length) > 0) {
            out.set(DIGEST, end, crc.of(view, at, end - at));
            end += DIGEST_SIZE;
        }
        return end;
    }

    /** A PDU without data, complete but for its digest. */
    private void set(Packet packet) {
        packet.set(packet.memory, 0, endHeader(packet.memory, packet.view, 0));
    }

    // Answers to commands ------------------------------------------------------------------------------------------

    /** SCSI Response, with sense data if there is any. */
    void response(IscsiTask task, int status, int residualFlags, int residual) {
        MemorySegment out = task.scratch;
        begin(out, 0, Pdu.SCSI_RESPONSE, residualFlags);
        Big.put8(out, Pdu.SCSI_STATUS_OFFSET, status);
        Big.put32(out, Pdu.ITT_OFFSET, task.itt);
        putNumbers(out, 0, nextStatSn());
        Big.put32(out, Pdu.EXP_DATA_SN_OFFSET, task.dataInPdus + task.r2tSn);
        Big.put32(out, Pdu.RESIDUAL_OFFSET, residual);
        int sense = status == ScsiStatus.CHECK_CONDITION ? task.senseLength() : 0;
        int segment = sense == 0 ? 0 : 2 + sense;
        Big.put24(out, Pdu.DATA_LENGTH_OFFSET, segment);
        int data = endHeader(out, task.scratchView, 0);
        int end = data;
        if (sense > 0) {
            Big.put16(out, data, sense);
            MemorySegment.copy(task.sense(), 0, out, ValueLayout.JAVA_BYTE, data + 2L, sense);
            end = endData(out, task.scratchView, data, segment);
        }
        task.answer.set(out, 0, end);
    }

    /** Data-In in the task's own memory, header before it, with status GOOD: the only one of its command. */
    void dataInWithStatus(IscsiTask task, int bytes, int residualFlags, int residual) {
        NetBuffer buffer = task.chunk(0);
        int start = IscsiTask.DATA_AT - BHS_SIZE - terms.headerDigestBytes();
        MemorySegment out = buffer.segment();
        putDataIn(out, start, task, 0, bytes);
        putStatus(out, start, residualFlags, residual);
        endHeader(out, buffer.view(), start);
        int end = endData(out, buffer.view(), IscsiTask.DATA_AT, bytes);
        task.answer.set(out, start, end - start);
    }

    /** Data-In whose data lies elsewhere. */
    void dataIn(Packet packet, IscsiTask task, int from, int bytes, boolean last) {
        MemorySegment out = packet.memory;
        putDataIn(out, 0, task, from, bytes);
        if (!last) {
            Big.put8(out, Pdu.FLAGS_OFFSET, 0);
        }
        int header = endHeader(out, packet.view, 0);
        packet.set(out, 0, putTail(task, out, header, from, bytes), header, task.data(), from, bytes);
    }

    /** The last Data-In of several, with status GOOD. */
    void lastDataIn(IscsiTask task, int from, int bytes, int residualFlags, int residual) {
        MemorySegment out = task.scratch;
        putDataIn(out, 0, task, from, bytes);
        putStatus(out, 0, residualFlags, residual);
        int header = endHeader(out, task.scratchView, 0);
        task.answer.set(out, 0, putTail(task, out, header, from, bytes), header, task.data(), from, bytes);
    }

    private void putDataIn(MemorySegment out, int at, IscsiTask task, int from, int bytes) {
        begin(out, at, Pdu.DATA_IN, 0);
        Big.put24(out, at + Pdu.DATA_LENGTH_OFFSET, bytes);
        Big.put32(out, at + Pdu.ITT_OFFSET, task.itt);
        Big.put32(out, at + Pdu.TTT_OFFSET, Pdu.NO_TAG);
        putWindow(out, at);
        Big.put32(out, at + Pdu.DATA_SN_OFFSET, task.dataInPdus++);
        Big.put32(out, at + Pdu.BUFFER_OFFSET_OFFSET, from);
    }

    private void putStatus(MemorySegment out, int at, int residualFlags, int residual) {
        Big.put8(out, at + Pdu.FLAGS_OFFSET, Pdu.FINAL | Pdu.STATUS | residualFlags);
        Big.put32(out, at + Pdu.STAT_SN_OFFSET, nextStatSn());
        Big.put32(out, at + Pdu.RESIDUAL_OFFSET, residual);
    }

    /** Padding and data digest of data that lies elsewhere, at {@code at}; the end of all. */
    private int putTail(IscsiTask task, MemorySegment out, int at, int from, int bytes) {
        int end = at;
        int padding = Pdu.padded(bytes) - bytes;
        for (int i = 0; i < padding; i++) {
            Big.put8(out, end++, 0);
        }
        if (terms.dataDigestBytes(bytes) > 0) {
            // No segment crosses a chunk, and only the last one has padding, for which there is room behind the data.
            NetBuffer buffer = task.chunk(from / IscsiTask.CHUNK_BYTES);
            int start = IscsiTask.DATA_AT + from % IscsiTask.CHUNK_BYTES;
            for (int i = 0; i < padding; i++) {
                Big.put8(buffer.segment(), start + bytes + i, 0);
            }
            out.set(DIGEST, end, crc.of(buffer, start, bytes + padding));
            end += DIGEST_SIZE;
        }
        return end;
    }

    /** R2T. */
    void readyToTransfer(Packet packet, IscsiTask task, int from, int bytes) {
        MemorySegment out = packet.memory;
        begin(out, 0, Pdu.R2T, 0);
        Big.put64(out, Pdu.LUN_OFFSET, task.lunBytes());
        Big.put32(out, Pdu.ITT_OFFSET, task.itt);
        Big.put32(out, Pdu.TTT_OFFSET, task.transferTag << 8 | (task.r2tSn & 0xFF));
        putNumbers(out, 0, statSn);
        Big.put32(out, Pdu.DATA_SN_OFFSET, task.r2tSn);
        Big.put32(out, Pdu.BUFFER_OFFSET_OFFSET, from);
        Big.put32(out, Pdu.DESIRED_LENGTH_OFFSET, bytes);
        set(packet);
    }

    // The others ---------------------------------------------------------------------------------------------------

    /** NOP-In without data: an answer, or with the tag FFFFFFFFh a question. */
    void nopIn(Packet packet, long lun, int itt, int ttt) {
        MemorySegment out = packet.memory;
        putNopIn(out, 0, lun, itt, ttt, 0);
        set(packet);
    }

    /** NOP-In with ping data, {@code bytes} at {@link IscsiTask#DATA_AT} of a buffer, as the answer to a NOP-Out. */
    void nopIn(Packet packet, long lun, int itt, NetBuffer buffer, int bytes) {
        MemorySegment out = buffer.segment();
        int start = IscsiTask.DATA_AT - BHS_SIZE - terms.headerDigestBytes();
        putNopIn(out, start, lun, itt, Pdu.NO_TAG, bytes);
        endHeader(out, buffer.view(), start);
        packet.set(out, start, endData(out, buffer.view(), IscsiTask.DATA_AT, bytes) - start);
    }

    private void putNopIn(MemorySegment out, int at, long lun, int itt, int ttt, int bytes) {
        begin(out, at, Pdu.NOP_IN, 0);
        Big.put24(out, at + Pdu.DATA_LENGTH_OFFSET, bytes);
        Big.put64(out, at + Pdu.LUN_OFFSET, lun);
        Big.put32(out, at + Pdu.ITT_OFFSET, itt);
        Big.put32(out, at + Pdu.TTT_OFFSET, ttt);
        putNumbers(out, at, itt == Pdu.NO_TAG ? statSn : nextStatSn());
    }

    /** Task Management Function Response. */
    void managed(Packet packet, int itt, int response) {
        MemorySegment out = packet.memory;
        begin(out, 0, Pdu.TASK_MANAGEMENT_RESPONSE, 0);
        Big.put8(out, Pdu.RESPONSE_OFFSET, response);
        Big.put32(out, Pdu.ITT_OFFSET, itt);
        putNumbers(out, 0, nextStatSn());
        set(packet);
    }

    /** Logout Response. */
    void loggedOut(Packet packet, int itt, int response, int wait, int retain) {
        MemorySegment out = packet.memory;
        begin(out, 0, Pdu.LOGOUT_RESPONSE, 0);
        Big.put8(out, Pdu.RESPONSE_OFFSET, response);
        Big.put32(out, Pdu.ITT_OFFSET, itt);
        putNumbers(out, 0, nextStatSn());
        Big.put16(out, Pdu.TIME2WAIT_OFFSET, wait);
        Big.put16(out, Pdu.TIME2RETAIN_OFFSET, retain);
        set(packet);
    }

    /** Asynchronous Message without data. */
    void asynchronous(Packet packet, int event, int parameter1, int parameter2, int parameter3) {
        MemorySegment out = packet.memory;
        begin(out, 0, Pdu.ASYNC_MESSAGE, 0);
        Big.put32(out, Pdu.ITT_OFFSET, Pdu.NO_TAG);
        putNumbers(out, 0, nextStatSn());
        Big.put8(out, Pdu.ASYNC_EVENT_OFFSET, event);
        Big.put16(out, Pdu.PARAMETER1_OFFSET, parameter1);
        Big.put16(out, Pdu.PARAMETER2_OFFSET, parameter2);
        Big.put16(out, Pdu.PARAMETER3_OFFSET, parameter3);
        set(packet);
    }

    /** Reject, with the basic header that is rejected. */
    void reject(Packet packet, int reason, byte[] header) {
        MemorySegment out = packet.memory;
        begin(out, 0, Pdu.REJECT, 0);
        Big.put8(out, Pdu.RESPONSE_OFFSET, reason);
        Big.put24(out, Pdu.DATA_LENGTH_OFFSET, BHS_SIZE);
        Big.put32(out, Pdu.ITT_OFFSET, Pdu.NO_TAG);
        putNumbers(out, 0, nextStatSn());
        int data = endHeader(out, packet.view, 0);
        MemorySegment.copy(header, 0, out, ValueLayout.JAVA_BYTE, data, BHS_SIZE);
        packet.set(out, 0, endData(out, packet.view, data, BHS_SIZE));
    }

    /** Text Response; its text comes in memory of its own. */
    void text(Packet packet, int itt, long lun, TextAnswer answer) {
        byte[] text = answer.text();
        MemorySegment out = roomFor(text);
        begin(out, 0, Pdu.TEXT_RESPONSE, 0);
        Big.put8(out, Pdu.FLAGS_OFFSET, (answer.last() ? Pdu.FINAL : 0) | (answer.carryOn() ? Pdu.CONTINUE : 0));
        Big.put64(out, Pdu.LUN_OFFSET, lun);
        Big.put32(out, Pdu.TTT_OFFSET, answer.targetTransferTag());
        putText(packet, out, itt, text);
    }

    /** Login Response. */
    void login(Packet packet, LoginAnswer answer, long isid, int itt) {
        byte[] text = answer.text();
        MemorySegment out = roomFor(text);
        begin(out, 0, Pdu.LOGIN_RESPONSE, 0);
        Big.put8(
                out,
                Pdu.FLAGS_OFFSET,
                (answer.transit() ? Pdu.FINAL : 0)
                        | (answer.carryOn() ? Pdu.CONTINUE : 0)
                        | answer.csg() << 2
                        | answer.nsg());
        Big.put64(out, Pdu.ISID_OFFSET, isid << 16 | answer.tsih());
        Big.put8(out, Pdu.STATUS_CLASS_OFFSET, answer.status().statusClass());
        Big.put8(out, Pdu.STATUS_DETAIL_OFFSET, answer.status().statusDetail());
        putText(packet, out, itt, text);
    }

    private static MemorySegment roomFor(byte[] text) {
        return Arena.ofAuto().allocate(BHS_SIZE + 2L * DIGEST_SIZE + Pdu.padded(text.length));
    }

    private void putText(Packet packet, MemorySegment out, int itt, byte[] text) {
        Big.put24(out, Pdu.DATA_LENGTH_OFFSET, text.length);
        Big.put32(out, Pdu.ITT_OFFSET, itt);
        putNumbers(out, 0, nextStatSn());
        ByteBuffer view = out.asByteBuffer();
        int data = endHeader(out, view, 0);
        MemorySegment.copy(text, 0, out, ValueLayout.JAVA_BYTE, data, text.length);
        packet.set(out, 0, endData(out, view, data, text.length));
    }
}
