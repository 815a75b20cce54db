package io.zonewright.frontend.scsi.command;

/** How a task stands to others of its logical unit (SAM-5, "Task attributes"). */
public enum TaskAttribute {
    /** No order is kept, neither among simple tasks nor for overlapping ranges. */
    SIMPLE,
    /** Runs when all before it have ended; all after it wait. */
    ORDERED,
    /** Passes those that wait. */
    HEAD_OF_QUEUE,
    /** Only where an auto contingent allegiance is in effect, which is not offered: refused. */
    ACA
}
