package io.zonewright.posix.uring;

/** There is no io_uring here; the message says why, and what would have to change. */
public final class IoUringUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    IoUringUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    IoUringUnavailableException(String message) {
        super(message);
    }
}
