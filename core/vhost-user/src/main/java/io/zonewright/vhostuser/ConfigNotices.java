package io.zonewright.vhostuser;

import io.zonewright.posix.Fd;
import io.zonewright.posix.FdBatch;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.UnixConnection;
import io.zonewright.runtime.peer.PeerLog;
import io.zonewright.runtime.peer.PeerServer;
import io.zonewright.vhostuser.message.MessageException;
import io.zonewright.vhostuser.message.MessageHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Tells the driver that the configuration space has changed (vhost-user.rst, "Back-end message types",
 * VHOST_USER_BACKEND_CONFIG_CHANGE_MSG), over the socket that it gave us for requests of ours (SET_BACKEND_REQ_FD). For
 * the control thread.
 *
 * <p>A notice says only "read again", so changes are coalesced: one notice is due or none. Where replies were agreed upon
 * (REPLY_ACK) one is asked for, and the next notice waits for it. Nothing here ever waits: a notice that does not fit
 * into the socket is lost and logged; anything but the one reply that is due ends the channel, not the connection. A
 * reply must not be waited for in any case, since a hypervisor may ask for the configuration (GET_CONFIG) before it
 * replies.
 *
 * <p><b>What QEMU does with it</b> (read in hw/virtio/vhost-user.c): it sends SET_BACKEND_REQ_FD once for each
 * connection, whenever BACKEND_REQ is offered, and reads the socket from its main loop. {@code vhost-user-test-device}
 * (vhost-user-base.c, vub_config_notifier) interrupts the guest, whose next access to the configuration comes to us as
 * GET_CONFIG; {@code vhost-user-blk} sends GET_CONFIG itself, keeps the answer and interrupts the guest. A device type
 * without a handler answers a reply asked for with 1. The channel outlives SET_STATUS 0, which QEMU sends at each stop
 * of the guest, since it would not send the descriptor again. And vhost-user-base has no device to notify while it is
 * stopped ({@code vhost_dev_stop} clears {@code vdev}, and the notifier does not look), so a notice goes out only while
 * rings run and are enabled; until then it stays due.
 */
final class ConfigNotices implements AutoCloseable {
    /** VHOST_USER_BACKEND_CONFIG_CHANGE_MSG, without payload. */
    static final int CONFIG_CHANGE = 2;

    private static final int REPLY_BYTES = MessageHeader.SIZE + Long.BYTES;

    /** The user id that the kernel gives for a socket without a peer, as all are that are no Unix sockets. */
    private static final int NOBODY = -1;

    /** A socket that says so often in a row that it has something to read, and has not, is up to no good. */
    private static final int MAX_EMPTY_READS = 16;

    private final Posix posix;
    private final PeerServer server;
    private final long token;
    private final Duration patience;
    private final PeerLog log;
    private final FdBatch noDescriptors;
    private final MemorySegment out = Arena.ofAuto().allocate(MessageHeader.SIZE, 8);
    private final MemorySegment in = Arena.ofAuto().allocate(REPLY_BYTES, 8);
    private final ByteBuffer notice = out.asByteBuffer().order(ByteOrder.nativeOrder());
    private final ByteBuffer reply = in.asByteBuffer().order(ByteOrder.nativeOrder());

    private @Nullable UnixConnection connection;

    /** Something changed that the driver has not been told. */
    private boolean due;

    /** A notice was sent and its reply has not come. */
    private boolean awaitingReply;

    private long sentAt;
    private int received;
    private int emptyReads;

    /**
     * @param server reports under {@code token} when {@link #receive} is to be called
     * @param patience a reply that takes longer is worth a log line
     */
    ConfigNotices(Posix posix, PeerServer server, long token, Duration patience, PeerLog log) {
        this.posix = posix;
        this.server = server;
        this.token = token;
        this.patience = patience;
        this.log = log;
        noDescriptors = new FdBatch(posix, 0);
    }

    /**
     * Uses this descriptor from now on, instead of one before it, and owns it.
     *
     * @throws MessageException if it is not a connected Unix socket; others may block when they are closed
     */
    void use(Fd fd) throws MessageException {
        drop();
        UnixConnection peer;
        try {
            peer = UnixConnection.adopt(posix, fd);
        } catch (PosixException e) {
            throw new MessageException("the descriptor for our requests cannot be used: " + e.getMessage());
        }
        try {
            if (peer.peer().uid() == NOBODY) {
                throw new MessageException("the descriptor for our requests is not a connected Unix socket");
            }
            server.watch(peer.fd(), token);
        } catch (PosixException e) {
            peer.close();
            throw new MessageException("the descriptor for our requests cannot be used: " + e.getMessage());
        } catch (MessageException e) {
            peer.close();
            throw e;
        }
        connection = peer;
    }

    /** The configuration space has changed: a notice is due. */
    void changed() {
        due = true;
    }

    /**
     * Sends the notice if one is due and can go.
     *
     * @param acknowledged whether a reply is to be asked for
     */
    void send(boolean acknowledged) {
        UnixConnection peer = connection;
        if (!due || peer == null) {
            return;
        }
        long now = System.nanoTime();
        if (awaitingReply) {
            if (now - sentAt >= patience.toNanos()) {
                log.warn("has not acknowledged a configuration change; the notice of the next one waits");
            }
            return;
        }
        due = false;
        MessageHeader.write(
                notice, CONFIG_CHANGE, MessageHeader.VERSION | (acknowledged ? MessageHeader.NEED_REPLY : 0), 0);
        long sent;
        try {
            sent = peer.send(out, 0, MessageHeader.SIZE);
        } catch (PosixException e) {
            end("cannot be told of a configuration change: " + e.getMessage());
            return;
        }
        if (sent == MessageHeader.SIZE) {
            awaitingReply = acknowledged;
            sentAt = now;
        } else if (sent == Posix.AGAIN) {
            log.warn("does not read our notices: one of a configuration change is lost");
        } else {
            end("took " + sent + " bytes of a notice");
        }
    }

    /** Takes what the driver says on the channel: the reply that is due, and nothing else. */
    void receive() {
        UnixConnection peer = connection;
        while (peer != null && peer == connection) {
            long count;
            try {
                count = peer.receive(in, received, REPLY_BYTES - received, noDescriptors);
            } catch (PosixException e) {
                end("failed on the channel for our requests: " + e.getMessage());
                return;
            }
            if (count == Posix.AGAIN) {
                if (++emptyReads > MAX_EMPTY_READS) {
                    end("keeps the channel for our requests readable without sending anything");
                }
                return;
            }
            if (count == 0) {
                log.info("the driver closed the channel for our requests");
                drop();
                return;
            }
            emptyReads = 0;
            received += (int) count;
            if (received == REPLY_BYTES) {
                received = 0;
                takeReply();
            }
        }
    }

    private void takeReply() {
        int request = reply.getInt(MessageHeader.REQUEST_OFFSET);
        int flags = reply.getInt(MessageHeader.FLAGS_OFFSET);
        int payload = reply.getInt(MessageHeader.SIZE_OFFSET);
        if (!awaitingReply
                || request != CONFIG_CHANGE
                || flags != (MessageHeader.VERSION | MessageHeader.REPLY)
                || payload != Long.BYTES) {
            end("sent request " + Integer.toUnsignedString(request) + ", flags 0x" + Integer.toHexString(flags) + ", "
                    + Integer.toUnsignedString(payload) + " bytes on the channel for our requests, where "
                    + (awaitingReply ? "the reply to request " + CONFIG_CHANGE : "nothing") + " was due");
            return;
        }
        awaitingReply = false;
        long result = reply.getLong(MessageHeader.SIZE);
        if (result != 0) {
            log.info("the driver did nothing about a configuration change (" + Long.toUnsignedString(result) + ")");
        }
    }

    private void end(String why) {
        log.warn(why + "; it gets no more notices");
        drop();
    }

    /** Lets go of the channel. A notice whose reply is missing may not have arrived: it is due on the next one. */
    private void drop() {
        UnixConnection peer = connection;
        connection = null;
        due |= awaitingReply;
        awaitingReply = false;
        received = 0;
        emptyReads = 0;
        if (peer != null) {
            // Closing alone would not do: the driver may hold the same open file.
            server.unwatch(peer.fd());
            peer.close();
        }
    }

    @Override
    public void close() {
        drop();
    }
}
