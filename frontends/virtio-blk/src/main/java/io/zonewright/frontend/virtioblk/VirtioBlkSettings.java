package io.zonewright.frontend.virtioblk;

import io.zonewright.api.config.Settings;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.frontend.virtioblk.config.BlkConfig;
import io.zonewright.runtime.peer.SocketKeys;
import io.zonewright.runtime.peer.SocketSettings;
import java.time.Duration;
import java.util.Optional;

/**
 * One entry of {@code frontends:}, checked.
 *
 * @param socket where it listens
 * @param queues 1 to 64
 * @param queueSize entries of each ring
 * @param threads for all queues together
 * @param spin longest time to poll without work
 * @param packed whether packed rings are offered
 * @param serial at most 20 printable ASCII characters
 */
record VirtioBlkSettings(
        SocketSettings socket, int queues, int queueSize, int threads, Duration spin, boolean packed, String serial) {
    private static final Duration MAX_SPIN = Duration.ofMillis(10);
    private static final long MAX_ZONE_BYTES = 0xffff_ffffL * BlkConfig.SECTOR_BYTES;

    /** Reads the settings; everything that is wrong is reported, and replaced by something harmless. */
    static VirtioBlkSettings read(Settings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry) {
        geometry.ifPresent(shape -> checkShape(settings, shape));
        int queues = number(settings, VirtioBlkKeys.QUEUES, VirtioBlkKeys.MAX_QUEUES);
        return new VirtioBlkSettings(
                SocketSettings.read(settings, "/run/zonewright/" + device.name() + ".sock"),
                queues,
                queueSize(settings),
                number(settings, VirtioBlkKeys.THREADS, queues),
                spin(settings),
                settings.flag(VirtioBlkKeys.PACKED),
                serial(settings, device));
    }

    private static void checkShape(Settings settings, ZoneGeometry geometry) {
        if (geometry.zoneSize() > MAX_ZONE_BYTES) {
            settings.problem(
                    SocketKeys.SOCKET,
                    "zones of " + geometry.zoneSize() + " bytes cannot be told over virtio-blk, which counts 512-byte"
                            + " sectors of a zone in 32 bits",
                    "a zone-size of 1TiB or less");
        }
    }

    private static int number(Settings settings, String key, int most) {
        long value = settings.count(key);
        if (value < 1 || value > most) {
            settings.problem(key, value + " is not from 1 to " + most, "the nearest is " + Math.clamp(value, 1, most));
            return 1;
        }
        return (int) value;
    }

    private static int queueSize(Settings settings) {
        long value = settings.count(VirtioBlkKeys.QUEUE_SIZE);
        if (Long.bitCount(value) != 1 || value < VirtioBlkKeys.MIN_QUEUE_SIZE || value > VirtioBlkKeys.MAX_QUEUE_SIZE) {
            long clamped = Math.clamp(value, VirtioBlkKeys.MIN_QUEUE_SIZE, VirtioBlkKeys.MAX_QUEUE_SIZE);
            settings.problem(
                    VirtioBlkKeys.QUEUE_SIZE,
                    value + " is not a power of two from " + VirtioBlkKeys.MIN_QUEUE_SIZE + " to "
                            + VirtioBlkKeys.MAX_QUEUE_SIZE,
                    "the nearest is " + Long.highestOneBit(clamped));
            return VirtioBlkKeys.MIN_QUEUE_SIZE;
        }
        return (int) value;
    }

    private static Duration spin(Settings settings) {
        Duration spin = settings.duration(VirtioBlkKeys.SPIN);
        if (spin.compareTo(MAX_SPIN) > 0) {
            settings.problem(
                    VirtioBlkKeys.SPIN, "polling for longer than 10ms only burns processor time", "10ms or less");
            return MAX_SPIN;
        }
        return spin;
    }

    private static String serial(Settings settings, DeviceIdentity device) {
        if (!settings.isSet(VirtioBlkKeys.SERIAL)) {
            return device.serial();
        }
        String serial = settings.text(VirtioBlkKeys.SERIAL);
        boolean printable = serial.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '/');
        if (serial.isEmpty() || serial.length() > 20 || !printable) {
            settings.problem(
                    VirtioBlkKeys.SERIAL,
                    "\"" + serial + "\" is not 1 to 20 printable ASCII characters without blanks and slashes",
                    "such as " + device.serial());
            return device.serial();
        }
        return serial;
    }
}
