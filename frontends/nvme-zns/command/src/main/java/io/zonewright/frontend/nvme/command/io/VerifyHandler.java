package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;

/**
 * Verify (NVM Command Set 1.1, "Verify command"): reads the range and gives nothing to the host. MDTS says nothing
 * about it; the Verify Size Limit does.
 */
final class VerifyHandler extends PieceHandler {
    private final long maxBytes;

    /** @param maxBytes what VSL tells */
    VerifyHandler(ZonedDevice device, ScratchPool pool, boolean acrossZones, long maxBytes) {
        super(device, pool, acrossZones, NvmeOpcode.VERIFY);
        this.maxBytes = maxBytes;
    }

    @Override
    public int check(NvmeCommand command) {
        if (BlockRange.bytes(command) > maxBytes) {
            return BlockRange.invalidField(command, BlockRange.CDW12_BYTE, 0);
        }
        int status = command.expectNone();
        return status != NvmeStatus.SUCCESS ? status : BlockRange.check(command);
    }

    @Override
    int judge(NvmeCommand command, PieceReader reader) {
        return NvmeStatus.SUCCESS;
    }
}
