package io.zonewright.vhostuser;

/** What is counted for an endpoint by its control thread. */
enum EndpointCounter {
    /** Drivers that were let in, one after the other. */
    CONNECTIONS,
    /** Drivers turned away because one was there. */
    CONNECTIONS_REFUSED,
    /** Messages read from drivers. */
    MESSAGES
}
