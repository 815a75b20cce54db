package io.zonewright.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class CountersTest {
    private enum Sample {
        FIRST_THING,
        OTHER
    }

    @Test
    void addsAndNamesInTheOrderOfTheEnum() {
        Counters<Sample> counters = new Counters<>(Sample.class);
        counters.add(Sample.OTHER, 5);
        counters.add(Sample.FIRST_THING, 1);
        counters.add(Sample.OTHER, 2);
        assertEquals(7, counters.get(Sample.OTHER));
        assertEquals(
                List.of("first-thing", "other"), List.copyOf(counters.snapshot().keySet()));
        SequencedMap<String, Long> sums = new LinkedHashMap<>();
        counters.addTo(sums);
        counters.addTo(sums);
        assertEquals(14L, sums.get("other"));
        assertEquals(2L, sums.get("first-thing"));
    }
}
