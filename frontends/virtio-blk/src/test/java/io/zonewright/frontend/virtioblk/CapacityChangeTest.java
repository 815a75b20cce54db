package io.zonewright.frontend.virtioblk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.testkit.config.TestSettings;
import io.zonewright.testkit.vhostuser.DeviceRequests;
import io.zonewright.testkit.vhostuser.VhostUserMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A device that grows under a connected driver. */
@Timeout(60)
class CapacityChangeTest {
    private static final long MIB = 1L << 20;

    /** Has a shape and listeners, and does nothing. */
    private static final class GrowingDevice implements ZonedDevice {
        private final List<DeviceListener> listeners = new CopyOnWriteArrayList<>();
        private volatile ZoneGeometry geometry = ZoneGeometry.unzoned(64 * MIB, 512);

        void grow(long bytes) {
            geometry = ZoneGeometry.unzoned(bytes, 512);
            listeners.forEach(DeviceListener::configurationChanged);
        }

        @Override
        public DeviceIdentity identity() {
            return DeviceIdentity.of("growing");
        }

        @Override
        public ZoneGeometry geometry() {
            return geometry;
        }

        @Override
        public ZoneLimits limits() {
            return ZoneLimits.NONE;
        }

        @Override
        public Capabilities capabilities() {
            return Capabilities.PLAIN;
        }

        @Override
        public void zone(int index, ZoneDescriptor into) {
            throw new IndexOutOfBoundsException(index);
        }

        @Override
        public void submit(DeviceRequest request) {
            request.complete(Cause.UNSUPPORTED);
        }

        @Override
        public void addListener(DeviceListener listener) {
            listeners.add(listener);
        }

        @Override
        public void removeListener(DeviceListener listener) {
            listeners.remove(listener);
        }
    }

    @Test
    void d40AChangeOfCapacityIsNotifiedAndTheNextReadShowsIt(@TempDir Path directory) throws IOException {
        GrowingDevice device = new GrowingDevice();
        Path socket = directory.resolve("s");
        VirtioBlkVhostUser extension = new VirtioBlkVhostUser();
        TestSettings settings = TestSettings.of(extension.keys(), Map.of("socket", socket.toString()));
        Frontend frontend = extension
                .plan(settings, device.identity(), Optional.of(device.geometry()), Optional.of(device.limits()))
                .open(device);
        frontend.start();
        try (VirtioBlkDriver driver = VirtioBlkDriver.connect(Posix.system(), socket, DriverOptions.DEFAULT);
                DeviceRequests requests = driver.device().openDeviceRequests()) {
            assertEquals("0000020000000000", capacity(driver));
            for (String[] step : new String[][] {{"128", "0000040000000000"}, {"96", "0000030000000000"}}) {
                device.grow(Long.parseLong(step[0]) * MIB);
                VhostUserMessage notice = requests.await();
                // request 2 (CONFIG_CHANGE), version 1 with NEED_REPLY, no payload
                assertEquals(
                        "02000000" + "09000000" + "00000000", HexFormat.of().formatHex(notice.bytes()));
                // Before the reply, as vhost-user-blk of QEMU does it.
                assertEquals(step[1], capacity(driver));
                requests.acknowledge(notice, 0);
            }
        } finally {
            frontend.stop(Duration.ofSeconds(10));
        }
        assertTrue(device.listeners.isEmpty(), "a front-end that has stopped still listens");
    }

    /** The first eight bytes of the configuration space: sectors of 512 bytes, little-endian. */
    private static String capacity(VirtioBlkDriver driver) {
        return HexFormat.of().formatHex(driver.device().getConfig(0, 8));
    }
}
