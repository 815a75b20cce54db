package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeNamespace;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.command.status.CauseStatus;

/**
 * Dataset Management (NVM Command Set 1.1, "Dataset Management command"). Without Deallocate it is a bundle of hints, of
 * which nothing is made. With it, all ranges are checked before the first is given back (one of no blocks names none); an ordinary namespace then
 * reads as zeroes there. On a zoned namespace a range may keep its data, and does (only a reset gives room back there);
 * one in an offline zone ends the command (ZNS 1.2, "Dataset Management command").
 */
final class DatasetManagementHandler implements CommandHandler {
    private static final int NR_MASK = 0xFF;
    private static final int DEALLOCATE = 1 << 2;

    private final ZonedDevice device;

    DatasetManagementHandler(ZonedDevice device) {
        this.device = device;
    }

    @Override
    public int check(NvmeCommand command) {
        return command.expect(Transfer.TO_CONTROLLER, (long) ranges(command) * DatasetRanges.RANGE_SIZE);
    }

    @Override
    public void execute(NvmeCommand command) {
        if ((command.cdw11() & DEALLOCATE) == 0) {
            command.finish(NvmeStatus.SUCCESS);
            return;
        }
        DatasetRanges ranges = Extras.of(command).ranges();
        try {
            ranges.copyFrom(command.data(), ranges(command));
        } catch (RuntimeException | InternalError gone) {
            command.finish(HostMemory.lost(command, gone));
            return;
        }
        int status = checkRanges(command, ranges);
        if (status != NvmeStatus.SUCCESS || command.namespace().zoned()) {
            command.finish(status);
        } else {
            advance(command, ranges);
        }
    }

    @Override
    public void deviceDone(NvmeCommand command) {
        advance(command, Extras.of(command).ranges());
    }

    /** Gives one range after the other back: in a loop, since the device may answer before it returns. */
    private void advance(NvmeCommand command, DatasetRanges ranges) {
        if (ranges.calls.getAndIncrement() != 0) {
            return;
        }
        do {
            DeviceRequest request = command.request();
            if (ranges.next > 0 && !request.cause().success()) {
                finishFailed(command, ranges);
                return;
            }
            while (ranges.next < ranges.count() && ranges.length(ranges.next) == 0) {
                ranges.next++;
            }
            if (ranges.next == ranges.count()) {
                command.finish(NvmeStatus.SUCCESS);
                return;
            }
            int range = ranges.next++;
            NvmeNamespace namespace = command.namespace();
            request.prepare(
                    Operation.DISCARD, namespace.toByte(ranges.start(range)), namespace.toBytes(ranges.length(range)));
            device.submit(request);
        } while (ranges.calls.decrementAndGet() != 0);
    }

    private static void finishFailed(NvmeCommand command, DatasetRanges ranges) {
        command.setErrorLba(ranges.start(ranges.next - 1));
        command.finish(CauseStatus.of(command.request().causes(), NvmeOpcode.DATASET_MANAGEMENT));
    }

    private int checkRanges(NvmeCommand command, DatasetRanges ranges) {
        NvmeNamespace namespace = command.namespace();
        if (device.capabilities().readOnly()) {
            return CauseStatus.of(Cause.DEVICE_READ_ONLY.bit(), NvmeOpcode.DATASET_MANAGEMENT);
        }
        for (int i = 0; i < ranges.count(); i++) {
            if (ranges.length(i) != 0 && !namespace.contains(ranges.start(i), ranges.length(i))) {
                command.setErrorLba(ranges.start(i));
                return NvmeStatus.dnr(NvmeStatus.LBA_OUT_OF_RANGE);
            }
        }
        return namespace.zoned() ? checkZones(command, ranges) : NvmeStatus.SUCCESS;
    }

    private int checkZones(NvmeCommand command, DatasetRanges ranges) {
        NvmeNamespace namespace = command.namespace();
        ZoneDescriptor zone = Extras.of(command).zone();
        for (int i = 0; i < ranges.count(); i++) {
            if (ranges.length(i) == 0) {
                continue;
            }
            int last = namespace.zoneOf(ranges.start(i) + ranges.length(i) - 1);
            for (int j = namespace.zoneOf(ranges.start(i)); j <= last; j++) {
                device.zone(namespace.deviceZone(j), zone);
                if (zone.condition() == ZoneCondition.OFFLINE) {
                    command.setErrorLba(Math.max(ranges.start(i), namespace.zoneStart(j)));
                    return NvmeStatus.dnr(NvmeStatus.ZONE_IS_OFFLINE);
                }
            }
        }
        return NvmeStatus.SUCCESS;
    }

    private static int ranges(NvmeCommand command) {
        return (command.cdw10() & NR_MASK) + 1;
    }
}
