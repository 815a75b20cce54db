package io.zonewright.runtime;

import io.zonewright.posix.Epoll;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;

/**
 * Sleeps in epoll. Watched descriptors are registered edge-triggered and never read: each write to an eventfd is an
 * edge of its own, so no wake-up is lost, one system call per wake-up is saved, and a peer that shares the descriptor
 * cannot make us block by reading it first.
 */
final class EpollWaiter implements Waiter {
    /** Which descriptors were ready does not matter, all members are polled: one event is as good as many. */
    private static final int MAX_READY = 8;

    private final Epoll epoll;
    private final EventFd wakeUp;

    EpollWaiter(Posix posix) {
        epoll = Epoll.create(posix, MAX_READY);
        EventFd made = null;
        try {
            made = EventFd.create(posix);
            epoll.add(made.fd(), Linux.EPOLLIN | Linux.EPOLLET, 0);
        } catch (RuntimeException e) {
            if (made != null) {
                made.close();
            }
            epoll.close();
            throw e;
        }
        wakeUp = made;
    }

    @Override
    public void await() {
        epoll.await(-1);
    }

    @Override
    public void await(long nanos) {
        epoll.awaitNanos(nanos);
    }

    @Override
    public void wake() {
        wakeUp.signal();
    }

    @Override
    public void watch(Fd fd) {
        epoll.add(fd, Linux.EPOLLIN | Linux.EPOLLET, 0);
    }

    @Override
    public void unwatch(Fd fd) {
        epoll.remove(fd);
    }

    @Override
    public void close() {
        epoll.close();
        wakeUp.close();
    }
}
