package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeNamespace;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.status.CauseStatus;
import java.lang.foreign.MemorySegment;

/** Commands that read without giving the data to the host: Compare and Verify. */
abstract class PieceHandler implements CommandHandler {
    private final ZonedDevice device;
    private final ScratchPool pool;
    private final boolean acrossZones;
    private final NvmeOpcode kind;

    PieceHandler(ZonedDevice device, ScratchPool pool, boolean acrossZones, NvmeOpcode kind) {
        this.device = device;
        this.pool = pool;
        this.acrossZones = acrossZones;
        this.kind = kind;
    }

    @Override
    public final void execute(NvmeCommand command) {
        int status = crossing(command);
        if (status != NvmeStatus.SUCCESS) {
            BlockRange.locate(command, status, 0);
            command.finish(status);
            return;
        }
        command.setState(NvmeStatus.SUCCESS);
        Extras.of(command).pieces().start(command, this, pool);
    }

    final void submit(PieceReader reader) {
        device.submit(reader);
    }

    /** Looks at a piece that came back; false ends the command with the status that was put in its state. */
    final boolean piece(NvmeCommand command, PieceReader reader) {
        int status = CauseStatus.of(reader.causes(), kind);
        if (status == NvmeStatus.SUCCESS) {
            status = judge(command, reader);
        } else {
            BlockRange.locate(command, status, reader.position() + reader.transferred());
        }
        command.setState(status);
        return status == NvmeStatus.SUCCESS;
    }

    final void end(NvmeCommand command, boolean good, MemorySegment buffer) {
        int status = good ? NvmeStatus.SUCCESS : (int) command.state();
        pool.giveBack(buffer);
        command.finish(status);
    }

    /** What this command makes of a piece that was read well: a status. */
    abstract int judge(NvmeCommand command, PieceReader reader);

    /** Pieces never show that the whole range lies in several zones, where that is not allowed. */
    private int crossing(NvmeCommand command) {
        NvmeNamespace namespace = command.namespace();
        if (acrossZones || !namespace.zoned()) {
            return NvmeStatus.SUCCESS;
        }
        long lba = BlockRange.first(command);
        int first = namespace.zoneOf(lba);
        int last = namespace.zoneOf(lba + BlockRange.count(command) - 1);
        if (first == last) {
            return NvmeStatus.SUCCESS;
        }
        ZoneDescriptor zone = Extras.of(command).zone();
        for (int i = first; i <= last; i++) {
            device.zone(namespace.deviceZone(i), zone);
            if (zone.condition() == ZoneCondition.OFFLINE) {
                return NvmeStatus.dnr(NvmeStatus.ZONE_IS_OFFLINE);
            }
        }
        return NvmeStatus.dnr(NvmeStatus.ZONE_BOUNDARY_ERROR);
    }
}
