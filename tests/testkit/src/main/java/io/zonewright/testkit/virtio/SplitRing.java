package io.zonewright.testkit.virtio;

import io.zonewright.testkit.guest.GuestMemory;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The driver's half of a split virtqueue (virtio 1.3, section 2.7), one step at a time: {@link #add} fills descriptors
 * and an available entry, {@link #publish} shows them to the device, {@link #kickNeeded} says whether to notify it,
 * {@link #takeUsed} collects one completion. Tests that want a broken ring write its fields directly with the
 * {@code raw…} methods. For one thread at a time.
 */
public final class SplitRing implements Ring {
    private static final int AVAIL_F_NO_INTERRUPT = 1;
    private static final int USED_F_NO_NOTIFY = 1;

    private final GuestMemory memory;
    private final int size;
    private final int startIndex;
    private final boolean eventIndex;
    private final long descriptors;
    private final long available;
    private final long used;
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private final @Nullable List<Integer>[] chains;
    private int nextAvailable;
    private int published;
    private int nextUsed;

    /**
     * Takes memory for the three parts from one region and clears it.
     *
     * @param size number of descriptors, a power of two up to 32768
     * @param startIndex where the 16-bit indices begin: 0 on a fresh queue; near 65536 to see them wrap
     */
    public SplitRing(GuestMemory memory, int region, int size, int startIndex, boolean eventIndex) {
        this.memory = memory;
        this.size = size;
        this.startIndex = startIndex;
        this.eventIndex = eventIndex;
        // Section 2.7: 16 * size aligned to 16, 6 + 2 * size aligned to 2, 6 + 8 * size aligned to 4.
        descriptors = memory.allocate(region, (long) DESCRIPTOR_BYTES * size, 16);
        available = memory.allocate(region, 6 + 2L * size, 2);
        used = memory.allocate(region, 6 + 8L * size, 4);
        memory.fill(descriptors, (long) DESCRIPTOR_BYTES * size, 0);
        memory.fill(available, 6 + 2L * size, 0);
        memory.fill(used, 6 + 8L * size, 0);
        for (int i = 0; i < size; i++) {
            free.add(i);
        }
        chains = newChains(size);
        nextAvailable = startIndex;
        published = startIndex;
        nextUsed = startIndex;
        memory.putU16(available + 2, startIndex);
        memory.putU16(used + 2, startIndex);
        memory.putU16(usedEvent(), startIndex);
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of generic types
    private static @Nullable List<Integer>[] newChains(int size) {
        return (List<Integer>[]) new List[size];
    }

    // --- the orderly driver
    // --------------------------------------------------------------------------------------------

    /** The descriptor that heads the next request. */
    @Override
    public int nextFree() {
        requireFree(1);
        return free.element();
    }

    /** How many descriptors are free. */
    @Override
    public int freeDescriptors() {
        return free.size();
    }

    /**
     * Lays a request out in chained descriptors and puts it into the next available entry, not yet published.
     *
     * @return the head descriptor, the request's name until it is used
     */
    @Override
    public int add(List<Piece> pieces) {
        requireFree(pieces.size());
        List<Integer> chain = new ArrayList<>();
        pieces.forEach(piece -> chain.add(free.remove()));
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            boolean last = i == pieces.size() - 1;
            rawDescriptor(
                    chain.get(i),
                    piece.address(),
                    piece.bytes(),
                    (piece.deviceWrites() ? F_WRITE : 0) | (last ? 0 : F_NEXT),
                    last ? 0 : chain.get(i + 1));
        }
        return offer(chain);
    }

    /**
     * As {@link #add}, but the pieces go into an indirect table (section 2.7.5.3) at {@code table}, of 16 bytes a piece.
     * Nothing says in which order a table is used, so it is filled from the end.
     */
    @Override
    public int addIndirect(List<Piece> pieces, long table) {
        requireFree(1);
        int count = pieces.size();
        for (int i = 0; i < count; i++) {
            Piece piece = pieces.get(i);
            // The first descriptor of a table is always its entry 0; the others run backwards from the end.
            int at = i == 0 ? 0 : count - i;
            boolean last = i == count - 1;
            putDescriptor(
                    table + (long) DESCRIPTOR_BYTES * at,
                    piece.address(),
                    piece.bytes(),
                    (piece.deviceWrites() ? F_WRITE : 0) | (last ? 0 : F_NEXT),
                    last ? 0 : count - i - 1);
        }
        int head = free.remove();
        rawDescriptor(head, table, DESCRIPTOR_BYTES * count, F_INDIRECT, 0);
        return offer(List.of(head));
    }

    private void requireFree(int count) {
        if (count == 0 || count > free.size()) {
            throw new IllegalStateException(count + " descriptors wanted, " + free.size() + " of " + size + " free");
        }
    }

    private int offer(List<Integer> chain) {
        int head = chain.getFirst();
        chains[head] = chain;
        rawAvailable(nextAvailable, head);
        nextAvailable = nextAvailable + 1 & 0xFFFF;
        return head;
    }

    /** Shows the device everything added so far. */
    @Override
    public void publish() {
        published = memory.getU16(available + 2);
        memory.putU16Release(available + 2, nextAvailable);
    }

    /** Whether the device wants to be notified of what the last {@link #publish} showed (section 2.7.10). */
    @Override
    public boolean kickNeeded() {
        VarHandle.fullFence(); // the new index is out before we look at what the device wants
        if (!eventIndex) {
            return (memory.getU16(used) & USED_F_NO_NOTIFY) == 0;
        }
        int event = memory.getU16Acquire(availEvent());
        return (nextAvailable - event - 1 & 0xFFFF) < (nextAvailable - published & 0xFFFF);
    }

    /** One completion, or null if there is none. */
    @Override
    public @Nullable Used takeUsed() {
        if (memory.getU16Acquire(used + 2) == nextUsed) {
            return null;
        }
        long element = used + 4 + 8L * (nextUsed & size - 1);
        int head = memory.getU32(element);
        long bytes = memory.getU32(element + 4) & 0xFFFF_FFFFL;
        nextUsed = nextUsed + 1 & 0xFFFF;
        List<Integer> chain = head >= 0 && head < size ? chains[head] : null;
        if (chain == null) {
            throw new IllegalStateException("the device completed descriptor " + Integer.toUnsignedString(head)
                    + ", which heads no request in flight");
        }
        chains[head] = null;
        free.addAll(chain);
        return new Used(head, bytes);
    }

    /** Asks for an interrupt at the next completion, or for none; look at the ring once more afterwards. */
    @Override
    public void interrupts(boolean wanted) {
        if (eventIndex) {
            memory.putU16(usedEvent(), wanted ? nextUsed : nextUsed - 1 & 0xFFFF);
        } else {
            memory.putU16(available, wanted ? 0 : AVAIL_F_NO_INTERRUPT);
        }
        VarHandle.fullFence();
    }

    /** How many requests the device has not completed yet. */
    @Override
    public int inFlight() {
        return nextAvailable - nextUsed & 0xFFFF;
    }

    // --- fields, for tests that break them
    // -----------------------------------------------------------------------------

    /** Writes descriptor {@code index}. */
    public void rawDescriptor(int index, long address, int bytes, int flags, int next) {
        putDescriptor(descriptors + (long) DESCRIPTOR_BYTES * index, address, bytes, flags, next);
    }

    /** Writes the flags of descriptor {@code index} only. */
    public void rawDescriptorFlags(int index, int flags) {
        memory.putU16(descriptors + (long) DESCRIPTOR_BYTES * index + 12, flags);
    }

    /** Writes a descriptor at a guest address: an indirect table is an array of these. */
    public void putDescriptor(long at, long address, int bytes, int flags, int next) {
        memory.putU64(at, address);
        memory.putU32(at + 8, bytes);
        memory.putU16(at + 12, flags);
        memory.putU16(at + 14, next);
    }

    /** Writes the available entry that the running index {@code index} stands for. */
    public void rawAvailable(int index, int head) {
        memory.putU16(available + 4 + 2L * (index & size - 1), head);
    }

    /** Publishes any index. */
    public void rawAvailableIndex(int index) {
        memory.putU16Release(available + 2, index & 0xFFFF);
    }

    /** The index that the device has published. */
    public int usedIndex() {
        return memory.getU16Acquire(used + 2);
    }

    /** The completion that the device's running index {@code index} stands for. */
    public Used usedAt(int index) {
        long element = used + 4 + 8L * (index & size - 1);
        return new Used(memory.getU32(element), memory.getU32(element + 4) & 0xFFFF_FFFFL);
    }

    @Override
    public int size() {
        return size;
    }

    /** The running index that the queue began with. */
    public int startIndex() {
        return startIndex;
    }

    /** Guest address of the descriptor table. */
    @Override
    public long descriptors() {
        return descriptors;
    }

    /** The available ring. */
    @Override
    public long driverArea() {
        return available;
    }

    /** The used ring. */
    @Override
    public long deviceArea() {
        return used;
    }

    @Override
    public int base() {
        return startIndex;
    }

    private long usedEvent() {
        return available + 4 + 2L * size;
    }

    private long availEvent() {
        return used + 4 + 8L * size;
    }
}
