package io.zonewright.testkit.blk;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.virtio.PackedRing;
import io.zonewright.testkit.virtio.Ring;
import io.zonewright.testkit.virtio.Ring.Piece;
import io.zonewright.testkit.virtio.SplitRing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One queue with requests in flight. Every piece of a request lies by itself in guest memory with guard bytes behind it:
 * a device that writes what it may only read, or past a piece's end, is caught at the completion.
 */
public final class BlkQueue implements AutoCloseable {
    private static final int GUARD_BYTES = 16;
    private static final int GUARD = 0xA5;
    /** What the writable part holds before: no status that exists. */
    private static final int UNTOUCHED = 0xEE;

    private final GuestMemory memory;
    private final Ring ring;
    private final EventFd kick;
    private final EventFd call;
    private final Runnable doorbell;
    private final int[] dataRegions;
    private final long[] marks;
    private final long tables;
    private final @Nullable Flight[] flights;
    private int turn;

    /** A request on its way, and later its result. */
    public static final class Flight {
        private final BlkRequest request;
        private final List<Piece> pieces;
        private @Nullable BlkResult result;

        private Flight(BlkRequest request, List<Piece> pieces) {
            this.request = request;
            this.pieces = pieces;
        }

        /** What was asked. */
        public BlkRequest request() {
            return request;
        }

        /** Null until the device has completed it and the driver has looked. */
        public @Nullable BlkResult result() {
            return result;
        }
    }

    /** A queue whose doorbell is the eventfd {@link #kick}. */
    BlkQueue(Posix posix, GuestMemory memory, int ringRegion, int[] dataRegions, Ring ring) {
        this(posix, memory, ringRegion, dataRegions, ring, null);
    }

    BlkQueue(
            Posix posix,
            GuestMemory memory,
            int ringRegion,
            int[] dataRegions,
            Ring ring,
            @Nullable Runnable doorbell) {
        this.memory = memory;
        this.ring = ring;
        this.dataRegions = dataRegions;
        kick = EventFd.create(posix);
        this.doorbell = doorbell == null ? kick::signal : doorbell;
        call = EventFd.create(posix);
        flights = new @Nullable Flight[ring.size()];
        tables = memory.allocate(ringRegion, (long) ring.size() * tableBytes(), 16);
        marks = new long[dataRegions.length];
        Arrays.setAll(marks, i -> memory.mark(dataRegions[i]));
    }

    private static int tableBytes() {
        return 2 * BlkLayout.MOST_PIECES * Ring.DESCRIPTOR_BYTES;
    }

    /** Lays a request out; the device does not see it before {@link #submit}. */
    public Flight stage(BlkRequest request, BlkLayout layout) {
        List<Piece> pieces = new ArrayList<>();
        byte[] readable = request.readable();
        int at = 0;
        for (int bytes : layout.readable().pieces(BlkRequest.HEADER_BYTES, request.out().length)) {
            Piece piece = place(bytes, false);
            memory.put(piece.address(), Arrays.copyOfRange(readable, at, at + bytes));
            pieces.add(piece);
            at += bytes;
        }
        for (int bytes : layout.writable().pieces(request.inBytes(), request.tailBytes())) {
            Piece piece = place(bytes, true);
            memory.fill(piece.address(), bytes, UNTOUCHED);
            pieces.add(piece);
        }
        Flight flight = new Flight(request, pieces);
        int head = layout.indirect()
                ? ring.addIndirect(pieces, tables + (long) tableBytes() * freeTable())
                : ring.add(pieces);
        flights[head] = flight;
        return flight;
    }

    /** Every request has the table of the descriptor that it will get. */
    private int freeTable() {
        return ring.nextFree();
    }

    private Piece place(int bytes, boolean deviceWrites) {
        int region = dataRegions[turn++ % dataRegions.length];
        // An odd alignment now and then: nothing promises the device aligned buffers.
        long address = memory.allocate(region, bytes + GUARD_BYTES, turn % 3 == 0 ? 1 : 8);
        memory.fill(address + bytes, GUARD_BYTES, GUARD);
        return new Piece(address, bytes, deviceWrites);
    }

    /** Shows the device what was staged, and notifies it if it wants that. Returns whether it did. */
    public boolean submit() {
        ring.publish();
        boolean notify = ring.kickNeeded();
        if (notify) {
            doorbell.run();
        }
        return notify;
    }

    /** Collects what the device has completed by now; returns how many. */
    public int collect() {
        int count = 0;
        Ring.Used used = ring.takeUsed();
        while (used != null) {
            finish(used);
            count++;
            used = ring.takeUsed();
        }
        if (ring.inFlight() == 0) {
            for (int i = 0; i < dataRegions.length; i++) {
                memory.release(dataRegions[i], marks[i]);
            }
        }
        return count;
    }

    private void finish(Ring.Used used) {
        Flight flight = flights[used.head()];
        if (flight == null) {
            throw new IllegalStateException("completion of descriptor " + used.head() + " for no request");
        }
        flights[used.head()] = null;
        BlkRequest request = flight.request;
        if (used.bytes() > request.writableBytes()) {
            throw new IllegalStateException(
                    "device says it wrote " + used.bytes() + " of " + request.writableBytes() + " bytes: " + request);
        }
        byte[] readable = new byte[BlkRequest.HEADER_BYTES + request.out().length];
        byte[] writable = new byte[request.writableBytes()];
        int read = 0;
        int written = 0;
        for (Piece piece : flight.pieces) {
            byte[] bytes = memory.get(piece.address(), piece.bytes() + GUARD_BYTES);
            for (int i = piece.bytes(); i < bytes.length; i++) {
                if ((bytes[i] & 0xFF) != GUARD) {
                    throw new IllegalStateException("device wrote past the end of a descriptor: " + request);
                }
            }
            if (piece.deviceWrites()) {
                System.arraycopy(bytes, 0, writable, written, piece.bytes());
                written += piece.bytes();
            } else {
                System.arraycopy(bytes, 0, readable, read, piece.bytes());
                read += piece.bytes();
            }
        }
        if (!Arrays.equals(readable, request.readable())) {
            throw new IllegalStateException("device wrote what it may only read: " + request);
        }
        flight.result = new BlkResult(
                writable[writable.length - 1] & 0xFF,
                used.bytes(),
                Arrays.copyOf(writable, request.inBytes()),
                Arrays.copyOfRange(writable, request.inBytes(), writable.length));
    }

    /** The ring. */
    public Ring ring() {
        return ring;
    }

    /** The split ring, to look into or to break. */
    public SplitRing splitRing() {
        return (SplitRing) ring;
    }

    /** The packed ring, likewise. */
    public PackedRing packedRing() {
        return (PackedRing) ring;
    }

    /** What the driver raises. */
    public EventFd kick() {
        return kick;
    }

    /** What the device raises. */
    public EventFd call() {
        return call;
    }

    @Override
    public void close() {
        kick.close();
        call.close();
    }
}
