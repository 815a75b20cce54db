package io.zonewright.testkit.nvme.pcie;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.nvme.Cqe;
import io.zonewright.testkit.nvme.NvmeFlight;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeResult;
import io.zonewright.testkit.nvme.Sqe;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A submission queue with a completion queue of its own, in guest memory. It checks the phase tag, the submission queue
 * head and identifier of every completion, that the controller wrote nothing that it may only read, and nothing past the
 * end of a piece. For one thread at a time.
 */
public final class PcieQueue implements AutoCloseable {
    /** Rings a doorbell. */
    @FunctionalInterface
    interface Bell {
        void ring(int value);
    }

    /** A command on this queue. */
    public static final class Flight extends NvmeFlight {
        private final int cid;
        private final List<DataLayout.Piece> pieces;

        private Flight(NvmeRequest request, int cid, List<DataLayout.Piece> pieces) {
            super(request);
            this.cid = cid;
            this.pieces = pieces;
        }

        /** The command's identifier. */
        public int cid() {
            return cid;
        }

        private void finish(NvmeResult result) {
            end(result);
        }
    }

    private final int id;
    private final GuestMemory memory;
    private final GuestPool pool;
    private final int size;
    private final long submissions;
    private final long completions;
    private final EventFd interrupt;
    private final Random random;
    private final @Nullable Flight[] flights;
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private Bell submissionBell = value -> {};
    private Bell completionBell = value -> {};
    private int tail;
    private int sqHead;
    private int head;
    private boolean phase = true;

    PcieQueue(Posix posix, GuestMemory memory, int ringRegion, GuestPool pool, int id, int size) {
        this.memory = memory;
        this.pool = pool;
        this.id = id;
        this.size = size;
        submissions = memory.allocate(ringRegion, (long) size * Sqe.BYTES, DataLayout.PAGE);
        completions = memory.allocate(ringRegion, (long) size * Cqe.BYTES, DataLayout.PAGE);
        memory.fill(submissions, (long) size * Sqe.BYTES, 0);
        memory.fill(completions, (long) size * Cqe.BYTES, 0);
        interrupt = EventFd.create(posix);
        random = new Random(id);
        flights = new @Nullable Flight[size];
        for (int i = 0; i < size; i++) {
            free.add(i);
        }
    }

    void bells(Bell submission, Bell completion) {
        submissionBell = submission;
        completionBell = completion;
    }

    public int id() {
        return id;
    }

    public int size() {
        return size;
    }

    /** Guest address of the submission queue. */
    public long submissions() {
        return submissions;
    }

    /** Guest address of the completion queue. */
    public long completions() {
        return completions;
    }

    /** What the controller raises. */
    public EventFd interrupt() {
        return interrupt;
    }

    /** How many commands are in flight. */
    public int inFlight() {
        return size - free.size();
    }

    /** Puts a command into the queue; the controller does not see it before {@link #ring}. */
    public Flight stage(NvmeRequest request, DataLayout layout) {
        if (free.size() <= 1) {
            throw new IllegalStateException("the queue of " + size + " is full");
        }
        pool.begin();
        Sqe sqe = request.sqe().copy();
        boolean in = request.inBytes() > 0;
        List<DataLayout.Piece> pieces = layout.place(sqe, in ? request.inBytes() : request.out().length, pool, random);
        if (!in) {
            int at = 0;
            for (DataLayout.Piece piece : pieces) {
                memory.put(piece.address(), Arrays.copyOfRange(request.out(), at, at + piece.bytes()));
                at += piece.bytes();
            }
        }
        return stage(request, sqe, pieces);
    }

    /** Puts a command into the queue just as it is, data pointer included. */
    public Flight stageRaw(Sqe sqe) {
        pool.begin();
        return stage(NvmeRequest.plain(sqe), sqe.copy(), List.of());
    }

    private Flight stage(NvmeRequest request, Sqe sqe, List<DataLayout.Piece> pieces) {
        int cid = free.remove();
        Flight flight = new Flight(request, cid, pieces);
        flights[cid] = flight;
        memory.put(submissions + (long) tail * Sqe.BYTES, sqe.cid(cid).bytes());
        tail = (tail + 1) % size;
        return flight;
    }

    /** Rings the submission doorbell. */
    public void ring() {
        submissionBell.ring(tail);
    }

    /** Collects what the controller has completed by now; returns how many. */
    public int collect() {
        int count = 0;
        while (true) {
            long at = completions + (long) head * Cqe.BYTES;
            boolean shown = (memory.getU16Acquire(at + 14) & 1) != 0;
            if (shown != phase) {
                break;
            }
            Cqe cqe = Cqe.parse(memory.get(at, Cqe.BYTES), 0);
            head = (head + 1) % size;
            if (head == 0) {
                phase = !phase;
            }
            finish(cqe);
            count++;
        }
        if (count > 0) {
            completionBell.ring(head);
        }
        return count;
    }

    private void finish(Cqe cqe) {
        if (cqe.sqId() != id || cqe.cid() >= size) {
            throw new IllegalStateException("not a completion of queue " + id + ": " + cqe);
        }
        // The head moves on, never past the tail.
        int moved = Math.floorMod(cqe.sqHead() - sqHead, size);
        if (cqe.sqHead() >= size || moved > Math.floorMod(tail - sqHead, size)) {
            throw new IllegalStateException(
                    "submission queue head " + cqe.sqHead() + " after " + sqHead + ", tail " + tail + ": " + cqe);
        }
        sqHead = cqe.sqHead();
        Flight flight = flights[cqe.cid()];
        if (flight == null) {
            throw new IllegalStateException("no such command is in flight: " + cqe);
        }
        flights[cqe.cid()] = null;
        free.add(cqe.cid());
        NvmeRequest request = flight.request();
        byte[] data = new byte[Math.max(request.inBytes(), request.out().length)];
        int at = 0;
        for (DataLayout.Piece piece : flight.pieces) {
            byte[] bytes = memory.get(piece.address(), piece.bytes());
            System.arraycopy(bytes, 0, data, at, bytes.length);
            at += bytes.length;
            if (!pool.guarded(piece)) {
                throw new IllegalStateException("the controller wrote past the end of a piece: " + request);
            }
        }
        pool.end();
        if (request.out().length > 0 && !Arrays.equals(data, request.out())) {
            throw new IllegalStateException("the controller wrote what it may only read: " + request);
        }
        flight.finish(new NvmeResult(cqe.status(), cqe.dw0(), cqe.dw1(), request.inBytes() > 0 ? data : new byte[0]));
    }

    /** Any tail, for tests that break the queue. */
    public void ringRaw(int value) {
        submissionBell.ring(value);
    }

    /** Any head of the completion queue, for drivers that do all of it themselves. */
    public void ringCompletionRaw(int value) {
        completionBell.ring(value);
    }

    @Override
    public void close() {
        interrupt.close();
    }
}
