package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.status.CauseStatus;

/**
 * Flush (Base 2.1, "Flush command"), for one namespace or, with NSID FFFFFFFFh, for all: both are the one device, which
 * flushes as a whole. ZNS has it fail if "the specified zone" is offline; a Flush specifies none.
 */
final class FlushHandler implements CommandHandler {
    private final ZonedDevice device;

    FlushHandler(ZonedDevice device) {
        this.device = device;
    }

    @Override
    public int check(NvmeCommand command) {
        return command.expectNone();
    }

    @Override
    public void execute(NvmeCommand command) {
        command.request().prepare(Operation.FLUSH, 0, 0);
        device.submit(command.request());
    }

    @Override
    public void deviceDone(NvmeCommand command) {
        command.finish(CauseStatus.of(command.request().causes(), NvmeOpcode.FLUSH));
    }
}
