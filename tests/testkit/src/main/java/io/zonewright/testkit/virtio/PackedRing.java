package io.zonewright.testkit.virtio;

import io.zonewright.testkit.guest.GuestMemory;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The driver's half of a packed virtqueue (virtio 1.3, section 2.8). The ring has any number of places; positions carry a
 * wrap counter, which begins as 1 and flips at the end. Tests that want a broken ring write its fields with the
 * {@code raw} methods. For one thread at a time.
 */
public final class PackedRing implements Ring {
    /** In a descriptor's flags. */
    public static final int F_AVAIL = 0x80;

    public static final int F_USED = 0x8000;

    /** Flags of the event suppression structures (section 2.8.14). */
    public static final int EVENT_ENABLE = 0;

    public static final int EVENT_DISABLE = 1;
    public static final int EVENT_DESC = 2;

    private static final int WRAP = 0x8000;
    private static final int EVENT_BYTES = 4;

    private final GuestMemory memory;
    private final int size;
    private final int base;
    private final boolean eventIndex;
    private final long descriptors;
    private final long driverEvent;
    private final long deviceEvent;
    private final ArrayDeque<Integer> freeIds = new ArrayDeque<>();
    /** By id: how many places the request in flight has; 0: none is in flight. */
    private final int[] places;

    private int freePlaces;
    private int nextAvailable;
    private boolean availableWrap;
    private int nextUsed;
    private boolean usedWrap;

    /** Where the first descriptor is that {@link #publish} will show, what its flags will be, and how many there are. */
    private long heldBack;

    private int heldBackFlags;
    private int staged;
    private int lastPublished;

    /**
     * Takes memory for the three parts from one region and clears it.
     *
     * @param size number of descriptors, 1 to 32768
     * @param start position where both sides begin, below {@code size}
     * @param wrap the wrap counter there: true on a fresh queue
     */
    public PackedRing(GuestMemory memory, int region, int size, int start, boolean wrap, boolean eventIndex) {
        this.memory = memory;
        this.size = size;
        this.eventIndex = eventIndex;
        // Section 2.8.10.1: 16 * size aligned to 16, 4 aligned to 4 twice.
        descriptors = memory.allocate(region, (long) DESCRIPTOR_BYTES * size, 16);
        driverEvent = memory.allocate(region, EVENT_BYTES, 4);
        deviceEvent = memory.allocate(region, EVENT_BYTES, 4);
        memory.fill(descriptors, (long) DESCRIPTOR_BYTES * size, 0);
        memory.fill(driverEvent, EVENT_BYTES, 0);
        memory.fill(deviceEvent, EVENT_BYTES, 0);
        places = new int[size];
        for (int i = 0; i < size; i++) {
            freeIds.add(i);
            // As the lap before left them: used, so that neither side takes them for its own. The places behind the
            // start are one lap younger.
            boolean lapBefore = (i < start) == wrap;
            memory.putU16(descriptors + (long) DESCRIPTOR_BYTES * i + 14, lapBefore ? F_AVAIL | F_USED : 0);
        }
        freePlaces = size;
        nextAvailable = start;
        availableWrap = wrap;
        nextUsed = start;
        usedWrap = wrap;
        int position = wrap ? start | WRAP : start;
        base = position | position << 16;
    }

    // --- the orderly driver
    // --------------------------------------------------------------------------------------------

    @Override
    public int nextFree() {
        return freeIds.element();
    }

    @Override
    public int freeDescriptors() {
        return freePlaces;
    }

    @Override
    public int add(List<Piece> pieces) {
        requireFree(pieces.size());
        int id = freeIds.remove();
        places[id] = pieces.size();
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            int flags = (piece.deviceWrites() ? F_WRITE : 0) | (i == pieces.size() - 1 ? 0 : F_NEXT);
            // The id counts in the last descriptor only (section 2.8.6).
            place(piece.address(), piece.bytes(), i == pieces.size() - 1 ? id : 0xDEAD, flags);
        }
        return id;
    }

    /** The table has no links: its entries are used in order (section 2.8.7), and their ids mean nothing. */
    @Override
    public int addIndirect(List<Piece> pieces, long table) {
        requireFree(1);
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            rawDescriptorAt(
                    table + (long) DESCRIPTOR_BYTES * i,
                    piece.address(),
                    piece.bytes(),
                    0xBEEF,
                    piece.deviceWrites() ? F_WRITE : 0);
        }
        int id = freeIds.remove();
        places[id] = 1;
        place(table, DESCRIPTOR_BYTES * pieces.size(), id, F_INDIRECT);
        return id;
    }

    private void requireFree(int count) {
        if (count == 0 || count > freePlaces || freeIds.isEmpty()) {
            throw new IllegalStateException(count + " descriptors wanted, " + freePlaces + " of " + size + " free");
        }
    }

    /** Fills the next place; the flags of the first since the last publish come last. */
    private void place(long address, int bytes, int id, int flags) {
        long at = descriptors + (long) DESCRIPTOR_BYTES * nextAvailable;
        int marked = flags | (availableWrap ? F_AVAIL : F_USED);
        memory.putU64(at, address);
        memory.putU32(at + 8, bytes);
        memory.putU16(at + 12, id);
        if (staged == 0) {
            heldBack = at + 14;
            heldBackFlags = marked;
        } else {
            memory.putU16(at + 14, marked);
        }
        staged++;
        freePlaces--;
        if (++nextAvailable == size) {
            nextAvailable = 0;
            availableWrap = !availableWrap;
        }
    }

    @Override
    public void publish() {
        if (staged > 0) {
            memory.putU16Release(heldBack, heldBackFlags);
        }
        lastPublished = staged;
        staged = 0;
    }

    @Override
    public boolean kickNeeded() {
        VarHandle.fullFence(); // the flags are out before we look at what the device wants
        int flags = memory.getU16Acquire(deviceEvent + 2) & 3;
        if (flags != EVENT_DESC) {
            return flags == EVENT_ENABLE;
        }
        if (!eventIndex) {
            throw new IllegalStateException("the device asks for a position, which was not negotiated");
        }
        int event = memory.getU16(deviceEvent);
        boolean sameLap = (event & WRAP) != 0 == availableWrap;
        int behind = nextAvailable - (event & ~WRAP) + (sameLap ? 0 : size);
        return behind >= 1 && behind <= lastPublished;
    }

    @Override
    public @Nullable Used takeUsed() {
        long at = descriptors + (long) DESCRIPTOR_BYTES * nextUsed;
        int flags = memory.getU16Acquire(at + 14);
        if ((flags & (F_AVAIL | F_USED)) != (usedWrap ? F_AVAIL | F_USED : 0) || freePlaces == size) {
            return null;
        }
        int id = memory.getU16(at + 12);
        long bytes = memory.getU32(at + 8) & 0xFFFF_FFFFL;
        int count = id < size ? places[id] : 0;
        if (count == 0) {
            throw new IllegalStateException("the device completed buffer " + id + ", which is not in flight");
        }
        if ((flags & F_WRITE) != 0 != bytes > 0) {
            throw new IllegalStateException("WRITE does not go with a used length of " + bytes + ": flags " + flags);
        }
        places[id] = 0;
        freeIds.add(id);
        freePlaces += count;
        nextUsed += count;
        if (nextUsed >= size) {
            nextUsed -= size;
            usedWrap = !usedWrap;
        }
        return new Used(id, bytes);
    }

    @Override
    public void interrupts(boolean wanted) {
        if (wanted && eventIndex) {
            memory.putU16(driverEvent, usedWrap ? nextUsed | WRAP : nextUsed);
            memory.putU16Release(driverEvent + 2, EVENT_DESC);
        } else {
            memory.putU16(driverEvent + 2, wanted ? EVENT_ENABLE : EVENT_DISABLE);
        }
        VarHandle.fullFence();
    }

    @Override
    public int inFlight() {
        return size - freeIds.size();
    }

    // --- fields, for tests that break them
    // -----------------------------------------------------------------------------

    /** Writes the descriptor of a place, flags last. */
    public void rawDescriptor(int place, long address, int bytes, int id, int flags) {
        rawDescriptorAt(descriptors + (long) DESCRIPTOR_BYTES * place, address, bytes, id, flags);
    }

    /** Writes a descriptor at a guest address: an indirect table is an array of these. */
    public void rawDescriptorAt(long at, long address, int bytes, int id, int flags) {
        memory.putU64(at, address);
        memory.putU32(at + 8, bytes);
        memory.putU16(at + 12, id);
        memory.putU16Release(at + 14, flags & 0xFFFF);
    }

    /** The flags of a place. */
    public int rawFlags(int place) {
        return memory.getU16Acquire(descriptors + (long) DESCRIPTOR_BYTES * place + 14);
    }

    /** Writes the flags of a place only. */
    public void rawFlags(int place, int flags) {
        memory.putU16Release(descriptors + (long) DESCRIPTOR_BYTES * place + 14, flags & 0xFFFF);
    }

    /** Writes the driver's event suppression structure. */
    public void rawDriverEvent(int position, int flags) {
        memory.putU16(driverEvent, position & 0xFFFF);
        memory.putU16(driverEvent + 2, flags & 0xFFFF);
    }

    /** Where the next request begins. */
    public int nextPlace() {
        return nextAvailable;
    }

    /** What AVAIL and USED are in a descriptor that is made available there. */
    public int nextMarks() {
        return availableWrap ? F_AVAIL : F_USED;
    }

    // --- what it is
    // ----------------------------------------------------------------------------------------------------

    @Override
    public int size() {
        return size;
    }

    @Override
    public int base() {
        return base;
    }

    @Override
    public long descriptors() {
        return descriptors;
    }

    /** The driver's event suppression structure. */
    @Override
    public long driverArea() {
        return driverEvent;
    }

    /** The device's event suppression structure. */
    @Override
    public long deviceArea() {
        return deviceEvent;
    }
}
