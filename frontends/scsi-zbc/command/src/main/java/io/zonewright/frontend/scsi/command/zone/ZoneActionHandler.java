package io.zonewright.frontend.scsi.command.zone;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.CauseSense;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.UnitShape;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * OPEN ZONE, CLOSE ZONE, FINISH ZONE and RESET WRITE POINTER (ZBC-2): ZONE ID, be64, in bytes 2 to 9, ZONE COUNT in 12 and
 * 13, of which 0 means 1, ALL in bit 0 of byte 14. Several zones are acted on one after the other, up to the first
 * failure, whose zone INFORMATION names; gap zones are neither counted nor acted on.
 */
final class ZoneActionHandler implements CommandHandler {
    static final int ID_BYTE = 2;
    static final int COUNT_BYTE = 12;
    static final int ALL_BYTE = 14;
    static final int ALL = 1;

    private final Operation operation;

    ZoneActionHandler(Operation operation) {
        this.operation = operation;
    }

    @Override
    public boolean check(ScsiTask task) {
        return checkZones(task);
    }

    /** Checks zone identifier and count of any command that acts on zones. */
    static boolean checkZones(ScsiTask task) {
        LogicalUnit unit = task.unit();
        UnitShape shape = unit.shape();
        if (shape.readOnly() || unit.modes().writeProtected()) {
            return task.fail(Sense.WRITE_PROTECTED);
        }
        if (all(task)) {
            return true;
        }
        long id = task.longAt(ID_BYTE);
        if (!shape.contains(id, 1)) {
            return task.fail(Sense.LBA_OUT_OF_RANGE);
        }
        int first = (int) (id / shape.zoneBlocks());
        if (id % shape.zoneBlocks() != 0 || unit.zones().conventional(first)) {
            return task.invalidField(ID_BYTE);
        }
        int count = count(task);
        if (count > unit.zones().deviceZones() - first) {
            return task.invalidField(COUNT_BYTE);
        }
        for (int i = 1; i < count; i++) {
            if (unit.zones().conventional(first + i)) {
                return task.invalidField(COUNT_BYTE);
            }
        }
        return true;
    }

    @Override
    public void execute(ScsiTask task) {
        UnitShape shape = task.unit().shape();
        DeviceRequest request = task.request();
        if (all(task)) {
            request.prepare(operation, 0, 0);
            request.setAllZones(true);
            task.unit().device().submit(request);
        } else if (count(task) == 1) {
            request.prepare(operation, shape.toBytes(task.longAt(ID_BYTE)), 0);
            task.unit().device().submit(request);
        } else {
            new Series(task).advance();
        }
    }

    @Override
    public void deviceDone(ScsiTask task) {
        end(task, task.request().causes(), all(task) ? -1 : task.longAt(ID_BYTE));
    }

    private static void end(ScsiTask task, long causes, long zoneStart) {
        if (!CauseSense.good(causes)) {
            CauseSense.failZone(task, causes, ID_BYTE, zoneStart);
        }
        task.end();
    }

    private static boolean all(ScsiTask task) {
        return (task.byteAt(ALL_BYTE) & ALL) != 0;
    }

    private static int count(ScsiTask task) {
        return Math.max(1, task.shortAt(COUNT_BYTE));
    }

    /** One zone after the other: in a loop, since the device may answer before it returns. */
    private final class Series extends DeviceRequest {
        private final ScsiTask task;
        private final AtomicInteger calls = new AtomicInteger();
        private int done = -1;

        Series(ScsiTask task) {
            this.task = task;
        }

        @Override
        protected void onComplete() {
            advance();
        }

        void advance() {
            if (calls.getAndIncrement() != 0) {
                return;
            }
            UnitShape shape = task.unit().shape();
            do {
                boolean good = done < 0 || CauseSense.good(causes());
                done++;
                if (!good || done == count(task)) {
                    end(task, causes(), task.longAt(ID_BYTE) + (done - 1) * shape.zoneBlocks());
                    return;
                }
                long start = task.longAt(ID_BYTE) + done * shape.zoneBlocks();
                prepare(operation, shape.toBytes(start), 0);
                task.unit().device().submit(this);
            } while (calls.decrementAndGet() != 0);
        }
    }
}
