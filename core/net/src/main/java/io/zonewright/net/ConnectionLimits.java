package io.zonewright.net;

/**
 * How many connections a listener holds at once; further ones are closed as they come.
 *
 * @param total for all peers together, at least 1
 * @param perAddress for one peer's address, at least 1
 */
public record ConnectionLimits(int total, int perAddress) {
    /** Checks the numbers. */
    public ConnectionLimits {
        if (total < 1 || perAddress < 1) {
            throw new IllegalArgumentException("limits of " + total + " and " + perAddress + " connections");
        }
    }
}
