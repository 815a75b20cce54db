package io.zonewright.frontend.scsi.command;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Unit attention conditions pending for one nexus and logical unit (SAM-5, "Unit attention conditions"). They are told
 * in the order of {@link #ORDER}, one at a time; one that is pending already is not queued twice. Thread-safe.
 */
final class Attentions {
    /** A reset overrides what came before it; then what a client with reservations needs to know; then the rest. */
    static final Sense[] ORDER = {
        Sense.POWER_ON,
        Sense.BUS_DEVICE_RESET,
        Sense.NEXUS_LOSS,
        Sense.REGISTRATIONS_PREEMPTED,
        Sense.RESERVATIONS_PREEMPTED,
        Sense.RESERVATIONS_RELEASED,
        Sense.COMMANDS_CLEARED_BY_ANOTHER_INITIATOR,
        Sense.CAPACITY_DATA_HAS_CHANGED,
        Sense.REPORTED_LUNS_DATA_HAS_CHANGED,
        Sense.INQUIRY_DATA_HAS_CHANGED,
        Sense.MODE_PARAMETERS_CHANGED,
    };

    /** Those that come before RESERVATION CONFLICT (SAM-5, "Status precedence"). */
    private static final int FIRST = 0x7;

    private final AtomicInteger pending = new AtomicInteger();

    /** Makes one pending; says whether it was not before. */
    boolean raise(Sense sense) {
        int bit = bit(sense);
        return (pending.getAndUpdate(now -> now | bit) & bit) == 0;
    }

    void clear(Sense sense) {
        int bit = bit(sense);
        pending.getAndUpdate(now -> now & ~bit);
    }

    boolean none() {
        return pending.get() == 0;
    }

    /** The one to be told next, which stays pending; null if there is none. */
    @Nullable
    Sense peek() {
        int now = pending.get();
        return now == 0 ? null : ORDER[Integer.numberOfTrailingZeros(now)];
    }

    /** Takes the one to be told next. */
    @Nullable
    Sense take() {
        return take(-1);
    }

    /** Takes the next of those that come before RESERVATION CONFLICT. */
    @Nullable
    Sense takeFirst() {
        return take(FIRST);
    }

    private @Nullable Sense take(int mask) {
        while (true) {
            int now = pending.get();
            int bit = Integer.lowestOneBit(now & mask);
            if (bit == 0) {
                return null;
            }
            if (pending.compareAndSet(now, now & ~bit)) {
                return ORDER[Integer.numberOfTrailingZeros(bit)];
            }
        }
    }

    private static int bit(Sense sense) {
        for (int i = 0; i < ORDER.length; i++) {
            if (ORDER[i] == sense) {
                return 1 << i;
            }
        }
        throw new IllegalArgumentException("not a unit attention: " + sense);
    }
}
