package io.zonewright.frontend.nvme.vfiouser.queue;

import io.zonewright.runtime.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A completion queue (Base 2.1, section 3.3.2): a ring of 16-byte entries that we fill and the host empties. Of its worker's
 * thread, except what says otherwise.
 *
 * <p>Entry: DW0 and DW1 result, DW2 SQ head (15:0) and SQ id (31:16), DW3 command id (15:0), phase (16), status (31:17).
 * The second half, with the phase, is stored last, in one store with release.
 *
 * <p>What ends while the ring is full waits in a backlog; as long as there is one, no more commands are taken from the
 * submission queues.
 */
public final class CompletionQueue {
    static final int ENTRY = 16;
    private static final int ENTRIES_PER_PAGE = RingMemory.PAGE / ENTRY;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG_HANDLE = LONG.varHandle().withInvokeExactBehavior();

    private final int id;
    private final int size;
    private final long address;
    private final int vector;
    private final boolean interrupts;

    private @Nullable RingMemory ring;
    private @Nullable Cell doorbell;
    private @Nullable Cell event;
    private int tail;
    private boolean phase = true;
    private int head;
    private int wrongHead = -1;

    private @Nullable PciCommand oldestWaiting;
    private @Nullable PciCommand newestWaiting;

    /** Entries since the last interrupt, and when the first of them was put. */
    private int fresh;

    private long freshSince;
    /** Commands taken and not yet ended whose answers come here. */
    private int expected;

    private volatile boolean headWanted;

    /**
     * @param address of the ring, a multiple of 4096
     * @param size entries, 2 to 65536
     * @param vector which interrupt tells of entries, if {@code interrupts}
     */
    public CompletionQueue(int id, long address, int size, int vector, boolean interrupts) {
        this.id = id;
        this.address = address;
        this.size = size;
        this.vector = vector;
        this.interrupts = interrupts;
    }

    public int id() {
        return id;
    }

    /** Entries. */
    public int size() {
        return size;
    }

    public int vector() {
        return vector;
    }

    /** Whether it interrupts at all. */
    public boolean interrupts() {
        return interrupts;
    }

    /** Whether the ring is inside of this memory, for writing; any thread. */
    public boolean inside(GuestMemory memory) {
        return RingMemory.bind(memory, address, bytes(), true) != null;
    }

    /** Whether the worker has to look when the host moves the head; any thread. */
    public boolean headWanted() {
        return headWanted;
    }

    /** See {@link SubmissionQueue#bind}. */
    void bind(GuestMemory memory) {
        ring = RingMemory.bind(memory, address, bytes(), true);
    }

    /** Looks for a ring that was not mapped until now. */
    void bindIfLost(GuestMemory memory) {
        if (ring == null) {
            bind(memory);
        }
    }

    /** Where the host says how far it has emptied the ring, and where it looks whether it has to ring. */
    void setDoorbell(@Nullable Cell value, @Nullable Cell eventIndex) {
        doorbell = value;
        event = eventIndex;
    }

    /** The last good value of the doorbell. */
    int head() {
        return head;
    }

    /** Whether something waits for room. */
    boolean backlogged() {
        return oldestWaiting != null;
    }

    void expectOne() {
        expected++;
    }

    void expectOneLess() {
        expected--;
    }

    /** Commands whose answers are to come. */
    int expected() {
        return expected;
    }

    /** Entries that the host has not yet been told of. */
    int fresh() {
        return fresh;
    }

    /** When the first of {@link #fresh} was put, by the clock of the worker; only with {@link #markFresh}. */
    long freshSince() {
        return freshSince;
    }

    void markFresh(long now) {
        freshSince = now;
    }

    void told() {
        fresh = 0;
        freshSince = 0;
    }

    /** Answers a command, now or when there is room. */
    void post(PciCommand command, QueueEvents events) {
        if (oldestWaiting == null && hasRoom(events)) {
            put(command);
            return;
        }
        PciCommand newest = newestWaiting;
        if (newest == null) {
            oldestWaiting = command;
        } else {
            newest.setLink(command);
        }
        newestWaiting = command;
    }

    /** Puts what waits, as far as there is room. How many entries. */
    int flush(QueueEvents events) {
        int count = 0;
        while (true) {
            PciCommand command = oldestWaiting;
            if (command == null || !hasRoom(events)) {
                return count;
            }
            PciCommand next = command.link();
            oldestWaiting = next;
            if (next == null) {
                newestWaiting = null;
            }
            command.setLink(null);
            put(command);
            count++;
        }
    }

    /** Forgets what waits; the queue is deleted or its controller reset. */
    void kill() {
        ring = null;
        oldestWaiting = null;
        newestWaiting = null;
        headWanted = false;
    }

    /** Looks at the doorbell; whether the host has taken everything. */
    boolean taken(QueueEvents events) {
        look(events);
        return head == tail;
    }

    /** Whether there would be room for what waits; asks to be told when the host makes some. */
    boolean canFlush(QueueEvents events) {
        return oldestWaiting != null && hasRoom(events);
    }

    /** Asks the host to ring when it moves the head, or no longer; the worker looks again afterwards. */
    void wantHead(boolean wanted) {
        headWanted = wanted;
        Cell index = event;
        if (wanted && index != null) {
            index.write(head);
        }
    }

    private boolean hasRoom(QueueEvents events) {
        if (ring == null) {
            return false;
        }
        if (distance(head, tail) == size - 1) {
            look(events);
            return distance(head, tail) != size - 1;
        }
        return true;
    }

    /** The head may go forward as far as the tail (Base 2.1, section 3.3.1.2). */
    private void look(QueueEvents events) {
        Cell cell = doorbell;
        if (cell == null) {
            return;
        }
        int value = cell.read();
        if (value == head) {
            return;
        }
        if (value < 0 || value >= size || distance(head, value) > distance(head, tail)) {
            if (value != wrongHead) {
                wrongHead = value;
                events.invalidDoorbellValue();
            }
            return;
        }
        wrongHead = -1;
        head = value;
    }

    private void put(PciCommand command) {
        RingMemory memory = ring;
        if (memory == null) {
            throw new IllegalStateException(this + " has no memory");
        }
        SubmissionQueue queue = command.queue();
        int page = tail / ENTRIES_PER_PAGE;
        MemorySegment segment = memory.segment(page);
        long offset = memory.offset(page) + (long) (tail % ENTRIES_PER_PAGE) * ENTRY;
        long result = Integer.toUnsignedLong(command.dw0()) | (long) command.dw1() << 32;
        long rest = queue.head()
                | (long) queue.id() << 16
                | (long) command.cid() << 32
                | (phase ? 1L << 48 : 0)
                | (long) command.status() << 49;
        segment.set(LONG, offset, result);
        LONG_HANDLE.setRelease(segment, offset + Long.BYTES, rest);
        tail++;
        if (tail == size) {
            tail = 0;
            phase = !phase;
        }
        fresh++;
        queue.giveBack(command);
    }

    private long bytes() {
        return (long) size * ENTRY;
    }

    private int distance(int from, int to) {
        int steps = to - from;
        return steps < 0 ? steps + size : steps;
    }

    @Override
    public String toString() {
        return "completion queue " + id;
    }
}
