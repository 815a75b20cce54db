package io.zonewright.testkit.vhostuser;

import static io.zonewright.testkit.vhostuser.VhostUserMessage.u64;
import static io.zonewright.testkit.vhostuser.VhostUserMessage.vringState;

import io.zonewright.posix.Errno;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.FdBatch;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.UnixConnection;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.virtio.Ring;
import java.io.EOFException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a hypervisor says to a vhost-user device, message by message; it decides nothing by itself. Waits are bounded by
 * {@link #TIMEOUT_MILLIS}. For one thread at a time.
 */
public final class VhostUserDriver implements AutoCloseable {
    /** How long an answer may take. */
    public static final int TIMEOUT_MILLIS = 10_000;

    private static final int MAX_PAYLOAD = 64 * 1024;
    private static final int MAX_FDS = 16;

    private final Posix posix;
    private final UnixConnection connection;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(VhostUserMessage.HEADER_BYTES + MAX_PAYLOAD, 8);
    private long protocolFeatures;

    /** Speaks over a connection and closes it in the end. */
    public VhostUserDriver(Posix posix, UnixConnection connection) {
        this.posix = posix;
        this.connection = connection;
    }

    /** Connects to a device's socket. */
    public static VhostUserDriver connect(Posix posix, Path socket) {
        return new VhostUserDriver(posix, UnixConnection.connect(posix, socket));
    }

    // --- any message ---------------------------------------------------------------------------------------------

    /** Sends any bytes, with any descriptors, which stay the caller's. */
    public void sendRaw(byte[] bytes, Fd... fds) {
        if (bytes.length > buffer.byteSize()) {
            throw new IllegalArgumentException(bytes.length + " bytes do not fit the driver's buffer");
        }
        MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
        connection.sendFully(buffer, 0, bytes.length, TIMEOUT_MILLIS, fds);
    }

    /** Sends a message without waiting for anything. */
    public void send(VhostUserMessage message, Fd... fds) {
        sendRaw(message.bytes(), fds);
    }

    /**
     * Waits for a message.
     *
     * @throws DeviceRefusedException if the device hung up
     */
    public VhostUserMessage receive() {
        return receive(TIMEOUT_MILLIS);
    }

    /** As {@link #receive()}, waiting for at most {@code timeoutMillis}. */
    public VhostUserMessage receive(int timeoutMillis) {
        try (FdBatch fds = new FdBatch(posix, MAX_FDS)) {
            if (!connection.receiveFully(buffer, 0, VhostUserMessage.HEADER_BYTES, fds, timeoutMillis)) {
                throw new DeviceRefusedException("the device hung up");
            }
            int request = buffer.get(ValueLayout.JAVA_INT, 0);
            int flags = buffer.get(ValueLayout.JAVA_INT, 4);
            int size = buffer.get(ValueLayout.JAVA_INT, 8);
            if (size < 0 || size > MAX_PAYLOAD) {
                throw new IllegalStateException("the device sent a payload of " + Integer.toUnsignedString(size));
            }
            byte[] payload = new byte[size];
            if (size > 0) {
                connection.receiveFully(buffer, VhostUserMessage.HEADER_BYTES, size, fds, timeoutMillis);
                MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, VhostUserMessage.HEADER_BYTES, payload, 0, size);
            }
            return new VhostUserMessage(request, flags, payload);
        } catch (EOFException e) {
            throw new DeviceRefusedException("the device hung up within a message");
        } catch (PosixException e) {
            if (e.is(Errno.ECONNRESET)) {
                throw new DeviceRefusedException("the device hung up: " + e.getMessage());
            }
            throw e;
        }
    }

    /** Sends a request that has an answer by its nature, and checks that the answer belongs to it. */
    public VhostUserMessage ask(int request, byte[] payload, Fd... fds) {
        sendOrRefused(new VhostUserMessage(request, VhostUser.VERSION, payload), fds);
        return answer(request);
    }

    /**
     * Sends a request that has no answer of its own; with REPLY_ACK negotiated asks for one.
     *
     * @return the acknowledgement, 0 for good; 0 without REPLY_ACK
     */
    public long tell(int request, byte[] payload, Fd... fds) {
        boolean acknowledged = (protocolFeatures & VhostUser.PF_REPLY_ACK) != 0;
        int flags = VhostUser.VERSION | (acknowledged ? VhostUser.FLAG_NEED_REPLY : 0);
        sendOrRefused(new VhostUserMessage(request, flags, payload), fds);
        return acknowledged ? answer(request).u64() : 0;
    }

    private void sendOrRefused(VhostUserMessage message, Fd... fds) {
        try {
            send(message, fds);
        } catch (PosixException e) {
            throw new DeviceRefusedException("the device hung up: " + e.getMessage());
        }
    }

    /** As {@link #tell}, but anything except good is an error of the test. */
    public void require(int request, byte[] payload, Fd... fds) {
        long answer = tell(request, payload, fds);
        if (answer != 0) {
            throw new DeviceRefusedException("request " + request + " was answered with " + answer);
        }
    }

    private VhostUserMessage answer(int request) {
        VhostUserMessage answer = receive();
        // "Header": version in bits 0-1, bit 2 marks a reply; the request is repeated.
        int flags = answer.flags() & ~VhostUser.FLAG_NEED_REPLY;
        if (answer.request() != request || flags != (VhostUser.VERSION | VhostUser.FLAG_REPLY)) {
            throw new IllegalStateException("not an answer to request " + request + ": " + answer);
        }
        return answer;
    }

    /** Whether the device hangs up within the time; whatever it still sends is thrown away. */
    public boolean awaitHangUp(int timeoutMillis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (true) {
            long count;
            try (FdBatch fds = new FdBatch(posix, MAX_FDS)) {
                count = connection.receive(buffer, 0, buffer.byteSize(), fds);
            } catch (PosixException e) {
                return true; // ECONNRESET
            }
            if (count == 0) {
                return true;
            }
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            if (count == Posix.AGAIN) {
                posix.poll(connection.fd(), Linux.POLLIN, (int) left);
            }
        }
    }

    /** Whether the device has hung up by now. */
    public boolean hungUp() {
        return (posix.poll(connection.fd(), Linux.POLLRDHUP, 0) & (Linux.POLLRDHUP | Linux.POLLHUP)) != 0;
    }

    // --- the messages of a block device ----------------------------------------------------------------------------

    public long getFeatures() {
        return ask(VhostUser.GET_FEATURES, new byte[0]).u64();
    }

    /** The acknowledgement. */
    public long setFeatures(long features) {
        return tell(VhostUser.SET_FEATURES, u64(features));
    }

    public void setOwner() {
        require(VhostUser.SET_OWNER, new byte[0]);
    }

    public long getProtocolFeatures() {
        return ask(VhostUser.GET_PROTOCOL_FEATURES, new byte[0]).u64();
    }

    /** From now on {@link #tell} asks for acknowledgements if REPLY_ACK is among them. */
    public void setProtocolFeatures(long features) {
        send(new VhostUserMessage(VhostUser.SET_PROTOCOL_FEATURES, VhostUser.VERSION, u64(features)));
        protocolFeatures = features;
    }

    public int getQueueNum() {
        return Math.toIntExact(ask(VhostUser.GET_QUEUE_NUM, new byte[0]).u64());
    }

    public int getMaxMemSlots() {
        return Math.toIntExact(ask(VhostUser.GET_MAX_MEM_SLOTS, new byte[0]).u64());
    }

    /** All regions in one message ("Multiple Memory regions description"). */
    public long setMemTable(List<GuestMemory.Region> regions) {
        byte[] bytes = new byte[8 + regions.size() * 32];
        ByteBuffer payload = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        payload.putInt(regions.size()).putInt(0);
        regions.forEach(region -> putRegion(payload, region));
        return tell(
                VhostUser.SET_MEM_TABLE,
                bytes,
                regions.stream().map(GuestMemory.Region::fd).toArray(Fd[]::new));
    }

    /** One region more ("Single memory region description"). */
    public long addMemReg(GuestMemory.Region region) {
        return tell(VhostUser.ADD_MEM_REG, singleRegion(region), region.fd());
    }

    /** One region less; the text has the descriptor sent here as well. */
    public long removeMemReg(GuestMemory.Region region) {
        return tell(VhostUser.REM_MEM_REG, singleRegion(region), region.fd());
    }

    /** The payload of ADD_MEM_REG and REM_MEM_REG. */
    public static byte[] singleRegion(GuestMemory.Region region) {
        byte[] bytes = new byte[40];
        putRegion(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putLong(0), region);
        return bytes;
    }

    private static void putRegion(ByteBuffer payload, GuestMemory.Region region) {
        payload.putLong(region.guestAddress())
                .putLong(region.bytes())
                .putLong(region.userAddress())
                .putLong(region.fileOffset());
    }

    /** Everything that starts one queue, its ring enabled. */
    public void startQueue(int index, Ring ring, GuestMemory memory, EventFd kick, EventFd call) {
        restartQueue(index, ring, ring.base(), memory, kick, call);
    }

    /** The same for a queue that was stopped, from where it stood. */
    public void restartQueue(int index, Ring ring, int base, GuestMemory memory, EventFd kick, EventFd call) {
        require(VhostUser.SET_VRING_NUM, vringState(index, ring.size()));
        require(VhostUser.SET_VRING_BASE, vringState(index, base));
        require(VhostUser.SET_VRING_ADDR, vringAddress(index, ring, memory));
        require(VhostUser.SET_VRING_CALL, u64(index), call.fd());
        require(VhostUser.SET_VRING_KICK, u64(index), kick.fd());
        setVringEnable(index, true);
    }

    /** The structure "vring address": user addresses, none of them the guest's. */
    public static byte[] vringAddress(int index, Ring ring, GuestMemory memory) {
        return VhostUserMessage.payload(40)
                .putInt(index)
                .putInt(0)
                .putLong(memory.userAddress(ring.descriptors()))
                .putLong(memory.userAddress(ring.deviceArea()))
                .putLong(memory.userAddress(ring.driverArea()))
                .putLong(0)
                .array();
    }

    public void setVringEnable(int index, boolean enabled) {
        require(VhostUser.SET_VRING_ENABLE, vringState(index, enabled ? 1 : 0));
    }

    /** Stops a queue; the answer is the index of the next available entry the device would look at. */
    public int getVringBase(int index) {
        ByteBuffer answer = ask(VhostUser.GET_VRING_BASE, vringState(index, 0)).buffer();
        if (answer.remaining() != 8 || answer.getInt(0) != index) {
            throw new IllegalStateException("not the state of queue " + index + ": " + answer);
        }
        return answer.getInt(4);
    }

    /**
     * Reads device configuration ("Virtio device config space").
     *
     * @return the bytes; empty if the device refused with an empty payload
     */
    public byte[] getConfig(int offset, int bytes) {
        byte[] answer =
                ask(VhostUser.GET_CONFIG, config(offset, 0, new byte[bytes])).payload();
        return answer.length == 0 ? answer : Arrays.copyOfRange(answer, 12, answer.length);
    }

    /** Writes device configuration as a driver's write (flags 0). */
    public long setConfig(int offset, byte[] bytes) {
        return tell(VhostUser.SET_CONFIG, config(offset, 0, bytes));
    }

    private static byte[] config(int offset, int flags, byte[] bytes) {
        return VhostUserMessage.payload(12 + bytes.length)
                .putInt(offset)
                .putInt(bytes.length)
                .putInt(flags)
                .put(bytes)
                .array();
    }

    /** The acknowledgement. */
    public long setStatus(int status) {
        return tell(VhostUser.SET_STATUS, u64(status));
    }

    public int getStatus() {
        return (int) ask(VhostUser.GET_STATUS, new byte[0]).u64();
    }

    public void resetDevice() {
        require(VhostUser.RESET_DEVICE, new byte[0]);
    }

    /** Gives the device a channel for requests of its own (SET_BACKEND_REQ_FD), and keeps the other end of it. */
    public DeviceRequests openDeviceRequests() {
        UnixConnection[] ends = UnixConnection.pair(posix);
        try (UnixConnection devices = ends[1]) {
            require(VhostUser.SET_BACKEND_REQ_FD, new byte[0], devices.fd());
        } catch (RuntimeException e) {
            ends[0].close();
            throw e;
        }
        return new DeviceRequests(new VhostUserDriver(posix, ends[0]));
    }

    /** The protocol features that {@link #setProtocolFeatures} set. */
    public long protocolFeatures() {
        return protocolFeatures;
    }

    /** Hangs up. */
    @Override
    public void close() {
        connection.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
