package io.zonewright.api.spi;

import java.io.IOException;
import java.time.Duration;
import java.util.SequencedMap;

/** One endpoint of one device. Control methods are called from one thread at a time and may block. */
public interface Frontend {
    /**
     * Starts to listen; returns when a client could connect.
     *
     * @throws IOException with a message for the user
     */
    void start() throws IOException;

    /**
     * Takes no more requests, waits until those in flight are finished, at most for {@code patience}, then lets go of
     * everything: connections, sockets, memory, threads. Works in any state, a second time too.
     */
    void stop(Duration patience);

    /** Counters and state for {@code zonewright stats}, in this order; names in lower case with hyphens. */
    SequencedMap<String, Object> stats();
}
