package io.zonewright.frontend.virtioblk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Features and configuration space over time. */
class VirtioBlkDeviceTest {
    private static final long MIB = 1L << 20;
    private static final long VERSION_1 = 1L << 32;
    private static final long ZONED = 1L << 17;
    private static final long FLUSH = 1L << 9;
    private static final long CONFIG_WCE = 1L << 11;
    private static final int WRITEBACK = 32;

    /** A device that is looked at and never asked. */
    private static final class Shape implements ZonedDevice {
        ZoneGeometry geometry;
        private final Capabilities capabilities;

        Shape(ZoneModel model, boolean volatileCache) {
            geometry = new ZoneGeometry(model, 64 * MIB, 512, 4096, model.zoned() ? MIB : 0);
            capabilities = new Capabilities(false, volatileCache, false, false, false, false);
        }

        @Override
        public DeviceIdentity identity() {
            return DeviceIdentity.of("shape");
        }

        @Override
        public ZoneGeometry geometry() {
            return geometry;
        }

        @Override
        public ZoneLimits limits() {
            return new ZoneLimits(4, 6, MIB / 2);
        }

        @Override
        public Capabilities capabilities() {
            return capabilities;
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
        public void addListener(DeviceListener listener) {}

        @Override
        public void removeListener(DeviceListener listener) {}
    }

    private static VirtioBlkDevice device(ZonedDevice shape) {
        return new VirtioBlkDevice(shape, 2, 256, true, new byte[20]);
    }

    private static byte[] config(VirtioBlkDevice device, int offset, int length) {
        byte[] target = new byte[length];
        device.readConfig(offset, target);
        return target;
    }

    private static String zonedFields(VirtioBlkDevice device) {
        return HexFormat.of().formatHex(config(device, 72, 24));
    }

    private static final String HOST_AWARE_FIELDS =
            "00080000" + "04000000" + "06000000" + "00040000" + "00100000" + "02000000";

    @Test
    void d3ZonedFieldsAreShownUntilADriverDeclinesAndAgainAfterAReset() {
        VirtioBlkDevice device = device(new Shape(ZoneModel.HOST_AWARE, false));
        assertEquals(HOST_AWARE_FIELDS, zonedFields(device));
        assertTrue(device.acceptFeatures(VERSION_1));
        device.featuresChosen(VERSION_1);
        assertEquals("00".repeat(24), zonedFields(device));
        device.reset();
        assertEquals(HOST_AWARE_FIELDS, zonedFields(device));
        device.featuresChosen(VERSION_1 | ZONED);
        assertEquals(HOST_AWARE_FIELDS, zonedFields(device));
    }

    @Test
    void d4AHostManagedDiskRefusesADriverThatDeclinesZoned() {
        VirtioBlkDevice device = device(new Shape(ZoneModel.HOST_MANAGED, false));
        assertFalse(device.acceptFeatures(VERSION_1 | FLUSH));
        assertFalse(device.acceptFeatures(ZONED));
        assertTrue(device.acceptFeatures(VERSION_1 | ZONED));
    }

    @Test
    void d40TheNextReadShowsANewCapacity() {
        Shape shape = new Shape(ZoneModel.NONE, false);
        VirtioBlkDevice device = device(shape);
        assertEquals("0000020000000000", HexFormat.of().formatHex(config(device, 0, 8)));
        shape.geometry = ZoneGeometry.unzoned(128 * MIB, 512);
        assertEquals("0000040000000000", HexFormat.of().formatHex(config(device, 0, 8)));
    }

    @Test
    void configurationPastTheEndIsZeroAndPartsAreParts() {
        VirtioBlkDevice device = device(new Shape(ZoneModel.HOST_MANAGED, false));
        byte[] whole = config(device, 0, 256);
        assertEquals("01000000", HexFormat.of().formatHex(whole, 92, 96));
        assertEquals("00".repeat(160), HexFormat.of().formatHex(whole, 96, 256));
        assertEquals("0100000000", HexFormat.of().formatHex(config(device, 92, 5)));
        assertEquals("0000", HexFormat.of().formatHex(config(device, 255, 2)));
        assertEquals("0200", HexFormat.of().formatHex(config(device, 34, 2)));
    }

    @Test
    void d41TheDriverWritesWritebackAndNothingElse() {
        VirtioBlkDevice device = device(new Shape(ZoneModel.HOST_MANAGED, true));
        device.featuresChosen(VERSION_1 | ZONED | FLUSH | CONFIG_WCE);
        assertEquals(1, config(device, WRITEBACK, 1)[0]);
        assertTrue(device.writeConfig(WRITEBACK, new byte[] {0}));
        assertEquals(0, config(device, WRITEBACK, 1)[0]);
        byte[] whole = config(device, 0, 96);
        whole[WRITEBACK] = 1;
        assertTrue(device.writeConfig(0, whole), "the whole space with one byte changed");
        assertEquals(1, config(device, WRITEBACK, 1)[0]);
        assertFalse(device.writeConfig(WRITEBACK, new byte[] {2}));
        assertFalse(device.writeConfig(0, new byte[] {1}));
        assertFalse(device.writeConfig(WRITEBACK, new byte[] {0, 1}), "one good byte and one bad");
        assertEquals(1, config(device, WRITEBACK, 1)[0], "a refused write changes nothing");
        assertFalse(device.writeConfig(200, new byte[] {1}));
        assertTrue(device.writeConfig(200, new byte[] {0}));
        device.writeConfig(WRITEBACK, new byte[] {0});
        device.reset();
        assertEquals(1, config(device, WRITEBACK, 1)[0], "a reset takes it back");
    }

    @Test
    void d41WritebackCannotBeWrittenWithoutConfigWce() {
        VirtioBlkDevice device = device(new Shape(ZoneModel.HOST_MANAGED, true));
        device.featuresChosen(VERSION_1 | ZONED | FLUSH);
        assertFalse(device.writeConfig(WRITEBACK, new byte[] {0}));
    }

    @Test
    void queuesAndRingsAreAsConfigured() {
        VirtioBlkDevice device = device(new Shape(ZoneModel.NONE, false));
        assertEquals(2, device.queueCount());
        assertEquals(256, device.maxQueueSize());
        assertEquals("virtio-blk shape", device.name());
        assertEquals("fe000000", HexFormat.of().formatHex(config(device, 12, 4)));
    }
}
