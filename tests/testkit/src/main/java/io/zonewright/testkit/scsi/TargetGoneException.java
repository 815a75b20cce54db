package io.zonewright.testkit.scsi;

/** The target hung up, or refused to let the initiator in. */
public final class TargetGoneException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TargetGoneException(String message) {
        super(message);
    }
}
