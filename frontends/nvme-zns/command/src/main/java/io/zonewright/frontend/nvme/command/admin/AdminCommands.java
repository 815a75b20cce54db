package io.zonewright.frontend.nvme.command.admin;

import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.CommandSet;
import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.OpcodeTable;
import io.zonewright.frontend.nvme.command.Transport;
import io.zonewright.frontend.nvme.command.feature.GetFeatures;
import io.zonewright.frontend.nvme.command.feature.SetFeatures;
import io.zonewright.frontend.nvme.command.identify.Identify;
import io.zonewright.frontend.nvme.command.log.GetLogPage;
import java.util.EnumMap;
import java.util.Map;

/** Which admin commands a controller offers, by its carrier; and those that are too short for a file of their own. */
public final class AdminCommands {
    private static final int NOT_ABORTED = 1;

    private AdminCommands() {}

    /** The table of one controller's admin queue. */
    public static OpcodeTable of(ControllerState state) {
        ControllerTraits traits = state.traits();
        CommandHandler carrier = new Simple(command -> {
            if (!state.carrier().carrierAdmin(command)) {
                command.finish(NvmeStatus.dnr(NvmeStatus.INVALID_COMMAND_OPCODE));
            }
        });
        Map<NvmeOpcode, CommandHandler> handlers = new EnumMap<>(NvmeOpcode.class);
        handlers.put(NvmeOpcode.GET_LOG_PAGE, new GetLogPage(state));
        handlers.put(NvmeOpcode.IDENTIFY, new Identify(state));
        handlers.put(NvmeOpcode.ABORT, new Simple(command -> abort(state, command)));
        handlers.put(NvmeOpcode.SET_FEATURES, new SetFeatures(state));
        handlers.put(NvmeOpcode.GET_FEATURES, new GetFeatures(state));
        handlers.put(NvmeOpcode.ASYNCHRONOUS_EVENT_REQUEST, new Simple(state.events()::request));
        if (traits.keepAlive()) {
            handlers.put(NvmeOpcode.KEEP_ALIVE, new Simple(command -> {
                state.keepAlive().restart();
                command.finish(NvmeStatus.SUCCESS);
            }));
        }
        if (traits.transport() == Transport.PCIE) {
            handlers.put(NvmeOpcode.DELETE_IO_SUBMISSION_QUEUE, carrier);
            handlers.put(NvmeOpcode.CREATE_IO_SUBMISSION_QUEUE, carrier);
            handlers.put(NvmeOpcode.DELETE_IO_COMPLETION_QUEUE, carrier);
            handlers.put(NvmeOpcode.CREATE_IO_COMPLETION_QUEUE, carrier);
        } else {
            handlers.put(NvmeOpcode.FABRICS, carrier);
        }
        if (traits.shadowDoorbells()) {
            handlers.put(NvmeOpcode.DOORBELL_BUFFER_CONFIG, carrier);
        }
        return OpcodeTable.of(CommandSet.ADMIN, handlers);
    }

    /**
     * Only an Asynchronous Event Request waits long enough to be aborted; anything else ends by itself, which the
     * specification allows to be told as not aborted (Base 2.0, "Abort command").
     */
    private static void abort(ControllerState state, NvmeCommand command) {
        int sqid = command.cdw10() & 0xFFFF;
        int cid = command.cdw10() >>> 16;
        boolean aborted = sqid == 0 && state.events().abort(cid);
        command.setDw0(aborted ? 0 : NOT_ABORTED);
        command.finish(NvmeStatus.SUCCESS);
    }

    /** A command without data and without anything to check. */
    private record Simple(Action action) implements CommandHandler {
        interface Action {
            void run(NvmeCommand command);
        }

        @Override
        public int check(NvmeCommand command) {
            return NvmeStatus.SUCCESS;
        }

        @Override
        public void execute(NvmeCommand command) {
            action.run(command);
        }
    }
}
