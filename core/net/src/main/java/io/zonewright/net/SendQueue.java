package io.zonewright.net;

import io.zonewright.posix.IoVecs;
import io.zonewright.posix.Posix;
import io.zonewright.posix.TcpConnection;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has yet to send, in order. Everything that gathered in one pass of the loop leaves with one call. On
 * the loop's thread; allocates nothing.
 */
public final class SendQueue {
    private @Nullable Outgoing head;
    private @Nullable Outgoing tail;
    private long headDone;
    private long bytes;
    private boolean blocked;

    /** Appends. */
    public void add(Outgoing item) {
        item.enter();
        item.next = null;
        Outgoing last = tail;
        if (last == null) {
            head = item;
        } else {
            last.next = item;
        }
        tail = item;
        bytes += item.length();
    }

    /** Whether there is nothing to send. */
    public boolean isEmpty() {
        return head == null;
    }

    /** Bytes to send. */
    public long bytes() {
        return bytes;
    }

    /** Whether the kernel took less than there was: it is worth trying again once the socket is writable. */
    public boolean blocked() {
        return blocked;
    }

    /** The socket became writable. */
    public void unblock() {
        blocked = false;
    }

    /**
     * Sends what the kernel takes, unless it is {@link #blocked}.
     *
     * @param vectors to use; emptied
     * @return bytes sent
     * @throws io.zonewright.posix.PosixException if the connection is broken
     */
    public long flush(TcpConnection connection, IoVecs vectors) {
        long total = 0;
        while (head != null && !blocked) {
            long sent;
            long offered;
            Outgoing first = head;
            if (first.next == null && first.plain()) {
                offered = first.length() - headDone;
                sent = connection.send(first.segment(), first.start() + headDone, offered);
            } else {
                gather(vectors);
                offered = vectors.byteCount();
                sent = connection.send(vectors);
                vectors.clear();
            }
            if (sent == Posix.AGAIN) {
                blocked = true;
                break;
            }
            // What is left over means that the kernel's buffer is full, and it tells when that changes.
            blocked = sent < offered;
            total += sent;
            advance(sent);
        }
        return total;
    }

    private void gather(IoVecs vectors) {
        vectors.clear();
        long skip = headDone;
        for (Outgoing item = head; item != null && item.gather(vectors, skip); item = item.next) {
            skip = 0;
        }
    }

    private void advance(long sent) {
        bytes -= sent;
        long left = sent;
        Outgoing item = head;
        while (item != null && left >= item.length() - headDone) {
            left -= item.length() - headDone;
            headDone = 0;
            head = item.next;
            if (head == null) {
                tail = null;
            }
            Outgoing done = item;
            item = item.next;
            done.next = null;
            done.leave();
            done.sent();
        }
        headDone += left;
    }

    /** The connection is closed: lets go of everything. */
    public void drop() {
        Outgoing item = head;
        head = null;
        tail = null;
        headDone = 0;
        bytes = 0;
        blocked = false;
        while (item != null) {
            Outgoing done = item;
            item = item.next;
            done.next = null;
            done.leave();
            done.sent();
        }
    }
}
