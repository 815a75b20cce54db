package io.zonewright.testkit.blk;

import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.vhostuser.DeviceRefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A virtio-blk driver over some carrier. {@link #run} asks and waits; {@link #submit} and {@link BlkQueue#collect} do the
 * same in steps. Waits are bounded. For one thread at a time, or one thread a queue.
 */
public abstract class BlkDriver implements AutoCloseable {
    /** How long an answer may take. */
    public static final int TIMEOUT_MILLIS = 10_000;

    static final int RING_REGION = 0;
    static final int[] DATA_REGIONS = {1, 2};

    private static final long RING_REGION_BYTES = 8L << 20;
    private static final int SLICE_MILLIS = 100;
    private static final int INTERRUPT_MILLIS = 2_000;

    private final Posix posix;
    private final GuestMemory memory;
    private final List<BlkQueue> queues = new ArrayList<>();

    BlkDriver(Posix posix, DriverOptions options) {
        this.posix = posix;
        memory = new GuestMemory(posix, RING_REGION_BYTES, options.dataBytes(), options.dataBytes());
    }

    void addQueue(BlkQueue queue) {
        queues.add(queue);
    }

    /** What the device offered. */
    public abstract long offeredFeatures();

    /** What was negotiated. */
    public abstract long features();

    /** How many queues the device has. */
    public abstract int deviceQueues();

    /** Reads all of the configuration space. */
    public abstract BlkConfig config();

    /** Whether the device has hung up. */
    abstract boolean hungUp();

    /** A started queue. */
    public final BlkQueue queue(int index) {
        return queues.get(index);
    }

    /** The guest's memory. */
    public final GuestMemory memory() {
        return memory;
    }

    /** Lays out and submits on queue 0. */
    public final BlkQueue.Flight submit(BlkRequest request, BlkLayout layout) {
        return submit(0, request, layout);
    }

    /** Lays out and submits. */
    public final BlkQueue.Flight submit(int queue, BlkRequest request, BlkLayout layout) {
        BlkQueue.Flight flight = queues.get(queue).stage(request, layout);
        queues.get(queue).submit();
        return flight;
    }

    /** Waits for a request of queue 0. */
    public final BlkResult await(BlkQueue.Flight flight) {
        return await(0, flight);
    }

    /**
     * Waits for a request, at most {@link VhostUserDriver#TIMEOUT_MILLIS}.
     *
     * @throws DeviceRefusedException if the device hangs up meanwhile
     */
    public final BlkResult await(int index, BlkQueue.Flight flight) {
        if (!awaitCompletion(index, flight, TIMEOUT_MILLIS)) {
            throw new IllegalStateException(
                    "no completion within " + TIMEOUT_MILLIS + " ms of " + flight.request() + " on queue " + index);
        }
        return Objects.requireNonNull(flight.result());
    }

    /** Waits for a request; whether it completed in time. */
    public final boolean awaitCompletion(int index, BlkQueue.Flight flight, int timeoutMillis) {
        BlkQueue queue = queues.get(index);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (flight.result() == null) {
            queue.ring().interrupts(true);
            if (queue.collect() > 0) {
                continue;
            }
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            if (posix.poll(queue.call().fd(), Linux.POLLIN, (int) Math.min(left, SLICE_MILLIS)) != 0) {
                queue.call().drain();
            } else if (queue.collect() > 0) {
                // The device shows the completion first, so the interrupt may be a moment away, no longer.
                if (posix.poll(queue.call().fd(), Linux.POLLIN, INTERRUPT_MILLIS) == 0) {
                    throw new IllegalStateException(
                            "a completion without the interrupt that was asked for: queue " + index);
                }
            } else if (hungUp()) {
                throw new DeviceRefusedException("the device hung up with a request in flight: " + flight.request());
            }
        }
        return true;
    }

    /** Asks and waits, in the plain layout on queue 0. */
    public final BlkResult run(BlkRequest request) {
        return run(request, BlkLayout.PLAIN);
    }

    /** Asks and waits on queue 0. */
    public final BlkResult run(BlkRequest request, BlkLayout layout) {
        return await(submit(request, layout));
    }

    /** Hangs up and gives everything back. */
    @Override
    public void close() {
        queues.forEach(BlkQueue::close);
        memory.close();
    }
}
