package io.zonewright.frontend.nvme.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class NamespaceLayoutTest {
    private static final long ZONE = 64 * 1024;

    private static List<NvmeNamespace> layout(Shape shape) {
        return NamespaceLayout.of(
                EngineDevice.open(DeviceIdentity.of("test"), new MemoryBackend(shape), ZoneRules.ZNS));
    }

    private static Shape shape(ZoneModel model, long bytes, int block, int granularity) {
        return Host.shape()
                .with(ZoneLimits.NONE)
                .with(new ZoneGeometry(model, bytes, block, granularity, model.zoned() ? ZONE : 0));
    }

    @Test
    void sequentialZonesFirstThenConventional() {
        assertEquals(
                List.of(
                        new NvmeNamespace(1, CommandSet.ZNS, 2 * ZONE, 6 * ZONE, 9, 128, 2),
                        new NvmeNamespace(2, CommandSet.NVM, 0, 2 * ZONE, 9, 0, 0)),
                layout(shape(ZoneModel.HOST_MANAGED, 8 * ZONE, 512, 512)));
    }

    @Test
    void blocksAreTheWriteGranularity() {
        assertEquals(
                List.of(
                        new NvmeNamespace(1, CommandSet.ZNS, 2 * ZONE, 6 * ZONE, 12, 16, 2),
                        new NvmeNamespace(2, CommandSet.NVM, 0, 2 * ZONE, 12, 0, 0)),
                layout(shape(ZoneModel.HOST_MANAGED, 8 * ZONE, 512, 4096)));
    }

    @Test
    void noConventionalZones() {
        assertEquals(
                List.of(new NvmeNamespace(1, CommandSet.ZNS, 0, 8 * ZONE, 9, 128, 0)),
                layout(shape(ZoneModel.HOST_MANAGED, 8 * ZONE, 512, 512).withConventional(0)));
    }

    @Test
    void smallerLastZoneIsLeftOut() {
        assertEquals(
                new NvmeNamespace(1, CommandSet.ZNS, 2 * ZONE, 5 * ZONE, 9, 128, 2),
                layout(shape(ZoneModel.HOST_MANAGED, 7 * ZONE + 512, 512, 512)).get(0));
    }

    @Test
    void nothingButASmallerZone() {
        Shape shape = shape(ZoneModel.HOST_MANAGED, 2 * ZONE + 512, 512, 512);
        assertThrows(IllegalArgumentException.class, () -> layout(shape));
    }

    @Test
    void ordinaryDisks() {
        NvmeNamespace whole = new NvmeNamespace(1, CommandSet.NVM, 0, 8 * ZONE, 9, 0, 0);
        assertEquals(
                List.of(whole),
                layout(shape(ZoneModel.HOST_MANAGED, 8 * ZONE, 512, 512).withConventional(8)));
        assertEquals(List.of(whole), layout(shape(ZoneModel.HOST_AWARE, 8 * ZONE, 512, 512)));
        assertEquals(
                List.of(whole), layout(shape(ZoneModel.NONE, 8 * ZONE, 512, 512).withConventional(0)));
    }

    @Test
    void conventionalZonesBehindSequentialOnes() {
        EngineDevice device = EngineDevice.open(
                DeviceIdentity.of("test"),
                new MemoryBackend(shape(ZoneModel.HOST_MANAGED, 8 * ZONE, 512, 512)),
                ZoneRules.ZNS);
        // As on some real disks: the last zone is conventional too.
        ZonedDevice disk = new Mirror(device, 7, 0);
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> NamespaceLayout.of(disk))
                .getMessage());
        assertTrue(message.startsWith("zone 7 is conventional and lies behind sequential zones"), message);
    }

    /** A device one of whose zones looks like another. */
    private record Mirror(ZonedDevice device, int zone, int like) implements ZonedDevice {
        @Override
        public DeviceIdentity identity() {
            return device.identity();
        }

        @Override
        public ZoneGeometry geometry() {
            return device.geometry();
        }

        @Override
        public ZoneLimits limits() {
            return device.limits();
        }

        @Override
        public Capabilities capabilities() {
            return device.capabilities();
        }

        @Override
        public void zone(int index, ZoneDescriptor into) {
            device.zone(index == zone ? like : index, into);
        }

        @Override
        public void submit(DeviceRequest request) {
            device.submit(request);
        }

        @Override
        public void addListener(DeviceListener listener) {
            device.addListener(listener);
        }

        @Override
        public void removeListener(DeviceListener listener) {
            device.removeListener(listener);
        }
    }

    @Test
    void conversions() {
        NvmeNamespace zoned = new NvmeNamespace(1, CommandSet.ZNS, 2 * ZONE, 6 * ZONE, 12, 16, 2);
        assertEquals(96, zoned.lbas());
        assertEquals(2 * ZONE + 4096, zoned.toByte(1));
        assertEquals(1, zoned.toLba(2 * ZONE + 4096));
        assertEquals(6, zoned.zoneCount());
        assertEquals(1, zoned.zoneOf(31));
        assertEquals(3, zoned.deviceZone(1));
        assertEquals(-1, zoned.zoneOfDevice(1));
        assertEquals(0, zoned.zoneOfDevice(2));
        assertEquals(-1, zoned.zoneOfDevice(8));
        assertTrue(zoned.startsZone(16));
        assertFalse(zoned.startsZone(17));
        assertTrue(zoned.contains(95, 1));
        assertFalse(zoned.contains(95, 2));
        assertFalse(zoned.contains(-1, 1), "unsigned: far beyond the end");
        assertFalse(zoned.contains(Long.MAX_VALUE, 65536));
    }
}
