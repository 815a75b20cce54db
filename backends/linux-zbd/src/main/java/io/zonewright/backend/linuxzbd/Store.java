package io.zonewright.backend.linuxzbd;

/** Ranges of the medium without payload. Positions and lengths are bytes; all methods block and throw PosixException. */
interface Store {
    /** Makes a range read as zeroes. */
    void zero(long start, long length);

    /** What was zeroed survives a loss of power from now on. */
    void stabilize();

    /** Gives a range back. */
    void discard(long start, long length);
}
