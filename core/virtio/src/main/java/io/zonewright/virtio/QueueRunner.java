package io.zonewright.virtio;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.PosixException;
import io.zonewright.runtime.CompletionMailbox;
import io.zonewright.runtime.Counters;
import io.zonewright.runtime.PollLoop;
import io.zonewright.runtime.Pollable;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.runtime.peer.PeerLog;
import io.zonewright.virtio.queue.QueueCounter;
import io.zonewright.virtio.queue.RingListener;
import io.zonewright.virtio.queue.Virtqueue;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One queue of an endpoint on its loop, for as long as the endpoint lives: runs the device type's handler over whatever
 * ring the driver has set up at the moment.
 *
 * <p>Everything here belongs to the loop's thread, which is where the control thread calls it through the loop's
 * mailbox, except what says otherwise.
 */
public final class QueueRunner implements Pollable, RingListener {
    private static final Logger LOG = LoggerFactory.getLogger(QueueRunner.class);

    /** Reaches the driver. May throw a {@link PosixException}. */
    @FunctionalInterface
    public interface Signal {
        void send();
    }

    /** A handler that threw so often is not asked to process any more. */
    private static final int MAX_FAILURES = 8;

    private final VirtioDevice device;
    private final int index;
    private final PollLoop loop;
    private final DeviceHealth health;
    private final PeerLog log;
    private final Runnable wakeControl;
    private final String name;
    private final Counters<QueueCounter> counters = new Counters<>(QueueCounter.class);

    private CompletionMailbox completions;
    private QueueHandler handler;
    private @Nullable Virtqueue queue;
    private @Nullable EventFd kick;
    private @Nullable Signal call;
    private @Nullable Signal error;
    private boolean pollOnly;
    private boolean draining;

    /** How often the handler threw; it goes on bringing in what is in flight until that is hopeless. */
    private int failures;

    /** The handler threw: requests may be lost. */
    private volatile boolean handlerBroken;

    private volatile boolean drained = true;
    private volatile int inFlightSeen;

    /**
     * @param health of the device, shared by all its queues
     * @param wakeControl called when something changed that a control thread may wait for; from the loop's thread
     */
    public QueueRunner(
            VirtioDevice device, int index, PollLoop loop, DeviceHealth health, PeerLog log, Runnable wakeControl) {
        this.device = device;
        this.index = index;
        this.loop = loop;
        this.health = health;
        this.log = log;
        this.wakeControl = wakeControl;
        name = device.name() + " queue " + index;
        completions = new CompletionMailbox(loop::wake);
        handler = device.newQueue(new QueueContext(index, loop, completions));
    }

    @Override
    public String name() {
        return name;
    }

    /** From any thread. */
    public PollLoop loop() {
        return loop;
    }

    /** From any thread. */
    public Counters<QueueCounter> counters() {
        return counters;
    }

    /** Whether nothing is in flight since {@link #beginDrain}; from any thread. */
    public boolean drained() {
        return drained;
    }

    /** Whether requests may have been lost for good; from any thread. */
    public boolean handlerBroken() {
        return handlerBroken;
    }

    /** Roughly how many requests a drain waits for; from any thread. */
    public int inFlight() {
        return inFlightSeen;
    }

    /** Puts a ring into service, paused; {@link #resume} comes next. */
    public void start(Virtqueue ring, long features) {
        queue = ring;
        handlerBroken = false;
        failures = 0;
        draining = false;
        drained = true;
        try {
            handler.start(ring, features);
        } catch (Throwable e) {
            handlerThrew(ring, e);
        }
    }

    /** Takes the ring out of service, drained. The position where it stopped. */
    public int stop() {
        Virtqueue ring = requireRing();
        setKick(null, false);
        queue = null;
        try {
            handler.stop();
        } catch (Throwable e) {
            LOG.error("{}: the handler failed to stop and is replaced", name, e);
            replaceHandler();
        }
        return ring.nextAvailable();
    }

    /** Gives up on requests in flight, which will never be answered; the handler with them. */
    public void abandon() {
        setKick(null, false);
        queue = null;
        draining = false;
        drained = true;
        replaceHandler();
    }

    /** Takes no more chains; {@link #drained} tells when all in flight are finished. */
    public void beginDrain() {
        drained = false;
        draining = true;
        Virtqueue ring = queue;
        if (ring != null) {
            ring.pause();
        }
        checkDrained();
    }

    /** Moves to other memory, drained; false if the ring is not inside, and the queue stays paused. */
    public boolean rebind(GuestMemory memory) {
        return requireRing().rebind(memory);
    }

    /** Ends {@link #beginDrain}, or begins to serve. */
    public void resume() {
        draining = false;
        drained = true;
        requireRing().resume();
    }

    /** Replaces the descriptor that the driver kicks; the old one stays its owner's. */
    public void setKick(@Nullable EventFd descriptor, boolean poll) {
        EventFd old = kick;
        kick = null;
        if (old != null) {
            loop.unwatch(old.fd());
        }
        if (descriptor != null) {
            loop.watch(descriptor.fd());
        }
        kick = descriptor;
        pollOnly = poll;
    }

    /**
     * Replaces what interrupts the driver; null: it polls. A driver changes it in mid-flight without telling what it
     * has seen, so it gets one interrupt for good measure.
     */
    public void setCall(@Nullable Signal signal) {
        call = signal;
        if (queue != null && signal != null) {
            signal.send();
        }
    }

    /** Replaces what tells the driver of a broken ring. */
    public void setError(@Nullable Signal signal) {
        error = signal;
    }

    @Override
    public int poll(int limit) {
        Virtqueue ring = queue;
        if (ring == null) {
            return 0;
        }
        int work = 0;
        if (failures < MAX_FAILURES) {
            if (health.broken()) {
                ring.pause();
            }
            try {
                work = handler.process(limit);
                ring.publish();
            } catch (Throwable e) {
                handlerThrew(ring, e);
            }
        }
        if (draining) {
            checkDrained();
        }
        return work;
    }

    @Override
    public boolean arm() {
        Virtqueue ring = queue;
        if (ring == null || failures >= MAX_FAILURES) {
            return false;
        }
        try {
            boolean wanted = handler.wantsChains();
            boolean available = wanted && ring.arm();
            boolean poll = pollOnly && wanted && !ring.paused() && !ring.failed();
            return available || poll || !completions.isEmpty();
        } catch (Throwable e) {
            handlerThrew(ring, e);
            return true; // a drain may wait for its turn
        }
    }

    @Override
    public void disarm() {
        Virtqueue ring = queue;
        if (ring != null) {
            try {
                ring.disarm();
            } catch (Throwable e) {
                handlerThrew(ring, e);
            }
        }
    }

    /** All that is thrown here is caught here, but a fault may come late. The drain still needs its turns. */
    @Override
    public void failed(Throwable cause) {
        Virtqueue ring = queue;
        if (ring != null) {
            handlerThrew(ring, cause);
        }
        loop.add(this);
    }

    @Override
    public void notifyDriver(Virtqueue ring) {
        Signal signal = call;
        if (signal == null) {
            return; // the driver polls
        }
        try {
            signal.send();
        } catch (PosixException e) {
            ring.fail("the driver cannot be interrupted: " + e.getMessage());
        }
    }

    @Override
    public void ringFailed(Virtqueue ring, String reason) {
        health.breakDown(name + ": " + reason);
        log.warn("queue " + index + ": " + reason + ": the device is stopped until the driver resets it");
        Signal signal = error;
        if (signal != null) {
            try {
                signal.send();
            } catch (PosixException e) {
                LOG.debug("{}: the driver cannot be told", name, e);
            }
        }
        wakeControl.run();
    }

    /**
     * Waits until all are drained, on the control thread.
     *
     * @param lostRequestPatience how long to wait for requests of queues whose handler failed in the middle
     * @return false if there is no point in waiting any longer: those that are not drained lost requests or took too long
     */
    public static boolean awaitDrained(
            ControlThread control, List<QueueRunner> draining, Duration lostRequestPatience) {
        long patienceEnds = System.nanoTime() + lostRequestPatience.toNanos();
        return control.await(
                () -> allDrained(draining),
                () -> System.nanoTime() - patienceEnds >= 0 && allLost(draining),
                () -> draining.stream().mapToInt(QueueRunner::inFlight).sum() + " requests in flight");
    }

    /** The thread of an endpoint that carries out messages. */
    @FunctionalInterface
    public interface ControlThread {
        /**
         * Waits for {@code done}, or gives up for {@code hopeless} or because the endpoint closes: whether it is done.
         *
         * @param waitedFor for the log, now and then
         */
        boolean await(BooleanSupplier done, BooleanSupplier hopeless, Supplier<String> waitedFor);
    }

    /** Whether none of these has anything in flight; from any thread. */
    public static boolean allDrained(List<QueueRunner> draining) {
        for (QueueRunner runner : draining) {
            if (!runner.drained()) {
                return false;
            }
        }
        return true;
    }

    /** Whether each of these that is not drained may have lost requests; from any thread. */
    public static boolean allLost(List<QueueRunner> draining) {
        for (QueueRunner runner : draining) {
            if (!runner.drained() && !runner.handlerBroken()) {
                return false;
            }
        }
        return true;
    }

    private void handlerThrew(Virtqueue ring, Throwable cause) {
        handlerBroken = true;
        failures++;
        if (cause instanceof InternalError) {
            // What a driver causes by cutting its memory short must not fill the log with traces.
            LOG.debug("{}: a fault in the driver's memory", name, cause);
            ring.fail("the driver's memory went away");
        } else {
            LOG.error("{}: failed while it was served", name, cause);
            ring.fail("internal error (" + cause.getClass().getSimpleName() + ")");
        }
    }

    private void checkDrained() {
        Virtqueue ring = queue;
        int inFlight = ring == null ? 0 : ring.inFlight();
        inFlightSeen = inFlight;
        if (inFlight == 0 && !drained) {
            drained = true;
            wakeControl.run();
        }
    }

    private void replaceHandler() {
        completions = new CompletionMailbox(loop::wake);
        handler = device.newQueue(new QueueContext(index, loop, completions));
    }

    private Virtqueue requireRing() {
        Virtqueue ring = queue;
        if (ring == null) {
            throw new IllegalStateException(name + " has no ring");
        }
        return ring;
    }
}
