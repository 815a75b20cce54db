package io.zonewright.frontend.nvme.vfiouser.queue;

import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.runtime.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A submission queue (Base 2.1, section 3.3.1): a ring of 64-byte entries that the host fills and we empty. Of its worker's
 * thread, except what says otherwise.
 *
 * <p>Commands are made as they are first needed and used again and again; there are never more than the ring has entries
 * (and a few for asynchronous event requests), so a host that rings without waiting for completions waits for them.
 */
public final class SubmissionQueue {
    private static final int ENTRIES_PER_PAGE = RingMemory.PAGE / NvmeCommand.SQE_SIZE;
    /** Asynchronous event requests rest in the controller for as long as nothing happens. */
    private static final int EXTRA_ADMIN_COMMANDS = 16;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.nativeOrder());
    private static final VarHandle SQE_LONG = MethodHandles.byteArrayViewVarHandle(
                    long[].class, ByteOrder.nativeOrder())
            .withInvokeExactBehavior();

    private final int id;
    private final int size;
    private final long address;
    private final CompletionQueue completions;

    private @Nullable RingMemory ring;
    private @Nullable Cell doorbell;
    private @Nullable Cell event;
    private int head;
    private int tail;
    /** A doorbell value that was told to be wrong; told once. */
    private int wrongTail = -1;

    private final @Nullable PciCommand[] idle;
    private int idleCount;
    private int inFlight;
    private volatile boolean dead;
    private @Nullable Runnable retired;

    /**
     * @param address of the ring, a multiple of 4096
     * @param size entries, 2 to 65536
     */
    public SubmissionQueue(int id, long address, int size, CompletionQueue completions) {
        this.id = id;
        this.address = address;
        this.size = size;
        this.completions = completions;
        idle = new PciCommand[size + (id == 0 ? EXTRA_ADMIN_COMMANDS : 0)];
    }

    public int id() {
        return id;
    }

    /** Entries. */
    public int size() {
        return size;
    }

    /** Where its commands are answered. */
    public CompletionQueue completions() {
        return completions;
    }

    /** Whether the ring is inside of this memory; any thread. */
    public boolean inside(GuestMemory memory) {
        return RingMemory.bind(memory, address, bytes(), false) != null;
    }

    /** Looks the ring up anew; where it is not mapped, the queue stands still until it is. */
    void bind(GuestMemory memory) {
        ring = RingMemory.bind(memory, address, bytes(), false);
    }

    /** Looks for a ring that was not mapped until now. */
    void bindIfLost(GuestMemory memory) {
        if (ring == null) {
            bind(memory);
        }
    }

    /** Where the host says how far it has filled the ring, and where it looks whether it has to ring. */
    void setDoorbell(@Nullable Cell value, @Nullable Cell eventIndex) {
        doorbell = value;
        event = eventIndex;
    }

    /** The last good value of the doorbell. */
    int tail() {
        return tail;
    }

    /** SQHD of a completion entry. */
    int head() {
        return head;
    }

    /** Commands that could be taken now; looks at the doorbell. */
    int available(QueueEvents events) {
        Cell cell = doorbell;
        if (ring == null || cell == null) {
            return 0;
        }
        int value = cell.read();
        if (value != tail) {
            ring(value, events);
        }
        return distance(head, tail);
    }

    /** The doorbell shows something new. It may go forward, but never past the head (Base 2.1, section 3.3.1.2). */
    private void ring(int value, QueueEvents events) {
        if (value < 0 || value >= size || distance(tail, value) > distance(tail, head - 1)) {
            if (value != wrongTail) {
                wrongTail = value;
                events.invalidDoorbellValue();
            }
            return;
        }
        wrongTail = -1;
        tail = value;
    }

    /** Tells a host with shadow doorbells to ring when it goes past what we have seen. */
    void askForDoorbell() {
        Cell index = event;
        if (index != null) {
            index.write(tail);
        }
    }

    /** How many more commands can be in flight. */
    int room() {
        return idle.length - inFlight;
    }

    /** Takes the next command off the ring. Call only if there is one, and room for it. */
    PciCommand take(QueueWorker worker) {
        RingMemory memory = ring;
        if (memory == null) {
            throw new IllegalStateException("submission queue " + id + " has no memory");
        }
        PciCommand command = idleCount == 0 ? null : idle[--idleCount];
        if (command == null) {
            command = new PciCommand(worker, this);
        }
        int page = head / ENTRIES_PER_PAGE;
        long offset = memory.offset(page) + (long) (head % ENTRIES_PER_PAGE) * NvmeCommand.SQE_SIZE;
        MemorySegment from = memory.segment(page);
        byte[] sqe = command.sqe();
        for (int i = 0; i < NvmeCommand.SQE_SIZE; i += Long.BYTES) {
            // So few bytes are copied faster by eight moves than by a call; the segment is 8-aligned here.
            SQE_LONG.set(sqe, i, from.get(LONG, offset + i));
        }
        head = head + 1 == size ? 0 : head + 1;
        inFlight++;
        return command;
    }

    /** The command was answered, or nobody wants the answer. */
    void giveBack(PciCommand command) {
        command.data().clear();
        if (!dead) {
            idle[idleCount++] = command;
        }
    }

    /** A command of this queue has ended, or was lost. */
    void leftFlight() {
        inFlight--;
        Runnable waiting = retired;
        if (waiting != null && inFlight == 0) {
            retired = null;
            waiting.run();
        }
    }

    /** Takes no more commands; {@code done} when all that were taken have ended. */
    void retire(Runnable done) {
        ring = null;
        if (inFlight == 0) {
            done.run();
        } else {
            retired = done;
        }
    }

    /** Nobody wants answers any more. */
    void kill() {
        ring = null;
        dead = true;
        Runnable waiting = retired;
        retired = null;
        Arrays.fill(idle, null);
        if (waiting != null) {
            waiting.run();
        }
    }

    boolean dead() {
        return dead;
    }

    private long bytes() {
        return (long) size * NvmeCommand.SQE_SIZE;
    }

    private int distance(int from, int to) {
        int steps = to - from;
        return steps < 0 ? steps + size : steps;
    }

    @Override
    public String toString() {
        return "submission queue " + id;
    }
}
