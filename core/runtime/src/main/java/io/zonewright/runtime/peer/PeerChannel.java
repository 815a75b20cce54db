package io.zonewright.runtime.peer;

import io.zonewright.posix.Fd;
import io.zonewright.posix.FdBatch;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.UnixConnection;
import java.io.EOFException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whole messages over a connection, each a header of fixed length and a payload. Its buffers are as large as the largest
 * message and allocated once; a message that has begun must end within the time allowed. For the control thread, but
 * {@link #giveUp}.
 */
public abstract class PeerChannel implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerChannel.class);

    private final UnixConnection connection;
    private final int headerBytes;
    private final int timeoutMillis;
    private final FdBatch descriptors;
    private final MemorySegment in;
    private final MemorySegment out;
    private final ByteBuffer inHeader;
    private final ByteBuffer inPayload;
    private final ByteBuffer outHeader;
    private final ByteBuffer outPayload;

    /** Written by {@link #receive}, then read {@link #givenUp}; {@link #giveUp} does the reverse, so one sees the other. */
    private volatile boolean receiving;

    private volatile boolean givenUp;

    /**
     * @param headerBytes length of each header
     * @param maxPayload bytes; {@link #readHeader} refuses more
     * @param maxDescriptors with one message
     * @param timeoutMillis for the rest of a message that has begun, and for sending an answer
     */
    protected PeerChannel(
            Posix posix,
            UnixConnection connection,
            int headerBytes,
            int maxPayload,
            int maxDescriptors,
            int timeoutMillis) {
        this.connection = connection;
        this.headerBytes = headerBytes;
        this.timeoutMillis = timeoutMillis;
        descriptors = new FdBatch(posix, maxDescriptors);
        in = Arena.ofAuto().allocate((long) headerBytes + maxPayload, 8);
        out = Arena.ofAuto().allocate((long) headerBytes + maxPayload, 8);
        inHeader = view(in, 0, headerBytes);
        inPayload = view(in, headerBytes, maxPayload);
        outHeader = view(out, 0, headerBytes);
        outPayload = view(out, headerBytes, maxPayload);
    }

    /**
     * Takes note of the header of a message that has begun to arrive.
     *
     * @param header in native order
     * @return how many bytes of payload follow
     * @throws PeerException if it is wrong: there is no way to find the next message, and the connection has to go
     */
    protected abstract int readHeader(ByteBuffer header) throws PeerException;

    /**
     * Receives the message that has begun to arrive. Descriptors of the message before that nobody took are closed.
     *
     * @return false if the peer has closed the connection, or after {@link #giveUp}
     * @throws EOFException if it did so in the middle of a message
     * @throws PeerException if the header is wrong; the connection is of no use any more
     * @throws PosixException likewise
     */
    public final boolean receive() throws EOFException, PeerException {
        descriptors.close();
        receiving = true;
        try {
            return !givenUp && receiveMessage();
        } finally {
            receiving = false;
        }
    }

    /**
     * From any thread: ends a wait for the rest of a message, so that a peer which sends half of one cannot hold up
     * the end of its endpoint. Between messages it only makes the next {@link #receive} say that the peer is gone.
     */
    public final void giveUp() {
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
        if (!connection.receiveFully(in, 0, headerBytes, descriptors, timeoutMillis)) {
            return false;
        }
        int length = readHeader(inHeader);
        if (length > 0 && !connection.receiveFully(in, headerBytes, length, descriptors, timeoutMillis)) {
            throw new EOFException("the peer closed after a message's header");
        }
        return true;
    }

    /** Of the message received last, in native order; bytes past its length are left over from others. */
    public final ByteBuffer payload() {
        return inPayload;
    }

    /** Of the message received last, to be taken. */
    public final FdBatch descriptors() {
        return descriptors;
    }

    /** Payload of an answer, to be filled in native order. */
    public final ByteBuffer answer() {
        return outPayload;
    }

    /** Header of an answer, likewise. */
    protected final ByteBuffer answerHeader() {
        return outHeader;
    }

    /** Sends {@link #answerHeader}, the first bytes of {@link #answer}, and copies of descriptors. */
    protected final void send(int payloadBytes, Fd... copies) {
        connection.sendFully(out, 0, (long) headerBytes + payloadBytes, timeoutMillis, copies);
    }

    public final UnixConnection connection() {
        return connection;
    }

    @Override
    public final void close() {
        descriptors.close();
        connection.close();
    }

    private static ByteBuffer view(MemorySegment memory, long offset, long length) {
        return memory.asSlice(offset, length).asByteBuffer().order(ByteOrder.nativeOrder());
    }
}
