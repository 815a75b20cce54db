package io.zonewright.runtime.peer;

/** A peer broke the rules, and the connection cannot go on; the log has the reason. */
public class PeerException extends Exception {
    private static final long serialVersionUID = 1L;

    public PeerException(String reason) {
        super(reason);
    }
}
