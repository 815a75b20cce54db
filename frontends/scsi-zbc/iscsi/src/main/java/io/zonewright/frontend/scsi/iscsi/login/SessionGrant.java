package io.zonewright.frontend.scsi.iscsi.login;

/**
 * Whether a login may end in a session.
 *
 * @param tsih of the session, 1 to FFFFh; meaningless with another status than {@link LoginStatus#SUCCESS}
 */
public record SessionGrant(LoginStatus status, int tsih) {
    /** Yes. */
    public static SessionGrant of(int tsih) {
        if (tsih < 1 || tsih > 0xFFFF) {
            throw new IllegalArgumentException("TSIH " + tsih);
        }
        return new SessionGrant(LoginStatus.SUCCESS, tsih);
    }

    /** No. */
    public static SessionGrant refused(LoginStatus why) {
        if (why == LoginStatus.SUCCESS) {
            throw new IllegalArgumentException("a refusal needs a reason");
        }
        return new SessionGrant(why, 0);
    }
}
