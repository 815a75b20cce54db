package io.zonewright.frontend.scsi.iscsi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Data-In PDUs of one connection's tasks (RFC 7143, section 11.7), where one is not enough: formed as earlier ones leave.
 * An initiator may ask for segments of 512 bytes and read 16 MiB at once; no more than {@link #MAX_QUEUED} of them exist at
 * a time. On the loop's thread; allocates nothing.
 */
final class DataIn {
    /** PDUs of data that wait to be sent, their tasks' last ones aside: enough for any socket's buffer. */
    static final int MAX_QUEUED = 256;

    private final IscsiConnection connection;
    private final Terms terms;
    private final PduWriter writer;
    private @Nullable IscsiTask head;
    private @Nullable IscsiTask tail;
    private int waiting;
    private int queued;

    DataIn(IscsiConnection connection, Terms terms, PduWriter writer) {
        this.connection = connection;
        this.terms = terms;
        this.writer = writer;
    }

    /** Tasks whose last PDU is not formed yet. */
    int waiting() {
        return waiting;
    }

    /** Sends data of a task that has ended well, and its status with the last of it. */
    void send(IscsiTask task, int bytes, int residualFlags, int residual) {
        task.inBytes = bytes;
        task.residualFlags = residualFlags;
        task.residual = residual;
        if (head == null && form(task)) {
            return;
        }
        IscsiTask last = tail;
        if (last == null) {
            head = task;
        } else {
            last.next = task;
        }
        tail = task;
        waiting++;
    }

    /** Forms as many PDUs as may be queued. */
    void proceed() {
        for (IscsiTask task = head; task != null && form(task); task = head) {
            Runnable then = remove(task);
            if (then != null) {
                then.run();
            }
        }
    }

    private @Nullable Runnable remove(IscsiTask first) {
        head = first.next;
        if (head == null) {
            tail = null;
        }
        first.next = null;
        waiting--;
        Runnable then = first.afterwards;
        first.afterwards = null;
        return then;
    }

    /** Whether the last PDU is queued. */
    private boolean form(IscsiTask task) {
        int bytes = task.inBytes;
        while (queued < MAX_QUEUED) {
            int from = task.inFrom;
            int burst = from % terms.maxBurst;
            int step = Math.min(Math.min(bytes - from, terms.maxSend), terms.maxBurst - burst);
            if (!task.borrowed()) {
                // None crosses from one piece of memory to the next.
                step = Math.min(step, IscsiTask.CHUNK_BYTES - from % IscsiTask.CHUNK_BYTES);
            }
            if (from + step == bytes) {
                writer.lastDataIn(task, from, step, task.residualFlags, task.residual);
                connection.queue(task.answer);
                return true;
            }
            Packet packet = connection.resources().takePacket();
            writer.dataIn(packet, task, from, step, burst + step == terms.maxBurst);
            packet.carries = task;
            task.inFrom = from + step;
            task.inUnsent++;
            queued++;
            connection.send(packet);
        }
        return false;
    }

    /** A PDU with data of this task is with the kernel, or never will be. */
    void left(IscsiTask task) {
        queued--;
        task.inUnsent--;
        if (task.cut && task.inUnsent == 0) {
            connection.release(task);
        }
    }

    /** Has something done once all data of which the status is known is on its way: at once, if none waits. */
    void afterwards(Runnable action) {
        IscsiTask last = tail;
        if (last == null) {
            action.run();
            return;
        }
        Runnable first = last.afterwards;
        last.afterwards = first == null
                ? action
                : () -> {
                    first.run();
                    action.run();
                };
    }

    /** The session ends: what is not formed never will be, and nothing happens afterwards. */
    void drop() {
        while (head != null) {
            IscsiTask task = Objects.requireNonNull(head);
            remove(task);
            if (task.inUnsent == 0) {
                connection.release(task);
            } else {
                task.cut = true; // its memory is needed until what is queued has left
            }
        }
    }
}
