package io.zonewright.frontend.nvme.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * One controller: properties, admin state, and the way of every command from {@link #begin} to its end. {@code begin}
 * and {@code execute} are called by any queue's thread and take no controller-wide lock for I/O commands.
 */
public final class NvmeController implements AutoCloseable {
    private final NvmeSubsystem subsystem;
    private final int id;
    private final ControllerTraits traits;
    private final ControllerCarrier carrier;
    private final ControllerRegisters registers;
    private final OpcodeTable admin;
    private final int maxDataBytes;

    NvmeController(NvmeSubsystem subsystem, int id, ControllerTraits traits, ControllerCarrier carrier) {
        this.subsystem = subsystem;
        this.id = id;
        this.traits = traits;
        this.carrier = carrier;
        maxDataBytes = traits.maxDataBytes() == 0
                ? NvmeCommand.MAX_TRANSFER
                : Math.min(traits.maxDataBytes(), NvmeCommand.MAX_TRANSFER);
        registers = new ControllerRegisters(traits, new ControllerRegisters.Events() {
            @Override
            public void enable() {
                carrier.enabled();
            }

            @Override
            public void disable() {
                carrier.disabled();
            }

            @Override
            public void shutdown() {
                carrier.shutdown();
            }
        });
        admin = OpcodeTable.of(CommandSet.ADMIN, Map.of());
    }

    /** CNTLID. */
    public int id() {
        return id;
    }

    public NvmeSubsystem subsystem() {
        return subsystem;
    }

    public ControllerTraits traits() {
        return traits;
    }

    public ControllerRegisters registers() {
        return registers;
    }

    /** Most data of one command, bytes. */
    public int maxDataBytes() {
        return maxDataBytes;
    }

    /**
     * Decodes and checks {@link NvmeCommand#sqe}. True: {@link NvmeCommand#transfer} and {@link NvmeCommand#transferBytes}
     * are set; the carrier provides {@link NvmeCommand#data} of exactly that many bytes and calls {@link #execute}, or
     * {@link #refuse} if it cannot. False: the command has ended, {@link NvmeCommand#onComplete} was called.
     *
     * @param sqid 0 for the admin queue
     */
    public boolean begin(NvmeCommand command, int sqid) {
        command.bind(this, sqid);
        int status = check(command, sqid);
        if (status != NvmeStatus.SUCCESS) {
            command.finish(status);
            return false;
        }
        return true;
    }

    /** Carries out a command that {@link #begin} let pass. Takes ownership until {@link NvmeCommand#onComplete}. */
    public void execute(NvmeCommand command) {
        command.handler().execute(command);
    }

    /** Instead of {@link #execute}: the carrier could not get at the data; the command ends with {@code status}. */
    public void refuse(NvmeCommand command, int status) {
        command.finish(status);
    }

    private int check(NvmeCommand command, int sqid) {
        if (!registers.ready()) {
            return NvmeStatus.dnr(NvmeStatus.COMMAND_SEQUENCE_ERROR);
        }
        if (command.fuse() != 0) {
            command.setErrorLocation(1, 0);
            return NvmeStatus.dnr(NvmeStatus.INVALID_FIELD);
        }
        OpcodeTable table = sqid == 0 ? admin : subsystem.table(CommandSet.ZNS);
        NvmeOpcode opcode = table.opcode(command.opcode());
        if (opcode == null) {
            command.setErrorLocation(0, 0);
            return NvmeStatus.dnr(NvmeStatus.INVALID_COMMAND_OPCODE);
        }
        NvmeNamespace namespace = subsystem.namespace(command.nsid());
        if (namespace != null) {
            command.setNamespace(namespace);
        }
        CommandHandler handler = table.handler(command.opcode());
        if (handler == null) {
            return NvmeStatus.dnr(NvmeStatus.INVALID_COMMAND_OPCODE);
        }
        command.setHandler(opcode, handler);
        return handler.check(command);
    }

    /** A command has ended. */
    void ended(NvmeCommand command) {}

    /** The carrier's queues are gone after {@link ControllerCarrier#disabled}: CSTS.RDY may show 0. */
    public void disabledDone() {
        registers.disabledDone();
    }

    /**
     * Starts the keep-alive timer, as Connect's KATO asks.
     *
     * @param millis 0: no timer
     */
    public void setKeepAliveTimeout(long millis) {}

    /** When to call {@link #checkKeepAlive} next ({@link System#nanoTime}); {@link Long#MAX_VALUE} if no timer runs. */
    public long keepAliveDeadlineNanos() {
        return Long.MAX_VALUE;
    }

    /** Lets time pass: if the timer ran out, CSTS.CFS is set and {@link ControllerCarrier#keepAliveExpired} called. */
    public void checkKeepAlive(long now) {}

    /** The host is gone: outstanding asynchronous event requests end, the identifier is free again. */
    @Override
    public void close() {
        subsystem.release(id);
    }

    /** For {@code zonewright stats}. */
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> stats = new LinkedHashMap<>();
        stats.put("controller", id);
        stats.put("transport", traits.transport().name().toLowerCase(java.util.Locale.ROOT));
        return stats;
    }

    @Nullable
    ControllerCarrier carrier() {
        return carrier;
    }
}
