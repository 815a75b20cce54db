package io.zonewright.runtime;

import io.zonewright.posix.Posix;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The loops that the queues of one or more endpoints are spread over. Any thread. */
public final class LoopGroup implements AutoCloseable {
    private final List<PollLoop> loops;
    private final AtomicInteger turn = new AtomicInteger();

    private LoopGroup(List<PollLoop> loops) {
        this.loops = List.copyOf(loops);
    }

    /**
     * Starts threads {@code name-0}, {@code name-1} and so on.
     *
     * @param threads at least 1
     * @param idle gives each loop an idle strategy of its own
     */
    public static LoopGroup start(String name, int threads, Supplier<IdleStrategy> idle, Posix posix) {
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads");
        }
        List<PollLoop> loops = new ArrayList<>();
        try {
            for (int i = 0; i < threads; i++) {
                loops.add(PollLoop.start(name + "-" + i, idle.get(), posix));
            }
        } catch (RuntimeException e) {
            loops.forEach(PollLoop::close);
            throw e;
        }
        return new LoopGroup(loops);
    }

    /** A group of loops that somebody else made; closing the group closes them. */
    public static LoopGroup of(PollLoop... loops) {
        if (loops.length == 0) {
            throw new IllegalArgumentException("no loops");
        }
        return new LoopGroup(List.of(loops));
    }

    /** How many loops there are. */
    public int size() {
        return loops.size();
    }

    /** A loop by number, for a fixed assignment; numbers past the end start over. */
    public PollLoop loop(int number) {
        return loops.get(Math.floorMod(number, loops.size()));
    }

    /** The loop whose turn it is. */
    public PollLoop next() {
        return loop(turn.getAndIncrement());
    }

    /** Ends all threads, and waits for that. */
    @Override
    public void close() {
        loops.forEach(PollLoop::close);
    }
}
