package io.zonewright.frontend.nvme.tcp;

import io.zonewright.net.SocketLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one loop share besides its buffers: command and R2T objects, made as they are first needed and
 * used again. Belongs to the loop's thread.
 */
final class LoopResources {
    private static final int BATCH = 32;
    private static final int CACHE_LINE = 64;
    private static final int SCRATCH_STRIDE = 192;
    private static final int TRANSFER_STRIDE = 64;

    private final SocketLoop loop;
    private final int index;
    private @Nullable TcpCommand commands;
    private @Nullable ReadyToTransfer transfers;

    /** @param index number of the loop in its portal */
    LoopResources(SocketLoop loop, int index) {
        this.loop = loop;
        this.index = index;
    }

    SocketLoop loop() {
        return loop;
    }

    int index() {
        return index;
    }

    TcpCommand takeCommand() {
        TcpCommand command = commands;
        if (command == null) {
            MemorySegment memory = Arena.ofAuto().allocate((long) SCRATCH_STRIDE * BATCH, CACHE_LINE);
            for (int i = 0; i < BATCH; i++) {
                giveBack(new TcpCommand(memory.asSlice((long) i * SCRATCH_STRIDE, TcpCommand.SCRATCH_BYTES)));
            }
            return takeCommand();
        }
        commands = command.next;
        command.next = null;
        return command;
    }

    void giveBack(TcpCommand command) {
        command.next = commands;
        commands = command;
    }

    ReadyToTransfer takeTransfer() {
        ReadyToTransfer transfer = transfers;
        if (transfer == null) {
            MemorySegment memory = Arena.ofAuto().allocate((long) TRANSFER_STRIDE * BATCH, CACHE_LINE);
            for (int i = 0; i < BATCH; i++) {
                giveBack(new ReadyToTransfer(this, memory.asSlice((long) i * TRANSFER_STRIDE, TRANSFER_STRIDE)));
            }
            return takeTransfer();
        }
        transfers = transfer.next;
        transfer.next = null;
        return transfer;
    }

    void giveBack(ReadyToTransfer transfer) {
        transfer.command = null;
        transfer.next = transfers;
        transfers = transfer;
    }
}
