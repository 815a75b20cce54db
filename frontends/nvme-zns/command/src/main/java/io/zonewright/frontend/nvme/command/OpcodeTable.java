package io.zonewright.frontend.nvme.command;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which commands one kind of queue offers, by opcode: dispatch and the effects log read the same table. Immutable.
 */
public final class OpcodeTable {
    private static final int CODES = 256;
    private static final int CSUPP = 1;

    private final @Nullable NvmeOpcode[] opcodes = new @Nullable NvmeOpcode[CODES];
    private final @Nullable CommandHandler[] handlers = new @Nullable CommandHandler[CODES];

    private OpcodeTable() {}

    /**
     * A table of the given commands. The Zoned Namespace set holds the NVM set's commands too.
     *
     * @param set whose commands are taken; others in the map are passed over
     */
    public static OpcodeTable of(CommandSet set, Map<NvmeOpcode, CommandHandler> handlers) {
        OpcodeTable table = new OpcodeTable();
        handlers.forEach((opcode, handler) -> {
            if (opcode.set() == set || (set == CommandSet.ZNS && opcode.set() == CommandSet.NVM)) {
                table.opcodes[opcode.code()] = opcode;
                table.handlers[opcode.code()] = handler;
            }
        });
        return table;
    }

    /** The command behind an opcode, or null if it is not offered. */
    public @Nullable NvmeOpcode opcode(int code) {
        return opcodes[code];
    }

    /** Its handler, or null if it is not offered. */
    public @Nullable CommandHandler handler(int code) {
        return handlers[code];
    }

    /** Whether the command is offered. */
    public boolean offers(NvmeOpcode opcode) {
        return opcodes[opcode.code()] == opcode;
    }

    /** The opcode's entry of the Commands Supported and Effects log; 0 if it is not offered. */
    public int effects(int code) {
        NvmeOpcode opcode = opcodes[code];
        return opcode == null ? 0 : CSUPP | opcode.effect().bits();
    }
}
