package io.zonewright.daemon.control;

/** No daemon answers; the message is for the user. */
public final class DaemonUnreachableException extends Exception {
    private static final long serialVersionUID = 1;

    DaemonUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
