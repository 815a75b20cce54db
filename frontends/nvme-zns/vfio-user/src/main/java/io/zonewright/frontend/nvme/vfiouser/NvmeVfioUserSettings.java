package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.api.config.Settings;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.runtime.peer.SocketSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One entry of {@code frontends:}, checked.
 *
 * @param socket where it listens
 * @param nqn name of the subsystem
 * @param queues I/O queue pairs, 1 to 64
 * @param queueSize most entries of each ring
 * @param threads for all queues together
 * @param spin longest time to poll without work
 * @param mapped whether doorbells are mapped and not trapped
 */
record NvmeVfioUserSettings(
        SocketSettings socket, String nqn, int queues, int queueSize, int threads, Duration spin, boolean mapped) {
    /** Base 2.1, section 4.7: NVMe Qualified Names. */
    static final int MAX_NQN_BYTES = 223;

    private static final Duration MAX_SPIN = Duration.ofMillis(10);

    /** Reads the settings; everything that is wrong is reported, and replaced by something harmless. */
    static NvmeVfioUserSettings read(Settings settings, DeviceIdentity device) {
        int queues = number(settings, NvmeVfioUserKeys.QUEUES, 1, NvmeVfioUserKeys.MAX_QUEUES);
        return new NvmeVfioUserSettings(
                SocketSettings.read(settings, "/run/zonewright/" + device.name() + "-nvme.sock"),
                nqn(settings, device),
                queues,
                number(
                        settings,
                        NvmeVfioUserKeys.QUEUE_SIZE,
                        NvmeVfioUserKeys.MIN_QUEUE_SIZE,
                        NvmeVfioUserKeys.MAX_QUEUE_SIZE),
                number(settings, NvmeVfioUserKeys.THREADS, 1, queues),
                spin(settings),
                settings.text(NvmeVfioUserKeys.DOORBELLS).equals(NvmeVfioUserKeys.MAPPED));
    }

    private static String nqn(Settings settings, DeviceIdentity device) {
        String derived = "nqn.2026-11.io.zonewright:" + device.name();
        if (!settings.isSet(NvmeVfioUserKeys.NQN)) {
            return derived;
        }
        String nqn = settings.text(NvmeVfioUserKeys.NQN);
        int bytes = nqn.getBytes(StandardCharsets.UTF_8).length;
        if (!nqn.startsWith("nqn.") || bytes > MAX_NQN_BYTES) {
            settings.problem(
                    NvmeVfioUserKeys.NQN,
                    "\"" + nqn + "\" is not an NVMe Qualified Name: it begins with \"nqn.\" and has at most "
                            + MAX_NQN_BYTES + " bytes",
                    "such as " + derived);
            return derived;
        }
        return nqn;
    }

    private static int number(Settings settings, String key, int least, int most) {
        long value = settings.count(key);
        if (value < least || value > most) {
            settings.problem(
                    key,
                    value + " is not from " + least + " to " + most,
                    "the nearest is " + Math.clamp(value, least, most));
            return least;
        }
        return (int) value;
    }

    private static Duration spin(Settings settings) {
        Duration spin = settings.duration(NvmeVfioUserKeys.SPIN);
        if (spin.compareTo(MAX_SPIN) > 0) {
            settings.problem(
                    NvmeVfioUserKeys.SPIN, "polling for longer than 10ms only burns processor time", "10ms or less");
            return MAX_SPIN;
        }
        return spin;
    }
}
