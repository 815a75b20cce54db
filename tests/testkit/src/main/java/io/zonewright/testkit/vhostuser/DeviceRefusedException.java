package io.zonewright.testkit.vhostuser;

/** The device answered a message with a failure, or hung up. */
public final class DeviceRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeviceRefusedException(String message) {
        super(message);
    }
}
