package io.zonewright.virtio.queue;

import io.zonewright.runtime.Counters;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.virtio.VirtioFeatures;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * Packed virtqueue (virtio 1.3, section 2.8): one ring of descriptors that the driver fills and the device overwrites.
 *
 * <p><b>Who owns a descriptor.</b> Two bits of its flags say so, compared with a wrap counter that each side flips when it
 * passes the ring's end. The driver takes the device's answers in order of the ring, whatever order chains end in: a used
 * element goes to the first place that is not used yet, names the chain's buffer id, and covers as many places as that
 * chain had descriptors.
 *
 * <p><b>Order of memory accesses.</b> The driver writes the flags of a chain's first descriptor last: we read them with
 * acquire and everything else of the chain after them. We write a batch of used elements whole but for the flags of the
 * first, and those with release: until then the driver sees none of them. Full fences stand where both sides write one
 * field and read another (section 2.8.21.3 and 2.8.22): between those flags and the driver's event suppression structure,
 * and between our own structure and the flags of the next descriptor.
 *
 * <p><b>Bounds.</b> A chain has at most as many descriptors as the ring has places that are not in flight, which ends every
 * walk and bounds the chains in flight; for indirect tables see {@link ChainBuilder}. Of a hostile driver's flags we believe
 * no more than that: a descriptor that it makes available while it is in flight breaks the ring. Buffer ids are numbers of
 * the driver's choice (section 2.8.13), so inside each chain has a slot, which is its name in {@link DescriptorChain#id}; an
 * id that is in flight already breaks the ring.
 */
public final class PackedVirtqueue extends Virtqueue {
    private static final int IDS = 1 << 16;

    private final boolean eventIdx;
    private final RingAddresses addresses;
    private final ChainBuilder chains;

    /** By slot: the driver's id of the chain, and how many descriptors it has. */
    private final char[] ids;

    private final char[] lengths;
    /** The slots that no chain has; a stack. */
    private final char[] freeSlots;

    private int freeCount;

    /** A bit for each of the driver's ids that is in flight. */
    private final long[] idsInFlight = new long[IDS / Long.SIZE];

    private MemorySegment desc = MemorySegment.NULL;
    private MemorySegment driverEvent = MemorySegment.NULL;
    private MemorySegment deviceEvent = MemorySegment.NULL;

    /** Position of the next chain to take. */
    private int availNext;
    /** What the two bits of flags are when the driver has made that position available. */
    private int availMarks;
    /** Position of the next used element. */
    private int usedNext;
    /** What the two bits of its flags will be. */
    private int usedMarks;
    /** Places between the two: descriptors taken that the driver does not yet see as used. */
    private int occupied;

    /** Places covered by used elements that are stored and not shown. */
    private int staged;
    /** Where the first of these has its flags, and what they will be. */
    private long stagedFlagsAt;

    private int stagedFlags;

    /**
     * A queue that is not yet bound to memory and paused; {@link #rebind} comes next.
     *
     * @param size entries, from 1 to 32768, any number
     * @param base where both sides go on, as {@link RingFormat} describes it
     * @param features as negotiated
     * @throws IllegalArgumentException if {@link RingFormat#wrong} finds something
     */
    public PackedVirtqueue(
            int index,
            int size,
            int base,
            RingAddresses addresses,
            long features,
            RingListener listener,
            Counters<QueueCounter> counters) {
        super(index, size, listener, counters);
        String wrong = RingFormat.PACKED.wrong(size, base, addresses);
        if (wrong != null) {
            throw new IllegalArgumentException(wrong);
        }
        eventIdx = (features & VirtioFeatures.EVENT_IDX) != 0;
        chains = new ChainBuilder((features & VirtioFeatures.INDIRECT_DESC) != 0);
        this.addresses = addresses;
        ids = new char[size];
        lengths = new char[size];
        freeSlots = new char[size];
        for (int i = 0; i < size; i++) {
            freeSlots[i] = (char) (size - 1 - i);
        }
        freeCount = size;
        PackedBase at = PackedBase.of(base);
        availNext = at.available();
        availMarks = at.availableWrap() ? PackedLayout.DESC_F_AVAIL : PackedLayout.DESC_F_USED;
        usedNext = at.used();
        usedMarks = at.usedWrap() ? PackedLayout.MARKS : 0;
        occupied = at.between(size);
        pause();
    }

    @Override
    public boolean rebind(GuestMemory newMemory) {
        if (inFlight() != 0) {
            throw new IllegalStateException("queue " + index() + " has " + inFlight() + " chains in flight");
        }
        chains.use(newMemory);
        MemorySegment newDesc = newMemory.atUserAddress(addresses.descriptors(), RingFields.descBytes(size()));
        MemorySegment newDriver = newMemory.atUserAddress(addresses.available(), PackedLayout.EVENT_BYTES);
        MemorySegment newDevice = newMemory.atUserAddress(addresses.used(), PackedLayout.EVENT_BYTES);
        if (newDesc == null || newDriver == null || newDevice == null) {
            desc = MemorySegment.NULL;
            driverEvent = MemorySegment.NULL;
            deviceEvent = MemorySegment.NULL;
            return false;
        }
        desc = newDesc;
        driverEvent = newDriver;
        deviceEvent = newDevice;
        return true;
    }

    @Override
    public int base() {
        return new PackedBase(availNext, availMarks == PackedLayout.DESC_F_AVAIL, usedNext, usedMarks != 0).encode();
    }

    @Override
    protected boolean take(DescriptorChain into) throws RingException {
        int flags = RingFields.getAcquire16(desc, flagsAt(availNext));
        if ((flags & PackedLayout.MARKS) != availMarks) {
            return false;
        }
        if (occupied == size()) {
            throw new RingException("descriptor " + availNext + " was made available while it is in flight");
        }
        int slot = freeSlots[freeCount - 1];
        into.begin(slot);
        int count = walk(flags, into);
        int last = availNext + count - 1;
        int id = RingFields.get16(desc, descAt(last < size() ? last : last - size()) + PackedLayout.DESC_ID);
        long bit = 1L << id;
        if ((idsInFlight[id >>> 6] & bit) != 0) {
            throw new RingException("buffer id " + id + " was made available twice");
        }
        idsInFlight[id >>> 6] |= bit;
        freeCount--;
        ids[slot] = (char) id;
        lengths[slot] = (char) count;
        occupied += count;
        availNext += count;
        if (availNext >= size()) {
            availNext -= size();
            availMarks ^= PackedLayout.MARKS;
        }
        return true;
    }

    @Override
    protected void store(int slot, long written) {
        int id = ids[slot];
        int length = lengths[slot];
        freeSlots[freeCount++] = (char) slot;
        idsInFlight[id >>> 6] &= ~(1L << id);
        long at = descAt(usedNext);
        RingFields.set32(desc, at + RingFields.DESC_LEN, (int) written);
        RingFields.set16(desc, at + PackedLayout.DESC_ID, id);
        // "WRITE" in a used descriptor: its length says something (section 2.8.4).
        int flags = written == 0 ? usedMarks : usedMarks | RingFields.DESC_F_WRITE;
        if (staged == 0) {
            stagedFlagsAt = at + PackedLayout.DESC_FLAGS;
            stagedFlags = flags;
        } else {
            RingFields.setOpaque16(desc, at + PackedLayout.DESC_FLAGS, flags);
        }
        staged += length;
        usedNext += length;
        if (usedNext >= size()) {
            usedNext -= size();
            usedMarks ^= PackedLayout.MARKS;
        }
    }

    @Override
    protected boolean expose() {
        int shown = staged;
        if (shown == 0) {
            return false;
        }
        RingFields.setRelease16(desc, stagedFlagsAt, stagedFlags);
        staged = 0;
        occupied -= shown;
        VarHandle.fullFence();
        int event = RingFields.getOpaque32(driverEvent, 0);
        return switch (event >>> PackedLayout.EVENT_FLAGS_SHIFT & PackedLayout.EVENT_FLAGS_MASK) {
            case PackedLayout.EVENT_FLAGS_DISABLE -> false;
            case PackedLayout.EVENT_FLAGS_DESC -> !eventIdx || passed(event, shown);
            default -> true;
        };
    }

    @Override
    protected boolean askForKicks() {
        int event = 0;
        if (eventIdx) {
            int wrap = availMarks == PackedLayout.DESC_F_AVAIL ? PackedLayout.POSITION_WRAP : 0;
            event = PackedLayout.EVENT_FLAGS_DESC << PackedLayout.EVENT_FLAGS_SHIFT | wrap | availNext;
        }
        RingFields.setOpaque32(deviceEvent, 0, event);
        VarHandle.fullFence();
        return (RingFields.getOpaque16(desc, flagsAt(availNext)) & PackedLayout.MARKS) == availMarks;
    }

    @Override
    protected void declineKicks() {
        RingFields.setOpaque32(deviceEvent, 0, PackedLayout.EVENT_FLAGS_DISABLE << PackedLayout.EVENT_FLAGS_SHIFT);
    }

    /** Adds the chain at the next position; how many descriptors it has. */
    private int walk(int firstFlags, DescriptorChain into) throws RingException {
        int room = size() - occupied;
        int at = availNext;
        int flags = firstFlags;
        for (int count = 1; ; count++) {
            long offset = descAt(at);
            long address = RingFields.get64(desc, offset + RingFields.DESC_ADDR);
            long length = Integer.toUnsignedLong(RingFields.get32(desc, offset + RingFields.DESC_LEN));
            if ((flags & RingFields.DESC_F_INDIRECT) != 0) {
                if ((flags & RingFields.DESC_F_NEXT) != 0 || count != 1) {
                    // Section 2.8.19, "Driver Requirements: Indirect Descriptors".
                    throw new RingException("descriptor " + at + " is indirect and part of a chain");
                }
                addTable(at, address, length, into);
                return 1;
            }
            chains.add(at, address, length, flags, into);
            if ((flags & RingFields.DESC_F_NEXT) == 0) {
                return count;
            }
            if (count == room) {
                throw new RingException("a chain from descriptor " + availNext
                        + (occupied == 0 ? " is longer than the ring" : " goes on into descriptors in flight"));
            }
            at = at + 1 == size() ? 0 : at + 1;
            flags = RingFields.getOpaque16(desc, flagsAt(at));
        }
    }

    /** All entries of a table, in order: their ids and all flags but WRITE mean nothing (section 2.8.7). */
    private void addTable(int owner, long address, long length, DescriptorChain into) throws RingException {
        int entries = chains.copyTable(owner, address, length);
        MemorySegment table = chains.table();
        for (int i = 0; i < entries; i++) {
            long offset = descAt(i);
            int flags = RingFields.get16(table, offset + PackedLayout.DESC_FLAGS);
            if ((flags & RingFields.DESC_F_INDIRECT) != 0) {
                throw new RingException("the indirect table of descriptor " + owner + " has an indirect entry");
            }
            chains.add(
                    i,
                    RingFields.get64(table, offset + RingFields.DESC_ADDR),
                    Integer.toUnsignedLong(RingFields.get32(table, offset + RingFields.DESC_LEN)),
                    flags,
                    into);
        }
    }

    /**
     * Whether the used position of the driver's event is among the last {@code moved}, which end before
     * {@link #usedNext}: section 2.8.10.
     */
    private boolean passed(int event, int moved) {
        boolean sameLap = (event & PackedLayout.POSITION_WRAP) != 0 == (usedMarks != 0);
        int behind = usedNext - (event & PackedLayout.POSITION_MASK) + (sameLap ? 0 : size());
        return behind >= 1 && behind <= moved;
    }

    private static long descAt(int position) {
        return (long) position * RingFields.DESC_SIZE;
    }

    private static long flagsAt(int position) {
        return descAt(position) + PackedLayout.DESC_FLAGS;
    }
}
