package io.zonewright.frontend.nvme.command.log;

import io.zonewright.frontend.nvme.command.feature.Features;
import io.zonewright.frontend.nvme.command.page.Page;
import java.time.Duration;

/**
 * The SMART / Health Information log (Base 2.0, log identifier 02h). What a program can know is counted; what it has
 * not, wear and spares, is as on a new device.
 */
public final class Health {
    /** Composite temperature in kelvin: a program has none, so it is that of a cool room's computer. */
    public static final int TEMPERATURE = 313;

    private static final int SIZE = 512;
    private static final int TEMPERATURE_WARNING = 1 << 1;
    private static final int SPARE_PERCENT = 100;
    private static final int SPARE_THRESHOLD_PERCENT = 10;
    /** Data is told in thousands of 512-byte units, rounded up. */
    private static final long DATA_UNIT = 512_000;

    private Health() {}

    /**
     * The page.
     *
     * @param age since the subsystem was made
     * @param errorCount entries ever made in the asking controller's error log
     */
    public static Page page(IoCounters counters, Features features, Duration age, long errorCount) {
        return new Page(SIZE)
                .put8(0, features.temperatureOutside(TEMPERATURE) ? TEMPERATURE_WARNING : 0)
                .put16(1, TEMPERATURE)
                .put8(3, SPARE_PERCENT)
                .put8(4, SPARE_THRESHOLD_PERCENT)
                .put128(32, units(counters.readBytes()))
                .put128(48, units(counters.writtenBytes()))
                .put128(64, counters.readCommands())
                .put128(80, counters.writeCommands())
                .put128(112, 1)
                .put128(128, age.toHours())
                .put128(160, counters.mediaErrors())
                .put128(176, errorCount);
    }

    private static long units(long bytes) {
        return Math.ceilDiv(bytes, DATA_UNIT);
    }
}
