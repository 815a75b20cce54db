package io.zonewright.api.buffer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A few buffers for commands of a front-end that read what its client does not get to see. At most {@link #MAX_BUFFERS} exist, made when
 * first needed; a command that finds none free waits in line. Thread-safe; the lock is never held while somebody works.
 */
public final class ScratchPool {
    /** Who waits for a buffer. */
    @FunctionalInterface
    public interface Borrower {
        /**
         * Here is one, of {@link #BUFFER_BYTES}, with any contents; to be given back by {@link #giveBack}. On the thread of
         * {@link #borrow}, or of whoever gave it back.
         */
        void granted(MemorySegment buffer);
    }

    /** Bytes of one buffer. */
    public static final int BUFFER_BYTES = 128 << 10;
    /** 2 MiB in all, whatever clients ask. */
    public static final int MAX_BUFFERS = 16;

    /** Buffers go to media that may want page alignment. */
    private static final int ALIGNMENT = 4096;

    private final Deque<MemorySegment> free = new ArrayDeque<>(MAX_BUFFERS);
    private final Deque<Borrower> waiting = new ArrayDeque<>();
    private int made;
    private boolean handingOut;

    /** Gives {@code borrower} a buffer, before this returns or later on another thread. */
    public void borrow(Borrower borrower) {
        MemorySegment buffer;
        synchronized (this) {
            if (!waiting.isEmpty() || (free.isEmpty() && made == MAX_BUFFERS)) {
                waiting.add(borrower);
                return;
            }
            buffer = free.poll();
            if (buffer == null) {
                made++;
                buffer = Arena.ofAuto().allocate(BUFFER_BYTES, ALIGNMENT);
            }
        }
        borrower.granted(buffer);
    }

    /** Takes a buffer back, and serves those who wait: in a loop, since each may be done at once and give back in turn. */
    public void giveBack(MemorySegment buffer) {
        synchronized (this) {
            free.push(buffer);
            if (handingOut) {
                return;
            }
            handingOut = true;
        }
        while (true) {
            Borrower next;
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

    /** Borrowers in line. */
    public synchronized int waiting() {
        return waiting.size();
    }
}
