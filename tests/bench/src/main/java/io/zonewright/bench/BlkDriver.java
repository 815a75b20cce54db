package io.zonewright.bench;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.guest.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A driver with 32 requests of one size, laid out once in indirect tables as a stock Linux guest does: header, pages that
 * do not touch one another, status. Sending one again means a sector in its header and an entry in the ring.
 */
final class BlkDriver implements AutoCloseable {
    static final int SLOTS = Measured.REQUESTS;

    private static final int RING_SIZE = 128;
    private static final int HEADER_BYTES = 16;
    private static final int SECTOR_OFFSET = 8;
    private static final int PAGE_BYTES = 4096;
    /** With an append Linux reads back le64 sector, a status, and padding; the device takes the last byte as the status. */
    private static final int APPEND_TRAILER_BYTES = 16;

    private static final byte NO_STATUS = (byte) 0xEE;
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final GuestMemory memory;
    private final MemorySegment segment;
    private final GuestRing ring;
    private final long[] headers = new long[SLOTS];
    private final long[] statuses = new long[SLOTS];
    private final int resetHead = SLOTS;
    private final long resetHeader;
    private final long resetStatus;

    /**
     * @param type of all requests, IN, OUT or ZONE_APPEND
     * @param bytes payload of each, a multiple of a page
     */
    BlkDriver(int type, int bytes) {
        memory = new GuestMemory(Posix.system(), (SLOTS + 2L) * bytes + (2 << 20));
        segment = memory.regions().getFirst().mapping().segment();
        ring = new GuestRing(memory, RING_SIZE);
        for (int slot = 0; slot < SLOTS; slot++) {
            layOut(slot, type, bytes);
        }
        resetHeader = memory.allocate(0, HEADER_BYTES, HEADER_BYTES);
        resetStatus = memory.allocate(0, 1, 1);
        long table = memory.allocate(0, 2 * GuestRing.DESCRIPTOR_BYTES, GuestRing.DESCRIPTOR_BYTES);
        memory.putU32(resetHeader, VirtioBlk.T_ZONE_RESET);
        ring.put(table, resetHeader, HEADER_BYTES, GuestRing.NEXT, 1);
        ring.put(table + GuestRing.DESCRIPTOR_BYTES, resetStatus, 1, GuestRing.WRITE, 0);
        ring.descriptor(resetHead, table, 2 * GuestRing.DESCRIPTOR_BYTES, GuestRing.INDIRECT, 0);
    }

    private void layOut(int slot, int type, int bytes) {
        boolean deviceWrites = type == VirtioBlk.T_IN;
        int pages = bytes / PAGE_BYTES;
        int tail = type == VirtioBlk.T_ZONE_APPEND ? APPEND_TRAILER_BYTES : 1;
        headers[slot] = memory.allocate(0, HEADER_BYTES, HEADER_BYTES);
        long trailer = memory.allocate(0, tail, HEADER_BYTES);
        statuses[slot] = trailer + tail - 1;
        int entries = pages + 2;
        long table = memory.allocate(0, (long) entries * GuestRing.DESCRIPTOR_BYTES, GuestRing.DESCRIPTOR_BYTES);
        long data = memory.allocate(0, bytes, PAGE_BYTES);
        memory.fill(data, bytes, 0x5A);
        memory.putU32(headers[slot], type);
        ring.put(table, headers[slot], HEADER_BYTES, GuestRing.NEXT, 1);
        int dataFlags = GuestRing.NEXT | (deviceWrites ? GuestRing.WRITE : 0);
        for (int page = 0; page < pages; page++) {
            // Backwards, so that no two neighbours can be taken for one piece.
            long address = data + (long) (pages - 1 - page) * PAGE_BYTES;
            ring.put(table + (page + 1L) * GuestRing.DESCRIPTOR_BYTES, address, PAGE_BYTES, dataFlags, page + 2);
        }
        ring.put(table + (entries - 1L) * GuestRing.DESCRIPTOR_BYTES, trailer, tail, GuestRing.WRITE, 0);
        ring.descriptor(slot, table, entries * GuestRing.DESCRIPTOR_BYTES, GuestRing.INDIRECT, 0);
    }

    GuestRing ring() {
        return ring;
    }

    /** Offers request {@code slot} for another place. */
    void offer(int slot, long sector) {
        segment.set(LE64, headers[slot] + SECTOR_OFFSET, sector);
        segment.set(ValueLayout.JAVA_BYTE, statuses[slot], NO_STATUS);
        ring.offer(slot);
    }

    /** Offers a reset of the zone at {@code sector}. */
    void offerReset(long sector) {
        segment.set(LE64, resetHeader + SECTOR_OFFSET, sector);
        segment.set(ValueLayout.JAVA_BYTE, resetStatus, NO_STATUS);
        ring.offer(resetHead);
    }

    /** Fails unless the device has answered the first {@code count} requests, all well. */
    void requireGood(int count) {
        ring.requireAllUsed();
        for (int slot = 0; slot < count; slot++) {
            requireGood(slot, statuses[slot]);
        }
    }

    /** Fails unless the reset went well. */
    void requireGoodReset() {
        ring.requireAllUsed();
        requireGood(resetHead, resetStatus);
    }

    private void requireGood(int slot, long at) {
        byte status = segment.get(ValueLayout.JAVA_BYTE, at);
        if (status != 0) {
            throw new IllegalStateException("request " + slot + " ended with status " + status);
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
