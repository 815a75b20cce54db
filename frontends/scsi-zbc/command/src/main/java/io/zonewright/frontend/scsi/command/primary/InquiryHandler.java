package io.zonewright.frontend.scsi.command.primary;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.LogicalUnitOptions;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.TargetPort;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.page.Page;
import org.jspecify.annotations.Nullable;

/**
 * INQUIRY (SPC-5, "INQUIRY command"): EVPD in bit 0 of byte 1, PAGE CODE in byte 2, allocation length in bytes 3 and 4.
 * Standard data, 96 bytes:
 *
 * <pre>
 *  0 u8 peripheral qualifier 7:5, device type 4:0   2 u8 version   3 u8 HISUP 4, response data format 3:0
 *  4 u8 additional length   5 u8 TPGS 5:4, 3PC 3, PROTECT 0   6 u8 MULTIP 4   7 u8 CMDQUE 1
 *  8 vendor (8)   16 product (16)   32 revision (4)   58 version descriptors (8 × be16)
 * </pre>
 *
 * The version is SPC-4's 06h, the highest that libiscsi's conformance program knows.
 */
final class InquiryHandler implements CommandHandler {
    private static final int EVPD_BYTE = 1;
    private static final int EVPD = 1;
    private static final int PAGE_BYTE = 2;
    private static final int ALLOCATION_BYTES = 3;

    private static final int SIZE = 96;
    private static final int SPC_4 = 0x06;
    private static final int HISUP_AND_FORMAT = 0x12;
    /** Behind several target ports. */
    private static final int MULTIP = 1 << 4;

    private static final int CMDQUE = 1 << 1;
    /** Qualifier 011b, type 1Fh: no logical unit can be here. */
    private static final int NO_UNIT = 0x7F;

    private static final int VENDOR_OFFSET = 8;
    private static final int PRODUCT_OFFSET = 16;
    private static final int REVISION_OFFSET = 32;
    private static final int DESCRIPTORS_OFFSET = 58;

    private static final int SAM_5 = 0x00A0;
    private static final int DESCRIBES_SPC_4 = 0x0460;
    private static final int DESCRIBES_SBC_3 = 0x04C0;
    private static final int DESCRIBES_ISCSI = 0x0960;
    private static final int DESCRIBES_SPL = 0x20A0;
    private static final int DESCRIBES_ZBC_2 = 0x0660;

    @Override
    public boolean check(ScsiTask task) {
        boolean vital = vital(task);
        int page = task.byteAt(PAGE_BYTE);
        boolean known = vital ? task.hasUnit() && VitalProductData.known(page, task.unit()) : page == 0;
        if (!known) {
            return task.invalidField(PAGE_BYTE);
        }
        return task.expect(Transfer.TO_INITIATOR, task.shortAt(ALLOCATION_BYTES), VitalProductData.MAX_SIZE);
    }

    @Override
    public void execute(ScsiTask task) {
        TargetPort port = task.nexus().target().port();
        Page page;
        if (vital(task)) {
            page = VitalProductData.page(task.byteAt(PAGE_BYTE), task.unit(), port);
        } else {
            page = standard(task.hasUnit() ? task.unit() : null, port);
        }
        page.answer(task, task.shortAt(ALLOCATION_BYTES));
    }

    private static Page standard(@Nullable LogicalUnit unit, TargetPort port) {
        LogicalUnitOptions names = unit == null ? LogicalUnitOptions.DEFAULT : unit.options();
        Page page = new Page(SIZE)
                .put8(0, unit == null ? NO_UNIT : unit.shape().deviceType())
                .put8(2, SPC_4)
                .put8(3, HISUP_AND_FORMAT)
                .put8(4, SIZE - 5)
                .put8(6, unit != null && unit.ports().size() > 1 ? MULTIP : 0)
                .put8(7, CMDQUE)
                .putText(VENDOR_OFFSET, 8, names.vendor())
                .putText(PRODUCT_OFFSET, 16, names.product())
                .putText(REVISION_OFFSET, 4, names.revision())
                .put16(DESCRIPTORS_OFFSET, SAM_5)
                .put16(DESCRIPTORS_OFFSET + 2, DESCRIBES_SPC_4)
                .put16(DESCRIPTORS_OFFSET + 4, DESCRIBES_SBC_3)
                .put16(DESCRIPTORS_OFFSET + 6, port.protocol() == TargetPort.ISCSI ? DESCRIBES_ISCSI : DESCRIBES_SPL);
        if (unit != null && unit.shape().zoned()) {
            page.put16(DESCRIPTORS_OFFSET + 8, DESCRIBES_ZBC_2);
        }
        return page;
    }

    private static boolean vital(ScsiTask task) {
        return (task.byteAt(EVPD_BYTE) & EVPD) != 0;
    }
}
