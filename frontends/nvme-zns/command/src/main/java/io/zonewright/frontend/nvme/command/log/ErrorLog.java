package io.zonewright.frontend.nvme.command.log;

import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.page.Page;

/**
 * The Error Information log of one controller: a ring of the last {@link #ENTRIES} failed commands, told newest first
 * (Base 2.0, "Error Information (Log Identifier 01h)"). Thread-safe; allocates nothing per entry, since a host may fail
 * as many commands as it likes.
 */
public final class ErrorLog {
    /** Entries kept; ELPE tells one less. */
    public static final int ENTRIES = 64;

    /** Size of one entry. */
    public static final int ENTRY_SIZE = 64;

    private static final int NO_COMMAND = 0xFFFF;

    private final long[] lbas = new long[ENTRIES];
    private final int[] nsids = new int[ENTRIES];
    private final int[] queues = new int[ENTRIES];
    private final int[] commands = new int[ENTRIES];
    private final int[] statuses = new int[ENTRIES];
    private final int[] locations = new int[ENTRIES];
    private final int[] opcodes = new int[ENTRIES];
    private final int[] commandSets = new int[ENTRIES];
    private long count;

    /** Remembers a failed command. */
    public synchronized void add(NvmeCommand command) {
        int slot = (int) (count % ENTRIES);
        lbas[slot] = command.errorLba();
        nsids[slot] = command.nsid();
        queues[slot] = command.sqid();
        commands[slot] = command.cid();
        statuses[slot] = command.status();
        locations[slot] = command.errorLocation();
        opcodes[slot] = command.opcode();
        commandSets[slot] = command.hasNamespace() ? command.namespace().set().csi() : 0;
        count++;
    }

    /** Failed commands since the controller was made: the number of the newest entry, counted from 1. */
    public synchronized long count() {
        return count;
    }

    /** All entries, newest first; those never used are zero. */
    public synchronized Page page() {
        Page page = new Page(ENTRIES * ENTRY_SIZE);
        long known = Math.min(count, ENTRIES);
        for (int i = 0; i < known; i++) {
            long number = count - i;
            int slot = (int) ((number - 1) % ENTRIES);
            int at = i * ENTRY_SIZE;
            page.put64(at, number)
                    .put16(at + 8, queues[slot])
                    .put16(at + 10, commands[slot] & NO_COMMAND)
                    .put16(at + 12, statuses[slot] << 1)
                    .put16(at + 14, locations[slot])
                    .put64(at + 16, lbas[slot])
                    .put32(at + 24, nsids[slot])
                    .put8(at + 30, commandSets[slot])
                    .put8(at + 31, opcodes[slot])
                    .put8(at + 63, 1);
        }
        return page;
    }
}
