package io.zonewright.virtio.queue;

import io.zonewright.runtime.Counters;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.virtio.VirtioFeatures;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * Split virtqueue (virtio 1.3, section 2.7).
 *
 * <p><b>Order of memory accesses.</b> The driver fills descriptors, then entries of the available ring, then idx. We
 * read idx with acquire and everything else after it. We write used elements, then idx with release. Two places need
 * more, since both sides write one field and then read another of the other side's (section 2.7.7 and 2.7.10): after
 * publishing idx, a full fence stands before reading whether the driver wants a notification; after asking for
 * notifications, a full fence stands before looking at the available idx again. Acquire and release alone would let
 * the read pass the write, and both sides could sleep.
 *
 * <p><b>Bounds.</b> A chain of direct descriptors has at most as many as the queue has entries, which ends every loop.
 * An indirect table has at most {@value #MAX_INDIRECT} entries, each visited at most once: more than any queue, since
 * Linux sizes tables by seg_max and not by the queue. Descriptors are read once, an indirect table is copied as a
 * whole before it is looked at.
 */
public final class SplitVirtqueue extends Virtqueue {
    /** Most entries of an indirect table. */
    public static final int MAX_INDIRECT = ChainBuilder.MAX_INDIRECT;

    private final int mask;
    private final boolean eventIdx;
    private final RingAddresses addresses;
    private final ChainBuilder chains;

    private MemorySegment desc = MemorySegment.NULL;
    private MemorySegment avail = MemorySegment.NULL;
    private MemorySegment used = MemorySegment.NULL;

    /** Position of the next chain to take, 16 bits. */
    private int availNext;
    /** The available idx as last read, 16 bits. */
    private int availSeen;
    /** Position of the next used element, 16 bits. */
    private int usedNext;
    /** The used idx as last published, 16 bits. */
    private int usedShown;

    private boolean bound;

    /**
     * A queue that is not yet bound to memory and paused; {@link #rebind} comes next.
     *
     * @param size entries, a power of two from 1 to 32768
     * @param base position from which chains are taken, 16 bits (SET_VRING_BASE)
     * @param features as negotiated
     * @throws IllegalArgumentException if {@link RingFormat#wrong} finds something
     */
    public SplitVirtqueue(
            int index,
            int size,
            int base,
            RingAddresses addresses,
            long features,
            RingListener listener,
            Counters<QueueCounter> counters) {
        super(index, size, listener, counters);
        String wrong = RingFormat.SPLIT.wrong(size, base, addresses);
        if (wrong != null) {
            throw new IllegalArgumentException(wrong);
        }
        mask = size - 1;
        eventIdx = (features & VirtioFeatures.EVENT_IDX) != 0;
        chains = new ChainBuilder((features & VirtioFeatures.INDIRECT_DESC) != 0);
        this.addresses = addresses;
        availNext = base;
        availSeen = base;
        pause();
    }

    @Override
    public boolean rebind(GuestMemory newMemory) {
        if (inFlight() != 0) {
            throw new IllegalStateException("queue " + index() + " has " + inFlight() + " chains in flight");
        }
        chains.use(newMemory);
        MemorySegment newDesc = newMemory.atUserAddress(addresses.descriptors(), RingFields.descBytes(size()));
        MemorySegment newAvail = newMemory.atUserAddress(addresses.available(), SplitLayout.availBytes(size()));
        MemorySegment newUsed = newMemory.atUserAddress(addresses.used(), SplitLayout.usedBytes(size()));
        if (newDesc == null || newAvail == null || newUsed == null) {
            desc = MemorySegment.NULL;
            avail = MemorySegment.NULL;
            used = MemorySegment.NULL;
            return false;
        }
        desc = newDesc;
        avail = newAvail;
        used = newUsed;
        if (!bound) {
            bound = true;
            // Where we store goes on from the ring itself, as in QEMU's and rust-vmm's devices: the base that the
            // hypervisor gives is that of the available ring alone.
            usedNext = RingFields.getAcquire16(used, SplitLayout.RING_IDX);
            usedShown = usedNext;
        }
        return true;
    }

    @Override
    public int base() {
        return availNext;
    }

    @Override
    protected boolean take(DescriptorChain into) throws RingException {
        if (availNext == availSeen && !look()) {
            return false;
        }
        long entry = SplitLayout.RING_ENTRIES + (long) (availNext & mask) * SplitLayout.AVAIL_ENTRY_SIZE;
        int head = RingFields.getOpaque16(avail, entry);
        if (head >= size()) {
            throw new RingException("the available ring names descriptor " + head + " of " + size());
        }
        if (isTaken(head)) {
            throw new RingException("descriptor " + head + " was made available twice");
        }
        walk(head, into);
        availNext = (availNext + 1) & 0xFFFF;
        return true;
    }

    @Override
    protected void store(int id, long written) {
        long entry = SplitLayout.RING_ENTRIES + (long) (usedNext & mask) * SplitLayout.USED_ENTRY_SIZE;
        RingFields.set32(used, entry, id);
        RingFields.set32(used, entry + SplitLayout.USED_ENTRY_LEN, (int) written);
        usedNext = (usedNext + 1) & 0xFFFF;
    }

    @Override
    protected boolean expose() {
        if (usedShown == usedNext) {
            return false;
        }
        RingFields.setRelease16(used, SplitLayout.RING_IDX, usedNext);
        int before = usedShown;
        usedShown = usedNext;
        VarHandle.fullFence();
        if (eventIdx) {
            int event = RingFields.getOpaque16(avail, SplitLayout.usedEvent(size()));
            return passed(event, usedNext, before);
        }
        return (RingFields.getOpaque16(avail, SplitLayout.RING_FLAGS) & SplitLayout.AVAIL_F_NO_INTERRUPT) == 0;
    }

    @Override
    protected boolean askForKicks() throws RingException {
        if (eventIdx) {
            RingFields.setOpaque16(used, SplitLayout.availEvent(size()), availNext);
        } else {
            RingFields.setOpaque16(used, SplitLayout.RING_FLAGS, 0);
        }
        VarHandle.fullFence();
        return availNext != availSeen || look();
    }

    @Override
    protected void declineKicks() {
        // With EVENT_IDX an old avail_event already says so: it lies behind us until the ring has gone round once.
        if (!eventIdx) {
            RingFields.setOpaque16(used, SplitLayout.RING_FLAGS, SplitLayout.USED_F_NO_NOTIFY);
        }
    }

    /** Reads the driver's idx; whether there is something to take. */
    private boolean look() throws RingException {
        int idx = RingFields.getAcquire16(avail, SplitLayout.RING_IDX);
        int ready = (idx - availNext) & 0xFFFF;
        if (ready > size()) {
            throw new RingException(
                    "the available index jumped from " + availNext + " to " + idx + " in a ring of " + size());
        }
        availSeen = idx;
        return ready != 0;
    }

    private void walk(int head, DescriptorChain into) throws RingException {
        into.begin(head);
        int at = head;
        for (int left = size(); ; left--) {
            if (left == 0) {
                throw new RingException("a chain from descriptor " + head + " is longer than the ring");
            }
            long offset = (long) at * RingFields.DESC_SIZE;
            long address = RingFields.get64(desc, offset + RingFields.DESC_ADDR);
            long length = Integer.toUnsignedLong(RingFields.get32(desc, offset + RingFields.DESC_LEN));
            int flags = RingFields.get16(desc, offset + SplitLayout.DESC_FLAGS);
            int next = RingFields.get16(desc, offset + SplitLayout.DESC_NEXT);
            if ((flags & RingFields.DESC_F_INDIRECT) != 0) {
                if ((flags & RingFields.DESC_F_NEXT) != 0) {
                    throw new RingException("descriptor " + at + " is indirect and has a successor");
                }
                walkTable(at, address, length, into);
                return;
            }
            chains.add(at, address, length, flags, into);
            if ((flags & RingFields.DESC_F_NEXT) == 0) {
                return;
            }
            if (next >= size()) {
                throw new RingException("descriptor " + at + " points to descriptor " + next + " of " + size());
            }
            at = next;
        }
    }

    private void walkTable(int owner, long address, long length, DescriptorChain into) throws RingException {
        int entries = chains.copyTable(owner, address, length);
        MemorySegment table = chains.table();
        int at = 0;
        for (int left = entries; ; left--) {
            if (left == 0) {
                throw new RingException("the indirect table of descriptor " + owner + " has a loop");
            }
            long offset = (long) at * RingFields.DESC_SIZE;
            int flags = RingFields.get16(table, offset + SplitLayout.DESC_FLAGS);
            if ((flags & RingFields.DESC_F_INDIRECT) != 0) {
                throw new RingException("the indirect table of descriptor " + owner + " has an indirect entry");
            }
            chains.add(
                    at,
                    RingFields.get64(table, offset + RingFields.DESC_ADDR),
                    Integer.toUnsignedLong(RingFields.get32(table, offset + RingFields.DESC_LEN)),
                    flags,
                    into);
            if ((flags & RingFields.DESC_F_NEXT) == 0) {
                return;
            }
            at = RingFields.get16(table, offset + SplitLayout.DESC_NEXT);
            if (at >= entries) {
                throw new RingException(
                        "the indirect table of descriptor " + owner + " points to entry " + at + " of " + entries);
            }
        }
    }

    /** Whether the index moved past {@code event} when it went from {@code before} to {@code now} (section 2.7.7.1). */
    private static boolean passed(int event, int now, int before) {
        return ((now - event - 1) & 0xFFFF) < ((now - before) & 0xFFFF);
    }
}
