package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.net.MemoryShare;
import io.zonewright.net.NetBuffer;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the data of one connection's tasks lies: where it came with the command, in buffers of the task's own, for which it
 * may have to wait, or in the medium's memory; and the R2Ts by which the initiator is asked for it. Data that comes unasked
 * cannot wait: if there is no memory for it the command ends with TASK SET FULL and comes again. On the loop's thread.
 */
final class DataPhase {
    /** Reads of at least this much are sent from the medium's own memory if it lends; the copy of less costs less. */
    static final int LEND_BYTES = 16 << 10;

    private static final int MAX_TRANSFER_TAG = 0xFF_FFFF;

    private final IscsiConnection connection;
    private final Terms terms;
    private final PduWriter writer;
    private final MemoryShare share;
    private @Nullable IscsiTask waitingHead;
    private @Nullable IscsiTask waitingTail;
    private boolean retryWaiting;

    /** Tasks that hold memory and need no more. */
    private int provided;

    private int expected;
    private int transferTag;

    DataPhase(IscsiConnection connection, Terms terms, PduWriter writer) {
        this.connection = connection;
        this.terms = terms;
        this.writer = writer;
        share = new MemoryShare(connection.loop());
    }

    /** What the connection holds of the loop's memory for its tasks. */
    MemoryShare share() {
        return share;
    }

    /** Whether the initiator owes data, asked for or announced. */
    boolean expectsData() {
        return expected > 0;
    }

    /** Whether tasks wait for memory. */
    boolean waiting() {
        return waitingHead != null;
    }

    /** Whether it is worth trying again to get memory for them. */
    boolean worthRetrying() {
        return retryWaiting && waitingHead != null;
    }

    /** Memory may have come back. */
    void retry() {
        retryWaiting = true;
    }

    // Data that comes unasked --------------------------------------------------------------------------------------

    /**
     * Takes memory for data that comes with a request or soon after it; false if there is none.
     *
     * @param bytes all data of the request, as far as it fits into one piece
     */
    boolean takeFirst(IscsiTask task, int bytes) {
        if (!share.allowsUrgent(bytes)) {
            return false;
        }
        NetBuffer buffer = connection.loop().pool().take(bytes);
        if (buffer == null) {
            return false;
        }
        task.addChunk(buffer);
        share.take(buffer.size());
        return true;
    }

    /** More unsolicited data follows, up to {@code end}. */
    void announce(IscsiTask task, int end) {
        task.unsolicited = true;
        task.burstEnd = end;
        expected++;
    }

    // Data of a command that was begun -------------------------------------------------------------------------------

    /** Brings about {@link IscsiTask#transferBytes} of data, then has the task carried out. */
    void provide(IscsiTask task) {
        if (task.unsolicited) {
            task.phase = IscsiTask.Phase.GATHERING;
        } else if (task.dataFailure != null) {
            connection.refuse(task, task.dataFailure);
        } else if (task.transferBytes() == 0) {
            connection.execute(task);
        } else if (task.transfer() == Transfer.TO_TARGET && task.arrived >= task.transferBytes()) {
            useWhatCame(task);
        } else if (task.transfer() == Transfer.TO_INITIATOR
                && task.mayBorrow()
                && task.transferBytes() >= LEND_BYTES
                && !terms.dataDigest) {
            task.borrow();
            connection.execute(task);
        } else if (waitingHead != null || !takeAll(task)) {
            connection.count(IscsiCounter.MEMORY_WAITS, 1);
            await(task);
        } else {
            transfer(task);
        }
    }

    private void useWhatCame(IscsiTask task) {
        NetBuffer input = task.input;
        if (input != null) {
            task.data().add(input.segment(), task.inputAt, task.transferBytes());
        } else {
            task.useChunks((int) task.transferBytes());
            provided(task);
        }
        connection.execute(task);
    }

    /** Takes the memory that is still missing; all or none. */
    private boolean takeAll(IscsiTask task) {
        int bytes = (int) task.transferBytes();
        int had = task.chunkCount;
        // One command is always allowed. What others hold for the data that came unasked does not count against it:
        // they
        // may wait for their turn behind it.
        if (provided > 0 && !share.allows(bytes - Math.min(bytes, (long) had * IscsiTask.CHUNK_BYTES))) {
            return false;
        }
        if (task.transfer() == Transfer.TO_TARGET && !connection.canHear()) {
            return false;
        }
        for (int from = had * IscsiTask.CHUNK_BYTES; from < bytes; from += IscsiTask.CHUNK_BYTES) {
            NetBuffer buffer = connection.loop().pool().take(Math.min(bytes - from, IscsiTask.CHUNK_BYTES));
            if (buffer == null) {
                releaseChunks(task, had);
                return false;
            }
            task.addChunk(buffer);
            share.take(buffer.size());
        }
        task.useChunks(bytes);
        provided(task);
        return true;
    }

    private void provided(IscsiTask task) {
        task.provided = true;
        provided++;
    }

    private void await(IscsiTask task) {
        task.phase = IscsiTask.Phase.WAITING;
        IscsiTask last = waitingTail;
        if (last == null) {
            waitingHead = task;
        } else {
            last.next = task;
        }
        waitingTail = task;
    }

    /** Gives memory to tasks that wait, if there may be some. */
    void startWaiting() {
        if (!retryWaiting) {
            return;
        }
        retryWaiting = false;
        IscsiTask task = waitingHead;
        while (task != null && takeAll(task)) {
            waitingHead = task.next;
            if (waitingHead == null) {
                waitingTail = null;
            }
            task.next = null;
            connection.worked();
            transfer(task);
            task = waitingHead;
        }
    }

    /** A task no longer waits. */
    void stopWaiting(IscsiTask task) {
        IscsiTask before = null;
        for (IscsiTask each = waitingHead; each != null; before = each, each = each.next) {
            if (each == task) {
                if (before == null) {
                    waitingHead = each.next;
                } else {
                    before.next = each.next;
                }
                if (waitingTail == task) {
                    waitingTail = before;
                }
                task.next = null;
                return;
            }
        }
    }

    private void transfer(IscsiTask task) {
        if (task.transfer() == Transfer.TO_INITIATOR) {
            connection.execute(task);
            return;
        }
        NetBuffer input = task.input;
        if (input != null) {
            // It came with the command, and is only the beginning.
            MemorySegment.copy(input.segment(), task.inputAt, task.chunk(0).segment(), IscsiTask.DATA_AT, task.arrived);
            releaseInput(task);
        }
        task.phase = IscsiTask.Phase.RECEIVING;
        transferTag = transferTag == MAX_TRANSFER_TAG - 1 ? 0 : transferTag + 1;
        task.transferTag = transferTag;
        task.asked = task.arrived;
        ask(task);
    }

    /** Sends as many R2Ts as were agreed upon. */
    private void ask(IscsiTask task) {
        int bytes = (int) task.transferBytes();
        while (task.asked < bytes && task.transfersOpen() < terms.outstandingR2t) {
            int length = Math.min(terms.maxBurst, bytes - task.asked);
            if (task.transfersOpen() == 0) {
                task.burstEnd = task.asked + length;
                task.dataSn = 0;
            }
            Packet packet = connection.resources().takePacket();
            writer.readyToTransfer(packet, task, task.asked, length);
            task.asked += length;
            task.r2tSn++;
            expected++;
            connection.count(IscsiCounter.READY_TO_TRANSFERS, 1);
            connection.send(packet);
        }
    }

    // Data-Out -----------------------------------------------------------------------------------------------------

    /** A Data-Out PDU that said it is the last of its sequence is here. */
    void sequenceEnded(IscsiTask task) {
        expected--;
        if (task.unsolicited) {
            task.unsolicited = false;
            connection.gathered(task);
            return;
        }
        task.r2tAnswered++;
        if (task.arrived != task.burstEnd && task.dataFailure == null) {
            task.dataFailure = Sense.DATA_PHASE_ERROR; // less than was asked for
        }
        if (task.dataFailure != null) {
            task.dataSn = 0;
            if (task.transfersOpen() == 0) {
                connection.refuse(task, task.dataFailure);
            }
            return;
        }
        int bytes = (int) task.transferBytes();
        if (task.transfersOpen() > 0) {
            task.burstEnd = Math.min(task.burstEnd + terms.maxBurst, bytes);
            task.dataSn = 0;
        }
        if (task.arrived == bytes) {
            connection.execute(task);
        } else {
            ask(task);
        }
    }

    // The end ------------------------------------------------------------------------------------------------------

    /** No more data is expected for a task. */
    void expectNothing(IscsiTask task) {
        expected -= task.transfersOpen() + (task.unsolicited ? 1 : 0);
        task.r2tAnswered = task.r2tSn;
        task.unsolicited = false;
    }

    /** Lets go of the memory of a task's data, but for a loan. */
    void release(IscsiTask task) {
        releaseChunks(task, 0);
        releaseInput(task);
    }

    private void releaseChunks(IscsiTask task, int keep) {
        if (task.chunkCount == keep) {
            return;
        }
        while (task.chunkCount > keep) {
            NetBuffer buffer = Objects.requireNonNull(task.chunks[--task.chunkCount]);
            task.chunks[task.chunkCount] = null;
            share.release(buffer.size());
            buffer.release();
        }
        if (task.provided) {
            task.provided = false;
            provided--;
        }
        if (waitingHead != null && keep == 0) {
            retryWaiting = true;
            connection.wake();
        }
    }

    private void releaseInput(IscsiTask task) {
        NetBuffer input = task.input;
        if (input != null) {
            task.input = null;
            input.release();
            connection.inputReleased();
        }
    }
}
