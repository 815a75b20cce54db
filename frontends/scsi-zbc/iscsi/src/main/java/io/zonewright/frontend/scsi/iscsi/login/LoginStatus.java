package io.zonewright.frontend.scsi.iscsi.login;

/** Status-Class and Status-Detail of a Login Response (RFC 7143, section 11.13.5). */
public enum LoginStatus {
    SUCCESS(0x0000),
    /** Breaks a rule that has no status of its own. */
    INITIATOR_ERROR(0x0200),
    /** The initiator did not prove who it is, or no method of doing so is acceptable to both. */
    AUTHENTICATION_FAILURE(0x0201),
    /** The initiator may not use the target. */
    AUTHORIZATION_FAILURE(0x0202),
    NOT_FOUND(0x0203),
    TARGET_REMOVED(0x0204),
    UNSUPPORTED_VERSION(0x0205),
    TOO_MANY_CONNECTIONS(0x0206),
    MISSING_PARAMETER(0x0207),
    CANNOT_INCLUDE_IN_SESSION(0x0208),
    SESSION_TYPE_NOT_SUPPORTED(0x0209),
    SESSION_DOES_NOT_EXIST(0x020A),
    /** Another request than Login during the login phase. */
    INVALID_DURING_LOGIN(0x020B),
    TARGET_ERROR(0x0300),
    SERVICE_UNAVAILABLE(0x0301),
    OUT_OF_RESOURCES(0x0302);

    private final int code;

    LoginStatus(int code) {
        this.code = code;
    }

    /** Status-Class, byte 36 of the response. */
    public int statusClass() {
        return code >> 8;
    }

    /** Status-Detail, byte 37 of the response. */
    public int statusDetail() {
        return code & 0xFF;
    }
}
