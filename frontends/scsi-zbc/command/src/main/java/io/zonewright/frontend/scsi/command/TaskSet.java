package io.zonewright.frontend.scsi.command;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks of a logical unit may run (SAM-5, "Task set management"). Simple ones run at once: that is one
 * compare-and-set in the task and one look at {@link #closed}. Only if an ordered task or one that must be alone
 * (COMPARE AND WRITE) is there, others wait in line, and who waits is found by looking at every task of every nexus.
 *
 * <p>A task says that it runs before it looks at {@code closed}; who closes the gate does so before it looks for
 * running tasks. So one of them sees the other.
 */
final class TaskSet {
    private final LogicalUnit unit;
    private final Deque<ScsiTask> line = new ArrayDeque<>();
    private final TaskWaiter drained = this::drained;
    private final TaskWaiter aloneEnded = this::aloneEnded;
    private volatile boolean closed;

    /** Guarded by this, like all below: the ordered task, or the one to be alone, that runs now. */
    private @Nullable ScsiTask alone;

    /** Running tasks that the first in line waits for. */
    private int waitsFor;

    private boolean starting;
    private boolean startAgain;

    TaskSet(LogicalUnit unit) {
        this.unit = unit;
    }

    /** Runs a task, now or when its turn comes. An aborted one ends. */
    void enter(ScsiTask task) {
        if (needsRoom(task)) {
            hold(task);
            return;
        }
        if (!task.move(ScsiTask.RUNNING)) {
            task.end();
            return;
        }
        if (closed) {
            hold(task);
        } else {
            task.handler().execute(task);
        }
    }

    /** A task was aborted in the phase HELD: it ends, unless it runs meanwhile. */
    void drop(ScsiTask task) {
        boolean waited;
        synchronized (this) {
            waited = line.remove(task);
        }
        if (waited) {
            task.end();
            start();
        }
    }

    private void hold(ScsiTask task) {
        if (!task.move(ScsiTask.HELD)) {
            task.end();
            return;
        }
        boolean aborted;
        synchronized (this) {
            closed = true;
            // Aborted by somebody who did not find it in line.
            aborted = task.aborted();
            if (!aborted && task.attribute() == TaskAttribute.HEAD_OF_QUEUE) {
                line.addFirst(task);
            } else if (!aborted) {
                line.addLast(task);
            }
        }
        if (aborted) {
            task.end();
        }
        start();
    }

    /** Runs what may run: in a loop, since each may end before it returns and let others go. */
    private void start() {
        synchronized (this) {
            if (starting) {
                startAgain = true;
                return;
            }
            starting = true;
        }
        while (true) {
            ScsiTask next;
            synchronized (this) {
                startAgain = false;
                next = next();
                if (next == null && !startAgain) {
                    starting = false;
                    return;
                }
            }
            if (next != null) {
                run(next);
            }
        }
    }

    private void run(ScsiTask next) {
        if (!next.move(ScsiTask.RUNNING)) {
            // Aborted since; who did it does not find it in line any more.
            if (needsRoom(next)) {
                aloneEnded(next);
            }
            next.end();
            return;
        }
        if (needsRoom(next) && !next.watchRunning(unit, aloneEnded)) {
            throw new IllegalStateException("not running: " + next);
        }
        next.handler().execute(next);
    }

    /** Takes the first in line out of it, if it may run. */
    private @Nullable ScsiTask next() {
        ScsiTask first = line.peekFirst();
        if (alone != null) {
            return null;
        }
        if (first == null) {
            closed = false;
            return null;
        }
        if (needsRoom(first)) {
            if (othersRun()) {
                return null;
            }
            alone = first;
        }
        return line.removeFirst();
    }

    private static boolean needsRoom(ScsiTask task) {
        return task.attribute() == TaskAttribute.ORDERED || task.opcode().alone();
    }

    private boolean othersRun() {
        if (waitsFor == 0) {
            unit.eachTask(task -> {
                if (task.watchRunning(unit, drained)) {
                    waitsFor++;
                }
            });
        }
        return waitsFor > 0;
    }

    private void drained(ScsiTask task) {
        synchronized (this) {
            waitsFor--;
        }
        start();
    }

    private void aloneEnded(ScsiTask task) {
        synchronized (this) {
            alone = null;
        }
        start();
    }
}
