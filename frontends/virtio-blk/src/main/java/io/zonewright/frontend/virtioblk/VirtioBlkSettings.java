package io.zonewright.frontend.virtioblk;

import io.zonewright.api.config.Settings;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.frontend.virtioblk.config.BlkConfig;
import io.zonewright.posix.Groups;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One entry of {@code frontends:}, checked.
 *
 * @param socket absolute path
 * @param socketMode permission bits
 * @param socketGid -1: the process's own
 * @param queues 1 to 64
 * @param queueSize entries of each ring
 * @param threads for all queues together
 * @param spin longest time to poll without work
 * @param serial at most 20 printable ASCII characters
 */
record VirtioBlkSettings(
        Path socket,
        int socketMode,
        int socketGid,
        int queues,
        int queueSize,
        int threads,
        Duration spin,
        String serial) {
    /** {@code sun_path} of unix(7) has 108 bytes, of which the last is zero. */
    static final int MAX_SOCKET_BYTES = 107;

    private static final int OWN_GROUP = -1;
    private static final Duration MAX_SPIN = Duration.ofMillis(10);
    private static final long MAX_ZONE_BYTES = 0xffff_ffffL * BlkConfig.SECTOR_BYTES;

    /** Reads the settings; everything that is wrong is reported, and replaced by something harmless. */
    static VirtioBlkSettings read(Settings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry) {
        geometry.ifPresent(shape -> checkShape(settings, shape));
        int queues = number(settings, VirtioBlkKeys.QUEUES, VirtioBlkKeys.MAX_QUEUES);
        return new VirtioBlkSettings(
                socket(settings, device),
                settings.mode(VirtioBlkKeys.SOCKET_MODE),
                group(settings),
                queues,
                queueSize(settings),
                number(settings, VirtioBlkKeys.THREADS, queues),
                spin(settings),
                serial(settings, device));
    }

    private static void checkShape(Settings settings, ZoneGeometry geometry) {
        if (geometry.zoneSize() > MAX_ZONE_BYTES) {
            settings.problem(
                    VirtioBlkKeys.SOCKET,
                    "zones of " + geometry.zoneSize() + " bytes cannot be told over virtio-blk, which counts 512-byte"
                            + " sectors of a zone in 32 bits",
                    "a zone-size of 1TiB or less");
        }
    }

    private static Path socket(Settings settings, DeviceIdentity device) {
        Path socket = settings.path(VirtioBlkKeys.SOCKET);
        int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_SOCKET_BYTES) {
            settings.problem(
                    VirtioBlkKeys.SOCKET,
                    "the path has " + bytes + " bytes, and a Unix socket's path at most " + MAX_SOCKET_BYTES,
                    "a shorter path, such as /run/zonewright/" + device.name() + ".sock");
        }
        return socket;
    }

    private static int group(Settings settings) {
        if (!settings.isSet(VirtioBlkKeys.SOCKET_GROUP)) {
            return OWN_GROUP;
        }
        String name = settings.text(VirtioBlkKeys.SOCKET_GROUP);
        OptionalInt number = Groups.SYSTEM.number(name);
        if (number.isEmpty()) {
            settings.problem(
                    VirtioBlkKeys.SOCKET_GROUP,
                    "there is no group \"" + name + "\" in /etc/group",
                    "the name of a group there, or a group's number");
            return OWN_GROUP;
        }
        return number.getAsInt();
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
