package io.zonewright.testkit.nvme;

/** The controller hung up, or refused to let the host in. */
public final class ControllerGoneException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ControllerGoneException(String message) {
        super(message);
    }
}
