package io.zonewright.vhostuser.memory;

import io.zonewright.posix.Fd;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.runtime.memory.GuestRegion;
import io.zonewright.runtime.peer.PeerDescriptors;
import io.zonewright.runtime.peer.PeerException;
import io.zonewright.vhostuser.message.MessageException;
import io.zonewright.vhostuser.message.RegionDescription;

/**
 * A region that the driver described, mapped. What is aligned in the hypervisor's addresses is aligned here, as far as
 * a ring can ask for (virtio 1.3, section 2.7): a region for which that does not hold is refused, since atomic accesses
 * to a ring in it would fail.
 *
 * @param description as it came
 * @param mapping owned
 */
record MappedRegion(RegionDescription description, Mapping mapping) implements AutoCloseable {
    private static final long RING_ALIGN = 16;

    /**
     * Maps a region; the descriptor is taken over, on failure too.
     */
    static MappedRegion map(Posix posix, RegionDescription description, Fd fd) throws MessageException {
        if ((description.fileOffset() - description.userAddress()) % RING_ALIGN != 0) {
            fd.close();
            throw new MessageException("a memory region at user address 0x"
                    + Long.toHexString(description.userAddress()) + " lies at offset 0x"
                    + Long.toHexString(description.fileOffset()) + " of its file, so no ring in it can be aligned");
        }
        try {
            return new MappedRegion(
                    description, PeerDescriptors.memory(posix, fd, description.fileOffset(), description.size()));
        } catch (PeerException | PosixException e) {
            throw new MessageException("a memory region cannot be mapped: " + e.getMessage());
        }
    }

    GuestRegion region() {
        return new GuestRegion(description.guestAddress(), description.userAddress(), mapping.segment());
    }

    @Override
    public void close() {
        mapping.close();
    }
}
