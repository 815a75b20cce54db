package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeNamespace;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.command.status.CauseStatus;
import io.zonewright.frontend.nvme.command.zone.ZoneReport;

/**
 * Zone Management Receive (ZNS 1.2, "Zone Management Receive command"): SLBA in CDW10 and 11, number of dwords, 0's
 * based, in CDW12, Zone Receive Action in CDW13 7:0, reporting option in 15:8, Partial Report in bit 16. A buffer too
 * small for the report's header is an invalid field, as in QEMU and in Linux's target.
 */
final class ZoneReceiveHandler implements CommandHandler {
    private static final int REPORT = 0x00;
    private static final int EXTENDED_REPORT = 0x01;
    private static final int BYTE_MASK = 0xFF;
    private static final int OPTION_SHIFT = 8;
    private static final int PARTIAL = 1 << 16;
    private static final long UNSIGNED = 0xFFFF_FFFFL;

    private final ZonedDevice device;

    ZoneReceiveHandler(ZonedDevice device) {
        this.device = device;
    }

    @Override
    public int check(NvmeCommand command) {
        int action = command.cdw13() & BYTE_MASK;
        boolean extensions = device.features().extensionBytes() != 0;
        if (action != REPORT && !(action == EXTENDED_REPORT && extensions)) {
            return BlockRange.invalidField(command, BlockRange.CDW13_BYTE, 0);
        }
        if (!ZoneReport.knowsOption(option(command))) {
            return BlockRange.invalidField(command, BlockRange.CDW13_BYTE + 1, 0);
        }
        long lba = BlockRange.first(command);
        if (!command.namespace().contains(lba, 1)) {
            return BlockRange.outOfRange(command, lba);
        }
        long bytes = ((command.cdw12() & UNSIGNED) + 1) * Integer.BYTES;
        int status = bytes < ZoneReport.HEADER_SIZE
                ? NvmeStatus.dnr(NvmeStatus.INVALID_FIELD)
                : command.expect(Transfer.TO_HOST, bytes);
        if (status != NvmeStatus.SUCCESS) {
            command.setErrorLocation(BlockRange.CDW12_BYTE, 0);
        }
        return status;
    }

    /** Has the zones brought up to date that the report will look at, and no more: it may be one page of many. */
    @Override
    public void execute(NvmeCommand command) {
        NvmeNamespace namespace = command.namespace();
        int first = namespace.zoneOf(BlockRange.first(command));
        int count = namespace.zoneCount() - first;
        boolean looksAtAll = option(command) != ZoneReport.ALL_ZONES && !inSteps(command);
        refresh(command, first, looksAtAll ? count : Math.clamp(room(command), 1, count));
    }

    private void refresh(NvmeCommand command, int first, int count) {
        NvmeNamespace namespace = command.namespace();
        long start = namespace.toByte(namespace.zoneStart(first));
        command.request().prepare(Operation.ZONE_REPORT, start, namespace.toBytes(count * namespace.zoneLbas()));
        device.submit(command.request());
    }

    /** Whether the report ends with its buffer, and only the zones themselves can tell how far that reaches. */
    private boolean inSteps(NvmeCommand command) {
        return option(command) != ZoneReport.ALL_ZONES
                && partial(command)
                && device.capabilities().ownZoneRules();
    }

    /** Entries that the buffer holds. */
    private long room(NvmeCommand command) {
        int entry = ZoneReport.entrySize(device.features(), extended(command));
        return ((long) command.transferBytes() - ZoneReport.HEADER_SIZE) / entry;
    }

    @Override
    public void deviceDone(NvmeCommand command) {
        int status = CauseStatus.of(command.request().causes(), NvmeOpcode.ZONE_MANAGEMENT_RECEIVE);
        if (status != NvmeStatus.SUCCESS) {
            command.finish(status);
        } else if (!inSteps(command) || !goOn(command)) {
            command.finish(write(command));
        }
    }

    /** Has further zones brought up to date, twice as many each time, if those so far do not fill the buffer. */
    private boolean goOn(NvmeCommand command) {
        NvmeNamespace namespace = command.namespace();
        int first = namespace.zoneOf(BlockRange.first(command));
        long end = command.request().offset() + command.request().length();
        int next = namespace.zoneOf(namespace.toLba(end - 1)) + 1;
        int left = namespace.zoneCount() - next;
        ZoneReport report = Extras.of(command).report(device.features());
        if (left == 0 || report.fills(device, namespace, first, next, option(command), room(command))) {
            return false;
        }
        refresh(command, next, Math.min(left, next - first));
        return true;
    }

    private int write(NvmeCommand command) {
        NvmeNamespace namespace = command.namespace();
        ZoneReport report = Extras.of(command).report(device.features());
        int first = namespace.zoneOf(BlockRange.first(command));
        try {
            report.write(
                    device, namespace, first, option(command), partial(command), extended(command), command.data());
            return NvmeStatus.SUCCESS;
        } catch (RuntimeException | InternalError gone) {
            return HostMemory.lost(command, gone);
        }
    }

    private static int option(NvmeCommand command) {
        return command.cdw13() >>> OPTION_SHIFT & BYTE_MASK;
    }

    private static boolean partial(NvmeCommand command) {
        return (command.cdw13() & PARTIAL) != 0;
    }

    private static boolean extended(NvmeCommand command) {
        return (command.cdw13() & BYTE_MASK) == EXTENDED_REPORT;
    }
}
