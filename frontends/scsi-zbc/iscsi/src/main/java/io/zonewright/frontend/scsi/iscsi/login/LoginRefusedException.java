package io.zonewright.frontend.scsi.iscsi.login;

/** A login that ends with a status. No stack trace: what peers send must not cost much. */
final class LoginRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final LoginStatus status;

    LoginRefusedException(LoginStatus status) {
        super(status.name(), null, false, false);
        this.status = status;
    }

    LoginStatus status() {
        return status;
    }
}
