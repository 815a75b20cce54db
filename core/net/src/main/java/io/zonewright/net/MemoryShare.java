package io.zonewright.net;

import java.util.concurrent.TimeUnit;

/**
 * What one connection holds of its loop's {@link BufferPool}, and how much it may: a peer that does not read, or does not
 * send what it was asked for, stalls itself, and has to go if others wait for the memory (decision 0117). On the loop's
 * thread.
 */
public final class MemoryShare {
    /** Buffers that one connection may hold, bytes; one request is always allowed. */
    public static final long MAX_HELD = 4L << 20;

    /** What it may take while the loop's memory is scarce; likewise. */
    public static final long MAX_HELD_WHEN_SCARCE = MAX_HELD / 8;

    /** While memory is scarce, a peer has this long to let half of what it holds go on. */
    public static final long SCARCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final SocketLoop loop;
    private long held;

    /** Since when this peer has held memory while it was scarce: 0 if it does not. And the bytes moved since then. */
    private long scarceSince;

    private long moved;

    public MemoryShare(SocketLoop loop) {
        this.loop = loop;
    }

    /** Whether a request may take so many bytes more. */
    public boolean allows(long bytes) {
        return held == 0 || held + bytes <= (loop.memoryScarce() ? MAX_HELD_WHEN_SCARCE : MAX_HELD);
    }

    /** Whether memory for data that is already on its way may be taken: more than {@link #allows} unless it is scarce. */
    public boolean allowsUrgent(long bytes) {
        return !loop.memoryScarce() || allows(bytes);
    }

    /** So many bytes were taken. */
    public void take(long bytes) {
        held += bytes;
    }

    /** So many bytes have gone back. */
    public void release(long bytes) {
        held -= bytes;
        if (held == 0) {
            scarceSince = 0; // what it takes next is not to blame for how long the peer was silent before
        }
    }

    /** So many bytes went to or came from the peer. */
    public void moved(long bytes) {
        moved += bytes;
    }

    /**
     * Whether the peer keeps memory that others wait for, and is too slow about it. Asked at each tick.
     *
     * @param now nanoseconds of the loop's clock
     * @param owes whether the peer owes us data or reading; else the medium may be slow, but not the peer
     * @param others bytes it holds beside what was {@linkplain #take taken}
     */
    public boolean hogs(long now, boolean owes, long others) {
        long holds = held + others;
        if (!owes || !loop.memoryScarce() || holds == 0) {
            scarceSince = 0;
            return false;
        }
        if (scarceSince != 0 && now - scarceSince < SCARCE_NANOS) {
            return false;
        }
        boolean slow = scarceSince != 0 && moved < holds / 2;
        scarceSince = now;
        moved = 0;
        return slow;
    }
}
