package io.zonewright.frontend.nvme.vfiouser.queue;

import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.runtime.memory.GuestRegion;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Where each queue finds its doorbell: in the registers, or, for I/O queues after Doorbell Buffer Config (Base 2.1,
 * section 5.2.5), in the guest's shadow page, with the page of event indexes beside it. The admin queue's doorbells stay
 * in the registers: hosts (Linux, SPDK) do not keep its shadow. Immutable.
 */
public final class Doorbells implements DoorbellSource {
    /** Size of the shadow page and of the page of event indexes. */
    public static final int SHADOW_BYTES = 4096;

    private final DoorbellPage registers;
    private final boolean shadowed;
    private final long shadowAddress;
    private final long eventAddress;
    private final @Nullable DoorbellPage shadow;
    private final @Nullable DoorbellPage events;

    private Doorbells(
            DoorbellPage registers,
            boolean shadowed,
            long shadowAddress,
            long eventAddress,
            @Nullable DoorbellPage shadow,
            @Nullable DoorbellPage events) {
        this.registers = registers;
        this.shadowed = shadowed;
        this.shadowAddress = shadowAddress;
        this.eventAddress = eventAddress;
        this.shadow = shadow;
        this.events = events;
    }

    /** In the registers alone. */
    public static Doorbells in(DoorbellPage registers) {
        return new Doorbells(registers, false, 0, 0, null, null);
    }

    /** With shadow pages at these guest addresses, multiples of 4096. See {@link #complete}. */
    public Doorbells shadowed(long shadowAt, long eventsAt, GuestMemory memory) {
        return new Doorbells(registers, true, shadowAt, eventsAt, page(memory, shadowAt), page(memory, eventsAt));
    }

    /** The same in other memory. */
    public Doorbells in(GuestMemory memory) {
        return shadowed ? shadowed(shadowAddress, eventAddress, memory) : this;
    }

    /** Whether shadow pages are in use. */
    public boolean isShadowed() {
        return shadowed;
    }

    /** Whether all pages are mapped for writing; queues whose doorbell is not stand still. */
    public boolean complete() {
        return !shadowed || (shadow != null && events != null);
    }

    @Override
    public @Nullable Cell tail(int sqid) {
        DoorbellPage page = pageOf(sqid);
        return page == null ? null : page.tail(sqid);
    }

    @Override
    public @Nullable Cell tailEvent(int sqid) {
        DoorbellPage page = events;
        return page == null || sqid == 0 ? null : page.tail(sqid);
    }

    @Override
    public @Nullable Cell head(int cqid) {
        DoorbellPage page = pageOf(cqid);
        return page == null ? null : page.head(cqid);
    }

    @Override
    public @Nullable Cell headEvent(int cqid) {
        DoorbellPage page = events;
        return page == null || cqid == 0 ? null : page.head(cqid);
    }

    private @Nullable DoorbellPage pageOf(int id) {
        if (!shadowed || id == 0) {
            return registers;
        }
        return events == null ? null : shadow;
    }

    private static @Nullable DoorbellPage page(GuestMemory memory, long address) {
        int region = memory.find(address, 0);
        if (region < 0) {
            return null;
        }
        GuestRegion found = memory.region(region);
        long offset = address - found.guestAddress();
        MemorySegment segment = found.memory();
        boolean aligned = (segment.address() + offset) % Cell.BYTES == 0;
        if (SHADOW_BYTES > found.size() - offset || !aligned || segment.isReadOnly()) {
            return null;
        }
        return new DoorbellPage(segment.asSlice(offset, SHADOW_BYTES));
    }
}
