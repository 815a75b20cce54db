package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.SenseData;
import io.zonewright.frontend.scsi.iscsi.pdu.Big;
import io.zonewright.frontend.scsi.iscsi.pdu.Pdu;
import io.zonewright.net.BufferPool;
import io.zonewright.net.Handoff;
import io.zonewright.net.NetBuffer;
import io.zonewright.net.Outgoing;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A request of an initiator: a SCSI command, or one of those that take part in its numbering, such as NOP-Out. Pooled per
 * loop and used by all its connections. Belongs to the loop's thread, except while the command core carries it out.
 */
final class IscsiTask extends ScsiTask {
    /** Where data starts in each of {@link #chunks}: a header goes before it. */
    static final int DATA_AT = BufferPool.DATA_AT;

    /** Data of a chunk; only the last one may have less. */
    static final int CHUNK_BYTES = BufferPool.MAX_BYTES;

    /** A response with sense data and both digests. */
    static final int SCRATCH_BYTES = 384;

    static {
        if (Pdu.BHS_SIZE + 2 * Pdu.DIGEST_SIZE + Pdu.padded(2 + SenseData.MAX_SIZE) > SCRATCH_BYTES) {
            throw new AssertionError("sense data does not fit");
        }
    }

    /** Where this task is now. */
    enum Phase {
        /** With the connection. */
        HELD,
        /** Its unsolicited data is on its way. */
        GATHERING,
        /** Waits for memory. */
        WAITING,
        /** Data that was asked for is on its way. */
        RECEIVING,
        /** With the command core. */
        EXECUTING,
        /** The answer is in the send queue. */
        ANSWERING
    }

    /** The answer on its way out. */
    private final class Answer extends Outgoing {
        @Override
        protected void sent() {
            connection().answered(IscsiTask.this);
        }
    }

    /** Back from another thread. */
    private final class Return extends Handoff.Item {
        @Override
        protected void deliver() {
            connection().completed(IscsiTask.this);
        }
    }

    final Outgoing answer = new Answer();
    private final Handoff.Item returning = new Return();
    final MemorySegment scratch;
    final ByteBuffer scratchView;

    /** Basic header segment: a private copy. */
    final byte[] header = new byte[Pdu.BHS_SIZE];

    private @Nullable IscsiConnection connection;
    Phase phase = Phase.HELD;

    /** Initiator Task Tag. */
    int itt;

    /** Length of the CDB; 0 if there is none that could be carried out. */
    int cdbBytes;

    /** Why it is refused although it was not given to the core: a reason of a Reject PDU, or 0. */
    int rejection;

    /** Whether it takes up a place in the window, or among immediate commands. */
    boolean counted;

    /** Whether the command core began it, so that it must end there. */
    boolean begun;

    /** Whether it is among those that can be found by their tag. */
    boolean listed;

    /** Whether there was no memory for data that came unasked. */
    boolean drowned;

    /** Aborted before its turn came. */
    boolean aborted;

    /** Data that came with the request and lies in the receive buffer. */
    @Nullable
    NetBuffer input;

    int inputAt;

    /** Bytes of data that came with the request, here or in the first chunk. */
    int inputBytes;

    /** Memory of its own for data, a piece for each {@link #CHUNK_BYTES}. */
    @Nullable
    NetBuffer[] chunks = new @Nullable NetBuffer[1];

    int chunkCount;

    /** Whether it has all the memory it needs, so that it will end and give it back by itself. */
    boolean provided;

    /** Whether more unsolicited data follows. */
    boolean unsolicited;

    /** Data-out bytes that have come, from the first one on: all data comes in order. */
    int arrived;

    /** Where the sequence of data that now comes ends. */
    int burstEnd;

    /** DataSN of the next Data-Out PDU. */
    int dataSn;

    /** Up to where data was asked for. */
    int asked;

    /** R2TSN of the next R2T, and of the oldest one that is not answered. */
    int r2tSn;

    int r2tAnswered;

    /** Names the R2Ts of this task apart from others: the upper 24 bits of their Target Transfer Tags. */
    int transferTag;

    /** Data-In PDUs sent. */
    int dataInPdus;

    /** Data to send, and up to where it is in PDUs; see {@link DataIn}. */
    int inBytes;

    int inFrom;
    int residualFlags;
    int residual;

    /** Data-In PDUs in the send queue. */
    int inUnsent;

    /** No PDU follows those in the send queue. */
    boolean cut;

    /** What waits until all of its data is on its way. */
    @Nullable
    Runnable afterwards;

    /** Data-out bytes of any kind that came, those that nobody wanted too. */
    long seen;

    /** What went wrong with the data: it ends with this once the data that was asked for has come. */
    @Nullable
    Sense dataFailure;

    @Nullable
    IscsiTask next;

    /** @param scratch {@link #SCRATCH_BYTES} of memory of its own */
    IscsiTask(MemorySegment scratch) {
        this.scratch = scratch;
        scratchView = scratch.asByteBuffer();
    }

    /** A new life; {@link #header} is filled next. */
    void start(IscsiConnection owner) {
        connection = owner;
        phase = Phase.HELD;
        cdbBytes = 0;
        rejection = 0;
        counted = false;
        begun = false;
        listed = false;
        drowned = false;
        aborted = false;
        inputAt = 0;
        inputBytes = 0;
        unsolicited = false;
        arrived = 0;
        burstEnd = 0;
        dataSn = 0;
        asked = 0;
        r2tSn = 0;
        r2tAnswered = 0;
        dataInPdus = 0;
        inFrom = 0;
        inUnsent = 0;
        cut = false;
        seen = 0;
        dataFailure = null;
    }

    /** The life is over. */
    void forget() {
        connection = null;
    }

    IscsiConnection connection() {
        IscsiConnection owner = connection;
        if (owner == null) {
            throw new IllegalStateException("a task without connection ended");
        }
        return owner;
    }

    int pduOpcode() {
        return header[0] & Pdu.OPCODE_MASK;
    }

    boolean immediate() {
        return (header[0] & Pdu.IMMEDIATE) != 0;
    }

    int flags() {
        return header[Pdu.FLAGS_OFFSET] & 0xFF;
    }

    int cmdSn() {
        return Big.i32(header, Pdu.CMD_SN_OFFSET);
    }

    long lunBytes() {
        return Big.i64(header, Pdu.LUN_OFFSET);
    }

    /** Expected Data Transfer Length of a SCSI command, bytes. */
    long expectedBytes() {
        return Big.u32(header, Pdu.EDTL_OFFSET);
    }

    boolean write() {
        return (flags() & Pdu.WRITE) != 0;
    }

    boolean read() {
        return (flags() & Pdu.READ) != 0;
    }

    /** The piece of its own memory that holds data from byte {@code index * CHUNK_BYTES} on. */
    NetBuffer chunk(int index) {
        NetBuffer buffer = index < chunkCount ? chunks[index] : null;
        if (buffer == null) {
            throw new IllegalStateException("no memory for piece " + index);
        }
        return buffer;
    }

    void addChunk(NetBuffer buffer) {
        if (chunkCount == chunks.length) {
            chunks = Arrays.copyOf(chunks, chunkCount * 2);
        }
        chunks[chunkCount++] = buffer;
    }

    /** Fills {@link #data} with {@code bytes} of its own memory. */
    void useChunks(int bytes) {
        data().clear();
        for (int i = 0, left = bytes; left > 0; i++, left -= CHUNK_BYTES) {
            data().add(chunk(i).segment(), DATA_AT, Math.min(left, CHUNK_BYTES));
        }
    }

    /** R2Ts that are not answered. */
    int transfersOpen() {
        return r2tSn - r2tAnswered;
    }

    @Override
    protected void onComplete() {
        IscsiConnection owner = connection();
        if (owner.loop().pollLoop().inLoop()) {
            owner.completed(this);
        } else {
            owner.loop().handoff().post(returning);
        }
    }

    @Override
    protected void onAborted() {
        IscsiConnection owner = connection();
        owner.loop().pollLoop().execute(() -> owner.abortSoon(this));
    }
}
