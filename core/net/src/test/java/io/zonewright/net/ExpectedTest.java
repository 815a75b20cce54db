package io.zonewright.net;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ExpectedTest {
    private static final NetAddress SHARED = NetAddress.parse("127.0.0.1:4420");
    private static final NetAddress OTHER = NetAddress.parse("127.0.0.1:4421");
    private static final NetAddress OWN = NetAddress.parse("127.0.0.1:0");

    private final Expected expected = new Expected();

    @Test
    void theLastOfAnAddressIsTold() {
        expected.expect(SHARED);
        expected.expect(SHARED);
        expected.expect(OTHER);
        assertFalse(expected.arrived(SHARED));
        assertTrue(expected.arrived(OTHER));
        assertTrue(expected.arrived(SHARED));
        expected.expect(SHARED);
        assertTrue(expected.arrived(SHARED));
    }

    @Test
    void aPortOfTheKernelsChoiceIsNobodyElses() {
        expected.expect(OWN);
        expected.expect(OWN);
        assertTrue(expected.arrived(OWN));
    }
}
