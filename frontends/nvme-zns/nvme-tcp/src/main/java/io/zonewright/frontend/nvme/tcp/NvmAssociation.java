package io.zonewright.frontend.nvme.tcp;

import io.zonewright.frontend.nvme.command.ControllerCarrier;
import io.zonewright.frontend.nvme.command.ControllerRegisters;
import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeController;
import io.zonewright.frontend.nvme.command.Transport;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A host's association with a controller of a device's subsystem: the core's controller, carried by TCP. */
final class NvmAssociation extends Association implements ControllerCarrier {
    private static final Logger LOG = LoggerFactory.getLogger(NvmAssociation.class);

    private static final int UNIT = 16;

    private final NvmSubsystem subsystem;
    private final NvmeTcpConnection admin;
    private final NvmeController controller;

    NvmAssociation(NvmSubsystem subsystem, String hostNqn, UUID hostId, long keepAliveMillis, NvmeTcpConnection admin) {
        super(subsystem, hostNqn, hostId);
        this.subsystem = subsystem;
        this.admin = admin;
        ControllerTraits traits = new ControllerTraits(
                Transport.TCP,
                NvmeTcpConnection.MAX_DATA,
                false,
                true,
                (NvmeCommand.SQE_SIZE + NvmeTcpConnection.IO_CAPSULE_DATA) / UNIT,
                1,
                subsystem.queueEntries(),
                subsystem.ioQueues(),
                false,
                true,
                hostNqn,
                hostId);
        controller = subsystem.core().newController(traits, this);
        controller.setKeepAliveTimeout(keepAliveMillis);
    }

    @Override
    int id() {
        return controller.id();
    }

    @Override
    int maxIoQueues() {
        return subsystem.ioQueues();
    }

    @Override
    boolean ready() {
        return controller.registers().ready();
    }

    @Override
    boolean begin(TcpCommand command, int qid) {
        command.begun = true;
        if (!controller.begin(command, qid)) {
            return false;
        }
        command.direction = command.transfer();
        command.bytes = command.transferBytes();
        command.lendable = command.mayBorrow();
        return true;
    }

    @Override
    void execute(TcpCommand command) {
        controller.execute(command);
    }

    @Override
    void beginBatch() {
        subsystem.core().device().beginBatch();
    }

    @Override
    void endBatch() {
        subsystem.core().device().endBatch();
    }

    @Override
    void refuse(TcpCommand command, int status) {
        controller.refuse(command, status);
    }

    @Override
    @Nullable
    Long property(int offset, int bytes) {
        return ControllerRegisters.propertyReadable(offset, bytes)
                ? controller.registers().readProperty(offset)
                : null;
    }

    @Override
    boolean setProperty(int offset, int bytes, long value) {
        if (!ControllerRegisters.propertyWritable(offset, bytes)) {
            return false;
        }
        controller.registers().writeCc((int) value);
        return true;
    }

    @Override
    void tick(long now) {
        controller.checkKeepAlive(now);
    }

    @Override
    void end() {
        controller.close();
        LOG.debug("{}: controller {} of {} is gone", subsystem.nqn(), id(), hostNqn());
    }

    @Override
    void queuesGone() {
        controller.disabledDone();
    }

    // What the core asks of its carrier.

    @Override
    public void enabled() {}

    @Override
    public void disabled() {
        resetQueues();
    }

    @Override
    public void shutdown() {}

    @Override
    public boolean carrierAdmin(NvmeCommand command) {
        return false;
    }

    @Override
    public int grantQueues(int requested) {
        int most = subsystem.ioQueues() - 1;
        int submission = Math.min(requested & 0xFFFF, most);
        int completion = Math.min(requested >>> 16, most);
        // A connection is a pair of queues.
        int pairs = Math.min(submission, completion);
        return pairs << 16 | pairs;
    }

    @Override
    public void keepAliveExpired() {
        admin.portal().logSilent(admin, this);
        drop();
    }
}
