package io.zonewright.frontend.scsi.command.log;

import io.zonewright.frontend.scsi.command.ScsiOpcode;
import io.zonewright.frontend.scsi.command.Sense;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a logical unit counts of the zoned block device statistics (ZBC-2): refusals since it was made. Parameters about how
 * many zones were open or empty are left out: they would have to be true of every protocol. Thread-safe.
 */
public final class ZoneStatistics {
    private final LongAdder failedOpens = new LongAdder();
    private final LongAdder readViolations = new LongAdder();
    private final LongAdder writeViolations = new LongAdder();

    /** A command was refused. */
    public void count(ScsiOpcode opcode, Sense sense) {
        switch (sense) {
            case INSUFFICIENT_ZONE_RESOURCES -> {
                if (opcode == ScsiOpcode.OPEN_ZONE) {
                    failedOpens.increment();
                }
            }
            case ATTEMPT_TO_READ_INVALID_DATA, READ_BOUNDARY_VIOLATION -> readViolations.increment();
            case UNALIGNED_WRITE_COMMAND, WRITE_BOUNDARY_VIOLATION -> writeViolations.increment();
            default -> {
                // Not a matter of zones.
            }
        }
    }

    long failedOpens() {
        return failedOpens.sum();
    }

    long readViolations() {
        return readViolations.sum();
    }

    long writeViolations() {
        return writeViolations.sum();
    }
}
