package io.zonewright.frontend.nvme.command.log;

import io.zonewright.api.tally.ThreadTallies;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import org.jspecify.annotations.Nullable;

/** What a controller, or a subsystem for all its hosts, has done; SMART tells it. Any thread, without contention. */
public final class IoCounters {
    private static final int COMMANDS = 0;
    private static final int READ_COMMANDS = 1;
    private static final int WRITE_COMMANDS = 2;
    private static final int READ_BYTES = 3;
    private static final int WRITTEN_BYTES = 4;
    private static final int MEDIA_ERRORS = 5;
    private static final int COUNT = 6;

    private final ThreadTallies tallies = new ThreadTallies(COUNT);

    /**
     * Counts an I/O command that has ended.
     *
     * @param opcode null if the command was none that is known
     */
    public void count(@Nullable NvmeOpcode opcode, NvmeCommand command) {
        ThreadTallies.Tally mine = tallies.mine();
        mine.add(COMMANDS, 1);
        if (opcode == null) {
            return;
        }
        int status = command.status();
        if (NvmeStatus.mediaError(status)) {
            mine.add(MEDIA_ERRORS, 1);
        }
        switch (opcode) {
            case READ, COMPARE, VERIFY -> {
                mine.add(READ_COMMANDS, 1);
                if (status == NvmeStatus.SUCCESS) {
                    mine.add(READ_BYTES, command.transferBytes());
                }
            }
            case WRITE, ZONE_APPEND -> {
                mine.add(WRITE_COMMANDS, 1);
                if (status == NvmeStatus.SUCCESS) {
                    mine.add(WRITTEN_BYTES, command.transferBytes());
                }
            }
            default -> {}
        }
    }

    /** Adds what another has counted so far. */
    public void add(IoCounters other) {
        ThreadTallies.Tally mine = tallies.mine();
        for (int i = 0; i < COUNT; i++) {
            mine.add(i, other.tallies.sum(i));
        }
    }

    /** I/O commands that have ended, however. */
    public long commands() {
        return tallies.sum(COMMANDS);
    }

    public long readCommands() {
        return tallies.sum(READ_COMMANDS);
    }

    public long writeCommands() {
        return tallies.sum(WRITE_COMMANDS);
    }

    public long readBytes() {
        return tallies.sum(READ_BYTES);
    }

    public long writtenBytes() {
        return tallies.sum(WRITTEN_BYTES);
    }

    /** Commands that failed because the medium did. */
    public long mediaErrors() {
        return tallies.sum(MEDIA_ERRORS);
    }
}
