package io.zonewright.frontend.nvme.tcp;

import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.net.MemoryShare;
import io.zonewright.net.NetBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the data of one connection's commands lies: in the capsule, in a buffer of the command's own, for which it may have
 * to wait, or in the medium's memory; and the R2Ts by which the host is asked for it. On the loop's thread.
 */
final class CommandData {
    /** Where a host allows several R2Ts of one command, each asks for at most this much. */
    static final int R2T_BYTES = 256 << 10;

    /** Reads of at least this much are sent from the medium's own memory if it lends; the copy of less costs less. */
    static final int LEND_BYTES = 16 << 10;

    private static final int SGL_IN_CAPSULE = 0x01;
    private static final int SGL_TRANSPORT = 0x5A;

    private final NvmeTcpConnection connection;
    private final ConnectionTerms terms;
    private final PduWriter writer;
    private final Transfers transfers = new Transfers();
    private @Nullable TcpCommand waitingHead;
    private @Nullable TcpCommand waitingTail;
    private boolean retryWaiting;
    private final MemoryShare share;

    CommandData(NvmeTcpConnection connection, ConnectionTerms terms, PduWriter writer) {
        this.connection = connection;
        this.terms = terms;
        this.writer = writer;
        share = new MemoryShare(connection.loop());
    }

    /** The transfers that were asked for and are not over. */
    Transfers transfers() {
        return transfers;
    }

    /** Whether the host was asked for data, or is next. */
    boolean expectsData() {
        TcpCommand next = waitingHead;
        return transfers.open() > 0 || (next != null && next.direction == Transfer.TO_CONTROLLER);
    }

    /** Whether commands wait for a buffer. */
    boolean waiting() {
        return waitingHead != null;
    }

    /** Whether it is worth trying again to get buffers for them. */
    boolean worthRetrying() {
        return retryWaiting && waitingHead != null;
    }

    /** Memory may have come back. */
    void retry() {
        retryWaiting = true;
    }

    /** What the connection holds of the loop's memory for its commands. */
    MemoryShare share() {
        return share;
    }

    /** Brings about {@link TcpCommand#bytes} of data, then has the command carried out. */
    void provide(TcpCommand command) {
        if (command.bytes == 0) {
            connection.execute(command);
            return;
        }
        boolean toController = command.direction == Transfer.TO_CONTROLLER;
        int sgl = command.sglIdentifier();
        if (command.psdt() == 0 || (sgl == SGL_IN_CAPSULE && !toController)) {
            connection.refuse(command, NvmeStatus.dnr(NvmeStatus.INVALID_FIELD));
        } else if (sgl != SGL_IN_CAPSULE && sgl != SGL_TRANSPORT) {
            connection.refuse(command, NvmeStatus.dnr(NvmeStatus.SGL_DESCRIPTOR_TYPE_INVALID));
        } else if (sgl == SGL_IN_CAPSULE && command.sglAddress() != 0) {
            connection.refuse(command, NvmeStatus.dnr(NvmeStatus.SGL_OFFSET_INVALID));
        } else if (command.sglLength() < command.bytes
                || (sgl == SGL_IN_CAPSULE && command.sglLength() > command.capsuleBytes)) {
            connection.refuse(command, NvmeStatus.dnr(NvmeStatus.DATA_SGL_LENGTH_INVALID));
        } else if (sgl == SGL_IN_CAPSULE) {
            NetBuffer capsule = Objects.requireNonNull(command.capsule);
            command.data().add(capsule.segment(), command.capsuleAt, command.bytes);
            connection.execute(command);
        } else if (command.lendable && command.bytes >= LEND_BYTES && !terms.dataDigest) {
            command.borrow();
            connection.execute(command);
        } else if (waitingHead != null || !takeBuffer(command)) {
            connection.count(NvmeTcpCounter.MEMORY_WAITS, 1);
            await(command);
        } else {
            transfer(command);
        }
    }

    private boolean takeBuffer(TcpCommand command) {
        if (!share.allows(command.bytes)) {
            return false;
        }
        if (command.direction == Transfer.TO_CONTROLLER && !connection.canHear()) {
            return false;
        }
        NetBuffer buffer = connection.resources().loop().pool().take(command.bytes);
        if (buffer == null) {
            return false;
        }
        command.buffer = buffer;
        command.data().clear();
        command.data().add(buffer.segment(), TcpCommand.DATA_AT, command.bytes);
        share.take(buffer.size());
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

    /** Gives buffers to commands that wait, if there may be some. */
    void startWaiting() {
        if (!retryWaiting) {
            return;
        }
        retryWaiting = false;
        TcpCommand command = waitingHead;
        while (command != null && takeBuffer(command)) {
            waitingHead = command.next;
            if (waitingHead == null) {
                waitingTail = null;
            }
            command.next = null;
            connection.worked();
            transfer(command);
            command = waitingHead;
        }
    }

    private void transfer(TcpCommand command) {
        if (command.direction == Transfer.TO_HOST) {
            connection.execute(command);
        } else {
            command.phase = TcpCommand.Phase.RECEIVING;
            ask(command);
        }
    }

    /** Sends as many R2Ts as the host allows. */
    void ask(TcpCommand command) {
        while (command.asked < command.bytes && command.transfersOpen < terms.transfersPerCommand) {
            int left = command.bytes - command.asked;
            ReadyToTransfer transfer = connection.resources().takeTransfer();
            transfer.command = command;
            transfer.offset = command.asked;
            transfer.length = terms.transfersPerCommand == 1 ? left : Math.min(left, R2T_BYTES);
            transfer.received = 0;
            transfer.over = false;
            transfers.add(transfer);
            command.asked += transfer.length;
            command.transfersOpen++;
            connection.count(NvmeTcpCounter.READY_TO_TRANSFERS, 1);
            writer.request(transfer);
            transfer.sending = true;
            connection.send(transfer);
        }
    }

    /** All data of a command has come. */
    void received(TcpCommand command) {
        if (command.digestWrong) {
            connection.refuse(command, NvmeStatus.TRANSIENT_TRANSPORT_ERROR);
        } else {
            connection.execute(command);
        }
    }

    /** A transfer is over, or given up. */
    void finish(ReadyToTransfer transfer) {
        transfers.remove(transfer);
        Objects.requireNonNull(transfer.command).transfersOpen--;
        transfer.over = true;
        if (!transfer.sending) {
            connection.resources().giveBack(transfer);
        }
    }

    /** Lets go of the memory of a command's data, but for a loan. */
    void release(TcpCommand command) {
        NetBuffer buffer = command.buffer;
        if (buffer != null) {
            command.buffer = null;
            share.release(buffer.size());
            buffer.release();
            if (waitingHead != null) {
                retryWaiting = true;
                connection.wake();
            }
        }
        NetBuffer capsule = command.capsule;
        if (capsule != null) {
            command.capsule = null;
            capsule.release();
            connection.inputReleased();
        }
    }

    /** Lets go of commands that the controller has not been given. */
    void dropUnstarted() {
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
        Association of = connection.association();
        if (command.begun && of != null) {
            of.refuse(command, NvmeStatus.ABORTED_SQ_DELETION);
        } else {
            connection.release(command);
        }
    }
}
