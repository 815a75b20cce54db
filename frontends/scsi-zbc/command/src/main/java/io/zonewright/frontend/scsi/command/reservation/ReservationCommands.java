package io.zonewright.frontend.scsi.command.reservation;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import java.util.Map;

/** PERSISTENT RESERVE IN and OUT, RESERVE and RELEASE. */
public final class ReservationCommands {
    private ReservationCommands() {}

    /** Adds all of them. */
    public static void addTo(Map<ScsiOpcode, CommandHandler> all) {
        CommandHandler in = new ReserveInHandler();
        all.put(ScsiOpcode.READ_KEYS, in);
        all.put(ScsiOpcode.READ_RESERVATION, in);
        all.put(ScsiOpcode.REPORT_CAPABILITIES, in);
        all.put(ScsiOpcode.READ_FULL_STATUS, in);
        CommandHandler out = new ReserveOutHandler();
        all.put(ScsiOpcode.REGISTER, out);
        all.put(ScsiOpcode.RESERVE, out);
        all.put(ScsiOpcode.RELEASE, out);
        all.put(ScsiOpcode.CLEAR, out);
        all.put(ScsiOpcode.PREEMPT, out);
        all.put(ScsiOpcode.PREEMPT_AND_ABORT, out);
        all.put(ScsiOpcode.REGISTER_AND_IGNORE_EXISTING_KEY, out);
        all.put(ScsiOpcode.REGISTER_AND_MOVE, out);
        CommandHandler legacy = new LegacyReserveHandler();
        all.put(ScsiOpcode.RESERVE_6, legacy);
        all.put(ScsiOpcode.RESERVE_10, legacy);
        all.put(ScsiOpcode.RELEASE_6, legacy);
        all.put(ScsiOpcode.RELEASE_10, legacy);
    }
}
