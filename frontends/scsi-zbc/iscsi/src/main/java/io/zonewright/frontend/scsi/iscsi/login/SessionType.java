package io.zonewright.frontend.scsi.iscsi.login;

/** SessionType (RFC 7143, section 13.21). */
public enum SessionType {
    /** SCSI commands to a target. */
    NORMAL,
    /** SendTargets only. */
    DISCOVERY
}
