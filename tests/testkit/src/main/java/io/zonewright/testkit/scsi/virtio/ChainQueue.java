package io.zonewright.testkit.scsi.virtio;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.virtio.Ring;
import io.zonewright.testkit.virtio.Ring.Piece;
import io.zonewright.testkit.virtio.SplitRing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A queue of buffers: bytes for the device, room for its bytes. Each piece lies by itself in guest memory with guard bytes
 * behind it, so a device that writes past a piece, or what it may only read, is caught at the completion. For one thread.
 */
public final class ChainQueue implements AutoCloseable {
    /** What room for the device's bytes holds before. */
    public static final int UNTOUCHED = 0xEE;

    private static final int GUARD_BYTES = 16;
    private static final int GUARD = 0xA5;
    private static final int SLICE_MILLIS = 100;

    private final Posix posix;
    private final GuestMemory memory;
    private final Ring ring;
    private final long base;
    private final long limit;
    private final EventFd kick;
    private final EventFd call;
    private final @Nullable Chain[] chains;
    private long top;

    /** A buffer on its way, and later what came of it. */
    public static final class Chain {
        private final byte[] out;
        private final List<Piece> pieces;
        private byte @Nullable [] in;
        private long usedBytes;

        private Chain(byte[] out, List<Piece> pieces) {
            this.out = out;
            this.pieces = pieces;
        }

        /** Whether the device has given it back, and the driver has looked. */
        public boolean done() {
            return in != null;
        }

        /** The whole room, untouched bytes included. */
        public byte[] in() {
            byte[] bytes = in;
            if (bytes == null) {
                throw new IllegalStateException("not completed");
            }
            return bytes;
        }

        /** What the device says it wrote. */
        public long usedBytes() {
            return usedBytes;
        }
    }

    ChainQueue(Posix posix, GuestMemory memory, int region, long dataBytes, Ring ring) {
        this.posix = posix;
        this.memory = memory;
        this.ring = ring;
        base = memory.allocate(region, dataBytes, 4096);
        limit = base + dataBytes;
        top = base;
        kick = EventFd.create(posix);
        call = EventFd.create(posix);
        chains = new @Nullable Chain[ring.size()];
    }

    /** Lays a buffer out in two pieces at most; the device does not see it before {@link #submit}. */
    public Chain stage(byte[] out, int inBytes) {
        return stage(out, List.of(out.length), List.of(inBytes));
    }

    /** Lays a buffer out in pieces of these lengths; those of length 0 are left out. */
    public Chain stage(byte[] out, List<Integer> outPieces, List<Integer> inPieces) {
        List<Piece> pieces = new ArrayList<>();
        int at = 0;
        for (int bytes : outPieces) {
            if (bytes > 0) {
                Piece piece = place(bytes, false);
                memory.put(piece.address(), Arrays.copyOfRange(out, at, at + bytes));
                pieces.add(piece);
                at += bytes;
            }
        }
        for (int bytes : inPieces) {
            if (bytes > 0) {
                Piece piece = place(bytes, true);
                memory.fill(piece.address(), bytes, UNTOUCHED);
                pieces.add(piece);
            }
        }
        Chain chain = new Chain(out, pieces);
        chains[ring.add(pieces)] = chain;
        return chain;
    }

    private Piece place(int bytes, boolean deviceWrites) {
        // An odd address now and then: nothing promises the device aligned buffers.
        long address = (top + 7) / 8 * 8 + (top / 8 % 3 == 0 ? 1 : 0);
        top = address + bytes + GUARD_BYTES;
        if (top > limit) {
            throw new IllegalStateException("the queue's memory is full");
        }
        memory.fill(address + bytes, GUARD_BYTES, GUARD);
        return new Piece(address, bytes, deviceWrites);
    }

    /** Shows the device what was staged, and notifies it if it wants that. */
    public void submit() {
        ring.publish();
        if (ring.kickNeeded()) {
            kick.signal();
        }
    }

    /** {@link #stage}, {@link #submit}. */
    public Chain send(byte[] out, int inBytes) {
        Chain chain = stage(out, inBytes);
        submit();
        return chain;
    }

    /** Collects what the device has completed by now; returns how many. */
    public int collect() {
        int count = 0;
        for (Ring.Used used = ring.takeUsed(); used != null; used = ring.takeUsed()) {
            finish(used);
            count++;
        }
        if (ring.inFlight() == 0) {
            top = base;
        }
        return count;
    }

    /** Waits for a buffer; whether it came back in time. */
    public boolean await(Chain chain, int timeoutMillis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (!chain.done()) {
            ring.interrupts(true);
            if (collect() > 0) {
                continue;
            }
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            if (posix.poll(call.fd(), Linux.POLLIN, (int) Math.min(left, SLICE_MILLIS)) != 0) {
                call.drain();
            }
        }
        return true;
    }

    private void finish(Ring.Used used) {
        Chain chain = chains[used.head()];
        if (chain == null) {
            throw new IllegalStateException("completion of descriptor " + used.head() + " for no buffer");
        }
        chains[used.head()] = null;
        int room = 0;
        for (Piece piece : chain.pieces) {
            room += piece.deviceWrites() ? piece.bytes() : 0;
        }
        if (used.bytes() > room) {
            throw new IllegalStateException("device says it wrote " + used.bytes() + " of " + room + " bytes");
        }
        byte[] in = new byte[room];
        int written = 0;
        int read = 0;
        for (Piece piece : chain.pieces) {
            byte[] bytes = memory.get(piece.address(), piece.bytes() + GUARD_BYTES);
            for (int i = piece.bytes(); i < bytes.length; i++) {
                if ((bytes[i] & 0xFF) != GUARD) {
                    throw new IllegalStateException("device wrote past the end of a descriptor");
                }
            }
            if (piece.deviceWrites()) {
                System.arraycopy(bytes, 0, in, written, piece.bytes());
                written += piece.bytes();
            } else if (!Arrays.equals(bytes, 0, piece.bytes(), chain.out, read, read + piece.bytes())) {
                throw new IllegalStateException("device wrote what it may only read");
            } else {
                read += piece.bytes();
            }
        }
        chain.usedBytes = used.bytes();
        chain.in = in;
    }

    /** The ring. */
    public Ring ring() {
        return ring;
    }

    /** The split ring, to look into or to break. */
    public SplitRing splitRing() {
        return (SplitRing) ring;
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
