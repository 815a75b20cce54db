package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;

/**
 * Write Zeroes (NVM Command Set 1.1, "Write Zeroes command"). On a zoned namespace it is a write at the pointer (ZNS
 * 1.2, "Write Zeroes command"). With Deallocate, an ordinary namespace gives the room back where the medium can; it
 * then reads as zeroes all the same (DLFEAT 001b).
 */
final class WriteZeroesHandler implements CommandHandler {
    private static final int DEAC = 1 << 25;
    /** Namespace Zeroes: the whole namespace instead of the range. Not offered, and too much to be passed over. */
    private static final int NSZ = 1 << 23;

    private static final int NSZ_BYTE = BlockRange.CDW12_BYTE + 2;
    private static final int NSZ_BIT = 7;

    private final ZonedDevice device;

    WriteZeroesHandler(ZonedDevice device) {
        this.device = device;
    }

    @Override
    public int check(NvmeCommand command) {
        if ((command.cdw12() & NSZ) != 0) {
            return BlockRange.invalidField(command, NSZ_BYTE, NSZ_BIT);
        }
        int status = command.expectNone();
        return status != NvmeStatus.SUCCESS ? status : BlockRange.check(command);
    }

    @Override
    public void execute(NvmeCommand command) {
        DeviceRequest request = command.request();
        boolean stable = Stability.demanded(command);
        boolean deallocate = (command.cdw12() & DEAC) != 0
                && !stable
                && !command.namespace().zoned()
                && device.capabilities().discard()
                && device.discardsToZeroes();
        request.prepare(
                deallocate ? Operation.DISCARD : Operation.WRITE_ZEROES,
                BlockRange.offset(command),
                BlockRange.bytes(command));
        request.setForceUnitAccess(stable);
        device.submit(request);
    }

    @Override
    public void deviceDone(NvmeCommand command) {
        BlockRange.finish(command, NvmeOpcode.WRITE_ZEROES);
    }
}
