package io.zonewright.net;

import io.zonewright.posix.TcpConnection;

/**
 * One connection of a {@link SocketLoop}; a protocol subclasses it. Everything happens on the loop's thread, except what
 * says otherwise.
 *
 * <p>The kernel tells changes only (edge-triggered): {@link #readReady} stays true until the protocol has read all there
 * was and says so with {@link #drained}.
 */
public abstract class SocketMember {
    private final TcpConnection socket;
    private final SocketLoop loop;

    /** Place in the loop's list; -1 while it is in none. */
    int slot = -1;

    /** Whether it is on the loop's list of those to be served. */
    boolean active;

    /** How often it may still be served without any sign of work, in the hope that the next request comes soon. */
    int speculation;

    /** Whether it is to be tried without a sign of work. */
    boolean guess;

    private boolean readReady = true;
    private boolean closed;

    protected SocketMember(TcpConnection socket, SocketLoop loop) {
        this.socket = socket;
        this.loop = loop;
    }

    /** For the log. */
    public abstract String name();

    /** The connection. */
    public final TcpConnection socket() {
        return socket;
    }

    /** Whose thread serves it. From any thread. */
    public final SocketLoop loop() {
        return loop;
    }

    /** Whether there may be something to read. */
    protected final boolean readReady() {
        return readReady;
    }

    /** Nothing is left to read for now. */
    protected final void drained() {
        readReady = false;
    }

    /** Whether it was closed. */
    public final boolean closed() {
        return closed;
    }

    /** Asks to be served in the next round although the socket has nothing new. */
    protected final void schedule() {
        loop.activate(this);
    }

    /**
     * Reads if there is something to read, works, sends.
     *
     * @return pieces of work done
     */
    protected abstract int serve();

    /** Whether it can be served again at once, without news from the socket. */
    protected abstract boolean hasWork();

    /** The socket can take more bytes; {@link #serve} comes next. */
    protected abstract void writable();

    /** Memory has come back to the loop's pool, for a member that was told there is none. */
    protected void memoryReturned() {}

    /**
     * About twice a second, for what is to end after a while.
     *
     * @param now nanoseconds of the loop's clock
     */
    protected abstract void tick(long now);

    /** The socket is closed: lets go of everything. Called once. */
    protected abstract void onClosed();

    /** Closes the connection, now. A second call does nothing. */
    public final void close() {
        if (!closed) {
            closed = true;
            readReady = false;
            loop.detach(this);
            try {
                socket.close();
            } finally {
                onClosed();
            }
        }
    }

    final void readable() {
        readReady = true;
    }
}
