package io.zonewright.vhostuser;

import io.zonewright.posix.Posix;
import io.zonewright.posix.UnixConnection;
import io.zonewright.runtime.peer.PeerChannel;
import io.zonewright.vhostuser.message.MemoryTable;
import io.zonewright.vhostuser.message.MessageException;
import io.zonewright.vhostuser.message.MessageHeader;
import java.nio.ByteBuffer;

/** Messages of vhost-user over a connection. */
final class MessageChannel extends PeerChannel {
    private MessageHeader header = new MessageHeader(0, MessageHeader.VERSION, 0);

    MessageChannel(Posix posix, UnixConnection connection, int timeoutMillis) {
        super(posix, connection, MessageHeader.SIZE, MessageHeader.MAX_PAYLOAD, MemoryTable.MAX_REGIONS, timeoutMillis);
    }

    @Override
    protected int readHeader(ByteBuffer bytes) throws MessageException {
        header = MessageHeader.read(bytes);
        return header.payloadBytes();
    }

    /** Of the message received last. */
    MessageHeader header() {
        return header;
    }

    /** Answers the message received last with what {@link #answer} holds. */
    void reply(int payloadBytes) {
        MessageHeader.writeReply(answerHeader(), header.request(), payloadBytes);
        send(payloadBytes);
    }
}
