package io.zonewright.frontend.scsi.command.mode;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import java.util.Map;

/** MODE SENSE and MODE SELECT. */
public final class ModeCommands {
    private ModeCommands() {}

    /** Adds the four of them. */
    public static void addTo(Map<ScsiOpcode, CommandHandler> all) {
        CommandHandler sense = new ModeSenseHandler();
        CommandHandler select = new ModeSelectHandler();
        all.put(ScsiOpcode.MODE_SENSE_6, sense);
        all.put(ScsiOpcode.MODE_SENSE_10, sense);
        all.put(ScsiOpcode.MODE_SELECT_6, select);
        all.put(ScsiOpcode.MODE_SELECT_10, select);
    }
}
