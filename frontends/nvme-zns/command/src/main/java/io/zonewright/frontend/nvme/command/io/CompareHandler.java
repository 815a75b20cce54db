package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import java.lang.foreign.MemorySegment;

/**
 * Compare (NVM Command Set 1.1, "Compare command"). The host's data is copied before it is looked at: it may change at
 * any time, and lie in memory that goes away. The error log tells the first block that differs.
 */
final class CompareHandler extends PieceHandler {
    CompareHandler(ZonedDevice device, ScratchPool pool, boolean acrossZones) {
        super(device, pool, acrossZones, NvmeOpcode.COMPARE);
    }

    @Override
    public int check(NvmeCommand command) {
        return BlockRange.check(command, Transfer.TO_CONTROLLER);
    }

    @Override
    int judge(NvmeCommand command, PieceReader reader) {
        long length = reader.length();
        MemorySegment host = reader.beside();
        try {
            command.data().copyTo(reader.position(), host, 0, length);
        } catch (RuntimeException | InternalError gone) {
            return HostMemory.lost(command, gone);
        }
        long differs = MemorySegment.mismatch(reader.piece(), 0, length, host, 0, length);
        if (differs < 0) {
            return NvmeStatus.SUCCESS;
        }
        BlockRange.locate(command, NvmeStatus.COMPARE_FAILURE, reader.position() + differs);
        return NvmeStatus.dnr(NvmeStatus.COMPARE_FAILURE);
    }
}
