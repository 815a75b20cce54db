package io.zonewright.frontend.nvme.tcp;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A host's association with one controller (Base 2.1, "Fabrics Overview"): lives with its admin connection, has any
 * number of I/O connections, perhaps on other loops. The list of connections has a lock; commands take none.
 */
abstract class Association {
    private final Subsystem subsystem;
    private final String hostNqn;
    private final UUID hostId;
    private final Map<Integer, NvmeTcpConnection> connections = new HashMap<>();

    /** I/O connections that were told to close for a reset, and are not quiet yet. */
    private int resetting;

    private boolean ended;

    Association(Subsystem subsystem, String hostNqn, UUID hostId) {
        this.subsystem = subsystem;
        this.hostNqn = hostNqn;
        this.hostId = hostId;
    }

    final Subsystem subsystem() {
        return subsystem;
    }

    final String hostNqn() {
        return hostNqn;
    }

    final UUID hostId() {
        return hostId;
    }

    /** CNTLID. */
    abstract int id();

    /** Most I/O queues that the host may connect; 0 for a discovery controller. */
    abstract int maxIoQueues();

    /** CSTS.RDY. */
    abstract boolean ready();

    /**
     * Decodes a command: true if it is to be carried out, once {@link TcpCommand#direction} and {@link TcpCommand#bytes}
     * of data are provided; false if it has ended.
     */
    abstract boolean begin(TcpCommand command, int qid);

    abstract void execute(TcpCommand command);

    /** Several calls of {@link #execute} follow, from this thread. */
    void beginBatch() {}

    /** Ends {@link #beginBatch}. */
    void endBatch() {}

    /** Instead of {@link #execute}. */
    abstract void refuse(TcpCommand command, int status);

    /** The value of a property, or null if it does not exist in this size. */
    abstract @Nullable Long property(int offset, int bytes);

    /** Writes a property: whether that is possible. */
    abstract boolean setProperty(int offset, int bytes, long value);

    /** From the admin connection's loop. */
    abstract void tick(long now);

    /** The admin connection is gone. */
    abstract void end();

    /** All I/O queues are gone after {@link #resetQueues}. */
    abstract void queuesGone();

    /** Enters a queue: false if there is one with this number, or the association is over. */
    final synchronized boolean enter(int qid, NvmeTcpConnection connection) {
        return !ended && connections.putIfAbsent(qid, connection) == null;
    }

    /** The connection is closed; with the admin connection the association ends. */
    final void closed(int qid, NvmeTcpConnection connection) {
        List<NvmeTcpConnection> others;
        synchronized (this) {
            if (!connections.remove(qid, connection)) {
                return;
            }
            if (qid != 0) {
                return;
            }
            ended = true;
            others = List.copyOf(connections.values());
        }
        subsystem.remove(this);
        others.forEach(other -> other.closeSoon(false));
        end();
    }

    /** All connections, the admin queue's first if {@code qid} 0 is among them. */
    final synchronized List<NvmeTcpConnection> connections() {
        return connections.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(Map.Entry::getValue)
                .toList();
    }

    /** CC.EN went to 0: closes the I/O connections, then calls {@link #queuesGone}. */
    final void resetQueues() {
        List<NvmeTcpConnection> io;
        boolean quiet;
        synchronized (this) {
            io = connections.entrySet().stream()
                    .filter(entry -> entry.getKey() != 0)
                    .map(Map.Entry::getValue)
                    .toList();
            resetting += io.size();
            quiet = resetting == 0;
        }
        if (quiet) {
            queuesGone();
        } else {
            // Or nothing to close, but an earlier reset's queues still have commands in flight.
            io.forEach(connection -> connection.closeSoon(true));
        }
    }

    /** A connection that was closed for a reset has nothing in flight any more. */
    final void quiet() {
        boolean last;
        synchronized (this) {
            last = --resetting == 0;
        }
        if (last) {
            queuesGone();
        }
    }

    /** No queue enters any more; those that are in stay. From any thread. */
    final synchronized void seal() {
        ended = true;
    }

    /** Drops the host: closes everything. From any thread. */
    final void drop() {
        seal();
        connections().forEach(connection -> connection.closeSoon(false));
    }
}
