package io.zonewright.runtime.peer;

import io.zonewright.posix.UnixConnection;
import java.io.EOFException;

/** What a {@link PeerServer} does with those who connect. On the control thread unless a method says otherwise. */
public interface PeerService {
    /** A peer was let in; the visit owns the connection. */
    Visit begin(UnixConnection connection);

    /** One peer's stay. */
    interface Visit {
        /** The connection, to be waited for. */
        UnixConnection connection();

        /**
         * A message has begun to arrive: receives it and carries it out.
         *
         * @return false if the peer has closed the connection
         * @throws PeerException if the connection cannot go on
         * @throws EOFException if it ended in the middle of a message
         */
        boolean serve() throws PeerException, EOFException;

        /** {@link PeerServer#wake} was called; also within {@link PeerServer#await}. */
        default void woken() {}

        /** A message was carried out, or something else happened; not within {@link PeerServer#await}. */
        default void turned() {}

        /** A descriptor that {@link PeerServer#watch} was given has become ready. */
        default void ready(long token) {}

        /** From any thread: ends a wait for the rest of a message. */
        void giveUp();

        /** Lets go of everything, the connection included; what is in flight is finished or given up first. */
        void close();
    }
}
