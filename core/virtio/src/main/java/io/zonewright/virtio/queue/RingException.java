package io.zonewright.virtio.queue;

/** A driver broke the rules of its ring. Carries no stack trace: the message says all, and a driver could ask for many. */
final class RingException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    RingException(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
