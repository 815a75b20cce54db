package io.zonewright.backend.linuxzbd;

import io.zonewright.api.config.Settings;
import io.zonewright.backend.linuxzbd.LinuxZbdConfig.DiscardMode;
import io.zonewright.backend.linuxzbd.LinuxZbdConfig.IoMode;
import java.util.Optional;

/** Reads the settings of one device and reports everything that is wrong with them; touches no file. */
final class SettingsReader {
    static final int MAX_DEPTH = 4096;
    static final int MAX_THREADS = 64;

    private final Settings settings;
    private boolean good = true;

    private SettingsReader(Settings settings) {
        this.settings = settings;
    }

    /** The settings if they are good; else their problems are reported, and the result is empty. */
    static Optional<LinuxZbdConfig> read(Settings settings, String device) {
        SettingsReader reader = new SettingsReader(settings);
        if (!settings.isSet(LinuxZbdKeys.PATH)) {
            return Optional.empty(); // the host said so already: the key is mandatory
        }
        LinuxZbdConfig config = reader.config(device);
        return reader.good ? Optional.of(config) : Optional.empty();
    }

    private LinuxZbdConfig config(String device) {
        boolean zoned = settings.text(LinuxZbdKeys.MODEL).equals("auto");
        if (!zoned && settings.isSet(LinuxZbdKeys.REPORTS)) {
            problem(
                    LinuxZbdKeys.REPORTS,
                    "'reports' says nothing about a device with 'model: none'",
                    "remove it, or set 'model: auto'");
        }
        IoMode io = switch (settings.text(LinuxZbdKeys.IO)) {
            case "io_uring" -> IoMode.IO_URING;
            case "threads" -> IoMode.THREADS;
            default -> IoMode.AUTO;
        };
        int mostDepth = io == IoMode.THREADS ? MAX_THREADS : MAX_DEPTH;
        int depth = count(LinuxZbdKeys.QUEUE_DEPTH, "a queue depth", mostDepth);
        return new LinuxZbdConfig(
                device,
                settings.path(LinuxZbdKeys.PATH),
                zoned,
                settings.flag(LinuxZbdKeys.READ_ONLY),
                settings.text(LinuxZbdKeys.REPORTS).equals("cached"),
                switch (settings.text(LinuxZbdKeys.DISCARD)) {
                    case "trim" -> DiscardMode.TRIM;
                    case "off" -> DiscardMode.OFF;
                    default -> DiscardMode.ZEROES;
                },
                io,
                depth,
                count(LinuxZbdKeys.THREADS, "a number of threads", MAX_THREADS));
    }

    private int count(String key, String what, int most) {
        long value = settings.count(key);
        if (value >= 1 && value <= most) {
            return (int) value;
        }
        int nearest = value < 1 ? 1 : most;
        if (settings.isSet(key)) {
            problem(key, what + " of " + value + " is not within 1 to " + most, "the nearest is " + nearest);
        }
        return nearest;
    }

    private void problem(String key, String what, String fix) {
        good = false;
        settings.problem(key, what, fix);
    }
}
