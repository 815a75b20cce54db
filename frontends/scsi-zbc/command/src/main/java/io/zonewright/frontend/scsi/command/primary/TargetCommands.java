package io.zonewright.frontend.scsi.command.primary;

import io.zonewright.frontend.scsi.command.OpcodeTable;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import java.util.Map;

/** What a target answers where there is no logical unit (SPC-5, "Commands to logical units that are not there"). */
public final class TargetCommands {
    private TargetCommands() {}

    /** INQUIRY, REPORT LUNS and REQUEST SENSE. */
    public static OpcodeTable withoutUnit() {
        return OpcodeTable.of(Map.of(
                ScsiOpcode.INQUIRY, new InquiryHandler(),
                ScsiOpcode.REPORT_LUNS, new ReportLunsHandler(),
                ScsiOpcode.REQUEST_SENSE, new RequestSenseHandler()));
    }
}
