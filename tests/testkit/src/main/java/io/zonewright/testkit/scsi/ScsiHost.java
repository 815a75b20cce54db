package io.zonewright.testkit.scsi;

import java.util.Objects;

/**
 * An initiator with an I_T nexus to one target. Queues are 0 to {@link #queues} - 1: request queues of a virtual adapter; over
 * iSCSI the one connection. Waits are bounded by {@link #TIMEOUT_MILLIS}. One thread at a time for each queue; {@link #manage}
 * counts as queue 0.
 */
public interface ScsiHost extends AutoCloseable {
    /** How long an answer may take. */
    int TIMEOUT_MILLIS = 10_000;

    /** How many queues commands can be sent through. */
    int queues();

    /** Sends a command without waiting. */
    ScsiFlight submit(int queue, ScsiRequest request);

    /** Looks for answers that are there by now; returns how many commands ended. */
    int collect(int queue);

    /**
     * Waits for a command; whether it completed in time.
     *
     * @throws TargetGoneException if the target hangs up meanwhile
     */
    boolean awaitCompletion(int queue, ScsiFlight flight, int timeoutMillis);

    /**
     * Sends a task management function and waits for the answer.
     *
     * @param lun the 8 bytes, see {@link Scsi#lun}
     * @param tag {@link ScsiFlight#tag} of the task that it is about, if it is about one
     */
    TaskFunctionAnswer manage(TaskFunction function, long lun, long tag);

    @Override
    void close();

    /** Waits for a command, at most {@link #TIMEOUT_MILLIS}. */
    default ScsiResult await(int queue, ScsiFlight flight) {
        if (!awaitCompletion(queue, flight, TIMEOUT_MILLIS)) {
            throw new IllegalStateException(
                    "no answer within " + TIMEOUT_MILLIS + " ms to " + flight.request() + " on queue " + queue);
        }
        return Objects.requireNonNull(flight.result());
    }

    /** Asks and waits. */
    default ScsiResult run(int queue, ScsiRequest request) {
        return await(queue, submit(queue, request));
    }

    /** Asks and waits on queue 0. */
    default ScsiResult run(ScsiRequest request) {
        return run(0, request);
    }

    /** As {@link #run}, but anything except GOOD is an error of the test. */
    default ScsiResult must(ScsiRequest request) {
        ScsiResult result = run(request);
        if (!result.good()) {
            throw new IllegalStateException(request + " ended with " + result);
        }
        return result;
    }

    /** Sends TEST UNIT READY to a LUN until no unit attention is pending any more; returns how many there were. */
    default int clearAttentions(int lun) {
        for (int count = 0; count < 16; count++) {
            ScsiResult result = run(ScsiRequest.testUnitReady().to(lun));
            if (result.good()) {
                return count;
            }
            if (result.code() >>> 16 != 6) {
                throw new IllegalStateException("TEST UNIT READY of LUN " + lun + " ended with " + result);
            }
        }
        throw new IllegalStateException("unit attentions without end on LUN " + lun);
    }
}
