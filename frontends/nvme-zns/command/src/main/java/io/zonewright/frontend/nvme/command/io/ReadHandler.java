package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;

/**
 * Read (NVM Command Set 1.1, "Read command"; ZNS 1.2, "Reading in Sequential Write Required Zones"). What was never
 * written reads as zeroes. With Force Unit Access, what the medium still caches is made stable before it is read.
 */
final class ReadHandler implements CommandHandler {
    private static final long FLUSHING = 1;

    private final ZonedDevice device;
    private final boolean acrossZones;

    ReadHandler(ZonedDevice device, boolean acrossZones) {
        this.device = device;
        this.acrossZones = acrossZones;
    }

    @Override
    public int check(NvmeCommand command) {
        int status = BlockRange.check(command, Transfer.TO_HOST);
        if (status == NvmeStatus.SUCCESS && device.lends()) {
            command.offerLoan(device);
        }
        return status;
    }

    @Override
    public void execute(NvmeCommand command) {
        if (BlockRange.forceUnitAccess(command) && device.capabilities().volatileCache()) {
            command.setState(FLUSHING);
            command.request().prepare(Operation.FLUSH, 0, 0);
            device.submit(command.request());
        } else {
            read(command);
        }
    }

    @Override
    public void deviceDone(NvmeCommand command) {
        if (command.state() == FLUSHING && command.request().cause().success()) {
            command.setState(0);
            read(command);
        } else {
            BlockRange.finish(command, NvmeOpcode.READ);
        }
    }

    private void read(NvmeCommand command) {
        DeviceRequest request = command.request();
        request.prepare(Operation.READ, BlockRange.offset(command), command.transferBytes());
        request.setLend(command.borrows());
        request.setRefuseCrossing(!acrossZones && command.namespace().zoned());
        device.submit(request);
    }
}
