package io.zonewright.frontend.nvme.command.log;

import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import java.util.concurrent.atomic.LongAdder;

/** What a subsystem has done for all its hosts since it was made; SMART tells it. Thread-safe, without contention. */
public final class IoCounters {
    private final LongAdder readCommands = new LongAdder();
    private final LongAdder writeCommands = new LongAdder();
    private final LongAdder readBytes = new LongAdder();
    private final LongAdder writtenBytes = new LongAdder();
    private final LongAdder mediaErrors = new LongAdder();

    /** Counts an I/O command that has ended. */
    public void count(NvmeOpcode opcode, NvmeCommand command) {
        int status = command.status();
        if (NvmeStatus.mediaError(status)) {
            mediaErrors.increment();
        }
        switch (opcode) {
            case READ, COMPARE, VERIFY -> {
                readCommands.increment();
                if (status == NvmeStatus.SUCCESS) {
                    readBytes.add(command.transferBytes());
                }
            }
            case WRITE, ZONE_APPEND -> {
                writeCommands.increment();
                if (status == NvmeStatus.SUCCESS) {
                    writtenBytes.add(command.transferBytes());
                }
            }
            default -> {}
        }
    }

    public long readCommands() {
        return readCommands.sum();
    }

    public long writeCommands() {
        return writeCommands.sum();
    }

    public long readBytes() {
        return readBytes.sum();
    }

    public long writtenBytes() {
        return writtenBytes.sum();
    }

    /** Commands that failed because the medium did. */
    public long mediaErrors() {
        return mediaErrors.sum();
    }
}
