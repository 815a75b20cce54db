package io.zonewright.frontend.scsi.command.primary;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.OpcodeTable;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import io.zonewright.frontend.scsi.command.block.BlockCommands;
import io.zonewright.frontend.scsi.command.log.LogSenseHandler;
import io.zonewright.frontend.scsi.command.mode.ModeCommands;
import io.zonewright.frontend.scsi.command.reservation.ReservationCommands;
import io.zonewright.frontend.scsi.command.zone.ZoneCommands;
import java.util.EnumMap;
import java.util.Map;

/** Which handler carries out which command of a logical unit. */
public final class UnitCommands {
    private UnitCommands() {}

    /** Everything that a unit offers, by what its device is. */
    public static OpcodeTable of(LogicalUnit unit) {
        Map<ScsiOpcode, CommandHandler> all = new EnumMap<>(ScsiOpcode.class);
        all.put(ScsiOpcode.TEST_UNIT_READY, new TestUnitReadyHandler());
        all.put(ScsiOpcode.INQUIRY, new InquiryHandler());
        all.put(ScsiOpcode.REQUEST_SENSE, new RequestSenseHandler());
        all.put(ScsiOpcode.REPORT_LUNS, new ReportLunsHandler());
        all.put(ScsiOpcode.PREVENT_ALLOW_MEDIUM_REMOVAL, new PreventAllowHandler());
        all.put(ScsiOpcode.REPORT_SUPPORTED_OPERATION_CODES, new SupportedOpcodesHandler());
        all.put(ScsiOpcode.REPORT_SUPPORTED_TASK_MANAGEMENT_FUNCTIONS, new SupportedFunctionsHandler());
        ModeCommands.addTo(all);
        all.put(ScsiOpcode.LOG_SENSE, new LogSenseHandler());
        ReservationCommands.addTo(all);
        BlockCommands.addTo(all, unit.shape());
        ZoneCommands.addTo(all, unit.shape());
        return OpcodeTable.of(all);
    }
}
