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
 * Zone Append (ZNS 1.2, "Zone Append command"): the Assigned LBA comes back in DW0 and DW1. A reference tag cannot be
 * remapped where there is no protection information, so PIREMAP is an Invalid Protection Information.
 */
final class ZoneAppendHandler implements CommandHandler {
    private static final int PIREMAP = 1 << 25;
    private static final int PIREMAP_BYTE = BlockRange.CDW12_BYTE + 3;
    private static final int PIREMAP_BIT = 1;

    private final ZonedDevice device;
    private final long maxBytes;

    /** @param maxBytes what ZASL tells */
    ZoneAppendHandler(ZonedDevice device, long maxBytes) {
        this.device = device;
        this.maxBytes = maxBytes;
    }

    @Override
    public int check(NvmeCommand command) {
        int status = BlockRange.checkDirective(command);
        if (status == NvmeStatus.SUCCESS && (command.cdw12() & PIREMAP) != 0) {
            command.setErrorLocation(PIREMAP_BYTE, PIREMAP_BIT);
            status = NvmeStatus.dnr(NvmeStatus.INVALID_PROTECTION_INFORMATION);
        }
        if (status == NvmeStatus.SUCCESS && BlockRange.bytes(command) > maxBytes) {
            status = BlockRange.invalidField(command, BlockRange.CDW12_BYTE, 0);
        }
        return status != NvmeStatus.SUCCESS ? status : BlockRange.check(command, Transfer.TO_CONTROLLER);
    }

    @Override
    public void execute(NvmeCommand command) {
        DeviceRequest request = command.request();
        request.prepare(Operation.APPEND, BlockRange.offset(command), command.transferBytes());
        request.setForceUnitAccess(Stability.demanded(command));
        device.submit(request);
    }

    @Override
    public void deviceDone(NvmeCommand command) {
        DeviceRequest request = command.request();
        if (request.cause().success()) {
            command.setResult(command.namespace().toLba(request.placement()));
        }
        BlockRange.finish(command, NvmeOpcode.ZONE_APPEND);
    }
}
