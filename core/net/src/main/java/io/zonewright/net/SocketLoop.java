package io.zonewright.net;

import io.zonewright.posix.Epoll;
import io.zonewright.posix.IoVecs;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.runtime.PollLoop;
import io.zonewright.runtime.Pollable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves many sockets on one {@link PollLoop}. Only sockets with news are looked at, so thousands of idle ones cost
 * nothing; a set of the loop's own (epoll) knows which, and the poll loop sleeps on that set.
 *
 * <p>A connection that was just served is tried again a few times without asking the set: where requests follow each
 * other closely that saves a system call each.
 *
 * <p>Everything happens on the loop's thread, except {@link #handoff}, {@link #requestTick} and {@link #pollLoop}.
 */
public final class SocketLoop implements Pollable {
    private static final Logger LOG = LoggerFactory.getLogger(SocketLoop.class);

    private static final int MAX_READY = 256;
    private static final int INTEREST = Linux.EPOLLIN | Linux.EPOLLOUT | Linux.EPOLLRDHUP | Linux.EPOLLET;

    /** How many rounds a connection is tried for after its last request. */
    private static final int SPECULATION = 64;

    /** With more busy connections than this, the set is asked instead: it knows which of many have news. */
    private static final int MAX_SPECULATIVE = 4;

    /** While connections are tried, the set is asked every so many rounds only. */
    private static final int ASK_EVERY = 4;

    /** What one message to the kernel may gather. */
    private static final int VECTORS = 256;

    private final PollLoop pollLoop;
    private final LongSupplier clock;
    private final Epoll epoll;
    private final Handoff handoff;
    private final BufferPool pool;
    private final Crc32c crc = new Crc32c();
    private final IoVecs vectors = new IoVecs(VECTORS);
    private final List<SocketMember> members = new ArrayList<>();
    private final AtomicBoolean tickAsked = new AtomicBoolean();
    private final Runnable tickTask = this::tickAsked;

    private SocketMember[] active = new SocketMember[16];
    private int returnTurn;
    private boolean memoryScarce;
    private int activeCount;
    private SocketMember[] serving = new SocketMember[16];
    private boolean askedAlready;
    private int readyAlready;
    private int round;

    /**
     * Not yet serving.
     *
     * @param clock nanoseconds, as {@link System#nanoTime}
     * @param pool for this loop alone
     */
    public SocketLoop(PollLoop pollLoop, Posix posix, LongSupplier clock, BufferPool pool) {
        this.pollLoop = pollLoop;
        this.clock = clock;
        this.pool = pool;
        epoll = Epoll.create(posix, MAX_READY);
        handoff = new Handoff(pollLoop::wake);
    }

    /** Begins to serve; waits for the loop. */
    public void start() {
        pollLoop.run(() -> {
            pollLoop.watch(epoll.fd());
            pollLoop.add(this);
        });
    }

    /** Closes all connections and stops serving; waits for the loop. */
    public void stop() {
        pollLoop.run(() -> {
            for (SocketMember member : List.copyOf(members)) {
                member.close();
            }
            handoff.deliver();
            pollLoop.remove(this);
            pollLoop.unwatch(epoll.fd());
            epoll.close();
        });
    }

    /** The loop underneath. */
    public PollLoop pollLoop() {
        return pollLoop;
    }

    /** Brings things to this loop's thread. */
    public Handoff handoff() {
        return handoff;
    }

    /** Buffers of this loop. */
    public BufferPool pool() {
        return pool;
    }

    /** Checksums on this loop's thread. */
    public Crc32c crc() {
        return crc;
    }

    /** Scratch for one call to the kernel. */
    public IoVecs vectors() {
        return vectors;
    }

    /** The time, nanoseconds. */
    public long now() {
        return clock.getAsLong();
    }

    /** Connections served. */
    public int size() {
        return members.size();
    }

    /** Takes a connection over, which is served from now on. Closes it if the kernel does not want to watch it. */
    public void attach(SocketMember member) {
        member.slot = members.size();
        members.add(member);
        try {
            epoll.add(member.socket().fd(), INTEREST, member.slot);
        } catch (PosixException e) {
            LOG.warn("{}: {}", member.name(), e.getMessage());
            member.close();
            return;
        }
        activate(member);
    }

    void detach(SocketMember member) {
        int slot = member.slot;
        if (slot < 0) {
            return;
        }
        epoll.remove(member.socket().fd());
        member.slot = -1;
        SocketMember last = members.removeLast();
        if (slot < members.size()) {
            members.set(slot, last);
            last.slot = slot;
            // Told under its old number, what is ready already would be another's news.
            epoll.modify(last.socket().fd(), INTEREST, slot);
        }
    }

    void activate(SocketMember member) {
        if (member.active) {
            member.guess = false; // news, not a guess
        } else if (member.slot >= 0) {
            member.active = true;
            if (activeCount == active.length) {
                active = Arrays.copyOf(active, activeCount * 2);
            }
            active[activeCount++] = member;
        }
    }

    @Override
    public String name() {
        return pollLoop.name() + " sockets";
    }

    @Override
    public int poll(int limit) {
        int work = handoff.deliver();
        if (activeCount == 0 || activeCount > MAX_SPECULATIVE || askedAlready || ++round % ASK_EVERY == 0) {
            ask();
        }
        work += serveActive();
        if (pool.recovered()) {
            tellMemoryReturned();
        }
        return work;
    }

    /** Another one first each time: what came back may be too little for all. */
    private void tellMemoryReturned() {
        int size = members.size();
        int first = size == 0 ? 0 : Math.floorMod(returnTurn++, size);
        for (int i = 0; i < size; i++) {
            members.get((first + i) % size).memoryReturned();
        }
    }

    private void ask() {
        int ready = askedAlready ? readyAlready : epoll.await(0);
        askedAlready = false;
        for (int i = 0; i < ready; i++) {
            int slot = (int) epoll.token(i);
            if (slot >= members.size()) {
                continue; // closed since
            }
            SocketMember member = members.get(slot);
            int events = epoll.events(i);
            if ((events & Linux.EPOLLOUT) != 0) {
                member.writable();
            }
            if ((events & ~Linux.EPOLLOUT) != 0) {
                member.readable();
            }
            activate(member);
        }
    }

    private int serveActive() {
        int count = activeCount;
        if (count == 0) {
            return 0;
        }
        SocketMember[] list = active;
        active = serving;
        serving = list;
        activeCount = 0;
        int work = 0;
        for (int i = 0; i < count; i++) {
            SocketMember member = list[i];
            member.active = false;
            if (member.slot < 0) {
                continue;
            }
            if (member.guess) {
                member.guess = false;
                member.readable();
            }
            int done = serve(member);
            work += done;
            member.speculation = done > 0 ? SPECULATION : member.speculation - 1;
            if (member.slot >= 0) {
                again(member, count);
            }
        }
        return work;
    }

    private void again(SocketMember member, int busy) {
        if (member.hasWork()) {
            activate(member);
        } else if (member.speculation > 0 && busy <= MAX_SPECULATIVE && !member.active) {
            activate(member);
            member.guess = true;
        }
    }

    private int serve(SocketMember member) {
        try {
            return member.serve();
        } catch (PosixException e) {
            LOG.debug("{}: {}", member.name(), e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.error("{}: failed and is closed", member.name(), e);
        }
        member.close();
        return 1;
    }

    /** Has {@link SocketMember#tick} called on all connections, soon; from any thread. */
    public void requestTick() {
        if (!tickAsked.getAndSet(true)) {
            pollLoop.execute(tickTask);
        }
    }

    private void tickAsked() {
        tickAsked.set(false);
        tick(now());
    }

    /** Whether there was too little memory for somebody between the last two ticks. On the loop's thread. */
    public boolean memoryScarce() {
        return memoryScarce;
    }

    /** Tells all connections the time. */
    public void tick(long now) {
        memoryScarce = pool.scarce();
        for (int i = members.size() - 1; i >= 0; i--) {
            if (i < members.size()) {
                members.get(i).tick(now);
            }
        }
    }

    @Override
    public boolean arm() {
        if (!handoff.isEmpty()) {
            return true;
        }
        for (int i = 0; i < activeCount; i++) {
            if (active[i].slot >= 0 && !active[i].guess) {
                return true;
            }
        }
        // Guesses are not worth staying awake for: the set tells when there is news.
        for (int i = 0; i < activeCount; i++) {
            active[i].guess = false;
            active[i].active = false;
        }
        activeCount = 0;
        readyAlready = epoll.await(0);
        askedAlready = readyAlready > 0;
        return askedAlready;
    }

    @Override
    public void disarm() {}

    @Override
    public void failed(Throwable cause) {
        pollLoop.add(this);
    }
}
