package io.zonewright.testkit.virtio;

import io.zonewright.testkit.guest.GuestMemory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The driver's half of a virtqueue of either format, one step at a time: {@link #add} fills descriptors, {@link #publish}
 * shows them to the device, {@link #kickNeeded} says whether to notify it, {@link #takeUsed} collects one completion. For
 * one thread at a time.
 */
public sealed interface Ring permits SplitRing, PackedRing {
    int F_NEXT = 1;
    int F_WRITE = 2;
    int F_INDIRECT = 4;
    int DESCRIPTOR_BYTES = 16;

    /**
     * A piece of guest memory in a request.
     *
     * @param address guest address
     * @param deviceWrites whether the device writes it, else reads it
     */
    record Piece(long address, int bytes, boolean deviceWrites) {}

    /**
     * A completion.
     *
     * @param head the name that {@link #add} gave to the request
     * @param bytes how many bytes the device says that it wrote (sections 2.7.8 and 2.8.4)
     */
    record Used(int head, long bytes) {}

    /**
     * A ring of either format.
     *
     * @param start how many entries it seems to have gone through already, 0 for a fresh ring: where a split ring's 16-bit
     *     indices begin; of a packed ring the laps and places that lie behind it
     */
    static Ring create(GuestMemory memory, int region, int size, int start, boolean packed, boolean eventIndex) {
        return packed
                ? new PackedRing(memory, region, size, start % size, start / size % 2 == 0, eventIndex)
                : new SplitRing(memory, region, size, start, eventIndex);
    }

    /** The name of the next request, below {@link #size}. */
    int nextFree();

    /** How many descriptors are free. */
    int freeDescriptors();

    /**
     * Lays a request out in chained descriptors, not yet published.
     *
     * @return the request's name until it is used
     */
    int add(List<Piece> pieces);

    /** As {@link #add}, but the pieces go into an indirect table at {@code table}, of 16 bytes a piece. */
    int addIndirect(List<Piece> pieces, long table);

    /** Shows the device everything added so far. */
    void publish();

    /** Whether the device wants to be notified of what the last {@link #publish} showed. */
    boolean kickNeeded();

    /** One completion, or null if there is none. */
    @Nullable
    Used takeUsed();

    /** Asks for an interrupt at the next completion, or for none; look at the ring once more afterwards. */
    void interrupts(boolean wanted);

    /** How many requests the device has not completed yet. */
    int inFlight();

    /** Entries. */
    int size();

    /** Where the ring began, as SET_VRING_BASE tells it. */
    int base();

    /** Guest address of the descriptors. */
    long descriptors();

    /** Guest address of the part that the driver writes. */
    long driverArea();

    /** Guest address of the part that the device writes. */
    long deviceArea();
}
