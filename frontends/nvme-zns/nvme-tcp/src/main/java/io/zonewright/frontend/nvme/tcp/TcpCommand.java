package io.zonewright.frontend.nvme.tcp;

import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.tcp.pdu.Pdu;
import io.zonewright.net.BufferPool;
import io.zonewright.net.Handoff;
import io.zonewright.net.NetBuffer;
import io.zonewright.net.Outgoing;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A command that came as a capsule. Pooled per loop and used by all its connections; idle ones hold no command. Belongs
 * to the loop's thread, except while the controller carries it out.
 */
final class TcpCommand extends NvmeCommand {
    /** Where data starts in {@link #buffer}: the header goes before it, and may be padded to 128 bytes. */
    static final int DATA_AT = BufferPool.DATA_AT;

    /** As much room for a header, and behind it for a response capsule with its digest. */
    static final int SCRATCH_BYTES = DATA_AT + 32;

    /** Where this command is now. */
    enum Phase {
        /** With the connection. */
        HELD,
        /** Waits for memory. */
        WAITING,
        /** Data is on its way from the host. */
        RECEIVING,
        /** With the controller. */
        EXECUTING,
        /** The answer is in the send queue. */
        ANSWERING
    }

    /** The answer on its way out. */
    private final class Answer extends Outgoing {
        @Override
        protected void sent() {
            connection().answered(TcpCommand.this);
        }
    }

    /** Back from another thread. */
    private final class Return extends Handoff.Item {
        @Override
        protected void deliver() {
            connection().completed(TcpCommand.this);
        }
    }

    final Outgoing answer = new Answer();
    private final Handoff.Item returning = new Return();
    final MemorySegment scratch;
    final ByteBuffer scratchView;

    private @Nullable NvmeTcpConnection connection;
    Phase phase = Phase.HELD;

    /** Whether the controller core began it, so that it must end there. */
    boolean begun;

    Transfer direction = Transfer.NONE;
    int bytes;

    /** Whether data to the host may be sent from the medium's memory. */
    boolean lendable;

    /** Data received or to be sent, at {@link #DATA_AT}. */
    @Nullable
    NetBuffer buffer;

    /** Holds data that came in the capsule. */
    @Nullable
    NetBuffer capsule;

    int capsuleAt;
    int capsuleBytes;
    boolean digestWrong;

    /** How much of the data R2Ts were sent for, and how much has come. */
    int asked;

    int received;
    int transfersOpen;

    // Result; of the fabrics and discovery commands our own, else the core's.
    int resultStatus;
    int resultDw0;
    int resultDw1;

    @Nullable
    TcpCommand next;

    TcpCommand(MemorySegment scratch) {
        this.scratch = scratch;
        scratchView = scratch.asByteBuffer();
    }

    /** A new life. */
    void start(NvmeTcpConnection owner) {
        connection = owner;
        phase = Phase.HELD;
        begun = false;
        direction = Transfer.NONE;
        bytes = 0;
        lendable = false;
        capsuleAt = 0;
        capsuleBytes = 0;
        digestWrong = false;
        asked = 0;
        received = 0;
        transfersOpen = 0;
        resultStatus = 0;
        resultDw0 = 0;
        resultDw1 = 0;
    }

    /** The life is over. */
    void forget() {
        connection = null;
    }

    NvmeTcpConnection connection() {
        NvmeTcpConnection owner = connection;
        if (owner == null) {
            throw new IllegalStateException("a command without connection ended");
        }
        return owner;
    }

    // SGL1 (Base 2.1, "SGL Descriptor"): bytes 24 to 39 of the entry.

    long sglAddress() {
        return dataPointer1();
    }

    /** Room that the host describes, bytes: at least that of the data, perhaps more (SGLS bit 18). */
    long sglLength() {
        return dataPointer2() & 0xFFFF_FFFFL;
    }

    /** Type in bits 7:4, sub type in bits 3:0. */
    int sglIdentifier() {
        return sqe()[39] & 0xFF;
    }

    /** Ends a command that the core does not know of. On the loop's thread, or hands itself over. */
    void end(int status, int dw0, int dw1) {
        resultStatus = status;
        resultDw0 = dw0;
        resultDw1 = dw1;
        ended();
    }

    @Override
    protected void onComplete() {
        resultStatus = status();
        resultDw0 = dw0();
        resultDw1 = dw1();
        ended();
    }

    private void ended() {
        NvmeTcpConnection owner = connection();
        if (owner.loop().pollLoop().inLoop()) {
            owner.completed(this);
        } else {
            owner.loop().handoff().post(returning);
        }
    }

    /** A response capsule without data and digest, at {@code at}. */
    void putResponse(MemorySegment memory, int at, int sqHead) {
        Little.put64(memory, at + Pdu.CQE_OFFSET, Integer.toUnsignedLong(resultDw0) | (long) resultDw1 << 32);
        Little.put16(memory, at + Pdu.CQE_OFFSET + 8, sqHead);
        Little.put16(memory, at + Pdu.CQE_OFFSET + 10, 0);
        Little.put16(memory, at + Pdu.CQE_OFFSET + 12, cid());
        Little.put16(memory, at + Pdu.CQE_OFFSET + 14, resultStatus << 1);
    }
}
