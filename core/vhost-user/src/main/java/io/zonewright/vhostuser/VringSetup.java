package io.zonewright.vhostuser;

import io.zonewright.posix.EventFd;
import io.zonewright.virtio.queue.RingAddresses;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What the driver has told about one queue so far; for the control thread. */
final class VringSetup {
    int size;

    /** Where the ring goes on; empty: where a fresh one begins. */
    OptionalInt base = OptionalInt.empty();

    @Nullable
    RingAddresses addresses;

    /** Whether SET_VRING_KICK came since the ring stopped last, with or without a descriptor. */
    boolean kicked;

    boolean enabled;

    /** Whether the queue's runner has a ring. */
    boolean running;

    @Nullable
    EventFd kick;

    @Nullable
    EventFd call;

    @Nullable
    EventFd error;

    /** Closes all descriptors; none may be in use. */
    void close() {
        closeIfSet(kick);
        closeIfSet(call);
        closeIfSet(error);
        kick = null;
        call = null;
        error = null;
    }

    static void closeIfSet(@Nullable EventFd descriptor) {
        if (descriptor != null) {
            descriptor.close();
        }
    }
}
