package io.zonewright.api.spi;

import java.util.BitSet;

/**
 * Numbers by which a client tells the ways to one device apart, such as NVMe controller identifiers: unique over all of
 * the device's front-ends, since one client may use several of them. Thread-safe.
 */
public final class ClientNumbers {
    private final BitSet taken = new BitSet();

    /** The lowest number that nobody has, from 1 on. */
    public synchronized int take() {
        int number = taken.nextClearBit(1);
        taken.set(number);
        return number;
    }

    /**
     * Ends {@link #take}.
     *
     * @throws IllegalStateException if nobody has the number
     */
    public synchronized void giveBack(int number) {
        if (!taken.get(number)) {
            throw new IllegalStateException("number " + number + " was not taken");
        }
        taken.clear(number);
    }
}
