package io.zonewright.frontend.scsi.command.zone;

import io.zonewright.api.request.Operation;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import io.zonewright.frontend.scsi.command.UnitShape;
import java.util.Map;

/** Which handler carries out which command of ZBC-2. */
public final class ZoneCommands {
    private ZoneCommands() {}

    /** Adds what a device of this shape offers: nothing if it has no zones. */
    public static void addTo(Map<ScsiOpcode, CommandHandler> all, UnitShape shape) {
        if (!shape.zoned()) {
            return;
        }
        all.put(ScsiOpcode.REPORT_ZONES, new ReportZonesHandler());
        all.put(ScsiOpcode.CLOSE_ZONE, new ZoneActionHandler(Operation.ZONE_CLOSE));
        all.put(ScsiOpcode.FINISH_ZONE, new ZoneActionHandler(Operation.ZONE_FINISH));
        all.put(ScsiOpcode.OPEN_ZONE, new ZoneActionHandler(Operation.ZONE_OPEN));
        all.put(ScsiOpcode.RESET_WRITE_POINTER, new ZoneActionHandler(Operation.ZONE_RESET));
        if (shape.model() == ZoneModel.HOST_AWARE) {
            all.put(ScsiOpcode.SEQUENTIALIZE_ZONE, new SequentializeHandler());
        }
    }
}
