package io.zonewright.frontend.nvme.vfiouser.data;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.runtime.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Physical Region Page entries and lists (NVM Express Base 2.1, section 4.3.1) for memory pages of 4 KiB.
 *
 * <p>Lists are copied out piece by piece before they are looked at, never more of a page than the transfer needs. The
 * walk is bounded by the transfer's length: each list after the first starts at a page boundary and thus brings at
 * least 511 pages of data, so that a list that points to itself is merely data in the same places again and again.
 *
 * <p>For one thread; allocates nothing.
 */
final class PrpWalker {
    static final int PAGE = 4096;
    private static final int ENTRY = 8;
    private static final int PAGE_MASK = PAGE - 1;
    /** Entries and pointers to lists name dwords and qwords; the controller checks (Base 2.1, figures 107 and 108). */
    private static final int DWORD_MASK = 3;

    private static final int QWORD_MASK = 7;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    private final byte[] list = new byte[PAGE];
    private final MemorySegment listSegment = MemorySegment.ofArray(list);
    private int hint;

    /**
     * Appends the places of a transfer.
     *
     * @param bytes more than 0
     * @return {@link NvmeStatus#SUCCESS}; or the status, and {@code into} then holds a part
     */
    int map(GuestMemory memory, long prp1, long prp2, int bytes, SpanList into) {
        if ((prp1 & DWORD_MASK) != 0) {
            return NvmeStatus.PRP_OFFSET_INVALID;
        }
        int first = Math.min(bytes, PAGE - (int) (prp1 & PAGE_MASK));
        if (!add(memory, prp1, first, into)) {
            return NvmeStatus.DATA_TRANSFER_ERROR;
        }
        int left = bytes - first;
        if (left == 0) {
            return NvmeStatus.SUCCESS;
        }
        if (left <= PAGE) {
            return page(memory, prp2, left, into);
        }
        return list(memory, prp2, left, into);
    }

    private int page(GuestMemory memory, long address, int bytes, SpanList into) {
        if ((address & PAGE_MASK) != 0) {
            return NvmeStatus.PRP_OFFSET_INVALID;
        }
        return add(memory, address, bytes, into) ? NvmeStatus.SUCCESS : NvmeStatus.DATA_TRANSFER_ERROR;
    }

    private int list(GuestMemory memory, long pointer, int bytes, SpanList into) {
        if ((pointer & QWORD_MASK) != 0) {
            return NvmeStatus.PRP_OFFSET_INVALID;
        }
        long at = pointer;
        int left = bytes;
        while (true) {
            int room = (PAGE - (int) (at & PAGE_MASK)) / ENTRY;
            int needed = (left + PAGE - 1) / PAGE;
            boolean chained = needed > room;
            int take = Math.min(room, needed);
            int region = memory.copyOut(at, take * ENTRY, hint, listSegment);
            if (region < 0) {
                return NvmeStatus.DATA_TRANSFER_ERROR;
            }
            hint = region;
            int pages = chained ? take - 1 : take;
            for (int i = 0; i < pages; i++) {
                int step = Math.min(left, PAGE);
                int status = page(memory, (long) LONG.get(list, i * ENTRY), step, into);
                if (status != NvmeStatus.SUCCESS) {
                    return status;
                }
                left -= step;
            }
            if (!chained) {
                return NvmeStatus.SUCCESS;
            }
            at = (long) LONG.get(list, pages * ENTRY);
            if ((at & PAGE_MASK) != 0) {
                return NvmeStatus.PRP_OFFSET_INVALID;
            }
        }
    }

    private boolean add(GuestMemory memory, long address, int bytes, SpanList into) {
        int region = memory.addSpans(address, bytes, hint, into);
        if (region < 0) {
            return false;
        }
        hint = region;
        return true;
    }
}
