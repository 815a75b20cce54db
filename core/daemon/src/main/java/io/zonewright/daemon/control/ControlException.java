package io.zonewright.daemon.control;

/** A request on the control socket that is answered with an error. */
public final class ControlException extends Exception {
    private static final long serialVersionUID = 1;

    /** Why, as a word that programs can rely on. */
    public enum Code {
        /** The request is not a request of this protocol. */
        BAD_REQUEST,
        /** The client speaks another version. */
        VERSION,
        /** There is no device of this name. */
        NO_SUCH_DEVICE,
        /** There is no zone of this number. */
        NO_SUCH_ZONE,
        /** The device refused. */
        REFUSED,
        /** Too many clients at once. */
        BUSY,
        /** A defect of the daemon. */
        INTERNAL
    }

    private final Code code;

    public ControlException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    public String text() {
        return String.valueOf(getMessage());
    }
}
