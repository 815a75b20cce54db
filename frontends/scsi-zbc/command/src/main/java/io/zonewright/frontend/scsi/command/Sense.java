package io.zonewright.frontend.scsi.command;

/**
 * Sense key, additional sense code and qualifier: SPC-5, "Sense key and additional sense code definitions" and the code
 * list of its annex F. Checked against sg3_utils' {@code sg_lib_data.c} and Linux's {@code scsi/sense_codes.h}.
 */
public enum Sense {
    NO_SENSE(0x0, 0x00, 0x00),

    // What a medium or a defect does.
    UNRECOVERED_READ_ERROR(0x3, 0x11, 0x00),
    WRITE_ERROR(0x3, 0x0C, 0x00),
    INTERNAL_TARGET_FAILURE(0x4, 0x44, 0x00),
    NOT_READY_CAUSE_NOT_REPORTABLE(0x2, 0x04, 0x00),
    INITIALIZING_COMMAND_REQUIRED(0x2, 0x04, 0x02),
    SPACE_ALLOCATION_FAILED(0x7, 0x27, 0x07),
    MISCOMPARE(0xE, 0x1D, 0x00),

    // What was asked wrongly.
    INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT(0x5, 0x0E, 0x03),
    PARAMETER_LIST_LENGTH_ERROR(0x5, 0x1A, 0x00),
    INVALID_OPERATION_CODE(0x5, 0x20, 0x00),
    LBA_OUT_OF_RANGE(0x5, 0x21, 0x00),
    INVALID_FIELD_IN_CDB(0x5, 0x24, 0x00),
    LOGICAL_UNIT_NOT_SUPPORTED(0x5, 0x25, 0x00),
    INVALID_FIELD_IN_PARAMETER_LIST(0x5, 0x26, 0x00),
    INVALID_RELEASE_OF_RESERVATION(0x5, 0x26, 0x04),
    SAVING_PARAMETERS_NOT_SUPPORTED(0x5, 0x39, 0x00),
    INVALID_MESSAGE(0x5, 0x49, 0x00),
    INSUFFICIENT_REGISTRATION_RESOURCES(0x5, 0x55, 0x04),

    // Zones (ZBC-2, "Commands for zoned block devices").
    UNALIGNED_WRITE_COMMAND(0x5, 0x21, 0x04),
    WRITE_BOUNDARY_VIOLATION(0x5, 0x21, 0x05),
    ATTEMPT_TO_READ_INVALID_DATA(0x5, 0x21, 0x06),
    READ_BOUNDARY_VIOLATION(0x5, 0x21, 0x07),
    ATTEMPT_TO_ACCESS_GAP_ZONE(0x5, 0x21, 0x09),
    WRITE_PROTECTED(0x7, 0x27, 0x00),
    ZONE_IS_READ_ONLY(0x7, 0x27, 0x08),
    ZONE_IS_OFFLINE(0x7, 0x2C, 0x0E),
    INSUFFICIENT_ZONE_RESOURCES(0x7, 0x55, 0x0E),

    // What a carrier finds.
    DATA_CRC_ERROR(0xB, 0x47, 0x01),
    PROTOCOL_SERVICE_CRC_ERROR(0xB, 0x47, 0x05),
    UNEXPECTED_UNSOLICITED_DATA(0xB, 0x0C, 0x0C),
    NOT_ENOUGH_UNSOLICITED_DATA(0xB, 0x0C, 0x0D),
    DATA_PHASE_ERROR(0xB, 0x4B, 0x00),
    DATA_OFFSET_ERROR(0xB, 0x4B, 0x05),
    SNACK_REJECTED(0xB, 0x11, 0x13),
    COMMAND_ABORTED(0xB, 0x00, 0x00),
    INITIATOR_RESPONSE_TIMEOUT(0xB, 0x4B, 0x06),

    // Unit attentions, in SPC-5's order of codes.
    POWER_ON(0x6, 0x29, 0x00),
    BUS_DEVICE_RESET(0x6, 0x29, 0x03),
    NEXUS_LOSS(0x6, 0x29, 0x07),
    MODE_PARAMETERS_CHANGED(0x6, 0x2A, 0x01),
    RESERVATIONS_PREEMPTED(0x6, 0x2A, 0x03),
    RESERVATIONS_RELEASED(0x6, 0x2A, 0x04),
    REGISTRATIONS_PREEMPTED(0x6, 0x2A, 0x05),
    CAPACITY_DATA_HAS_CHANGED(0x6, 0x2A, 0x09),
    COMMANDS_CLEARED_BY_ANOTHER_INITIATOR(0x6, 0x2F, 0x00),
    INQUIRY_DATA_HAS_CHANGED(0x6, 0x3F, 0x03),
    REPORTED_LUNS_DATA_HAS_CHANGED(0x6, 0x3F, 0x0E);

    private final int key;
    private final int code;
    private final int qualifier;

    Sense(int key, int code, int qualifier) {
        this.key = key;
        this.code = code;
        this.qualifier = qualifier;
    }

    /** Sense key, 0 to Fh. */
    public int key() {
        return key;
    }

    /** Additional sense code (ASC). */
    public int code() {
        return code;
    }

    /** Additional sense code qualifier (ASCQ). */
    public int qualifier() {
        return qualifier;
    }
}
