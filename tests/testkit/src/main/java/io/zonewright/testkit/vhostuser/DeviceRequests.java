package io.zonewright.testkit.vhostuser;

/**
 * The driver's end of the channel on which the device asks (vhost-user.rst, "Back-end message types"). Waits are bounded
 * by {@link VhostUserDriver#TIMEOUT_MILLIS}. For one thread at a time.
 */
public final class DeviceRequests implements AutoCloseable {
    private final VhostUserDriver line;

    DeviceRequests(VhostUserDriver line) {
        this.line = line;
    }

    /**
     * Waits for a request of the device's.
     *
     * @throws DeviceRefusedException if the device closed the channel
     */
    public VhostUserMessage await() {
        return line.receive();
    }

    /** Answers it: 0 for good. */
    public void acknowledge(VhostUserMessage request, long result) {
        line.send(new VhostUserMessage(
                request.request(), VhostUser.VERSION | VhostUser.FLAG_REPLY, VhostUserMessage.u64(result)));
    }

    /** Closes the channel; the connection to the device stays. */
    @Override
    public void close() {
        line.close();
    }
}
