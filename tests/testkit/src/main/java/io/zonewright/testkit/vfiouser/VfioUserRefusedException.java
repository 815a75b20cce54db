package io.zonewright.testkit.vfiouser;

/** The device answered with an error, or hung up. */
public final class VfioUserRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int errno;

    /** @param errno 0 if the device hung up */
    public VfioUserRefusedException(String message, int errno) {
        super(message);
        this.errno = errno;
    }

    /** The error number of the reply; 0 if the device hung up. */
    public int errno() {
        return errno;
    }
}
