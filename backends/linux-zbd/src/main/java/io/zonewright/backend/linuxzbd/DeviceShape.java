package io.zonewright.backend.linuxzbd;

import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.backend.linuxzbd.LinuxZbdConfig.DiscardMode;
import io.zonewright.backend.linuxzbd.open.QueueFacts;
import io.zonewright.backend.linuxzbd.open.Surveyed;
import java.io.IOException;

/** What a device looks like in this program's words, from what the kernel says. */
record DeviceShape(ZoneGeometry geometry, ZoneLimits limits, Capabilities capabilities) {
    private static final int MAX_DATA_THREADS = 4;

    /**
     * @throws IOException if the program cannot serve such a device, or the kernel says what cannot be
     */
    static DeviceShape of(LinuxZbdConfig config, Surveyed opened) throws IOException {
        QueueFacts facts = opened.facts();
        boolean zoned = facts.model().zoned();
        ZoneGeometry geometry;
        ZoneLimits limits;
        try {
            geometry = zoned ? zoned(opened) : ZoneGeometry.unzoned(opened.deviceBytes(), facts.logicalBlock());
            limits = zoned ? limits(facts, geometry) : ZoneLimits.NONE;
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    config.path() + " has a shape that cannot be served: " + e.getMessage() + " (the kernel says "
                            + facts + ", size " + opened.deviceBytes() + ")",
                    e);
        }
        boolean writable = !opened.readOnly();
        boolean discard = writable
                && config.discard() != DiscardMode.OFF
                && (!opened.blockDevice() || discards(config.discard(), facts));
        return new DeviceShape(
                geometry,
                limits,
                new Capabilities(opened.readOnly(), facts.volatileCache(), discard, writable, false, zoned));
    }

    private static boolean discards(DiscardMode mode, QueueFacts facts) {
        boolean zeroes = mode != DiscardMode.ZEROES || facts.maxWriteZeroes() > 0;
        return facts.maxDiscard() > 0 && zeroes;
    }

    private static ZoneGeometry zoned(Surveyed opened) {
        QueueFacts facts = opened.facts();
        int granularity = facts.writeGranularity();
        if (granularity == 0) {
            // Before Linux 5.12 there was no such attribute, and host-managed disks took writes in physical blocks.
            granularity = facts.model() == ZoneModel.HOST_MANAGED ? facts.physicalBlock() : facts.logicalBlock();
        }
        return new ZoneGeometry(
                facts.model(),
                opened.deviceBytes(),
                facts.logicalBlock(),
                Math.max(granularity, facts.logicalBlock()),
                facts.zoneBytes());
    }

    /** Appends are placed by the engine as writes, so they may be as long as a write; the disk's own limit goes first. */
    private static ZoneLimits limits(QueueFacts facts, ZoneGeometry geometry) {
        int maxActive = facts.maxActive();
        int maxOpen = maxActive == 0 ? facts.maxOpen() : Math.min(facts.maxOpen(), maxActive);
        long append = facts.maxAppend() == 0 ? facts.maxTransfer() : facts.maxAppend();
        long unit = geometry.writeGranularity();
        long most = Math.min(append, geometry.zoneSize()) / unit * unit;
        boolean appends = geometry.model() == ZoneModel.HOST_MANAGED;
        return new ZoneLimits(maxOpen, maxActive, appends ? Math.max(most, unit) : 0);
    }

    /** Threads for the data path where their number is not the depth. */
    int dataThreads() {
        return Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAX_DATA_THREADS);
    }

    /** For the log. */
    String describe() {
        String size = geometry.deviceBytes() + " bytes in blocks of " + geometry.blockSize();
        return geometry.model().zoned()
                ? geometry.model() + ", " + size + ", " + geometry.zoneCount() + " zones of " + geometry.zoneSize()
                        + ", max open " + limits.maxOpen() + ", max active " + limits.maxActive()
                : "no zones, " + size;
    }
}
