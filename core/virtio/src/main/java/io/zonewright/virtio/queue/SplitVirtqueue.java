package io.zonewright.virtio.queue;

import io.zonewright.runtime.Counters;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.virtio.VirtioFeatures;
import java.lang.foreign.Arena;
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
    /** Most entries of an indirect table: what QEMU's own devices take (VIRTQUEUE_MAX_SIZE), so what guests rely on. */
    public static final int MAX_INDIRECT = 1024;

    /** A buffer is at most 2^32 bytes (section 2.7.5); we stay below, so that a used length fits 32 bits. */
    static final long MAX_CHAIN_BYTES = 0xFFFF_FFFFL;

    /**
     * Most pieces of memory of one chain. Only buffers that cross regions have more pieces than descriptors; regions of a
     * byte each, which no hypervisor makes, could otherwise turn a chain into half a million of them.
     */
    static final int MAX_SPANS = 4 * MAX_INDIRECT;

    private final int mask;
    private final boolean eventIdx;
    private final boolean indirect;
    private final RingAddresses addresses;
    private final MemorySegment indirectCopy;

    private GuestMemory memory = GuestMemory.EMPTY;
    private MemorySegment desc = MemorySegment.NULL;
    private MemorySegment avail = MemorySegment.NULL;
    private MemorySegment used = MemorySegment.NULL;
    private int regionHint;

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
        mask = size - 1;
        eventIdx = (features & VirtioFeatures.EVENT_IDX) != 0;
        indirect = (features & VirtioFeatures.INDIRECT_DESC) != 0;
        this.addresses = addresses;
        indirectCopy = indirect
                ? Arena.ofAuto().allocate((long) MAX_INDIRECT * SplitLayout.DESC_SIZE, SplitLayout.DESC_ALIGN)
                : MemorySegment.NULL;
        availNext = base;
        availSeen = base;
        pause();
    }

    @Override
    public boolean rebind(GuestMemory newMemory) {
        if (inFlight() != 0) {
            throw new IllegalStateException("queue " + index() + " has " + inFlight() + " chains in flight");
        }
        memory = newMemory;
        MemorySegment newDesc = newMemory.atUserAddress(addresses.descriptors(), SplitLayout.descBytes(size()));
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
            usedNext = SplitLayout.getAcquire16(used, SplitLayout.RING_IDX);
            usedShown = usedNext;
        }
        return true;
    }

    @Override
    public int nextAvailable() {
        return availNext;
    }

    @Override
    protected boolean take(DescriptorChain into) throws RingException {
        if (availNext == availSeen && !look()) {
            return false;
        }
        long entry = SplitLayout.RING_ENTRIES + (long) (availNext & mask) * SplitLayout.AVAIL_ENTRY_SIZE;
        int head = SplitLayout.getOpaque16(avail, entry);
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
        SplitLayout.set32(used, entry, id);
        SplitLayout.set32(used, entry + SplitLayout.USED_ENTRY_LEN, (int) written);
        usedNext = (usedNext + 1) & 0xFFFF;
    }

    @Override
    protected boolean expose() {
        if (usedShown == usedNext) {
            return false;
        }
        SplitLayout.setRelease16(used, SplitLayout.RING_IDX, usedNext);
        int before = usedShown;
        usedShown = usedNext;
        VarHandle.fullFence();
        if (eventIdx) {
            int event = SplitLayout.getOpaque16(avail, SplitLayout.usedEvent(size()));
            return passed(event, usedNext, before);
        }
        return (SplitLayout.getOpaque16(avail, SplitLayout.RING_FLAGS) & SplitLayout.AVAIL_F_NO_INTERRUPT) == 0;
    }

    @Override
    protected boolean askForKicks() throws RingException {
        if (eventIdx) {
            SplitLayout.setOpaque16(used, SplitLayout.availEvent(size()), availNext);
        } else {
            SplitLayout.setOpaque16(used, SplitLayout.RING_FLAGS, 0);
        }
        VarHandle.fullFence();
        return availNext != availSeen || look();
    }

    @Override
    protected void declineKicks() {
        // With EVENT_IDX an old avail_event already says so: it lies behind us until the ring has gone round once.
        if (!eventIdx) {
            SplitLayout.setOpaque16(used, SplitLayout.RING_FLAGS, SplitLayout.USED_F_NO_NOTIFY);
        }
    }

    /** Reads the driver's idx; whether there is something to take. */
    private boolean look() throws RingException {
        int idx = SplitLayout.getAcquire16(avail, SplitLayout.RING_IDX);
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
            long offset = (long) at * SplitLayout.DESC_SIZE;
            long address = SplitLayout.get64(desc, offset + SplitLayout.DESC_ADDR);
            long length = Integer.toUnsignedLong(SplitLayout.get32(desc, offset + SplitLayout.DESC_LEN));
            int flags = SplitLayout.get16(desc, offset + SplitLayout.DESC_FLAGS);
            int next = SplitLayout.get16(desc, offset + SplitLayout.DESC_NEXT);
            if ((flags & SplitLayout.DESC_F_INDIRECT) != 0) {
                if ((flags & SplitLayout.DESC_F_NEXT) != 0) {
                    throw new RingException("descriptor " + at + " is indirect and has a successor");
                }
                walkTable(at, address, length, into);
                return;
            }
            addBuffer(at, address, length, flags, into);
            if ((flags & SplitLayout.DESC_F_NEXT) == 0) {
                return;
            }
            if (next >= size()) {
                throw new RingException("descriptor " + at + " points to descriptor " + next + " of " + size());
            }
            at = next;
        }
    }

    private void walkTable(int owner, long address, long length, DescriptorChain into) throws RingException {
        if (!indirect) {
            throw new RingException("descriptor " + owner + " is indirect, which was not negotiated");
        }
        int entries = (int) (length / SplitLayout.DESC_SIZE);
        if (length == 0 || length % SplitLayout.DESC_SIZE != 0 || entries > MAX_INDIRECT) {
            throw new RingException("descriptor " + owner + " has an indirect table of " + length + " bytes");
        }
        int region = memory.copyOut(address, (int) length, regionHint, indirectCopy);
        if (region < 0) {
            throw new RingException("the indirect table of descriptor " + owner + " lies outside of the memory");
        }
        int at = 0;
        for (int left = entries; ; left--) {
            if (left == 0) {
                throw new RingException("the indirect table of descriptor " + owner + " has a loop");
            }
            long offset = (long) at * SplitLayout.DESC_SIZE;
            int flags = SplitLayout.get16(indirectCopy, offset + SplitLayout.DESC_FLAGS);
            if ((flags & SplitLayout.DESC_F_INDIRECT) != 0) {
                throw new RingException("the indirect table of descriptor " + owner + " has an indirect entry");
            }
            addBuffer(
                    at,
                    SplitLayout.get64(indirectCopy, offset + SplitLayout.DESC_ADDR),
                    Integer.toUnsignedLong(SplitLayout.get32(indirectCopy, offset + SplitLayout.DESC_LEN)),
                    flags,
                    into);
            if ((flags & SplitLayout.DESC_F_NEXT) == 0) {
                return;
            }
            at = SplitLayout.get16(indirectCopy, offset + SplitLayout.DESC_NEXT);
            if (at >= entries) {
                throw new RingException(
                        "the indirect table of descriptor " + owner + " points to entry " + at + " of " + entries);
            }
        }
    }

    private void addBuffer(int at, long address, long length, int flags, DescriptorChain into) throws RingException {
        boolean writable = (flags & SplitLayout.DESC_F_WRITE) != 0;
        if (!writable && into.writableBytes() != 0) {
            throw new RingException("descriptor " + at + " is readable and follows a writable one");
        }
        if (length == 0) {
            return;
        }
        if (into.readableBytes() + into.writableBytes() + length > MAX_CHAIN_BYTES) {
            throw new RingException("a chain has 2^32 bytes or more");
        }
        int region = memory.addSpans(address, length, regionHint, writable ? into.writable() : into.readable());
        if (region < 0) {
            throw new RingException("descriptor " + at + " names " + length + " bytes at 0x" + Long.toHexString(address)
                    + ", outside of the memory");
        }
        regionHint = region;
        if (into.readable().count() + into.writable().count() > MAX_SPANS) {
            throw new RingException("a chain lies in more than " + MAX_SPANS + " pieces of memory");
        }
    }

    /** Whether the index moved past {@code event} when it went from {@code before} to {@code now} (section 2.7.7.1). */
    private static boolean passed(int event, int now, int before) {
        return ((now - event - 1) & 0xFFFF) < ((now - before) & 0xFFFF);
    }
}
