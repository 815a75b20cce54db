package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.zone.ZoneReport;
import org.jspecify.annotations.Nullable;

/**
 * What single commands need beyond their device request: made when a command object first needs it, and kept with it
 * over its lives ({@link NvmeCommand#extra}), so that nothing is allocated per command and no two commands share it.
 */
final class Extras {
    private @Nullable ZoneReport report;
    private @Nullable ZoneDescriptor zone;
    private @Nullable PieceReader pieces;
    private @Nullable DatasetRanges ranges;

    private Extras() {}

    static Extras of(NvmeCommand command) {
        if (command.extra() instanceof Extras extras) {
            return extras;
        }
        Extras made = new Extras();
        command.setExtra(made);
        return made;
    }

    /** @param features of the device, the same each time */
    ZoneReport report(ZoneFeatures features) {
        ZoneReport present = report;
        if (present == null) {
            present = new ZoneReport(features);
            report = present;
        }
        return present;
    }

    ZoneDescriptor zone() {
        ZoneDescriptor present = zone;
        if (present == null) {
            present = new ZoneDescriptor();
            zone = present;
        }
        return present;
    }

    PieceReader pieces() {
        PieceReader present = pieces;
        if (present == null) {
            present = new PieceReader();
            pieces = present;
        }
        return present;
    }

    DatasetRanges ranges() {
        DatasetRanges present = ranges;
        if (present == null) {
            present = new DatasetRanges();
            ranges = present;
        }
        return present;
    }
}
