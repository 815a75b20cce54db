package io.zonewright.frontend.scsi.command;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which commands a logical unit offers: dispatch and REPORT SUPPORTED OPERATION CODES read the same table. Immutable. */
public final class OpcodeTable {
    private static final int CODES = 256;
    private static final int ADDITIONAL_LENGTH_BYTE = 7;
    private static final int VARIABLE_HEADER = 8;
    private static final int SERVICE_ACTION_BIT = 4;

    /** By opcode; several where there are service actions. */
    private final @Nullable ScsiOpcode[][] byCode = new @Nullable ScsiOpcode[CODES][];

    private final CommandHandler[] handlers;
    private final List<ScsiOpcode> offered;

    private OpcodeTable(Map<ScsiOpcode, CommandHandler> all) {
        offered = List.copyOf(new EnumMap<>(all).keySet());
        ScsiOpcode[] opcodes = ScsiOpcode.values();
        handlers = new CommandHandler[opcodes.length];
        List<List<ScsiOpcode>> lists = new ArrayList<>();
        for (int i = 0; i < CODES; i++) {
            lists.add(new ArrayList<>());
        }
        all.forEach((opcode, handler) -> {
            handlers[opcode.ordinal()] = handler;
            lists.get(opcode.code()).add(opcode);
        });
        for (int i = 0; i < CODES; i++) {
            byCode[i] = lists.get(i).toArray(new ScsiOpcode[0]);
        }
    }

    /** A table of these commands. */
    public static OpcodeTable of(Map<ScsiOpcode, CommandHandler> handlers) {
        return new OpcodeTable(handlers);
    }

    /** The command that a CDB holds, or null if it is not offered. */
    public @Nullable ScsiOpcode find(ScsiTask task) {
        int code = task.byteAt(0);
        return find(code, ScsiOpcode.serviceAction(code, task.cdb()));
    }

    /** The command of an opcode and a service action, or null if it is not offered. */
    public @Nullable ScsiOpcode find(int code, int serviceAction) {
        for (ScsiOpcode each : byCode[code]) {
            if (each != null && each.serviceAction() == serviceAction) {
                return each;
            }
        }
        return null;
    }

    /** Whether any command has this opcode. */
    public boolean offers(int code) {
        return byCode[code].length != 0;
    }

    /** Whether commands with this opcode are told apart by service actions. */
    public boolean hasServiceActions(int code) {
        for (ScsiOpcode each : byCode[code]) {
            if (each != null && each.serviceAction() != ScsiOpcode.NO_SERVICE_ACTION) {
                return true;
            }
        }
        return false;
    }

    /** All that are offered, by opcode. */
    public List<ScsiOpcode> offered() {
        return offered;
    }

    /** The handler of a command that is offered. */
    public CommandHandler handler(ScsiOpcode opcode) {
        return handlers[opcode.ordinal()];
    }

    /** Fails a task whose command is not offered: an unknown opcode, or an unknown service action of a known one. */
    boolean refuse(ScsiTask task) {
        int code = task.byteAt(0);
        if (!offers(code)) {
            return task.fail(Sense.INVALID_OPERATION_CODE);
        }
        return code == ScsiOpcode.VARIABLE_LENGTH
                ? task.invalidField(VARIABLE_HEADER)
                : task.invalidField(1, SERVICE_ACTION_BIT);
    }

    /** Whether ADDITIONAL CDB LENGTH is what the command's length says. */
    static boolean lengthFits(ScsiTask task, ScsiOpcode opcode) {
        return opcode.code() != ScsiOpcode.VARIABLE_LENGTH
                || task.byteAt(ADDITIONAL_LENGTH_BYTE) == opcode.length() - VARIABLE_HEADER;
    }
}
