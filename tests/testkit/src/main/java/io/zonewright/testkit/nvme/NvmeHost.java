package io.zonewright.testkit.nvme;

import java.util.Objects;

/**
 * A host connected to one enabled controller. Queue 0 is the admin queue; I/O queues are 1 to {@link #ioQueues}. Waits are
 * bounded by {@link #TIMEOUT_MILLIS}. One thread at a time for each queue.
 */
public interface NvmeHost extends AutoCloseable {
    /** How long an answer may take. */
    int TIMEOUT_MILLIS = 10_000;

    /** How many I/O queues this host has made. */
    int ioQueues();

    /** Sends a command without waiting. */
    NvmeFlight submit(int queue, NvmeRequest request);

    /** Looks for completions that are there by now; returns how many. */
    int collect(int queue);

    /**
     * Waits for a command; whether it completed in time.
     *
     * @throws ControllerGoneException if the controller hangs up meanwhile
     */
    boolean awaitCompletion(int queue, NvmeFlight flight, int timeoutMillis);

    /** Reads a property of 4 or 8 bytes. */
    long property(int offset, int bytes);

    /** Writes a property of 4 or 8 bytes. */
    void setProperty(int offset, int bytes, long value);

    @Override
    void close();

    /** Waits for a command, at most {@link #TIMEOUT_MILLIS}. */
    default NvmeResult await(int queue, NvmeFlight flight) {
        if (!awaitCompletion(queue, flight, TIMEOUT_MILLIS)) {
            throw new IllegalStateException(
                    "no completion within " + TIMEOUT_MILLIS + " ms of " + flight.request() + " on queue " + queue);
        }
        return Objects.requireNonNull(flight.result());
    }

    /** Asks and waits. */
    default NvmeResult run(int queue, NvmeRequest request) {
        return await(queue, submit(queue, request));
    }

    /** Asks and waits on the admin queue. */
    default NvmeResult admin(NvmeRequest request) {
        return run(0, request);
    }

    /** Asks and waits on I/O queue 1. */
    default NvmeResult run(NvmeRequest request) {
        return run(1, request);
    }

    /** As {@link #admin}, but anything except success is an error of the test. */
    default NvmeResult mustAdmin(NvmeRequest request) {
        NvmeResult result = admin(request);
        if (result.status() != 0) {
            throw new IllegalStateException(request + " ended with " + result);
        }
        return result;
    }
}
