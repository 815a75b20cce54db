package io.zonewright.frontend.scsi.command.primary;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.OpcodeTable;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
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
        return OpcodeTable.of(all);
    }
}
