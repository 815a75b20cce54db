package io.zonewright.backend.nullzoned;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0B",
        "1, 1B",
        "512, 512B",
        "1536, 1536B",
        "4096, 4KiB",
        "1048576, 1MiB",
        "68719476736, 64GiB",
        "17592186044416, 16TiB",
        "1152921504606846976, 1024PiB",
        "9223372036854775807, 9223372036854775807B"
    })
    void sizesAreWrittenWithTheLargestUnitThatDividesThem(long bytes, String text) {
        assertEquals(text, Sizes.text(bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 10, 100, 10",
        "4, 10, 100, 10",
        "14, 10, 100, 10",
        "15, 10, 100, 20",
        "20, 10, 100, 20",
        "99, 10, 100, 100",
        "101, 10, 100, 100",
        "107, 10, 105, 100",
        "105, 10, 105, 100"
    })
    void nearestMultiple(long value, long unit, long most, long expected) {
        assertEquals(expected, Sizes.nearestMultiple(value, unit, most));
    }

    @ParameterizedTest
    @CsvSource({"0, 4", "4, 4", "5, 4", "6, 8", "8, 8", "11, 8", "12, 16", "31, 32", "33, 32", "1000, 64"})
    void nearestPowerOfTwo(long value, long expected) {
        assertEquals(expected, Sizes.nearestPowerOfTwo(value, 4, 64));
    }

    @Test
    void theLargestLongDoesNotOverflow() {
        assertEquals(Long.MAX_VALUE / 4096 * 4096, Sizes.nearestMultiple(Long.MAX_VALUE, 4096, Long.MAX_VALUE));
    }
}
