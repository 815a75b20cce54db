package io.zonewright.frontend.virtioblk.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import java.util.List;
import org.junit.jupiter.api.Test;

/** D41: when a write must be stable before it completes. */
class WriteCacheTest {
    private static final Capabilities VOLATILE = new Capabilities(false, true, true, true, false, false);
    private static final Capabilities STABLE = new Capabilities(false, false, true, true, false, false);
    private static final long FLUSH = 0x200;
    private static final long CONFIG_WCE = 0x800;

    private final WriteCache cache = new WriteCache();

    @Test
    void d41WritebackStartsAsTheMediumIs() {
        cache.reset(VOLATILE);
        assertTrue(cache.writeback());
        assertFalse(cache.writeThrough());
        cache.reset(STABLE);
        assertFalse(cache.writeback());
    }

    @Test
    void d41WritebackZeroMakesWritesStable() {
        cache.negotiated(FLUSH | CONFIG_WCE, VOLATILE);
        cache.setWriteback(false);
        assertTrue(cache.writeThrough());
        cache.setWriteback(true);
        assertFalse(cache.writeThrough());
    }

    @Test
    void d41ConfigWceWithoutFlushStartsWithWritebackZero() {
        cache.negotiated(CONFIG_WCE, VOLATILE);
        assertFalse(cache.writeback());
        assertTrue(cache.writeThrough());
    }

    @Test
    void d41ADriverWithoutFlushAndConfigWceGetsStableWrites() {
        cache.negotiated(0, VOLATILE);
        assertTrue(cache.writeThrough());
    }

    @Test
    void d41ADriverWithFlushAloneFlushesItself() {
        cache.negotiated(FLUSH, VOLATILE);
        assertFalse(cache.writeThrough());
    }

    @Test
    void d41StableWritesReachTheMediumAsForceUnitAccess() {
        ScriptedDevice device = new ScriptedDevice(ZoneGeometry.unzoned(1 << 20, 512), ZoneLimits.NONE, VOLATILE);
        cache.negotiated(FLUSH | CONFIG_WCE, VOLATILE);
        Driver driver = new Driver(device, 0x1_0000_6a00L, cache);
        driver.write(1, 0, new byte[512], 0);
        cache.setWriteback(false);
        driver.write(1, 0, new byte[512], 0);
        driver.sendHex("0d000000 00000000 0000000000000000 0000000000000000 01000000 00000000", 0);
        driver.send(0, 0, 512);
        driver.send(4, 0, 0);
        assertEquals(
                List.of("WRITE false", "WRITE true", "WRITE_ZEROES true", "READ false", "FLUSH false"),
                device.seen.stream()
                        .map(seen -> seen.operation() + " " + seen.forceUnitAccess())
                        .toList());
    }
}
