package io.zonewright.frontend.scsi.command.block;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import io.zonewright.frontend.scsi.command.UnitShape;
import java.util.Map;

/** Which handler carries out which command of SBC-4. */
public final class BlockCommands {
    private BlockCommands() {}

    /** Adds what a device of this shape offers. */
    public static void addTo(Map<ScsiOpcode, CommandHandler> all, UnitShape shape) {
        ScratchPool pool = new ScratchPool();
        CommandHandler read = new ReadHandler(pool);
        CommandHandler write = new WriteHandler();
        CommandHandler verify = new VerifyHandler(pool, false);
        CommandHandler writeAndVerify = new VerifyHandler(pool, true);
        CommandHandler flush = new FlushHandler();
        CommandHandler preFetch = new PreFetchHandler();
        CommandHandler writeSame = new WriteSameHandler(pool);
        CommandHandler capacity = new CapacityHandler();
        all.put(ScsiOpcode.READ_6, read);
        all.put(ScsiOpcode.WRITE_6, write);
        all.put(ScsiOpcode.READ_10, read);
        all.put(ScsiOpcode.READ_12, read);
        all.put(ScsiOpcode.READ_16, read);
        all.put(ScsiOpcode.READ_32, read);
        all.put(ScsiOpcode.WRITE_10, write);
        all.put(ScsiOpcode.WRITE_12, write);
        all.put(ScsiOpcode.WRITE_16, write);
        all.put(ScsiOpcode.WRITE_32, write);
        all.put(ScsiOpcode.VERIFY_10, verify);
        all.put(ScsiOpcode.VERIFY_12, verify);
        all.put(ScsiOpcode.VERIFY_16, verify);
        all.put(ScsiOpcode.WRITE_AND_VERIFY_10, writeAndVerify);
        all.put(ScsiOpcode.WRITE_AND_VERIFY_12, writeAndVerify);
        all.put(ScsiOpcode.WRITE_AND_VERIFY_16, writeAndVerify);
        all.put(ScsiOpcode.SYNCHRONIZE_CACHE_10, flush);
        all.put(ScsiOpcode.SYNCHRONIZE_CACHE_16, flush);
        all.put(ScsiOpcode.PRE_FETCH_10, preFetch);
        all.put(ScsiOpcode.PRE_FETCH_16, preFetch);
        all.put(ScsiOpcode.WRITE_SAME_10, writeSame);
        all.put(ScsiOpcode.WRITE_SAME_16, writeSame);
        all.put(ScsiOpcode.COMPARE_AND_WRITE, new CompareAndWriteHandler(pool));
        all.put(ScsiOpcode.ORWRITE_16, new OrWriteHandler(pool));
        if (shape.unmaps()) {
            all.put(ScsiOpcode.UNMAP, new UnmapHandler(pool));
        }
        all.put(ScsiOpcode.READ_CAPACITY_10, capacity);
        all.put(ScsiOpcode.READ_CAPACITY_16, capacity);
        all.put(ScsiOpcode.GET_LBA_STATUS, new LbaStatusHandler());
        all.put(ScsiOpcode.START_STOP_UNIT, new StartStopHandler());
    }
}
