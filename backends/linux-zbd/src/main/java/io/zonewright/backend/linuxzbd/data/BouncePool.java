package io.zonewright.backend.linuxzbd.data;

import io.zonewright.posix.MappedFile;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import org.jspecify.annotations.Nullable;

/** Bounce buffers on loan, a fixed number. For one thread, but for {@link #close}. */
final class BouncePool implements AutoCloseable {
    private final Mapping mapping;
    private final BounceBuffer[] free;
    private int count;

    /** {@code buffers} of {@code bytesEach}, a multiple of the page size; they take memory when they are first used. */
    BouncePool(Posix posix, int buffers, int bytesEach) {
        mapping = MappedFile.inMemory(posix, "zonewright-bounce", (long) buffers * bytesEach);
        free = new BounceBuffer[buffers];
        for (int i = 0; i < buffers; i++) {
            long at = (long) i * bytesEach;
            free[i] =
                    new BounceBuffer(posix, mapping.fd(), at, mapping.segment().asSlice(at, bytesEach));
        }
        count = buffers;
    }

    /** A buffer, or null if all are lent. */
    @Nullable
    BounceBuffer take() {
        return count == 0 ? null : free[--count];
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
