package io.zonewright.frontend.scsi.command.page;

import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Spans may lie over memory that its owner cuts short under us: reading or writing it then throws. */
public final class HostMemory {
    private static final Logger LOG = LoggerFactory.getLogger(HostMemory.class);

    private HostMemory() {}

    /** The task fails with DATA PHASE ERROR; it is still to be ended. */
    public static void lost(ScsiTask task, Throwable gone) {
        // Not louder: an initiator can bring it about as often as it likes.
        LOG.debug("data of {} is not there", task, gone);
        task.fail(Sense.DATA_PHASE_ERROR);
    }
}
