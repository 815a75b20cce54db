package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.result.Cause;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CauseSenseTest {
    @ParameterizedTest
    @CsvSource({
        "DONE, 0/00/00",
        "ALREADY_SO, 0/00/00",
        "NOT_APPLICABLE, 0/00/00",
        "OUT_OF_RANGE, 5/21/00",
        "DEVICE_READ_ONLY, 7/27/00",
        "ZONE_OFFLINE, 7/2C/0E",
        "ZONE_READ_ONLY, 7/27/08",
        "WRONG_ZONE_TYPE, 5/24/00",
        "NOT_ZONE_START, 5/24/00",
        "UNSUPPORTED, 5/24/00",
        "ZONE_FULL, 5/24/00",
        "READ_CROSSES_ZONES, 5/21/07",
        "CROSSES_ZONE_BOUNDARY, 5/21/05",
        "BEYOND_ZONE_CAPACITY, 5/21/05",
        "UNALIGNED_WRITE, 5/21/04",
        "NOT_AT_WRITE_POINTER, 5/21/04",
        "PREDECESSOR_FAILED, 5/21/04",
        "ACTIVE_LIMIT, 7/55/0E",
        "OPEN_LIMIT, 7/55/0E",
        "NO_SPACE, 7/27/07",
        "MEDIUM_ERROR, 3/0C/00",
        "INTERNAL_ERROR, 4/44/00"
    })
    void everyCauseOfAWrite(Cause cause, String codes) {
        Sense sense = CauseSense.sense(cause, true);
        assertEquals(codes, String.format("%X/%02X/%02X", sense.key(), sense.code(), sense.qualifier()));
    }

    @Test
    void aReadThatFails() {
        assertEquals(Sense.UNRECOVERED_READ_ERROR, CauseSense.sense(Cause.MEDIUM_ERROR, false));
    }

    /** The first of each pair is told. */
    @ParameterizedTest
    @CsvSource({
        "OUT_OF_RANGE, ZONE_OFFLINE",
        "ZONE_OFFLINE, ZONE_READ_ONLY",
        "ZONE_READ_ONLY, CROSSES_ZONE_BOUNDARY",
        "CROSSES_ZONE_BOUNDARY, BEYOND_ZONE_CAPACITY",
        "BEYOND_ZONE_CAPACITY, ZONE_FULL",
        "CROSSES_ZONE_BOUNDARY, ZONE_FULL",
        "ZONE_FULL, NOT_AT_WRITE_POINTER",
        "CROSSES_ZONE_BOUNDARY, NOT_AT_WRITE_POINTER",
        "UNALIGNED_WRITE, NOT_AT_WRITE_POINTER",
        "NOT_AT_WRITE_POINTER, OPEN_LIMIT",
        "NOT_AT_WRITE_POINTER, ACTIVE_LIMIT",
        "DEVICE_READ_ONLY, OUT_OF_RANGE",
        "WRONG_ZONE_TYPE, NOT_ZONE_START"
    })
    void precedence(Cause told, Cause other) {
        assertEquals(told, CauseSense.first(told.bit() | other.bit()));
    }

    @Test
    void goodIsWhatChangesNothing() {
        assertTrue(CauseSense.good(Cause.NOT_APPLICABLE.bit()));
        assertFalse(CauseSense.good(Cause.NOT_APPLICABLE.bit() | Cause.ZONE_OFFLINE.bit()));
    }
}
