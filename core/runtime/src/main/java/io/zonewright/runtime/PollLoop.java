package io.zonewright.runtime;

import com.sun.management.ThreadMXBean;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that polls its members as long as there is work, and sleeps when there is none.
 *
 * <p>Members belong to the loop's thread. Other threads hand it tasks ({@link #execute}, {@link #call}) or tell it to
 * look around ({@link #wake}); both cost a system call only if the loop sleeps.
 *
 * <p>A member that throws is blamed, removed and told ({@link Pollable#failed}); the loop and its other members go on.
 * An {@link InternalError} for memory that was truncated may come late, so one that turns up between members is the
 * fault of the one served last.
 *
 * <p><b>Going to sleep.</b> The loop declares that it sleeps, then, behind a full fence, lets each member ask for
 * notifications and look again, looks at its own mailbox, and only then waits. Whoever brings work publishes it first
 * and, behind a full fence, looks whether the loop sleeps. One of the two sees the other.
 */
public final class PollLoop implements AutoCloseable {
    /** Work that one member may do before the next has its turn. */
    public static final int BATCH = 64;

    private static final Logger LOG = LoggerFactory.getLogger(PollLoop.class);
    private static final Pollable[] NOBODY = {};
    private static final ThreadLocal<PollLoop> CURRENT = new ThreadLocal<>();

    private final String name;
    private final IdleStrategy idle;
    private final Waiter waiter;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean sleeping = new AtomicBoolean();

    /** Replaced as a whole, since members come and go while it is walked. */
    private Pollable[] members = NOBODY;

    private @Nullable Pollable served;
    /** Whether the sleep that {@link #sleeping} tells of is one that unparking ends; written before it, read after it. */
    private boolean parked;

    /** Descriptors that are watched. */
    private int watched;

    private volatile boolean closing;
    /** The thread looks at the mailbox once more at most. */
    private volatile boolean ended;

    private volatile @Nullable Thread thread;

    PollLoop(String name, IdleStrategy idle, Waiter waiter) {
        this.name = name;
        this.idle = idle;
        this.waiter = waiter;
    }

    /** A loop on an owned platform thread, running. */
    public static PollLoop start(String name, IdleStrategy idle, Posix posix) {
        PollLoop loop = new PollLoop(name, idle, new EpollWaiter(posix));
        Thread thread = Thread.ofPlatform().name(name).daemon(true).unstarted(loop::run);
        loop.thread = thread;
        thread.start();
        return loop;
    }

    /**
     * A loop without a thread, for tests: the calling thread becomes the loop's with each {@link #step}. It never
     * sleeps; {@link #wake} does nothing and watched descriptors are ignored.
     */
    public static PollLoop byHand(String name) {
        return onThisThread(name, new AdaptiveIdle(0, System::nanoTime), DeafWaiter.INSTANCE);
    }

    static PollLoop onThisThread(String name, IdleStrategy idle, Waiter waiter) {
        PollLoop loop = new PollLoop(name, idle, waiter);
        loop.thread = Thread.currentThread();
        return loop;
    }

    /**
     * The loop whose thread the caller is, or null: so a medium can let the loop that submits also look for completions, as
     * one more member. Loops that are stepped by hand do not count.
     */
    public static @Nullable PollLoop current() {
        return CURRENT.get();
    }

    /** The thread's name. */
    public String name() {
        return name;
    }

    /**
     * Bytes that the loop's thread has allocated on the heap since it began, as the JVM counts them; from any thread.
     * The thread itself does nothing for it. -1 if it has ended or this JVM does not count.
     */
    public long allocatedBytes() {
        Thread running = thread;
        return running != null && ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                ? threads.getThreadAllocatedBytes(running.threadId())
                : -1;
    }

    /** Whether the caller is the loop's own thread. */
    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    /** Runs a task on the loop, soon; from any thread. What it throws is logged. */
    public void execute(Runnable task) {
        tasks.add(task);
        wake();
    }

    /**
     * Runs something on the loop and waits for its result; on the loop's own thread it is run at once. May block, so
     * never call it from another loop.
     *
     * @throws IllegalStateException if the loop is closed
     */
    public <T> T call(Callable<T> task) {
        if (inLoop()) {
            try {
                return task.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable handed = () -> {
            try {
                result.complete(task.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        };
        execute(handed);
        // Past its last look at the mailbox the thread finds nothing; what it took from there it still runs.
        boolean late = ended || (closing && thread == null);
        if (late && tasks.remove(handed)) {
            result.completeExceptionally(new IllegalStateException("loop " + name + " is closed"));
        }
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** {@link #call} for something without a result. */
    public void run(Runnable task) {
        call(() -> {
            task.run();
            return true;
        });
    }

    /** Makes the loop look at all its members; from any thread. Publish the work first. */
    public void wake() {
        // getAndSet is a full fence, which the protocol needs even when the flag is not set.
        if (sleeping.getAndSet(false)) {
            if (parked) {
                LockSupport.unpark(thread);
            } else {
                waiter.wake();
            }
        }
    }

    /** Adds a member; on the loop's thread. */
    public void add(Pollable member) {
        requireInLoop();
        List<Pollable> list = new ArrayList<>(List.of(members));
        list.add(member);
        members = list.toArray(NOBODY);
    }

    /** Removes a member, if it is one; on the loop's thread. */
    public void remove(Pollable member) {
        requireInLoop();
        List<Pollable> list = new ArrayList<>(List.of(members));
        list.remove(member);
        members = list.toArray(NOBODY);
        if (member.equals(served)) {
            // A loop lives longer than its members, and must not keep what they lead to.
            served = null;
        }
    }

    /**
     * Wakes the loop whenever something writes to {@code fd}, which the loop never reads; on the loop's thread.
     *
     * @throws io.zonewright.posix.PosixException if the descriptor cannot be waited for
     */
    public void watch(Fd fd) {
        requireInLoop();
        waiter.watch(fd);
        watched++;
    }

    /** Ends {@link #watch}, before the descriptor is closed; on the loop's thread. */
    public void unwatch(Fd fd) {
        requireInLoop();
        waiter.unwatch(fd);
        watched--;
    }

    /** One round: all tasks, then each member once. Called by the loop's thread, or by a test instead of one. */
    public int step() {
        int work = runTasks();
        Pollable[] round = members;
        for (int i = 0; i < round.length; i++) {
            Pollable member = round[i];
            served = member;
            try {
                work += member.poll(BATCH);
            } catch (Throwable e) {
                blame(member, e);
            }
        }
        return work;
    }

    /**
     * Ends the thread after the round under way; tasks handed over before are still run, and members end what they alone can
     * ({@link Pollable#loopEnds}). Waits for the end.
     */
    @Override
    public void close() {
        closing = true;
        wake();
        Thread running = thread;
        if (running == null || running == Thread.currentThread()) {
            waiter.close();
            return;
        }
        boolean interrupted = false;
        while (true) {
            try {
                running.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        waiter.close();
    }

    private void run() {
        CURRENT.set(this);
        while (!closing) {
            try {
                if (step() != 0) {
                    idle.worked();
                } else if (!idle.spin()) {
                    sleep();
                }
            } catch (Throwable e) {
                Pollable last = served;
                if (last == null) {
                    LOG.error("loop {}: an error outside of all members", name, e);
                } else {
                    blame(last, e);
                }
            }
        }
        runTasks();
        endMembers();
        ended = true;
        VarHandle.fullFence();
        runTasks();
    }

    private void endMembers() {
        for (Pollable member : members) {
            try {
                member.loopEnds();
            } catch (Throwable e) {
                LOG.error("loop {}: the end of {} failed", name, member.name(), e);
            }
        }
    }

    /** Sleeps, or naps, unless there is work after all. */
    void sleep() {
        long nap = idle.napNanos();
        // Parking is cheaper, but deaf to descriptors.
        parked = nap != 0 && watched == 0;
        sleeping.set(true);
        VarHandle.fullFence();
        Pollable[] round = members;
        try {
            if (armAll(round) || !tasks.isEmpty() || closing) {
                return;
            }
            if (parked) {
                LockSupport.parkNanos(this, nap);
            } else if (nap != 0) {
                waiter.await(nap);
            } else {
                long before = System.nanoTime();
                waiter.await();
                idle.slept(System.nanoTime() - before);
            }
        } finally {
            sleeping.set(false);
            for (int i = 0; i < round.length; i++) {
                disarm(round[i]);
            }
        }
    }

    private boolean armAll(Pollable[] round) {
        boolean work = false;
        for (int i = 0; i < round.length; i++) {
            Pollable member = round[i];
            served = member;
            try {
                work |= member.arm();
            } catch (Throwable e) {
                blame(member, e);
                work = true;
            }
        }
        return work;
    }

    private void disarm(Pollable member) {
        served = member;
        try {
            member.disarm();
        } catch (Throwable e) {
            blame(member, e);
        }
    }

    private int runTasks() {
        int done = 0;
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            done++;
            try {
                task.run();
            } catch (Throwable e) {
                LOG.error("loop {}: a task failed", name, e);
            }
        }
        return done;
    }

    private void blame(Pollable member, Throwable cause) {
        served = null;
        remove(member);
        try {
            LOG.error("loop {}: {} failed and is no longer served", name, member.name(), cause);
            member.failed(cause);
        } catch (Throwable e) {
            LOG.error("loop {}: a member could not be told of its failure", name, e);
        }
    }

    private void requireInLoop() {
        if (!inLoop()) {
            throw new IllegalStateException("not on the thread of loop " + name);
        }
    }

    /** For loops that are stepped by hand. */
    private enum DeafWaiter implements Waiter {
        INSTANCE;

        @Override
        public void await() {}

        @Override
        public void await(long nanos) {}

        @Override
        public void wake() {}

        @Override
        public void watch(Fd fd) {}

        @Override
        public void unwatch(Fd fd) {}

        @Override
        public void close() {}
    }
}
