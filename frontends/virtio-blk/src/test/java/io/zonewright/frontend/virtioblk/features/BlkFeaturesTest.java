package io.zonewright.frontend.virtioblk.features;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.zone.ZoneModel;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BlkFeaturesTest {
    private static final Capabilities ALL = new Capabilities(false, true, true, true, false, false);
    private static final Capabilities READ_ONLY = new Capabilities(true, true, true, true, false, false);
    private static final long VERSION_1 = 1L << 32;

    /** SIZE_MAX 1, SEG_MAX 2, BLK_SIZE 6, FLUSH 9, TOPOLOGY 10, CONFIG_WCE 11. */
    private static final long ALWAYS = 0x0e46;

    @Test
    void d1ADeviceWithoutZonesDoesNotOfferZoned() {
        assertEquals(ALWAYS, BlkFeatures.offered(ZoneModel.NONE, Capabilities.PLAIN, 1));
        assertEquals(ALWAYS | 1 << 17, BlkFeatures.offered(ZoneModel.HOST_MANAGED, Capabilities.PLAIN, 1));
        assertEquals(ALWAYS | 1 << 17, BlkFeatures.offered(ZoneModel.HOST_AWARE, Capabilities.PLAIN, 1));
    }

    @Test
    void d2ALegacyDeviceNeverOffersZoned() {
        assertEquals(ALWAYS, BlkFeatures.offeredToLegacy(ZoneModel.HOST_MANAGED, Capabilities.PLAIN, 1));
        assertEquals(ALWAYS, BlkFeatures.offeredToLegacy(ZoneModel.HOST_AWARE, Capabilities.PLAIN, 1));
    }

    @Test
    void d2ALegacyDriverCannotAcceptZoned() {
        assertEquals(
                Optional.of("the driver accepted VIRTIO_BLK_F_ZONED without VIRTIO_F_VERSION_1"),
                BlkFeatures.refusal(ZoneModel.HOST_AWARE, 1 << 17));
    }

    @Test
    void d3HostAwareWorksWithoutZoned() {
        assertEquals(Optional.empty(), BlkFeatures.refusal(ZoneModel.HOST_AWARE, VERSION_1));
        assertEquals(Optional.empty(), BlkFeatures.refusal(ZoneModel.NONE, VERSION_1));
        assertEquals(Optional.empty(), BlkFeatures.refusal(ZoneModel.NONE, 0));
    }

    @Test
    void d4HostManagedDoesNot() {
        assertEquals(
                Optional.of("the driver declined VIRTIO_BLK_F_ZONED, without which it cannot use a host-managed disk"),
                BlkFeatures.refusal(ZoneModel.HOST_MANAGED, VERSION_1));
        assertEquals(Optional.empty(), BlkFeatures.refusal(ZoneModel.HOST_MANAGED, VERSION_1 | 1 << 17));
    }

    @Test
    void zonedCannotBeAcceptedWhereItWasNotOffered() {
        assertEquals(
                Optional.of("the driver accepted VIRTIO_BLK_F_ZONED, which this device does not offer"),
                BlkFeatures.refusal(ZoneModel.NONE, VERSION_1 | 1 << 17));
    }

    @Test
    void d39AReadOnlyDeviceOffersRoAndNothingThatWrites() {
        assertEquals(ALWAYS | 1 << 5, BlkFeatures.offered(ZoneModel.NONE, READ_ONLY, 1));
        assertEquals(ALWAYS | 1 << 5 | 1 << 17, BlkFeatures.offered(ZoneModel.HOST_MANAGED, READ_ONLY, 1));
    }

    @Test
    void d41FlushAndConfigWceAreAlwaysOffered() {
        assertEquals(0x0a00, BlkFeatures.offered(ZoneModel.NONE, Capabilities.PLAIN, 1) & 0x0a00);
        assertEquals(0x0a00, BlkFeatures.offered(ZoneModel.HOST_MANAGED, READ_ONLY, 1) & 0x0a00);
    }

    @Test
    void discardAndWriteZeroesAreOfferedOnOrdinaryDisksWhereTheMediumKnowsThem() {
        assertEquals(ALWAYS | 1 << 13 | 1 << 14, BlkFeatures.offered(ZoneModel.NONE, ALL, 1));
        assertEquals(ALWAYS | 1 << 17, BlkFeatures.offered(ZoneModel.HOST_MANAGED, ALL, 1));
        assertEquals(ALWAYS | 1 << 17, BlkFeatures.offered(ZoneModel.HOST_AWARE, ALL, 1));
        Capabilities zeroesOnly = new Capabilities(false, false, false, true, false, false);
        assertEquals(ALWAYS | 1 << 14, BlkFeatures.offered(ZoneModel.NONE, zeroesOnly, 1));
    }

    @Test
    void severalQueuesAreMultiqueue() {
        assertEquals(ALWAYS | 1 << 12, BlkFeatures.offered(ZoneModel.NONE, Capabilities.PLAIN, 2));
    }
}
