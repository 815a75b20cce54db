package io.zonewright.virtio.queue;

import io.zonewright.runtime.memory.GuestMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Turns descriptors into the spans of a {@link DescriptorChain}, within bounds that hold for both ring formats: how many
 * bytes and pieces of memory a chain has, how large an indirect table is. For the queue's thread.
 */
final class ChainBuilder {
    /** Most entries of an indirect table: what QEMU's own devices take (VIRTQUEUE_MAX_SIZE), so what guests rely on. */
    static final int MAX_INDIRECT = 1024;

    /** A buffer is at most 2^32 bytes (sections 2.7.5 and 2.8.5); we stay below, so that a used length fits 32 bits. */
    static final long MAX_CHAIN_BYTES = 0xFFFF_FFFFL;

    /**
     * Most pieces of memory of one chain. Only buffers that cross regions have more pieces than descriptors; regions of a
     * byte each, which no hypervisor makes, could otherwise turn a chain into half a million of them.
     */
    static final int MAX_SPANS = 4 * MAX_INDIRECT;

    private final boolean indirect;
    private final MemorySegment table;
    private GuestMemory memory = GuestMemory.EMPTY;
    private int regionHint;

    /** @param indirect whether indirect tables were negotiated */
    ChainBuilder(boolean indirect) {
        this.indirect = indirect;
        table = indirect
                ? Arena.ofAuto().allocate((long) MAX_INDIRECT * RingFields.DESC_SIZE, RingFields.DESC_ALIGN)
                : MemorySegment.NULL;
    }

    /** Where addresses lead from now on. */
    void use(GuestMemory newMemory) {
        memory = newMemory;
        regionHint = 0;
    }

    /**
     * Takes a private copy of an indirect table, as a whole.
     *
     * @param owner position of the descriptor that refers to it
     * @return how many entries it has, at least one
     */
    int copyTable(int owner, long address, long length) throws RingException {
        if (!indirect) {
            throw new RingException("descriptor " + owner + " is indirect, which was not negotiated");
        }
        int entries = (int) (length / RingFields.DESC_SIZE);
        if (length == 0 || length % RingFields.DESC_SIZE != 0 || entries > MAX_INDIRECT) {
            throw new RingException("descriptor " + owner + " has an indirect table of " + length + " bytes");
        }
        int region = memory.copyOut(address, (int) length, regionHint, table);
        if (region < 0) {
            throw new RingException("the indirect table of descriptor " + owner + " lies outside of the memory");
        }
        return entries;
    }

    /** What {@link #copyTable} copied last. */
    MemorySegment table() {
        return table;
    }

    /** Appends the buffer of one descriptor. */
    void add(int at, long address, long length, int flags, DescriptorChain into) throws RingException {
        boolean writable = (flags & RingFields.DESC_F_WRITE) != 0;
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
}
