package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.result.Cause;
import io.zonewright.api.result.Causes;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeNamespace;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.command.status.CauseStatus;
import io.zonewright.frontend.nvme.command.zone.ZoneSendAction;
import org.jspecify.annotations.Nullable;

/**
 * Zone Management Send (ZNS 1.2, "Zone Management Send command"; TP 4076 for random write areas). Zone Send Action in
 * CDW13 7:0, Select All in bit 8, ZRWA Allocation in bit 9, which other actions than Open and Set Zone Descriptor
 * Extension do not look at.
 */
final class ZoneSendHandler implements CommandHandler {
    private static final int ACTION_MASK = 0xFF;
    private static final int SELECT_ALL = 1 << 8;
    private static final int ZRWA_ALLOCATION = 1 << 9;

    private static final int FLAGS_BYTE = BlockRange.CDW13_BYTE + 1;
    private static final int SELECT_ALL_BIT = 0;
    private static final int ZRWA_ALLOCATION_BIT = 1;

    private final ZonedDevice device;

    ZoneSendHandler(ZonedDevice device) {
        this.device = device;
    }

    @Override
    public int check(NvmeCommand command) {
        ZoneSendAction action = action(command);
        boolean extend = action == ZoneSendAction.SET_DESCRIPTOR_EXTENSION;
        int extensionBytes = device.features().extensionBytes();
        if (action == null || (extend && extensionBytes == 0)) {
            return BlockRange.invalidField(command, BlockRange.CDW13_BYTE, 0);
        }
        if (selectAll(command)) {
            if (!action.onAllZones()) {
                return BlockRange.invalidField(command, FLAGS_BYTE, SELECT_ALL_BIT);
            }
        } else {
            int status = checkZone(command, action);
            if (status != NvmeStatus.SUCCESS) {
                return status;
            }
        }
        boolean needsArea = allocatesArea(command, action) || action == ZoneSendAction.FLUSH_EXPLICIT_ZRWA_RANGE;
        if (needsArea && device.features().areas() == 0) {
            command.setErrorLocation(FLAGS_BYTE, ZRWA_ALLOCATION_BIT);
            return NvmeStatus.dnr(NvmeStatus.INVALID_ZONE_OPERATION_REQUEST);
        }
        if (!extend) {
            return command.expectNone();
        }
        return command.expect(Transfer.TO_CONTROLLER, extensionBytes);
    }

    /** The SLBA field names a zone's lowest block; to flush, it is the last block that is to be flushed. */
    private static int checkZone(NvmeCommand command, ZoneSendAction action) {
        NvmeNamespace namespace = command.namespace();
        long lba = BlockRange.first(command);
        if (!namespace.contains(lba, 1)) {
            return BlockRange.outOfRange(command, lba);
        }
        if (action != ZoneSendAction.FLUSH_EXPLICIT_ZRWA_RANGE && !namespace.startsZone(lba)) {
            return BlockRange.invalidField(command, BlockRange.SLBA_BYTE, 0);
        }
        return NvmeStatus.SUCCESS;
    }

    @Override
    public void execute(NvmeCommand command) {
        ZoneSendAction action = known(command);
        NvmeNamespace namespace = command.namespace();
        DeviceRequest request = command.request();
        if (selectAll(command)) {
            request.prepare(action.operation(), namespace.startByte(), namespace.bytes());
            request.setAllZones(true);
        } else {
            long lba = BlockRange.first(command);
            long start = namespace.zoneStart(namespace.zoneOf(lba));
            request.prepare(action.operation(), namespace.toByte(start), length(command, action, lba - start));
        }
        request.setOnlyIfReadOnly(action == ZoneSendAction.OFFLINE);
        request.setRandomWriteArea(allocatesArea(command, action));
        device.submit(request);
    }

    @Override
    public void deviceDone(NvmeCommand command) {
        long causes = command.request().causes();
        int status = CauseStatus.of(causes, NvmeOpcode.ZONE_MANAGEMENT_SEND);
        if (Causes.has(causes, Cause.AREA_NOT_APPLICABLE)
                && known(command) == ZoneSendAction.FLUSH_EXPLICIT_ZRWA_RANGE
                && NvmeStatus.code(status) == NvmeStatus.INVALID_ZONE_OPERATION_REQUEST) {
            status = NvmeStatus.dnr(unflushable(command));
        }
        if (status != NvmeStatus.SUCCESS && !selectAll(command)) {
            BlockRange.locate(command, status, 0);
        }
        command.finish(status);
    }

    /**
     * Why an area could not be flushed, in the words that QEMU's {@code nvme_zone_mgmt_send_zrwa_flush} has for it: a
     * zone without one, or a range that is no multiple of the granularity, is an invalid field; a block below the
     * pointer or above the area a boundary error.
     */
    private int unflushable(NvmeCommand command) {
        NvmeNamespace namespace = command.namespace();
        ZoneDescriptor zone = Extras.of(command).zone();
        long lba = BlockRange.first(command);
        device.zone(namespace.deviceZone(namespace.zoneOf(lba)), zone);
        long end = namespace.toByte(lba + 1);
        boolean outside = end <= zone.writePointer()
                || end > zone.writePointer() + device.features().areaBytes();
        return zone.randomWriteArea() && outside ? NvmeStatus.ZONE_BOUNDARY_ERROR : NvmeStatus.INVALID_FIELD;
    }

    private long length(NvmeCommand command, ZoneSendAction action, long blocksFromStart) {
        return switch (action) {
            case FLUSH_EXPLICIT_ZRWA_RANGE -> command.namespace().toBytes(blocksFromStart + 1);
            case SET_DESCRIPTOR_EXTENSION -> command.transferBytes();
            case CLOSE, FINISH, OPEN, RESET, OFFLINE -> 0;
        };
    }

    private static boolean allocatesArea(NvmeCommand command, ZoneSendAction action) {
        return (command.cdw13() & ZRWA_ALLOCATION) != 0
                && (action == ZoneSendAction.OPEN || action == ZoneSendAction.SET_DESCRIPTOR_EXTENSION);
    }

    private static boolean selectAll(NvmeCommand command) {
        return (command.cdw13() & SELECT_ALL) != 0;
    }

    private static @Nullable ZoneSendAction action(NvmeCommand command) {
        return ZoneSendAction.of(command.cdw13() & ACTION_MASK);
    }

    private static ZoneSendAction known(NvmeCommand command) {
        ZoneSendAction action = action(command);
        if (action == null) {
            throw new IllegalStateException("not checked: " + command);
        }
        return action;
    }
}
