package io.zonewright.testkit.vfiouser;

import io.zonewright.posix.Errno;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.FdBatch;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.UnixConnection;
import io.zonewright.testkit.guest.GuestMemory;
import java.io.EOFException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a hypervisor says to a vfio-user device, message by message; it decides nothing by itself. Waits are bounded by
 * {@link #TIMEOUT_MILLIS}. For one thread at a time.
 */
public final class VfioUserClient implements AutoCloseable {
    /** How long an answer may take. */
    public static final int TIMEOUT_MILLIS = 10_000;

    private static final int MAX_MESSAGE = 1 << 20;
    private static final int MAX_FDS = 64;
    private static final String CAPABILITIES =
            "{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":65536,\"pgsizes\":4096}}";

    private final Posix posix;
    private final UnixConnection connection;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(MAX_MESSAGE, 8);
    private int nextId = 0x7FFE; // so that it wraps soon

    private VfioUserClient(Posix posix, UnixConnection connection) {
        this.posix = posix;
        this.connection = connection;
    }

    /** Connects and says nothing. */
    public static VfioUserClient connect(Posix posix, Path socket) {
        return new VfioUserClient(posix, UnixConnection.connect(posix, socket));
    }

    // --- any message ---------------------------------------------------------------------------------------------

    /** Sends any bytes, with any descriptors, which stay the caller's. */
    public void sendRaw(byte[] bytes, Fd... fds) {
        MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
        connection.sendFully(buffer, 0, bytes.length, TIMEOUT_MILLIS, fds);
    }

    /** Sends a command and does not wait; the answer's identifier. */
    public int send(int command, int flags, byte[] payload, Fd... fds) {
        int id = nextId++ & 0xFFFF;
        try {
            sendRaw(VfioUserMessage.command(id, command, flags, payload).bytes(), fds);
        } catch (PosixException e) {
            throw new VfioUserRefusedException("the device hung up: " + e.getMessage(), 0);
        }
        return id;
    }

    /**
     * Waits for a message.
     *
     * @throws VfioUserRefusedException if the device hung up
     */
    public VfioUserMessage receive() {
        try (FdBatch fds = new FdBatch(posix, MAX_FDS)) {
            if (!connection.receiveFully(buffer, 0, VfioUserMessage.HEADER_BYTES, fds, TIMEOUT_MILLIS)) {
                throw new VfioUserRefusedException("the device hung up", 0);
            }
            int word = buffer.get(ValueLayout.JAVA_INT, 0);
            int size = buffer.get(ValueLayout.JAVA_INT, 4);
            int flags = buffer.get(ValueLayout.JAVA_INT, 8);
            int error = buffer.get(ValueLayout.JAVA_INT, 12);
            if (size < VfioUserMessage.HEADER_BYTES || size > MAX_MESSAGE) {
                throw new IllegalStateException("the device sent a message of " + Integer.toUnsignedString(size));
            }
            byte[] payload = new byte[size - VfioUserMessage.HEADER_BYTES];
            if (payload.length > 0) {
                connection.receiveFully(buffer, VfioUserMessage.HEADER_BYTES, payload.length, fds, TIMEOUT_MILLIS);
                MemorySegment.copy(
                        buffer, ValueLayout.JAVA_BYTE, VfioUserMessage.HEADER_BYTES, payload, 0, payload.length);
            }
            List<Fd> received = new ArrayList<>();
            for (int i = 0; i < fds.size(); i++) {
                received.add(fds.take(i));
            }
            return new VfioUserMessage(word & 0xFFFF, word >>> 16, flags, error, payload, received);
        } catch (EOFException e) {
            throw new VfioUserRefusedException("the device hung up within a message", 0);
        } catch (PosixException e) {
            if (e.is(Errno.ECONNRESET)) {
                throw new VfioUserRefusedException("the device hung up: " + e.getMessage(), 0);
            }
            throw e;
        }
    }

    /**
     * Sends a command and waits for its answer, which has to belong to it.
     *
     * @throws VfioUserRefusedException if the answer is an error
     */
    public VfioUserMessage ask(int command, byte[] payload, Fd... fds) {
        int id = send(command, VfioUser.TYPE_COMMAND, payload, fds);
        VfioUserMessage answer = receive();
        if (answer.id() != id || answer.command() != command || (answer.flags() & 0xF) != VfioUser.TYPE_REPLY) {
            throw new IllegalStateException("not an answer to command " + command + ", id " + id + ": " + answer);
        }
        if ((answer.flags() & VfioUser.FLAG_ERROR) != 0) {
            throw new VfioUserRefusedException(
                    "command " + command + " was answered with errno " + answer.error(), answer.error());
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

    // --- the commands ------------------------------------------------------------------------------------------------

    /**
     * Agrees on version 0.1.
     *
     * @return the device's capabilities, JSON
     */
    public String version() {
        return version(0, 1, CAPABILITIES);
    }

    /** Offers a version: {@code u16 major, u16 minor}, JSON with a terminating zero. */
    public String version(int major, int minor, String json) {
        VfioUserMessage answer = ask(VfioUser.VERSION, versionPayload(major, minor, json));
        ByteBuffer b = answer.buffer();
        if (b.remaining() < 4 || b.getShort(0) != 0 || b.getShort(2) > 1) {
            throw new IllegalStateException("not a version that was offered: " + answer);
        }
        byte[] text = Arrays.copyOfRange(answer.payload(), 4, answer.payload().length);
        if (text.length == 0) {
            return "";
        }
        if (text[text.length - 1] != 0) {
            throw new IllegalStateException("the version's JSON is not terminated: " + answer);
        }
        return new String(text, 0, text.length - 1, StandardCharsets.UTF_8);
    }

    /** The payload of a version message. */
    public static byte[] versionPayload(int major, int minor, String json) {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        return VfioUserMessage.payload(4 + text.length + 1)
                .putShort((short) major)
                .putShort((short) minor)
                .put(text)
                .array();
    }

    /** Lets the device at a region of guest memory, for reading and writing. */
    public void dmaMap(GuestMemory.Region region) {
        ask(
                VfioUser.DMA_MAP,
                dmaMapPayload(
                        VfioUser.DMA_READABLE | VfioUser.DMA_WRITEABLE,
                        region.fileOffset(),
                        region.guestAddress(),
                        region.bytes()),
                region.fd());
    }

    /** {@code u32 argsz, u32 flags, u64 offset, u64 address, u64 size}. */
    public static byte[] dmaMapPayload(int flags, long offset, long address, long size) {
        return VfioUserMessage.payload(32)
                .putInt(32)
                .putInt(flags)
                .putLong(offset)
                .putLong(address)
                .putLong(size)
                .array();
    }

    /** Takes a region away; when the answer is here, the device no longer touches it. */
    public void dmaUnmap(long address, long size) {
        VfioUserMessage answer = ask(VfioUser.DMA_UNMAP, dmaUnmapPayload(0, address, size));
        ByteBuffer b = answer.buffer();
        if (b.remaining() < 24 || b.getLong(8) != address || b.getLong(16) != size) {
            throw new IllegalStateException("not the range that was to be unmapped: " + answer);
        }
    }

    /** {@code u32 argsz, u32 flags, u64 address, u64 size}. */
    public static byte[] dmaUnmapPayload(int flags, long address, long size) {
        return VfioUserMessage.payload(24)
                .putInt(24)
                .putInt(flags)
                .putLong(address)
                .putLong(size)
                .array();
    }

    /** Flags, number of regions, number of interrupt kinds. */
    public int[] deviceInfo() {
        ByteBuffer b = ask(
                        VfioUser.DEVICE_GET_INFO,
                        VfioUserMessage.payload(16).putInt(16).array())
                .buffer();
        return new int[] {b.getInt(4), b.getInt(8), b.getInt(12)};
    }

    /** A region, with its mappable areas. */
    public RegionInfo region(int index) {
        VfioUserMessage answer = ask(VfioUser.DEVICE_GET_REGION_INFO, regionPayload(4096, index));
        ByteBuffer b = answer.buffer();
        int flags = b.getInt(4);
        long size = b.getLong(16);
        List<RegionInfo.Area> areas = new ArrayList<>();
        int cap = (flags & VfioUser.REGION_CAPS) != 0 ? b.getInt(12) : 0;
        while (cap != 0) {
            if (b.getShort(cap) == VfioUser.CAP_SPARSE_MMAP) {
                int count = b.getInt(cap + 8);
                for (int i = 0; i < count; i++) {
                    areas.add(new RegionInfo.Area(b.getLong(cap + 16 + 16 * i), b.getLong(cap + 24 + 16 * i)));
                }
            }
            int next = b.getInt(cap + 4);
            if (next != 0 && next <= cap) {
                throw new IllegalStateException("the capabilities run in a circle: " + answer);
            }
            cap = next;
        }
        if (areas.isEmpty()) {
            areas.add(new RegionInfo.Area(0, size));
        }
        Fd fd = answer.fds().isEmpty() ? null : answer.fds().getFirst();
        return new RegionInfo(b.getInt(8), flags, size, b.getLong(24), areas, fd);
    }

    /** {@code u32 argsz, u32 flags, u32 index, u32 cap_offset, u64 size, u64 offset}. */
    public static byte[] regionPayload(int argsz, int index) {
        return VfioUserMessage.payload(32).putInt(argsz).putInt(0).putInt(index).array();
    }

    /** How many interrupts of a kind there are. */
    public int irqs(int index) {
        return ask(
                        VfioUser.DEVICE_GET_IRQ_INFO,
                        VfioUserMessage.payload(16)
                                .putInt(16)
                                .putInt(0)
                                .putInt(index)
                                .array())
                .buffer()
                .getInt(12);
    }

    /** Gives eventfds to interrupts {@code 0…} of a kind. */
    public void setIrqs(int index, List<EventFd> events) {
        ask(
                VfioUser.DEVICE_SET_IRQS,
                irqPayload(VfioUser.IRQ_DATA_EVENTFD | VfioUser.IRQ_TRIGGER, index, 0, events.size()),
                events.stream().map(EventFd::fd).toArray(Fd[]::new));
    }

    /** {@code u32 argsz, u32 flags, u32 index, u32 start, u32 count}. */
    public static byte[] irqPayload(int flags, int index, int start, int count) {
        return VfioUserMessage.payload(20)
                .putInt(20)
                .putInt(flags)
                .putInt(index)
                .putInt(start)
                .putInt(count)
                .array();
    }

    /** Reads a part of a region. */
    public byte[] read(int region, long offset, int count) {
        VfioUserMessage answer = ask(VfioUser.REGION_READ, accessPayload(region, offset, count, new byte[0]));
        ByteBuffer b = answer.buffer();
        if (b.getLong(0) != offset || b.getInt(8) != region || b.getInt(12) != count || b.remaining() != 16 + count) {
            throw new IllegalStateException("not what was to be read: " + answer);
        }
        return Arrays.copyOfRange(answer.payload(), 16, 16 + count);
    }

    /** Writes a part of a region. */
    public void write(int region, long offset, byte[] bytes) {
        VfioUserMessage answer = ask(VfioUser.REGION_WRITE, accessPayload(region, offset, bytes.length, bytes));
        ByteBuffer b = answer.buffer();
        if (b.getLong(0) != offset || b.getInt(8) != region || b.getInt(12) != bytes.length) {
            throw new IllegalStateException("not what was to be written: " + answer);
        }
    }

    /** Writes and wants no answer, as hypervisors do for doorbells. */
    public void post(int region, long offset, byte[] bytes) {
        send(VfioUser.REGION_WRITE, VfioUser.FLAG_NO_REPLY, accessPayload(region, offset, bytes.length, bytes));
    }

    /** {@code u64 offset, u32 region, u32 count}, data. */
    public static byte[] accessPayload(int region, long offset, int count, byte[] data) {
        return VfioUserMessage.payload(16 + data.length)
                .putLong(offset)
                .putInt(region)
                .putInt(count)
                .put(data)
                .array();
    }

    /** Reads 1, 2, 4 or 8 bytes, little-endian as PCI has it. */
    public long get(int region, long offset, int bytes) {
        byte[] raw = Arrays.copyOf(read(region, offset, bytes), 8);
        return ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** Writes 1, 2, 4 or 8 bytes, little-endian as PCI has it. */
    public void put(int region, long offset, int bytes, long value) {
        write(region, offset, little(bytes, value));
    }

    /** The lowest {@code bytes} of a number. */
    public static byte[] little(int bytes, long value) {
        return Arrays.copyOf(
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(value)
                        .array(),
                bytes);
    }

    /** Finds a PCI capability; 0 if there is none. */
    public int findCapability(int id, int after) {
        int at = (int) get(VfioUser.REGION_CONFIG, after == 0 ? 0x34 : after + 1, 1);
        for (int i = 0; i < 48 && at != 0; i++) {
            if (get(VfioUser.REGION_CONFIG, at, 1) == id) {
                return at;
            }
            at = (int) get(VfioUser.REGION_CONFIG, at + 1, 1);
        }
        return 0;
    }

    /** Memory space and bus master on in the command register: before that no BAR is decoded. */
    public void enableMemory() {
        put(VfioUser.REGION_CONFIG, 4, 2, get(VfioUser.REGION_CONFIG, 4, 2) | 6);
    }

    /** MSI-X enabled, one eventfd a vector. */
    public void enableInterrupts(List<EventFd> vectors) {
        setIrqs(VfioUser.IRQ_MSIX, vectors);
        int msix = findCapability(0x11, 0);
        if (msix == 0) {
            throw new IllegalStateException("the device has no MSI-X");
        }
        put(VfioUser.REGION_CONFIG, msix + 2, 2, get(VfioUser.REGION_CONFIG, msix + 2, 2) | 0x8000);
    }

    public void reset() {
        ask(VfioUser.DEVICE_RESET, new byte[0]);
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
