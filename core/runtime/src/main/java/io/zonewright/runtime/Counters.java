package io.zonewright.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;

/**
 * Counters of one thread that others may read: one {@code long} per member of an enum whose Javadoc says what it
 * counts. Exactly one thread writes, without any atomic instruction; readers see each value whole and perhaps a little
 * old.
 *
 * @param <E> names the counters
 */
public final class Counters<E extends Enum<E>> {
    private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(long[].class);

    private final E[] names;
    private final long[] values;

    /** All zero. */
    public Counters(Class<E> type) {
        names = type.getEnumConstants();
        values = new long[names.length];
    }

    /** Adds to a counter; only from the thread that owns them. */
    public void add(E counter, long amount) {
        int i = counter.ordinal();
        VALUES.setOpaque(values, i, values[i] + amount);
    }

    /** A counter now; from any thread. */
    public long get(E counter) {
        return (long) VALUES.getOpaque(values, counter.ordinal());
    }

    /** Adds all counters to {@code sums}, under their names in lower case with hyphens; from any thread. */
    public void addTo(SequencedMap<String, Long> sums) {
        for (E name : names) {
            sums.merge(name.name().toLowerCase(Locale.ROOT).replace('_', '-'), get(name), Long::sum);
        }
    }

    /** All counters, in the order of the enum; from any thread. */
    public SequencedMap<String, Long> snapshot() {
        SequencedMap<String, Long> result = new LinkedHashMap<>();
        addTo(result);
        return result;
    }
}
