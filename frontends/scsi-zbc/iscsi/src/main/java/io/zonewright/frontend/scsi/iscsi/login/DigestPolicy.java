package io.zonewright.frontend.scsi.iscsi.login;

/** Whether digests are used. */
public enum DigestPolicy {
    /** What the initiator likes best. */
    ALLOW,
    /** Never. */
    OFF,
    /** Always, headers and data; an initiator that does not offer them is refused. */
    REQUIRE
}
