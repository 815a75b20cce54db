package io.zonewright.vfiouser;

import io.zonewright.runtime.peer.PeerServer;
import java.time.Duration;
import org.slf4j.Logger;

/** Waits for a device to come to rest. A device that takes its time does so with the client's next message waiting. */
final class Rest implements Quiescence {
    private enum State {
        AWAITED,
        REACHED,
        ABANDONED
    }

    private final PeerServer server;
    private volatile State state = State.AWAITED;

    Rest(PeerServer server) {
        this.server = server;
    }

    @Override
    public void reached() {
        end(State.REACHED);
    }

    @Override
    public void abandoned() {
        end(State.ABANDONED);
    }

    private void end(State how) {
        if (state == State.AWAITED) {
            state = how;
            server.wake();
        }
    }

    /** On the control thread: whether the device is at rest; if not, it may touch memory for ever. */
    boolean await(String device, Duration reportEvery, Logger log) {
        boolean ended = server.await(
                () -> state != State.AWAITED,
                () -> false,
                reportEvery,
                () -> log.warn("{}: still waits for requests in flight", device));
        return ended && state == State.REACHED;
    }
}
