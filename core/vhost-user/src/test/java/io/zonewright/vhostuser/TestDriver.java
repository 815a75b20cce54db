package io.zonewright.vhostuser;

import io.zonewright.posix.Errno;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.FdBatch;
import io.zonewright.posix.MappedFile;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.UnixConnection;
import io.zonewright.virtio.queue.DriverRing;
import java.io.EOFException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A hypervisor and its guest, as small as the tests of this module need it: sends messages as numbers and bytes, shares
 * one memfd, and keeps a ring per queue in it. Every wait is bounded.
 */
final class TestDriver implements AutoCloseable {
    static final int TIMEOUT_MILLIS = 10_000;
    static final long GUEST = 0x4000_0000L;
    static final long USER = 0x7f12_3400_0000L;
    static final int MEMORY_BYTES = 1 << 20;
    static final long VIRTIO = 1L << 32 | 1L << 30;
    static final int QUEUE_SIZE = 16;

    static final int GET_FEATURES = 1;
    static final int SET_FEATURES = 2;
    static final int SET_MEM_TABLE = 5;
    static final int SET_VRING_NUM = 8;
    static final int SET_VRING_ADDR = 9;
    static final int SET_VRING_BASE = 10;
    static final int GET_VRING_BASE = 11;
    static final int SET_VRING_KICK = 12;
    static final int SET_VRING_CALL = 13;
    static final int SET_VRING_ERR = 14;
    static final int GET_PROTOCOL_FEATURES = 15;
    static final int SET_PROTOCOL_FEATURES = 16;
    static final int GET_QUEUE_NUM = 17;
    static final int SET_VRING_ENABLE = 18;
    static final int SET_BACKEND_REQ_FD = 21;
    static final int GET_CONFIG = 24;
    static final int SET_CONFIG = 25;
    static final int RESET_DEVICE = 34;
    static final int GET_MAX_MEM_SLOTS = 36;
    static final int ADD_MEM_REG = 37;
    static final int REM_MEM_REG = 38;
    static final int SET_STATUS = 39;
    static final int GET_STATUS = 40;

    static final int NEED_REPLY = 8;

    private final Posix posix;
    private final UnixConnection connection;
    private final FdBatch nothing;
    final Mapping memory;
    private final Map<Integer, Queue> queues = new HashMap<>();

    /** One queue: its ring and its descriptors. */
    record Queue(DriverRing ring, EventFd kick, EventFd call, EventFd error) {}

    TestDriver(Posix posix, Path socket) {
        this.posix = posix;
        connection = UnixConnection.connect(posix, socket);
        nothing = new FdBatch(posix, 1);
        memory = MappedFile.inMemory(posix, "guest", MEMORY_BYTES);
    }

    // --- messages ------------------------------------------------------------------------------------------------

    static byte[] u64(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.nativeOrder());
        for (long value : values) {
            bytes.putLong(value);
        }
        return bytes.array();
    }

    static byte[] u32(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.nativeOrder());
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            bytes.put(part);
        }
        return bytes.array();
    }

    void send(int request, byte[] payload, Fd... fds) {
        sendRaw(join(u32(request, 1, payload.length), payload), fds);
    }

    void sendRaw(byte[] bytes, Fd... fds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(bytes.length);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer, 0, bytes.length);
            connection.sendFully(buffer, 0, bytes.length, TIMEOUT_MILLIS, fds);
        }
    }

    /** Sends with NEED_REPLY and gives the acknowledgement: 0 is success. */
    long acknowledge(int request, byte[] payload, Fd... fds) throws EOFException {
        sendRaw(join(u32(request, 1 | NEED_REPLY, payload.length), payload), fds);
        return answer(request).getLong(0);
    }

    /** Sends a question and gives the payload of its answer. */
    ByteBuffer ask(int request, byte[] payload) throws EOFException {
        send(request, payload);
        return answer(request);
    }

    long askLong(int request) throws EOFException {
        return ask(request, new byte[0]).getLong(0);
    }

    ByteBuffer answer(int request) throws EOFException {
        ByteBuffer header = receive(12);
        if (header.getInt(0) != request || header.getInt(4) != 5) {
            throw new AssertionError(
                    "answer to " + request + " has request " + header.getInt(0) + " flags " + header.getInt(4));
        }
        return receive(header.getInt(8));
    }

    private ByteBuffer receive(int length) throws EOFException {
        if (length == 0) {
            return ByteBuffer.allocate(0);
        }
        MemorySegment buffer = Arena.ofAuto().allocate(length);
        if (!connection.receiveFully(buffer, 0, length, nothing, TIMEOUT_MILLIS)) {
            throw new EOFException("closed");
        }
        return buffer.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** Whether an answer lies there already. */
    boolean hasAnswer() {
        return posix.poll(connection.fd(), 1, 0) != 0;
    }

    /** Waits until the device closes the connection; fails if it says something instead. */
    void expectClosed() {
        try {
            ByteBuffer header = receive(12);
            throw new AssertionError("an answer to " + header.getInt(0) + " came");
        } catch (EOFException e) {
            // as expected
        } catch (PosixException e) {
            if (!e.is(Errno.ECONNRESET)) { // closed before all of it was read
                throw e;
            }
        }
    }

    // --- set-up --------------------------------------------------------------------------------------------------

    void negotiate(long features) throws EOFException {
        send(SET_PROTOCOL_FEATURES, u64(askLong(GET_PROTOCOL_FEATURES)));
        send(SET_FEATURES, u64(features));
    }

    static byte[] region(long guest, long size, long user, long offset) {
        return u64(guest, size, user, offset);
    }

    byte[] wholeRegion() {
        return region(GUEST, MEMORY_BYTES, USER, 0);
    }

    long shareMemory() throws EOFException {
        return acknowledge(ADD_MEM_REG, join(u64(0), wholeRegion()), memoryFd());
    }

    Fd memoryFd() {
        return Objects.requireNonNull(memory.fd());
    }

    /** Makes the ring of a queue, in the first 64 KiB of the memory, and its descriptors. */
    Queue makeQueue(int index) {
        return queues.computeIfAbsent(
                index,
                i -> new Queue(
                        new DriverRing(memory.segment(), 0x1000L * i, QUEUE_SIZE),
                        EventFd.create(posix),
                        EventFd.create(posix),
                        EventFd.create(posix)));
    }

    /** Sets a queue up as QEMU does, and enables it. */
    Queue startQueue(int index, int base) throws EOFException {
        Queue queue = makeQueue(index);
        send(SET_VRING_CALL, u64(index), queue.call().fd());
        send(SET_VRING_ERR, u64(index), queue.error().fd());
        send(SET_VRING_NUM, u32(index, QUEUE_SIZE));
        send(SET_VRING_BASE, u32(index, base));
        send(SET_VRING_ADDR, addresses(index));
        send(SET_VRING_KICK, u64(index), queue.kick().fd());
        if (acknowledge(SET_VRING_ENABLE, u32(index, 1)) != 0) {
            throw new AssertionError("queue " + index + " was not enabled");
        }
        return queue;
    }

    byte[] addresses(int index) {
        DriverRing ring = makeQueue(index).ring();
        return join(
                u32(index, 0), u64(USER + ring.descriptorsAt(), USER + ring.usedAt(), USER + ring.availableAt(), 0));
    }

    /** Where a request's bytes may be: below the rings, 4 KiB per head. */
    static long dataAt(int head) {
        return 0x1_0000L + 0x1000L * head;
    }

    /** Offers a chain of 16 readable and 8 writable bytes at {@code head} and its successor, and kicks. */
    void offer(int index, int head) {
        Queue queue = makeQueue(index);
        queue.ring().descriptor(head, GUEST + dataAt(head), 16, DriverRing.NEXT, head + 1);
        queue.ring().descriptor(head + 1, GUEST + dataAt(head) + 16, 8, DriverRing.WRITE, 0);
        queue.ring().offer(head);
        queue.kick().signal();
    }

    void awaitUsed(int index, int position) {
        Queue queue = makeQueue(index);
        long deadline = System.nanoTime() + TIMEOUT_MILLIS * 1_000_000L;
        while (queue.ring().usedIndex() != position) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("used index " + queue.ring().usedIndex() + ", not " + position);
            }
            Thread.onSpinWait();
        }
    }

    boolean awaitSignal(EventFd descriptor) {
        return posix.poll(descriptor.fd(), 1, TIMEOUT_MILLIS) != 0;
    }

    void disconnect() {
        connection.close();
    }

    @Override
    public void close() {
        connection.close();
        nothing.close();
        queues.values().forEach(queue -> {
            queue.kick().close();
            queue.call().close();
            queue.error().close();
        });
        memory.close();
    }
}
