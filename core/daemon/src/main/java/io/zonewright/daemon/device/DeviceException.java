package io.zonewright.daemon.device;

/** A device could not be opened or started; the message is for the user. */
public final class DeviceException extends Exception {
    private static final long serialVersionUID = 1;

    DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
