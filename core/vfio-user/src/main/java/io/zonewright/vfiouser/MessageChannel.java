package io.zonewright.vfiouser;

import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.UnixConnection;
import io.zonewright.runtime.peer.PeerChannel;
import io.zonewright.runtime.peer.PeerException;
import io.zonewright.vfiouser.message.IrqSet;
import io.zonewright.vfiouser.message.MessageHeader;
import java.nio.ByteBuffer;

/** Messages of vfio-user over a connection. */
final class MessageChannel extends PeerChannel {
    private static final Fd[] NO_DESCRIPTORS = {};

    private MessageHeader header = new MessageHeader(0, 0, MessageHeader.SIZE, 0);

    /** A reply to the message received last has gone, or at least some bytes of it. */
    private boolean answered;

    MessageChannel(Posix posix, UnixConnection connection, int timeoutMillis) {
        super(posix, connection, MessageHeader.SIZE, MessageHeader.MAX_PAYLOAD, IrqSet.MAX_DESCRIPTORS, timeoutMillis);
    }

    /** A header that is wrong is answered with EINVAL. */
    @Override
    protected int readHeader(ByteBuffer bytes) throws PeerException {
        answered = false;
        header = MessageHeader.read(bytes);
        String problem = header.problem();
        if (problem != null) {
            fail(Errno.EINVAL.number());
            throw new PeerException(problem);
        }
        return header.payloadBytes();
    }

    /** Of the message received last. */
    MessageHeader header() {
        return header;
    }

    /** Whether the message received last was replied to, so that nothing may follow; never if it wants no reply. */
    boolean answered() {
        return answered;
    }

    /** Replies to the message received last with what {@link #answer} holds. */
    void reply(int payloadBytes) {
        reply(payloadBytes, NO_DESCRIPTORS);
    }

    /** Likewise, with copies of descriptors. */
    void reply(int payloadBytes, Fd... copies) {
        sendReply(payloadBytes, 0, copies);
    }

    /** Refuses the message received last. */
    void fail(int errno) {
        sendReply(0, errno, NO_DESCRIPTORS);
    }

    private void sendReply(int payloadBytes, int errno, Fd[] copies) {
        if (header.wantsReply()) {
            answered = true;
            header.writeReply(answerHeader(), payloadBytes, errno);
            send(payloadBytes, copies);
        }
    }
}
