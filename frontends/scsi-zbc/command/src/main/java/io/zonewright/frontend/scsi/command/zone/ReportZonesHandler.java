package io.zonewright.frontend.scsi.command.zone;

import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.CauseSense;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.UnitShape;
import io.zonewright.frontend.scsi.command.page.HostMemory;

/**
 * REPORT ZONES (ZBC-2): ZONE START LBA in bytes 2 to 9, allocation length in 10 to 13, byte 14 with PARTIAL in bit 7 and
 * REPORTING OPTIONS in 5:0. Begins with the zone that holds the start LBA. A report ends where the allocation length does, in
 * the middle of a descriptor if it must.
 */
final class ReportZonesHandler implements CommandHandler {
    private static final int LBA_BYTE = 2;
    private static final int ALLOCATION_BYTES = 10;
    private static final int OPTIONS_BYTE = 14;
    private static final int OPTIONS_MASK = 0x3F;
    private static final int OPTIONS_BIT = 5;
    private static final int PARTIAL = 0x80;
    /** 262,143 zones at a time: what one command can make a carrier hold. */
    private static final long BOUND = 16 << 20;

    private final ThreadLocal<ZoneReport> reports = ThreadLocal.withInitial(ZoneReport::new);

    @Override
    public boolean check(ScsiTask task) {
        LogicalUnit unit = task.unit();
        UnitShape shape = unit.shape();
        long lba = task.longAt(LBA_BYTE);
        if (!shape.contains(lba, 1)) {
            return task.fail(Sense.LBA_OUT_OF_RANGE);
        }
        if (!ZoneReport.knowsOption(option(task))) {
            return task.invalidField(OPTIONS_BYTE, OPTIONS_BIT);
        }
        int first = (int) (lba / shape.zoneBlocks());
        long most = ZoneReport.HEADER_SIZE
                + (long) ZoneReport.DESCRIPTOR_SIZE * unit.zones().zonesFrom(first);
        return task.expect(Transfer.TO_INITIATOR, task.intAt(ALLOCATION_BYTES), Math.min(most, BOUND));
    }

    /** Has the zones brought up to date that the report will look at, and no more: it may be one page of many. */
    @Override
    public void execute(ScsiTask task) {
        if (task.transferBytes() == 0) {
            task.setWantedBytes(0);
            task.end();
            return;
        }
        UnitShape shape = task.unit().shape();
        long lba = task.longAt(LBA_BYTE);
        long start = lba - lba % shape.zoneBlocks();
        boolean looksAtAll = option(task) != ZoneReport.ALL_ZONES && !inSteps(task);
        refresh(task, start, looksAtAll ? shape.blocks() : Math.max(1, room(task)) * shape.zoneBlocks());
    }

    /** From the start of a zone, at most to the unit's end. */
    private static void refresh(ScsiTask task, long start, long blocks) {
        UnitShape shape = task.unit().shape();
        long length = Math.min(blocks, shape.blocks() - start);
        task.request().prepare(Operation.ZONE_REPORT, shape.toBytes(start), shape.toBytes(length));
        task.unit().device().submit(task.request());
    }

    /** Whether the report ends with its buffer, and only the zones themselves can tell how far that reaches. */
    private static boolean inSteps(ScsiTask task) {
        return option(task) != ZoneReport.ALL_ZONES
                && partial(task)
                && task.unit().device().capabilities().ownZoneRules();
    }

    /** Descriptors that the buffer holds, the last one perhaps cut short. */
    private static long room(ScsiTask task) {
        return Math.ceilDiv(
                Math.max(0, task.transferBytes() - ZoneReport.HEADER_SIZE), (long) ZoneReport.DESCRIPTOR_SIZE);
    }

    @Override
    public void deviceDone(ScsiTask task) {
        if (!task.request().cause().success()) {
            CauseSense.fail(task, task.request().causes(), LBA_BYTE, task.longAt(LBA_BYTE));
            task.end();
            return;
        }
        if (inSteps(task) && goOn(task)) {
            return;
        }
        try {
            reports.get().write(task, task.longAt(LBA_BYTE), option(task), partial(task), task.intAt(ALLOCATION_BYTES));
        } catch (RuntimeException | InternalError gone) {
            HostMemory.lost(task, gone);
        }
        task.end();
    }

    /** Has further zones brought up to date, twice as many each time, if those so far do not fill the buffer. */
    private boolean goOn(ScsiTask task) {
        UnitShape shape = task.unit().shape();
        long lba = task.longAt(LBA_BYTE);
        long end = shape.toBlocks(task.request().offset() + task.request().length());
        if (end >= shape.blocks() || reports.get().fills(task, lba, end, option(task), room(task))) {
            return false;
        }
        refresh(task, end, end - (lba - lba % shape.zoneBlocks()));
        return true;
    }

    private static boolean partial(ScsiTask task) {
        return (task.byteAt(OPTIONS_BYTE) & PARTIAL) != 0;
    }

    private static int option(ScsiTask task) {
        return task.byteAt(OPTIONS_BYTE) & OPTIONS_MASK;
    }
}
