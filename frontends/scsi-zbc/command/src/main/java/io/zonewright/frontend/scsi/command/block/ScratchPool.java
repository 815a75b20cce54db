package io.zonewright.frontend.scsi.command.block;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A few buffers for commands that read what the initiator does not get to see. At most {@link #MAX_BUFFERS} exist, made
 * when first needed; a job that finds none free waits in line. Thread-safe; the lock is never held while somebody works.
 */
final class ScratchPool {
    /** Bytes of one buffer. */
    static final int BUFFER_BYTES = 128 << 10;
    /** 2 MiB for a logical unit, whatever initiators ask. */
    static final int MAX_BUFFERS = 16;

    /** Buffers go to media that may want page alignment. */
    private static final int ALIGNMENT = 4096;

    private final Deque<MemorySegment> free = new ArrayDeque<>(MAX_BUFFERS);
    private final Deque<BlockJob> waiting = new ArrayDeque<>();
    private int made;
    private boolean handingOut;

    /** Gives the job a buffer by {@link BlockJob#granted}, before this returns or later on another thread. */
    void borrow(BlockJob job) {
        MemorySegment buffer;
        synchronized (this) {
            if (!waiting.isEmpty() || (free.isEmpty() && made == MAX_BUFFERS)) {
                waiting.add(job);
                return;
            }
            buffer = free.poll();
            if (buffer == null) {
                made++;
                buffer = Arena.ofAuto().allocate(BUFFER_BYTES, ALIGNMENT);
            }
        }
        job.granted(buffer);
    }

    /** Takes a buffer back, and serves those who wait: in a loop, since each may be done at once and give back in turn. */
    void giveBack(MemorySegment buffer) {
        synchronized (this) {
            free.push(buffer);
            if (handingOut) {
                return;
            }
            handingOut = true;
        }
        while (true) {
            BlockJob next;
            MemorySegment granted;
            synchronized (this) {
                if (waiting.isEmpty() || free.isEmpty()) {
                    handingOut = false;
                    return;
                }
                next = waiting.remove();
                granted = free.pop();
            }
            next.granted(granted);
        }
    }
}
