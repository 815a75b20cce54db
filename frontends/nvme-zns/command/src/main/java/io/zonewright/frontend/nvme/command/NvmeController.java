package io.zonewright.frontend.nvme.command;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.frontend.nvme.command.admin.AdminCommands;
import io.zonewright.frontend.nvme.command.admin.ControllerState;
import io.zonewright.frontend.nvme.command.event.Notice;
import io.zonewright.frontend.nvme.command.log.IoCounters;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One controller: properties, admin state, and the way of every command from {@link #begin} to its end. {@code begin}
 * and {@code execute} are called by any queue's thread and take no controller-wide lock for I/O commands. Whatever one
 * host does to its controller touches no other.
 */
public final class NvmeController implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NvmeController.class);

    private static final int PSDT_PRP = 0;
    private static final int PSDT_SGL = 1;

    private final NvmeSubsystem subsystem;
    private final int id;
    private final ControllerTraits traits;
    private final ControllerCarrier carrier;
    private final ControllerRegisters registers;
    private final ControllerState state;
    private final OpcodeTable admin;
    private final int dataLimit;
    private final AtomicLong adminCommands = new AtomicLong();
    private final IoCounters counters = new IoCounters();

    NvmeController(NvmeSubsystem subsystem, int id, ControllerTraits traits, ControllerCarrier carrier) {
        this.subsystem = subsystem;
        this.id = id;
        this.traits = traits;
        this.carrier = carrier;
        dataLimit = traits.dataLimit();
        registers = new ControllerRegisters(traits, new Events());
        state = new ControllerState(subsystem, id, traits, carrier, registers);
        admin = AdminCommands.of(state);
        state.setAdminTable(admin);
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
        return dataLimit;
    }

    /** Most data of one Zone Append in bytes, as ZASL tells it. */
    public int maxAppendBytes() {
        int zasl = subsystem.zasl(traits);
        return zasl == 0 ? dataLimit : ControllerTraits.PAGE << zasl;
    }

    /** Whether the host switched the volatile write cache off: every write is then to be stable when it completes. */
    public boolean writeThrough() {
        return state.features().writeThrough();
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
        state.keepAlive().touch();
        int status = check(command, sqid);
        if (status != NvmeStatus.SUCCESS) {
            command.finish(status);
            return false;
        }
        return true;
    }

    /**
     * Carries out a command that {@link #begin} let pass. Takes ownership until {@link NvmeCommand#onComplete}.
     *
     * @throws IllegalStateException if the data is not exactly as long as was said
     */
    public void execute(NvmeCommand command) {
        if (command.data().bytes() != (command.borrows() ? 0 : command.transferBytes())) {
            throw new IllegalStateException(
                    "data of " + command.data().bytes() + " bytes for " + command + ", not " + command.transferBytes());
        }
        command.handler().execute(command);
    }

    /** Instead of {@link #execute}: the carrier could not get at the data; the command ends with {@code status}. */
    public void refuse(NvmeCommand command, int status) {
        command.finish(status);
    }

    /** The order of these checks is the order of precedence: docs/decisions/0086. */
    private int check(NvmeCommand command, int sqid) {
        OpcodeTable table = sqid == 0 ? admin : ioTable();
        if (!registers.ready() && table.opcode(command.opcode()) != NvmeOpcode.FABRICS) {
            return NvmeStatus.dnr(NvmeStatus.COMMAND_SEQUENCE_ERROR);
        }
        NvmeOpcode opcode = table.opcode(command.opcode());
        if (opcode == null) {
            return fault(command, 0, 0, NvmeStatus.INVALID_COMMAND_OPCODE);
        }
        if (command.fuse() != 0) {
            return fault(command, 1, 0, NvmeStatus.INVALID_FIELD);
        }
        if (!pointersAllowed(command, sqid)) {
            return fault(command, 1, 6, NvmeStatus.INVALID_FIELD);
        }
        int status = checkNamespace(command, opcode);
        if (status != NvmeStatus.SUCCESS) {
            return status;
        }
        if (sqid != 0) {
            state.noteIoQueue();
            if (command.hasNamespace()) {
                table = subsystem.table(command.namespace().set());
            }
        }
        CommandHandler handler = table.handler(command.opcode());
        if (handler == null) {
            return fault(command, 0, 0, NvmeStatus.INVALID_COMMAND_OPCODE);
        }
        command.setHandler(opcode, handler);
        return handler.check(command);
    }

    /** Every I/O command that some namespace of the host's takes. */
    private OpcodeTable ioTable() {
        return subsystem.table(subsystem.zoned() && registers.allCommandSets() ? CommandSet.ZNS : CommandSet.NVM);
    }

    /**
     * PSDT against what the carrier reads: fabrics only SGLs; PCIe PRPs for admin commands, and for I/O whatever it can.
     * PSDT 10b puts metadata into an SGL: no namespace has any.
     */
    private boolean pointersAllowed(NvmeCommand command, int sqid) {
        return switch (command.psdt()) {
            case PSDT_PRP -> traits.prp();
            case PSDT_SGL -> traits.sgl() && (sqid != 0 || traits.transport().fabrics());
            default -> false;
        };
    }

    private int checkNamespace(NvmeCommand command, NvmeOpcode opcode) {
        int nsid = command.nsid();
        switch (opcode.nsid()) {
            case OWN_RULE -> {
                return NvmeStatus.SUCCESS;
            }
            case UNUSED -> {
                return nsid == 0 ? NvmeStatus.SUCCESS : fault(command, 4, 0, NvmeStatus.INVALID_FIELD);
            }
            case ONE_OR_ALL -> {
                if (nsid == NvmeCommand.ALL_NAMESPACES) {
                    return NvmeStatus.SUCCESS;
                }
            }
            case ONE -> {}
        }
        NvmeNamespace namespace = subsystem.namespace(nsid);
        if (namespace == null) {
            return fault(command, 4, 0, NvmeStatus.INVALID_NAMESPACE_OR_FORMAT);
        }
        if (!state.attached(namespace)) {
            return fault(command, 4, 0, NvmeStatus.INVALID_FIELD);
        }
        command.setNamespace(namespace);
        return NvmeStatus.SUCCESS;
    }

    private static int fault(NvmeCommand command, int sqeByte, int bit, int status) {
        command.setErrorLocation(sqeByte, bit);
        return NvmeStatus.dnr(status);
    }

    /** A command has ended: counts it, and logs it if it failed. One that the host itself took back did not fail. */
    void ended(NvmeCommand command) {
        NvmeOpcode opcode = command.kind();
        if (command.sqid() == 0) {
            adminCommands.incrementAndGet();
            if (opcode == NvmeOpcode.CREATE_IO_COMPLETION_QUEUE && command.status() == NvmeStatus.SUCCESS) {
                state.noteIoQueue();
            }
        } else {
            counters.count(opcode, command);
        }
        int code = NvmeStatus.code(command.status());
        if (code != NvmeStatus.SUCCESS
                && code != NvmeStatus.ABORT_REQUESTED
                && code != NvmeStatus.ABORTED_SQ_DELETION) {
            state.errors().add(command);
        }
    }

    /**
     * The host wrote a doorbell wrongly (PCIe): an error event (Base 2.1, "Asynchronous Event Information - Error
     * Status").
     *
     * @param exists whether the doorbell is one, and only the value is wrong
     */
    public void invalidDoorbell(boolean exists) {
        state.events().raise(exists ? Notice.INVALID_DOORBELL_VALUE : Notice.INVALID_DOORBELL_REGISTER, 0);
    }

    /** What it has done since it was made. */
    IoCounters counters() {
        return counters;
    }

    void zoneChanged(int deviceZone) {
        state.zoneChanged(deviceZone);
    }

    void namespacesChanged() {
        state.namespacesChanged();
    }

    /** The carrier's queues are gone after {@link ControllerCarrier#disabled}: CSTS.RDY may show 0. */
    public void disabledDone() {
        // Again, for a command that was under way when the reset began.
        state.reset();
        registers.disabledDone();
    }

    /**
     * Starts the keep-alive timer, as Connect's KATO asks.
     *
     * @param millis 0: no timer
     */
    public void setKeepAliveTimeout(long millis) {
        state.keepAlive().setTimeout(millis);
    }

    /** When to call {@link #checkKeepAlive} next ({@link System#nanoTime}); {@link Long#MAX_VALUE} if no timer runs. */
    public long keepAliveDeadlineNanos() {
        return state.keepAlive().deadline();
    }

    /**
     * Lets time pass: if the timer ran out, CSTS.CFS is set and {@link ControllerCarrier#keepAliveExpired} called, once.
     *
     * @param now {@link System#nanoTime}
     */
    public void checkKeepAlive(long now) {
        if (state.keepAlive().expired(now)) {
            // The carrier says so to the user, no oftener than is good: hosts choose the time.
            LOG.debug(
                    "controller {} of {}: keep-alive timer ran out",
                    id,
                    subsystem.options().nqn());
            registers.fail();
            carrier.keepAliveExpired();
        }
    }

    /** The host is gone: outstanding asynchronous event requests end, the identifier is free again. Works twice. */
    @Override
    public void close() {
        subsystem.device().clientLost();
        subsystem.release(this);
        state.keepAlive().setTimeout(0);
        state.events().close();
    }

    /** For {@code zonewright stats}. */
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> stats = new LinkedHashMap<>();
        stats.put("controller", id);
        stats.put("transport", traits.transport().name().toLowerCase(Locale.ROOT));
        stats.put("host", traits.hostNqn());
        stats.put("ready", registers.ready());
        stats.put("admin-commands", adminCommands.get());
        stats.put("io-commands", counters.commands());
        stats.put("failed-commands", state.errors().count());
        stats.put("events-reported", state.events().reported());
        return stats;
    }

    private final class Events implements ControllerRegisters.Events {
        @Override
        public void enable() {
            // Whoever enables a controller may have lost one, with answers that never came, and send its writes again.
            subsystem.device().clientLost();
            state.enable();
            carrier.enabled();
        }

        @Override
        public void disable() {
            // First the queues: event requests then end without anybody seeing it.
            carrier.disabled();
            state.reset();
        }

        @Override
        public void shutdown(int round) {
            carrier.shutdown();
            Flush flush = new Flush(round);
            flush.prepare(Operation.FLUSH, 0, 0);
            subsystem.device().submit(flush);
        }
    }

    /** What a shutdown waits for. */
    private final class Flush extends DeviceRequest {
        private final int round;

        Flush(int round) {
            this.round = round;
        }

        @Override
        protected void onComplete() {
            if (!cause().success()) {
                LOG.warn(
                        "controller {} of {}: flush at shutdown: {}",
                        id,
                        subsystem.options().nqn(),
                        cause());
            }
            registers.shutdownDone(round);
        }
    }
}
