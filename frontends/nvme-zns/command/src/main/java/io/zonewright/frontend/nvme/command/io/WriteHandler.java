package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;

/** Write (NVM Command Set 1.1, "Write command"; ZNS 1.2, "Writing in Sequential Write Required Zones"). */
final class WriteHandler implements CommandHandler {
    private final ZonedDevice device;

    WriteHandler(ZonedDevice device) {
        this.device = device;
    }

    @Override
    public int check(NvmeCommand command) {
        int status = BlockRange.checkDirective(command);
        return status != NvmeStatus.SUCCESS ? status : BlockRange.check(command, Transfer.TO_CONTROLLER);
    }

    @Override
    public void execute(NvmeCommand command) {
        DeviceRequest request = command.request();
        request.prepare(Operation.WRITE, BlockRange.offset(command), command.transferBytes());
        request.setForceUnitAccess(Stability.demanded(command));
        device.submit(request);
    }

    @Override
    public void deviceDone(NvmeCommand command) {
        BlockRange.finish(command, NvmeOpcode.WRITE);
    }
}
