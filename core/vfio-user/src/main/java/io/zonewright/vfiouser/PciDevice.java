package io.zonewright.vfiouser;

import io.zonewright.runtime.memory.GuestMemory;
import java.nio.ByteBuffer;

/**
 * A PCI function behind a {@link VfioUserEndpoint}. Methods are called on the endpoint's control thread, one at a time,
 * unless they say otherwise. They must not block for long: the guest's processor that made an access waits.
 *
 * <p>The client and the driver in the guest behind it are not trusted. Nothing that they can do may make a method
 * throw; one that throws costs the client that message, answered with EIO, and its connection if it came or went or its
 * memory was to change.
 */
public interface PciDevice {
    /** For log lines: {@code nvme-zns archive}. */
    String name();

    /** The shape of the function; the same at each call. */
    PciFunction function();

    /**
     * Whether it looks at {@code isReadOnly} of what it finds in guest memory before it writes there. Only then does it
     * see memory that it may only read, where guests with a virtual IOMMU put what they write to a disk.
     */
    default boolean looksAtReadOnlyMemory() {
        return false;
    }

    /** A client has connected. The device is as after a reset; there is no memory yet. */
    void attached(PciHost host);

    /**
     * The driver reads a BAR, outside of MSI-X table and PBA. Memory decoding is enabled.
     *
     * @param offset first byte; {@code offset + length} is inside the BAR
     * @param target to be filled from its position to its limit, little-endian, zeroed. A processor's access has 1, 2, 4
     *     or 8 bytes and is aligned; other lengths and offsets come from a client alone and may be answered with
     *     zeroes
     */
    void read(int bar, long offset, ByteBuffer target);

    /**
     * The driver writes a BAR. Likewise; what was written to a mapped area by message is in {@link PciHost#shared} before
     * this is called.
     *
     * @param source from its position to its limit, little-endian; valid until the method returns
     */
    void write(int bar, long offset, ByteBuffer source);

    /**
     * Back to the state after power-on (function-level reset, VFIO_USER_DEVICE_RESET): registers at once, and all that
     * is in flight ends unseen. Guest memory stays as it is. The endpoint waits for {@code done} before it goes on.
     */
    void reset(Quiescence done);

    /**
     * The guest's memory, or the leave to use it, changed. All that runs goes over to {@code memory} and touches nothing
     * else once {@code done} is told; queues that are not inside of it stop until another call brings their memory
     * back. The endpoint waits, and unmaps afterwards what is gone.
     */
    void memoryChanged(GuestMemory memory, Quiescence done);

    /**
     * Likewise, but nothing goes away: {@code memory} is what the device uses already, and more. What is in flight may go
     * on as it is; {@code done} is told when all that begins finds the new memory. A guest with a virtual IOMMU in strict
     * mode maps for each request, so a device had better not wait for others here.
     */
    default void memoryAdded(GuestMemory memory, Quiescence done) {
        memoryChanged(memory, done);
    }

    /** The client has gone: as {@link #reset}, and the host is not to be used any more once {@code done} is told. */
    void detached(Quiescence done);
}
