package io.zonewright.frontend.scsi.command;

/**
 * Whether a command is let pass while another nexus holds a reservation (SPC-5, "SPC-5 commands that are allowed in the
 * presence of various reservations", and the tables of the same name in SBC-4 and ZBC-2).
 */
public enum Access {
    /** Always. */
    ALWAYS,
    /** Under PERSISTENT RESERVE's Write Exclusive types; not under Exclusive Access ones, nor under RESERVE. */
    READ,
    /** Under no reservation of another. */
    CHANGE,
    /** Always under a persistent reservation, not under RESERVE. */
    NOT_RESERVE,
    /** START STOP UNIT: like {@link #CHANGE}, except to start. */
    START,
    /** PREVENT ALLOW MEDIUM REMOVAL: like {@link #CHANGE}, except to allow. */
    ALLOW,
    /** The command looks after itself: RESERVE, RELEASE, PERSISTENT RESERVE OUT. */
    OWN_RULE
}
