package io.zonewright.vfiouser;

import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.FdBatch;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.UnixConnection;
import io.zonewright.runtime.peer.PeerException;
import io.zonewright.vfiouser.message.IrqSet;
import io.zonewright.vfiouser.message.MessageHeader;
import java.io.EOFException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whole messages over a connection. Its buffers are as large as the largest message and allocated once; a message that
 * has begun must end within the time allowed.
 */
final class MessageChannel implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MessageChannel.class);
    private static final Fd[] NO_DESCRIPTORS = {};

    private final UnixConnection connection;
    private final int timeoutMillis;
    private final FdBatch descriptors;
    private final MemorySegment in = Arena.ofAuto().allocate(MessageHeader.SIZE + MessageHeader.MAX_PAYLOAD, 8);
    private final MemorySegment out = Arena.ofAuto().allocate(MessageHeader.SIZE + MessageHeader.MAX_PAYLOAD, 8);
    private final ByteBuffer inHeader = view(in, 0, MessageHeader.SIZE);
    private final ByteBuffer inPayload = view(in, MessageHeader.SIZE, MessageHeader.MAX_PAYLOAD);
    private final ByteBuffer outHeader = view(out, 0, MessageHeader.SIZE);
    private final ByteBuffer outPayload = view(out, MessageHeader.SIZE, MessageHeader.MAX_PAYLOAD);
    private MessageHeader header = new MessageHeader(0, 0, MessageHeader.SIZE, 0);

    /** Written by {@link #receive}, then read {@link #givenUp}; {@link #giveUp} does the reverse, so one sees the other. */
    private volatile boolean receiving;

    private volatile boolean givenUp;

    /** @param timeoutMillis for the rest of a message that has begun, and for sending a reply */
    MessageChannel(Posix posix, UnixConnection connection, int timeoutMillis) {
        this.connection = connection;
        this.timeoutMillis = timeoutMillis;
        descriptors = new FdBatch(posix, IrqSet.MAX_DESCRIPTORS);
    }

    /**
     * Receives the message that has begun to arrive. Descriptors of the message before that nobody took are closed.
     *
     * @return false if the client has closed the connection
     * @throws EOFException if it did so in the middle of a message
     * @throws PeerException if the header is wrong, which is answered with EINVAL; the connection is of no use any more
     * @throws PosixException likewise
     */
    boolean receive() throws EOFException, PeerException {
        descriptors.close();
        receiving = true;
        try {
            return !givenUp && receiveMessage();
        } finally {
            receiving = false;
        }
    }

    /** From any thread: ends a wait for the rest of a message. */
    void giveUp() {
        givenUp = true;
        if (receiving) {
            try {
                connection.shutdown();
            } catch (PosixException | IllegalStateException e) {
                LOG.debug("the connection was gone already", e);
            }
        }
    }

    private boolean receiveMessage() throws EOFException, PeerException {
        if (!connection.receiveFully(in, 0, MessageHeader.SIZE, descriptors, timeoutMillis)) {
            return false;
        }
        header = MessageHeader.read(inHeader);
        String problem = header.problem();
        if (problem != null) {
            fail(Errno.EINVAL.number());
            throw new PeerException(problem);
        }
        int length = header.payloadBytes();
        if (length > 0 && !connection.receiveFully(in, MessageHeader.SIZE, length, descriptors, timeoutMillis)) {
            throw new EOFException("the client closed after a message's header");
        }
        return true;
    }

    /** Of the message received last. */
    MessageHeader header() {
        return header;
    }

    /** Of the message received last, in native order; bytes past its length are left over from others. */
    ByteBuffer payload() {
        return inPayload;
    }

    /** Of the message received last, to be taken. */
    FdBatch descriptors() {
        return descriptors;
    }

    /** To be filled for {@link #reply}, in native order. */
    ByteBuffer answer() {
        return outPayload;
    }

    /** Replies to the message received last with what {@link #answer} holds. */
    void reply(int payloadBytes) {
        reply(payloadBytes, NO_DESCRIPTORS);
    }

    /** Likewise, with copies of descriptors. */
    void reply(int payloadBytes, Fd... copies) {
        send(payloadBytes, 0, copies);
    }

    /** Refuses the message received last. */
    void fail(int errno) {
        send(0, errno, NO_DESCRIPTORS);
    }

    private void send(int payloadBytes, int errno, Fd[] copies) {
        if (header.wantsReply()) {
            header.writeReply(outHeader, payloadBytes, errno);
            connection.sendFully(out, 0, MessageHeader.SIZE + (long) payloadBytes, timeoutMillis, copies);
        }
    }

    UnixConnection connection() {
        return connection;
    }

    @Override
    public void close() {
        descriptors.close();
        connection.close();
    }

    private static ByteBuffer view(MemorySegment memory, long offset, long length) {
        return memory.asSlice(offset, length).asByteBuffer().order(ByteOrder.nativeOrder());
    }
}
