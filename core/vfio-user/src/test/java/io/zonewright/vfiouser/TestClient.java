package io.zonewright.vfiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.Errno;
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
import java.nio.file.Path;

/** A client that sends what it is told, right or wrong. */
final class TestClient implements AutoCloseable {
    static final int TIMEOUT_MILLIS = 10_000;
    static final int CONFIG = 7;

    private final UnixConnection connection;
    private final FdBatch descriptors;
    private final MemorySegment buffer = Arena.ofAuto().allocate(1 << 17, 8);
    private final ByteBuffer view = buffer.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    private int nextId = 100;

    TestClient(Posix posix, Path socket) {
        connection = UnixConnection.connect(posix, socket);
        descriptors = new FdBatch(posix, 8);
    }

    /** A client that has agreed upon a version. */
    static TestClient negotiated(Posix posix, Path socket) throws EOFException {
        TestClient client = new TestClient(posix, socket);
        assertEquals("00000000", Bytes.hex(client.request(1, Bytes.of("0000 0000")), 4));
        return client;
    }

    void send(int command, int flags, ByteBuffer payload, Fd... fds) {
        int length = payload.remaining();
        view.putShort(0, (short) nextId)
                .putShort(2, (short) command)
                .putInt(4, 16 + length)
                .putInt(8, flags)
                .putInt(12, 0);
        view.put(16, payload, payload.position(), length);
        connection.sendFully(buffer, 0, 16 + length, TIMEOUT_MILLIS, fds);
    }

    void sendRaw(ByteBuffer bytes) {
        view.put(0, bytes, 0, bytes.limit());
        connection.sendFully(buffer, 0, bytes.limit(), TIMEOUT_MILLIS);
    }

    /** The errno of the reply that comes next; its payload then begins at 0 of {@link #payload}. */
    int errno(int command) throws EOFException {
        assertTrue(connection.receiveFully(buffer, 0, 16, descriptors, TIMEOUT_MILLIS), "closed");
        assertEquals(nextId, Short.toUnsignedInt(view.getShort(0)));
        assertEquals(command, view.getShort(2));
        int errno = view.getInt(12);
        assertEquals(errno == 0 ? 1 : 0x21, view.getInt(8));
        int length = view.getInt(4) - 16;
        if (errno != 0) {
            assertEquals(0, length);
        }
        if (length > 0) {
            connection.receiveFully(buffer, 16, length, descriptors, TIMEOUT_MILLIS);
        }
        view.limit(16 + length);
        payload = view.slice(16, length).order(ByteOrder.LITTLE_ENDIAN);
        view.clear();
        nextId = nextId + 1 & 0xFFFF;
        return errno;
    }

    ByteBuffer payload = ByteBuffer.allocate(0);

    /** Descriptors that came with replies, to be taken. */
    FdBatch descriptors() {
        return descriptors;
    }

    /** The payload of a good reply. */
    ByteBuffer request(int command, ByteBuffer payload, Fd... fds) throws EOFException {
        assertEquals(0, errno(command, payload, fds));
        return this.payload;
    }

    int errno(int command, ByteBuffer payload, Fd... fds) throws EOFException {
        send(command, 0, payload, fds);
        return errno(command);
    }

    static ByteBuffer dmaMap(int flags, long offset, long address, long size) {
        return Bytes.zeroed(32)
                .putInt(0, 32)
                .putInt(4, flags)
                .putLong(8, offset)
                .putLong(16, address)
                .putLong(24, size);
    }

    static ByteBuffer dmaUnmap(int flags, long address, long size) {
        return Bytes.zeroed(24)
                .putInt(0, 24)
                .putInt(4, flags)
                .putLong(8, address)
                .putLong(16, size);
    }

    static ByteBuffer access(int region, long offset, int count) {
        return Bytes.zeroed(16).putLong(0, offset).putInt(8, region).putInt(12, count);
    }

    static ByteBuffer write(int region, long offset, String hex) {
        ByteBuffer data = Bytes.of(hex);
        return Bytes.zeroed(16 + data.limit())
                .putLong(0, offset)
                .putInt(8, region)
                .putInt(12, data.limit())
                .put(16, data, 0, data.limit());
    }

    String read(int region, long offset, int count) throws EOFException {
        ByteBuffer reply = request(9, access(region, offset, count));
        assertEquals(16 + count, reply.limit());
        return Bytes.hex(reply.slice(16, count), count);
    }

    void write(int region, int offset, String hex) throws EOFException {
        assertEquals(16, request(10, write(region, (long) offset, hex)).limit());
    }

    void enable() throws EOFException {
        write(CONFIG, 4, "0600");
    }

    void expectClosed() throws EOFException {
        try {
            assertEquals(false, connection.receiveFully(buffer, 0, 1, descriptors, TIMEOUT_MILLIS));
        } catch (PosixException e) {
            // What was sent and not read makes the end a reset.
            assertEquals(Errno.ECONNRESET.number(), e.errno());
        }
    }

    @Override
    public void close() {
        descriptors.close();
        connection.close();
    }
}
