package io.zonewright.frontend.scsi.iscsi;

import static io.zonewright.frontend.scsi.iscsi.pdu.Pdu.BHS_SIZE;
import static io.zonewright.frontend.scsi.iscsi.pdu.Pdu.DIGEST_SIZE;

import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.iscsi.pdu.Big;
import io.zonewright.frontend.scsi.iscsi.pdu.Pdu;
import io.zonewright.net.Crc32c;
import io.zonewright.net.NetBuffer;
import io.zonewright.posix.IoVecs;
import io.zonewright.posix.Posix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Receives and takes apart what one initiator sends (RFC 7143, section 11). Input gathers in one buffer, where the data of
 * small requests stays; larger data, and all of Data-Out, goes straight into its task's buffers. On the loop's thread.
 */
final class PduReader {
    /** Data segments of requests up to this length are not moved from where they were received. */
    static final int IN_PLACE_BYTES = 16 << 10;

    /** Receive calls before other connections have their turn. */
    static final int RECEIVES = 8;

    private static final int RECEIVE_BYTES = 64 << 10;

    /** The largest PDU that must lie in one piece. */
    private static final int LARGEST_PIECE = BHS_SIZE + Pdu.MAX_AHS + IN_PLACE_BYTES + 2 * DIGEST_SIZE + Integer.BYTES;

    /** While bulk data is expected, no more than this is read at once into the common buffer, to be copied from there. */
    private static final int PEEK_BYTES = 4 << 10;

    private static final ValueLayout.OfInt DIGEST = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final IscsiConnection connection;
    private final Terms terms;
    private final DataPhase data;
    private final byte[] header = new byte[BHS_SIZE];

    // What was received and not yet understood.
    private @Nullable NetBuffer rx;
    private int rxStart;
    private int rxEnd;
    private boolean starved;
    private boolean bulky;

    // A data segment on its way to somewhere else. Its request, which has not arrived before that; or the task that the
    // data is for; or nobody, and it is thrown away.
    private boolean segment;
    private @Nullable IscsiTask request;
    private @Nullable IscsiTask receiver;
    private boolean stored;
    private boolean last;
    private int segmentAt;
    private int segmentDone;
    private int segmentBytes;

    PduReader(IscsiConnection connection, Terms terms, DataPhase data) {
        this.connection = connection;
        this.terms = terms;
        this.data = data;
    }

    /** Whether there is no memory to receive into. */
    boolean starved() {
        return starved;
    }

    /** Memory may have come back. */
    void retry() {
        starved = false;
    }

    /** Whether a part of a PDU has come. */
    boolean withinPdu() {
        return rxEnd > rxStart || segment;
    }

    /** Memory that is held for input, bytes. */
    long held() {
        NetBuffer in = rx;
        return in == null ? 0 : in.size();
    }

    /** A task is over: what comes for it is thrown away. */
    void forget(IscsiTask task) {
        if (receiver == task) {
            receiver = null;
            stored = false;
        }
    }

    /** No request arrives any more. */
    void dropRequest() {
        IscsiTask unfinished = request;
        request = null;
        receiver = null;
        stored = false;
        if (unfinished != null) {
            connection.release(unfinished);
        }
    }

    /** The connection is closed. */
    void closed() {
        dropRequest();
        NetBuffer in = rx;
        rx = null;
        rxStart = 0;
        rxEnd = 0;
        if (in != null) {
            in.release();
        }
    }

    // Receiving ----------------------------------------------------------------------------------------------------

    /** Reads what there is; whether something came. */
    boolean receive() {
        if (!connection.mayRead()) {
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
        if (stored && segmentDone < segmentBytes && rxStart == rxEnd) {
            int peek = Math.min(room, PEEK_BYTES);
            IoVecs vectors = connection.loop().vectors();
            vectors.clear();
            int direct = addRest(vectors);
            vectors.add(in.segment(), rxEnd, peek);
            offered = (long) direct + peek;
            got = connection.socket().receive(vectors);
            vectors.clear();
            if (got > 0) {
                int here = (int) Math.min(got, direct);
                segmentDone += here;
                rxEnd += (int) got - here;
            }
        } else {
            offered = bulky || data.expectsData() ? Math.min(room, PEEK_BYTES) : room;
            got = connection.socket().receive(in.segment(), rxEnd, offered);
            rxEnd += (int) Math.max(0, got);
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

    private IscsiTask owner() {
        return Objects.requireNonNull(request != null ? request : receiver);
    }

    /** Adds the memory of the rest of the segment; its length. */
    private int addRest(IoVecs vectors) {
        int left = segmentBytes - segmentDone;
        for (int at = segmentAt + segmentDone, todo = left; todo > 0; ) {
            int inChunk = at % IscsiTask.CHUNK_BYTES;
            int step = Math.min(todo, IscsiTask.CHUNK_BYTES - inChunk);
            vectors.add(owner().chunk(at / IscsiTask.CHUNK_BYTES).segment(), IscsiTask.DATA_AT + inChunk, step);
            at += step;
            todo -= step;
        }
        return left;
    }

    /** Makes sure that the PDU that has begun can be completed in one piece; false if there is no memory. */
    private boolean makeRoom() {
        NetBuffer in = rx;
        if (in == null) {
            return reserve();
        }
        if (in.size() - rxStart >= LARGEST_PIECE && rxEnd < in.size()) {
            return true;
        }
        int partial = rxEnd - rxStart;
        if (in.users() == 1) {
            MemorySegment.copy(in.segment(), rxStart, in.segment(), 0, partial);
        } else {
            // Tasks still use what lies before.
            NetBuffer fresh = connection.loop().pool().take(RECEIVE_BYTES);
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

    /** Makes sure that there is memory to receive into before the initiator is asked for data; false if there is none. */
    boolean reserve() {
        if (rx == null) {
            rx = connection.loop().pool().take(RECEIVE_BYTES);
            rxStart = 0;
            rxEnd = 0;
        }
        return rx != null;
    }

    /** Nothing more to do for now: a connection holds no buffer unless its initiator is about to send data. */
    void settle() {
        NetBuffer in = rx;
        if (in != null && rxStart == rxEnd && !segment && !data.expectsData() && !data.waiting()) {
            rx = null;
            rxStart = 0;
            rxEnd = 0;
            in.release();
        }
    }

    /** Reads and forgets, so that our last words are not lost in a reset. */
    void discard() {
        segment = false;
        if (rx != null && rx.users() > 1) {
            rx.release();
            rx = null;
        }
        if (!reserve()) {
            starved = true;
            return;
        }
        NetBuffer sink = Objects.requireNonNull(rx);
        rxStart = 0;
        rxEnd = 0;
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

    // Taking apart -------------------------------------------------------------------------------------------------

    /** Takes all that is there. */
    void parse() {
        while (!connection.terminating() && !connection.closed()) {
            if (!(segment ? continueSegment() : parseOne())) {
                return;
            }
        }
    }

    /** Takes one PDU, or the header of one whose data goes elsewhere; false if it is not all here. */
    private boolean parseOne() {
        int have = rxEnd - rxStart;
        if (have < BHS_SIZE) {
            return false;
        }
        MemorySegment in = Objects.requireNonNull(rx).segment();
        int opcode = Big.u8(in, rxStart) & Pdu.OPCODE_MASK;
        int more = Big.u8(in, rxStart + Pdu.AHS_LENGTH_OFFSET) * Integer.BYTES;
        int bytes = Big.u24(in, rxStart + Pdu.DATA_LENGTH_OFFSET);
        int before = BHS_SIZE + more + terms.headerDigestBytes();
        if (!connection.fullFeature() && (more > 0 || bytes > terms.maxReceive)) {
            connection.breakOff(); // not iSCSI, and not worth waiting for the rest
            return false;
        }
        if (have < before) {
            return false;
        }
        if (!headerDigestRight(in, BHS_SIZE + more)) {
            return false;
        }
        MemorySegment.copy(in, ValueLayout.JAVA_BYTE, rxStart, header, 0, BHS_SIZE);
        if (bytes > terms.maxReceive) {
            connection.breakOff(Pdu.REJECT_PROTOCOL_ERROR, header);
            return false;
        }
        if (opcode == Pdu.DATA_OUT && connection.fullFeature()) {
            rxStart += before;
            dataOut(bytes);
            return true;
        }
        if (bytes > IN_PLACE_BYTES) {
            takeRequest(opcode, before, bytes);
            return true;
        }
        int whole = before + Pdu.padded(bytes) + terms.dataDigestBytes(bytes);
        if (have < whole) {
            return false;
        }
        bulky = false;
        if (!connection.fullFeature()) {
            byte[] text = in.asSlice(rxStart + before, bytes).toArray(ValueLayout.JAVA_BYTE);
            rxStart += whole;
            connection.login(header, text);
            return true;
        }
        requestInPlace(in, opcode, before, bytes);
        rxStart += whole;
        return true;
    }

    private boolean headerDigestRight(MemorySegment in, int length) {
        if (terms.headerDigest) {
            int told = in.get(DIGEST, (long) rxStart + length);
            if (connection.loop().crc().of(Objects.requireNonNull(rx), rxStart, length) != told) {
                // The length cannot be trusted, so nothing behind it can be found (section 7.7).
                connection.count(IscsiCounter.DIGEST_ERRORS, 1);
                connection.breakOff();
                return false;
            }
        }
        return true;
    }

    private IscsiTask newTask(int opcode) {
        IscsiTask task = connection.resources().takeTask();
        task.start(connection);
        System.arraycopy(header, 0, task.header, 0, BHS_SIZE);
        task.itt = Big.i32(header, Pdu.ITT_OFFSET);
        int more = Big.u8(header, Pdu.AHS_LENGTH_OFFSET) * Integer.BYTES;
        if (opcode == Pdu.SCSI_COMMAND) {
            Arrays.fill(task.cdb(), (byte) 0);
            System.arraycopy(header, Pdu.CDB_OFFSET, task.cdb(), 0, Pdu.CDB_SIZE);
            task.cdbBytes = Pdu.CDB_SIZE;
            if (more > 0) {
                takeAdditional(task, more);
            }
            if ((task.flags() & (Pdu.READ | Pdu.WRITE)) == (Pdu.READ | Pdu.WRITE)) {
                task.rejection = Pdu.REJECT_NOT_SUPPORTED;
            }
        } else if (more > 0) {
            task.rejection = Pdu.REJECT_INVALID_FIELD;
        }
        return task;
    }

    /** Additional header segments (section 11.2.2): each a 16-bit length, a type, a byte of its own, and the rest. */
    private void takeAdditional(IscsiTask task, int bytes) {
        MemorySegment in = Objects.requireNonNull(rx).segment();
        long at = (long) rxStart + BHS_SIZE;
        long end = at + bytes;
        while (at < end) {
            int length = Big.u8(in, at) << 8 | Big.u8(in, at + 1);
            int type = Big.u8(in, at + 2);
            long next = at + Pdu.padded(3 + length);
            int extra = length - 1;
            if (length == 0 || next > end || type != Pdu.AHS_EXTENDED_CDB || task.cdbBytes != Pdu.CDB_SIZE) {
                task.rejection = type == Pdu.AHS_BIDIRECTIONAL ? Pdu.REJECT_NOT_SUPPORTED : Pdu.REJECT_INVALID_FIELD;
                return;
            }
            // No command has more than 32 bytes; what is behind them changes nothing.
            int kept = Math.min(extra, ScsiTask.MAX_CDB - Pdu.CDB_SIZE);
            MemorySegment.copy(in, ValueLayout.JAVA_BYTE, at + Pdu.AHS_HEADER, task.cdb(), Pdu.CDB_SIZE, kept);
            task.cdbBytes = Pdu.CDB_SIZE + kept;
            at = next;
        }
    }

    private void requestInPlace(MemorySegment in, int opcode, int before, int bytes) {
        NetBuffer buffer = Objects.requireNonNull(rx);
        int from = rxStart + before;
        int padded = Pdu.padded(bytes);
        if (terms.dataDigestBytes(bytes) > 0
                && connection.loop().crc().of(buffer, from, padded) != in.get(DIGEST, (long) from + padded)) {
            connection.count(IscsiCounter.DIGEST_ERRORS, 1);
            connection.reject(Pdu.REJECT_DATA_DIGEST, header);
            return;
        }
        IscsiTask task = newTask(opcode);
        if (bytes > 0) {
            buffer.retain();
            task.input = buffer;
            task.inputAt = from;
            task.inputBytes = bytes;
            if (opcode == Pdu.SCSI_COMMAND) {
                connection.count(IscsiCounter.BYTES_FROM_INITIATORS, bytes);
            }
        }
        if (opcode == Pdu.SCSI_COMMAND && task.write() && (task.flags() & Pdu.FINAL) == 0 && makesSense(task, bytes)) {
            // The rest follows: what is here is moved to where all will be.
            if (data.takeFirst(task, firstBytes(task, bytes))) {
                MemorySegment.copy(in, from, task.chunk(0).segment(), IscsiTask.DATA_AT, bytes);
            } else {
                task.drowned = true;
            }
            if (bytes > 0) {
                task.input = null;
                buffer.release();
            }
        }
        arrive(task);
    }

    /** A request whose data is too long to stay where it is received. */
    private void takeRequest(int opcode, int before, int bytes) {
        IscsiTask task = newTask(opcode);
        rxStart += before;
        bulky = true;
        task.inputBytes = bytes;
        boolean room = opcode == Pdu.SCSI_COMMAND ? makesSense(task, bytes) : task.rejection == 0;
        if (room && !data.takeFirst(task, opcode == Pdu.SCSI_COMMAND ? firstBytes(task, bytes) : bytes)) {
            task.drowned = true;
        }
        request = task;
        begin(room && !task.drowned, 0, bytes, false);
    }

    /** Whether a command may have this much data with it, so that there is a place for it. */
    private boolean makesSense(IscsiTask task, int bytes) {
        return task.rejection == 0 && allowed(task, bytes);
    }

    private boolean allowed(IscsiTask task, int bytes) {
        return bytes == 0
                || (terms.immediateData && task.write() && bytes <= terms.firstBurst && bytes <= task.expectedBytes());
    }

    private static int firstBytes(IscsiTask task, int least) {
        return Math.max(least, (int) Math.min(task.expectedBytes(), IscsiTask.CHUNK_BYTES));
    }

    /** A request is here with all of its data. */
    private void arrive(IscsiTask task) {
        if (task.pduOpcode() == Pdu.SCSI_COMMAND) {
            task.arrived = task.inputBytes;
            if (!allowed(task, task.inputBytes)) {
                task.dataFailure = Sense.UNEXPECTED_UNSOLICITED_DATA;
                task.arrived = 0;
            } else if (task.write() && (task.flags() & Pdu.FINAL) == 0 && task.rejection == 0) {
                if (terms.initialR2t) {
                    task.dataFailure = Sense.UNEXPECTED_UNSOLICITED_DATA;
                } else {
                    data.announce(task, (int) Math.min(terms.firstBurst, task.expectedBytes()));
                }
            }
        }
        connection.arrived(task);
    }

    // Data-Out -----------------------------------------------------------------------------------------------------

    private void dataOut(int bytes) {
        bulky = true;
        connection.count(IscsiCounter.BYTES_FROM_INITIATORS, bytes);
        last = (header[Pdu.FLAGS_OFFSET] & Pdu.FINAL) != 0;
        int offset = Big.i32(header, Pdu.BUFFER_OFFSET_OFFSET);
        IscsiTask task = connection.find(Big.i32(header, Pdu.ITT_OFFSET));
        if (task == null || !expected(task)) {
            // Of a task that is over, most likely.
            begin(false, 0, bytes, last);
            return;
        }
        receiver = task;
        if (task.dataFailure == null) {
            task.dataFailure = wrong(task, offset, bytes);
        }
        task.dataSn++;
        begin(task.dataFailure == null && !task.drowned, offset, bytes, last);
    }

    /** Whether the task waits for data under this tag; a wrong tag is rejected. */
    private boolean expected(IscsiTask task) {
        int tag = Big.i32(header, Pdu.TTT_OFFSET);
        if (tag == Pdu.NO_TAG && task.unsolicited) {
            return true;
        }
        if (task.phase != IscsiTask.Phase.RECEIVING) {
            return false;
        }
        if (tag == (task.transferTag << 8 | (task.r2tAnswered & 0xFF))) {
            return true;
        }
        if (tag == Pdu.NO_TAG) {
            if (task.dataFailure == null) {
                task.dataFailure = Sense.UNEXPECTED_UNSOLICITED_DATA;
            }
        } else {
            connection.reject(Pdu.REJECT_INVALID_FIELD, header);
        }
        return false;
    }

    private @Nullable Sense wrong(IscsiTask task, int offset, int bytes) {
        if (Big.i32(header, Pdu.DATA_SN_OFFSET) != task.dataSn) {
            return Sense.PROTOCOL_SERVICE_CRC_ERROR; // something got lost (section 7.9)
        }
        if (offset != task.arrived) {
            return Sense.DATA_OFFSET_ERROR;
        }
        if (bytes > task.burstEnd - offset) {
            return task.unsolicited ? Sense.UNEXPECTED_UNSOLICITED_DATA : Sense.DATA_PHASE_ERROR;
        }
        return null;
    }

    // Data segments that go elsewhere ------------------------------------------------------------------------------

    private void begin(boolean store, int at, int bytes, boolean isLast) {
        segment = true;
        stored = store;
        last = isLast;
        segmentAt = at;
        segmentDone = 0;
        segmentBytes = bytes;
    }

    /** Takes data, padding, and the digest behind it; false if more has to come. */
    private boolean continueSegment() {
        takeData();
        int tail = Pdu.padded(segmentBytes) - segmentBytes + terms.dataDigestBytes(segmentBytes);
        if (segmentDone < segmentBytes || rxEnd - rxStart < tail) {
            return false;
        }
        boolean right = !stored || terms.dataDigestBytes(segmentBytes) == 0 || segmentDigestRight();
        rxStart += tail;
        segment = false;
        if (!right) {
            connection.count(IscsiCounter.DIGEST_ERRORS, 1);
        }
        IscsiTask came = request;
        if (came != null) {
            request = null;
            stored = false;
            if (right) {
                arrive(came);
            } else {
                connection.reject(Pdu.REJECT_DATA_DIGEST, came.header);
                connection.release(came);
            }
            return true;
        }
        IscsiTask task = receiver;
        receiver = null;
        if (task != null) {
            segmentEnded(task, right);
        }
        stored = false;
        return true;
    }

    private void segmentEnded(IscsiTask task, boolean right) {
        if (!right) {
            connection.reject(Pdu.REJECT_DATA_DIGEST, header);
            task.dataFailure = Sense.PROTOCOL_SERVICE_CRC_ERROR;
        } else if (stored) {
            task.arrived += segmentBytes;
        }
        if (last) {
            data.sequenceEnded(task);
        }
    }

    private void takeData() {
        int step = Math.min(segmentBytes - segmentDone, rxEnd - rxStart);
        if (!stored) {
            segmentDone += step;
            rxStart += step;
            return;
        }
        MemorySegment in = Objects.requireNonNull(rx).segment();
        while (step > 0) {
            int at = segmentAt + segmentDone;
            int inChunk = at % IscsiTask.CHUNK_BYTES;
            int some = Math.min(step, IscsiTask.CHUNK_BYTES - inChunk);
            MemorySegment.copy(
                    in,
                    rxStart,
                    owner().chunk(at / IscsiTask.CHUNK_BYTES).segment(),
                    IscsiTask.DATA_AT + inChunk,
                    some);
            rxStart += some;
            segmentDone += some;
            step -= some;
        }
    }

    private boolean segmentDigestRight() {
        NetBuffer in = Objects.requireNonNull(rx);
        Crc32c crc = connection.loop().crc();
        crc.begin();
        for (int at = segmentAt, left = segmentBytes; left > 0; ) {
            int inChunk = at % IscsiTask.CHUNK_BYTES;
            int step = Math.min(left, IscsiTask.CHUNK_BYTES - inChunk);
            crc.add(owner().chunk(at / IscsiTask.CHUNK_BYTES), IscsiTask.DATA_AT + inChunk, step);
            at += step;
            left -= step;
        }
        int padding = Pdu.padded(segmentBytes) - segmentBytes;
        crc.add(in, rxStart, padding);
        return crc.value() == in.segment().get(DIGEST, (long) rxStart + padding);
    }
}
