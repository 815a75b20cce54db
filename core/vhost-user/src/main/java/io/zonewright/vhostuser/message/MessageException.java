package io.zonewright.vhostuser.message;

import io.zonewright.runtime.peer.PeerException;

/**
 * A message that breaks the protocol, or asks for what we cannot do. It is answered with an error if the driver wants
 * an answer; otherwise the connection is closed, and the log has this reason.
 */
public final class MessageException extends PeerException {
    private static final long serialVersionUID = 1L;

    public MessageException(String reason) {
        super(reason);
    }
}
