package io.zonewright.engine;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lanes for the zones that need one now. Grows to the largest number of such zones seen, which the callers' request
 * pools bound, and keeps what it made.
 */
final class LanePool {
    private static final int CHUNK = 256;

    private final AtomicReferenceArray<Lane @Nullable []> chunks =
            new AtomicReferenceArray<>(ZoneWord.MAX_LANES / CHUNK);
    private final Supplier<@Nullable LaneReport> reports;
    private int[] free = new int[CHUNK];
    private int freeCount;
    private int made;

    /** With {@code reports} giving each lane what it needs to ask the medium for its zone, if anything. */
    LanePool(Supplier<@Nullable LaneReport> reports) {
        this.reports = reports;
    }

    /** The lane that a zone's word names. */
    Lane get(int number) {
        Lane[] chunk = chunks.getAcquire(number / CHUNK);
        if (chunk == null) {
            throw new IllegalStateException("no lane " + number);
        }
        return chunk[number % CHUNK];
    }

    /** A fresh lane. */
    synchronized Lane take() {
        if (freeCount == 0) {
            makeChunk();
        }
        return get(free[--freeCount]);
    }

    synchronized void give(Lane lane) {
        lane.reset();
        free[freeCount++] = lane.number;
    }

    private void makeChunk() {
        if (made == ZoneWord.MAX_LANES) {
            throw new IllegalStateException("more than " + ZoneWord.MAX_LANES + " zones with requests in flight");
        }
        Lane[] chunk = new Lane[CHUNK];
        for (int i = 0; i < CHUNK; i++) {
            chunk[i] = new Lane(made + i, reports.get());
        }
        chunks.setRelease(made / CHUNK, chunk);
        made += CHUNK;
        if (free.length < made) {
            free = new int[made * 2];
        }
        for (int i = 1; i <= CHUNK; i++) {
            free[freeCount++] = made - i;
        }
    }
}
