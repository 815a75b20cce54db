package io.zonewright.testkit.nvme.pcie;

import io.zonewright.testkit.guest.GuestMemory;

/**
 * Hands out guest memory for data, from some regions in turn, and finds out who writes past the end of a piece. Memory is
 * free again when no command that uses any is in flight. Any thread.
 */
final class GuestPool {
    private static final int GUARD_BYTES = 16;
    private static final int GUARD = 0xA5;

    private final GuestMemory memory;
    private final int[] regions;
    private final long[] marks;
    private int turn;
    private int users;

    GuestPool(GuestMemory memory, int... regions) {
        this.memory = memory;
        this.regions = regions;
        marks = new long[regions.length];
        for (int i = 0; i < regions.length; i++) {
            marks[i] = memory.mark(regions[i]);
        }
    }

    GuestMemory memory() {
        return memory;
    }

    /** A whole page. */
    long page() {
        long address = allocate(DataLayout.PAGE, DataLayout.PAGE);
        memory.fill(address, DataLayout.PAGE, GUARD);
        return address;
    }

    /** Memory for a list, its address a multiple of {@code alignment}. */
    long table(int bytes, int alignment) {
        return allocate(bytes, alignment);
    }

    /** Memory for data, at any address. */
    DataLayout.Piece piece(int bytes) {
        long address = allocate(bytes + GUARD_BYTES, turn % 3 == 0 ? 1 : 8);
        memory.fill(address, bytes + GUARD_BYTES, GUARD);
        return new DataLayout.Piece(address, bytes);
    }

    /** Whether what follows a piece, up to its guard's or its page's end, is as it was. */
    boolean guarded(DataLayout.Piece piece) {
        long end = piece.address() + piece.bytes();
        long room = end % DataLayout.PAGE == 0 ? 0 : Math.min(GUARD_BYTES, DataLayout.PAGE - end % DataLayout.PAGE);
        for (long at = end; at < end + room; at++) {
            if (memory.getU8(at) != GUARD) {
                return false;
            }
        }
        return true;
    }

    /** A command begins. */
    synchronized void begin() {
        users++;
    }

    /** A command ended; after the last one, everything that was handed out is free again. */
    synchronized void end() {
        users--;
        if (users > 0) {
            return;
        }
        for (int i = 0; i < regions.length; i++) {
            memory.release(regions[i], marks[i]);
        }
    }

    private synchronized long allocate(int bytes, int alignment) {
        return memory.allocate(regions[turn++ % regions.length], bytes, alignment);
    }
}
