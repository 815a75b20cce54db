package io.zonewright.runtime.peer;

/** What a control thread counts. */
public enum PeerCounter {
    /** Peers that were let in, one after the other. */
    CONNECTIONS,
    /** Peers turned away because one was there. */
    CONNECTIONS_REFUSED,
    /** Messages read from peers. */
    MESSAGES
}
