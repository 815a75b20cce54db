package io.zonewright.backend.linuxzbd.data;

import io.zonewright.posix.MappedFile;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import org.jspecify.annotations.Nullable;

/** Bounce buffers on loan, a fixed number. For one thread, but for {@link #close}. */
final class BouncePool implements AutoCloseable {
    private final Mapping mapping;
    private final Posix posix;
    private final int bytesEach;
    private final @Nullable BounceBuffer[] free; // made when first needed
    private int count;
    private int made;

    /** {@code buffers} of {@code bytesEach}, a multiple of the page size; they take memory when they are first used. */
    BouncePool(Posix posix, int buffers, int bytesEach) {
        mapping = MappedFile.inMemory(posix, "zonewright-bounce", (long) buffers * bytesEach);
        this.posix = posix;
        this.bytesEach = bytesEach;
        free = new @Nullable BounceBuffer[buffers];
        count = buffers;
    }

    /** A buffer, or null if all are lent. */
    @Nullable
    BounceBuffer take() {
        if (count == 0) {
            return null;
        }
        count--;
        BounceBuffer buffer = free[count];
        if (buffer == null) {
            long at = (long) made++ * bytesEach;
            buffer = new BounceBuffer(posix, mapping.fd(), at, mapping.segment().asSlice(at, bytesEach));
        }
        free[count] = null;
        return buffer;
    }

    /** Ends {@link #take}. */
    void giveBack(BounceBuffer buffer) {
        free[count++] = buffer;
    }

    /** Unmaps the buffers; none may be in use by the kernel. */
    @Override
    public void close() {
        mapping.close();
    }
}
