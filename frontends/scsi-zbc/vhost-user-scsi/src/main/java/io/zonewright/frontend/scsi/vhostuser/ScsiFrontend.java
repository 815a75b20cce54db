package io.zonewright.frontend.scsi.vhostuser;

import io.zonewright.api.spi.Frontend;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** One disk behind an adapter. */
final class ScsiFrontend implements Frontend {
    private final ScsiSettings settings;
    private final LogicalUnit unit;
    private final Hba hba;
    private final Hbas hbas;
    private boolean started;
    private boolean stopped;

    ScsiFrontend(ScsiSettings settings, LogicalUnit unit, Hba hba, Hbas hbas) {
        this.settings = settings;
        this.unit = unit;
        this.hba = hba;
        this.hbas = hbas;
    }

    @Override
    public void start() throws IOException {
        if (started || stopped) {
            throw new IllegalStateException("LUN " + settings.lun() + " was started before");
        }
        started = true;
        hbas.start(hba, settings.lun(), unit);
    }

    @Override
    public void stop(Duration patience) {
        if (!stopped) {
            stopped = true;
            hbas.leave(hba, settings.lun(), unit, patience);
            unit.close();
        }
    }

    /** What the adapter counts is for all its disks together. */
    @Override
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> stats = new LinkedHashMap<>();
        stats.put("socket", settings.hba().socket().path().toString());
        stats.put("lun", settings.lun());
        stats.putAll(hba.stats());
        unit.stats().forEach((key, value) -> stats.put("unit-" + key, value));
        return stats;
    }
}
