package io.zonewright.frontend.scsi.vhostuser;

import io.zonewright.api.config.Settings;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.frontend.scsi.command.LogicalUnitOptions;
import io.zonewright.frontend.scsi.command.Lun;
import io.zonewright.runtime.peer.SocketSettings;
import java.time.Duration;

/**
 * One entry of {@code frontends:}, checked.
 *
 * @param hba what belongs to the host bus adapter
 * @param lun 0 to {@link Lun#MAX}
 * @param unit what belongs to the logical unit
 */
record ScsiSettings(HbaOptions hba, int lun, LogicalUnitOptions unit) {
    private static final Duration MAX_SPIN = Duration.ofMillis(10);

    /** Reads the settings; everything that is wrong is reported, and replaced by something harmless. */
    static ScsiSettings read(Settings settings, DeviceIdentity device, boolean mappedDoorbells) {
        int queues = number(settings, ScsiKeys.QUEUES, 1, ScsiKeys.MAX_QUEUES);
        HbaOptions hba = new HbaOptions(
                SocketSettings.read(settings, "/run/zonewright/" + device.name() + "-scsi.sock"),
                queues,
                queueSize(settings),
                number(settings, ScsiKeys.THREADS, 1, queues),
                spin(settings),
                settings.flag(ScsiKeys.PACKED),
                mappedDoorbells);
        return new ScsiSettings(
                hba,
                number(settings, ScsiKeys.LUN, 0, Lun.MAX),
                LogicalUnitOptions.DEFAULT.withUnrestrictedReads(settings.flag(ScsiKeys.URSWRZ)));
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

    private static int queueSize(Settings settings) {
        long value = settings.count(ScsiKeys.QUEUE_SIZE);
        if (Long.bitCount(value) != 1 || value < ScsiKeys.MIN_QUEUE_SIZE || value > ScsiKeys.MAX_QUEUE_SIZE) {
            long clamped = Math.clamp(value, ScsiKeys.MIN_QUEUE_SIZE, ScsiKeys.MAX_QUEUE_SIZE);
            settings.problem(
                    ScsiKeys.QUEUE_SIZE,
                    value + " is not a power of two from " + ScsiKeys.MIN_QUEUE_SIZE + " to " + ScsiKeys.MAX_QUEUE_SIZE,
                    "the nearest is " + Long.highestOneBit(clamped));
            return ScsiKeys.MIN_QUEUE_SIZE;
        }
        return (int) value;
    }

    private static Duration spin(Settings settings) {
        Duration spin = settings.duration(ScsiKeys.SPIN);
        if (spin.compareTo(MAX_SPIN) > 0) {
            settings.problem(ScsiKeys.SPIN, "polling for longer than 10ms only burns processor time", "10ms or less");
            return MAX_SPIN;
        }
        return spin;
    }
}
