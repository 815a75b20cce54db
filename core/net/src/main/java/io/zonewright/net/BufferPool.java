package io.zonewright.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Buffers of one loop, of a few fixed sizes, lent while data is under way and not a moment longer: a connection that is
 * idle holds none. Memory is taken from the system as it is first needed and stays; each size has a limit of its own, so
 * that many small requests cannot starve a large one. Belongs to the loop's thread and allocates nothing once warm.
 */
public final class BufferPool {
    /** What each buffer has beyond its nominal size: room for headers before the data and digests and answers behind. */
    public static final int SLACK = 256;

    /** Where data belongs in a buffer, bytes from its start: the address there is a multiple of {@link #DATA_ALIGNMENT}. */
    public static final int DATA_AT = 128;

    /** What disks want of addresses at the most: so that the kernel can move data between them and a buffer by itself. */
    public static final int DATA_ALIGNMENT = 512;

    /** The largest nominal size, bytes. */
    public static final int MAX_BYTES = 1 << 20;

    private static final int[] SIZES = {4 << 10, 16 << 10, 64 << 10, 256 << 10, MAX_BYTES};

    /** Memory of all buffers of one size, bytes, at least one buffer. */
    private static final long[] LIMITS = {16L << 20, 16L << 20, 48L << 20, 48L << 20, 64L << 20};

    private static final int SLAB_BYTES = 256 << 10;

    private final long[] limits;
    private final @Nullable NetBuffer[] idle = new @Nullable NetBuffer[SIZES.length];
    private final long[] reserved = new long[SIZES.length];
    private final int[] lent = new int[SIZES.length];
    private boolean shortage;
    private boolean refused;
    private boolean returned;

    /** A pool of at most 192 MiB. */
    public BufferPool() {
        this(1.0);
    }

    /** A pool of a part of that; each size keeps at least one buffer. */
    public BufferPool(double part) {
        limits = Arrays.stream(LIMITS).map(limit -> (long) (limit * part)).toArray();
    }

    /**
     * Lends a buffer of at least {@code bytes} and {@link #SLACK}.
     *
     * @param bytes 0 to {@link #MAX_BYTES}
     * @return null if there is none now; {@link #recovered} tells when it is worth asking again
     */
    public @Nullable NetBuffer take(int bytes) {
        for (int i = sizeClass(bytes); i < SIZES.length; i++) {
            NetBuffer buffer = idle[i];
            if (buffer == null && mayGrow(i)) {
                grow(i);
                buffer = idle[i];
            }
            if (buffer != null) {
                idle[i] = buffer.next;
                buffer.next = null;
                buffer.lend();
                lent[i]++;
                return buffer;
            }
        }
        refused = true;
        if (!shortage) {
            // Else what came back since somebody else found nothing of a smaller size would be forgotten.
            shortage = true;
            returned = false;
        }
        return null;
    }

    /** Whether something came back since {@link #take} last said no. Asking clears it. */
    public boolean recovered() {
        boolean result = shortage && returned;
        if (result) {
            shortage = false;
            returned = false;
        }
        return result;
    }

    /** Whether somebody was, or still is, refused a buffer since this was last asked. */
    public boolean scarce() {
        boolean result = refused || shortage;
        refused = false;
        return result;
    }

    /** Buffers that are lent now. */
    public int lent() {
        int sum = 0;
        for (int count : lent) {
            sum += count;
        }
        return sum;
    }

    /** Memory taken from the system, bytes. */
    public long reservedBytes() {
        long sum = 0;
        for (long bytes : reserved) {
            sum += bytes;
        }
        return sum;
    }

    void takeBack(NetBuffer buffer) {
        int i = buffer.sizeClass();
        buffer.next = idle[i];
        idle[i] = buffer;
        lent[i]--;
        returned = true;
    }

    private static int sizeClass(int bytes) {
        for (int i = 0; i < SIZES.length; i++) {
            if (bytes <= SIZES[i]) {
                return i;
            }
        }
        throw new IllegalArgumentException(bytes + " bytes; the largest buffer has " + MAX_BYTES);
    }

    private boolean mayGrow(int i) {
        return reserved[i] == 0 || reserved[i] + SIZES[i] <= limits[i];
    }

    /** Small buffers come by the slab, since memory from the system comes by the page. */
    private void grow(int i) {
        long room = Math.max(SIZES[i], limits[i] - reserved[i]);
        int count = (int) Math.max(1, Math.min(SLAB_BYTES, room) / SIZES[i]);
        int size = SIZES[i] + SLACK;
        int stride = Math.ceilDiv(size, DATA_ALIGNMENT) * DATA_ALIGNMENT;
        int first = DATA_ALIGNMENT - DATA_AT;
        MemorySegment slab = Arena.ofAuto().allocate(first + (long) stride * count, DATA_ALIGNMENT);
        for (int n = count - 1; n >= 0; n--) {
            NetBuffer buffer = new NetBuffer(this, i, slab.asSlice(first + (long) n * stride, size));
            buffer.next = idle[i];
            idle[i] = buffer;
        }
        reserved[i] += (long) count * SIZES[i];
    }
}
