package io.zonewright.api.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class DeviceIdentityTest {
    /** Guests find their disks by it: it must never change. */
    @Test
    void aNameGivesTheSameIdentityForEver() {
        assertEquals("5D3DEEDC0A6733F79CC4", DeviceIdentity.of("demo").serial());
    }

    @Test
    void theSerialIsTheFrontOfTheUuid() {
        UUID uuid = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        assertEquals("00112233445566778899", new DeviceIdentity("x", uuid).serial());
    }
}
