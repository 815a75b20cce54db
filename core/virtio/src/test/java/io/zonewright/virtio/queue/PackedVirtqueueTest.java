package io.zonewright.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.runtime.Counters;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.runtime.memory.GuestRegion;
import io.zonewright.virtio.VirtioFeatures;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes of packed rings as virtio 1.3, section 2.8.13 and 2.8.14 lay them out. A descriptor is addr (8), len (4), id (2),
 * flags (2); of the flags 0080h is AVAIL, 8000h USED, 0001h NEXT, 0002h WRITE, 0004h INDIRECT. The ring has five places: a
 * packed ring need not have a power of two.
 */
class PackedVirtqueueTest {
    private static final int SIZE = 5;
    private static final long GUEST = 0x10_0000;
    private static final long USER = 0x7f00_0000_0000L;
    private static final int LENGTH = 0x1_0000;
    private static final long RING = 0x100;
    private static final long DRIVER_EVENT = 0x300;
    private static final long DEVICE_EVENT = 0x304;
    private static final long TABLE = 0x2000;
    private static final long DATA = 0x4000;
    private static final RingAddresses ADDRESSES =
            new RingAddresses(USER + RING, USER + DRIVER_EVENT, USER + DEVICE_EVENT);
    private static final int FRESH = 0x8000_8000;

    /** Available in a lap whose wrap counter is 1, the first. */
    private static final int ODD = 0x0080;
    /** Available in a lap whose wrap counter is 0, the second. */
    private static final int EVEN = 0x8000;

    private final MemorySegment memory = Arena.ofAuto().allocate(LENGTH, 4096);
    private final Listener listener = new Listener();
    private final Counters<QueueCounter> counters = new Counters<>(QueueCounter.class);
    private final DescriptorChain chain = new DescriptorChain();

    private PackedVirtqueue queue(long features, int base) {
        PackedVirtqueue queue = new PackedVirtqueue(
                3,
                SIZE,
                base,
                ADDRESSES,
                VirtioFeatures.VERSION_1 | VirtioFeatures.RING_PACKED | features,
                listener,
                counters);
        assertTrue(queue.rebind(new GuestMemory(List.of(new GuestRegion(GUEST, USER, memory)))));
        queue.resume();
        return queue;
    }

    private void put(long at, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, at, bytes.length);
    }

    private String bytes(long at, int length) {
        return HexFormat.of().formatHex(memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE));
    }

    private void descriptor(int place, long address, int length, int id, int flags) {
        descriptor(memory, RING + 16L * place, address, length, id, flags);
    }

    private static void descriptor(MemorySegment memory, long at, long address, int length, int id, int flags) {
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, address);
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + 8, length);
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + 12, (short) id);
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + 14, (short) flags);
    }

    /** Len, id and flags of a place, which a used element fills. */
    private String used(int place) {
        return bytes(RING + 16L * place + 8, 8);
    }

    /** One writable byte in one descriptor. */
    private void offer(int place, int id, int marks) {
        descriptor(place, GUEST + DATA + 16L * place, 16, id, marks | 2);
    }

    private int take(Virtqueue queue) {
        assertTrue(queue.next(chain));
        return chain.id();
    }

    @Test
    void aChainLiesInSuccessivePlacesAndItsAnswerCoversThem() {
        PackedVirtqueue queue = queue(0, FRESH);
        // Header in two pieces, data and status; the id that counts is that of the last (section 2.8.6).
        put(RING, "0040100000000000 03000000 ffff 8100");
        put(RING + 16, "0041100000000000 0d000000 ffff 8100");
        put(RING + 32, "0042100000000000 04000000 ffff 8300");
        put(RING + 48, "0043100000000000 02000000 0900 8200");
        for (int i = 0; i < 16; i++) {
            memory.set(ValueLayout.JAVA_BYTE, i < 3 ? DATA + i : DATA + 0x100 + i - 3, (byte) (i + 1));
        }

        int slot = take(queue);
        assertEquals(16, chain.readableBytes());
        assertEquals(6, chain.writableBytes());
        byte[] header = new byte[16];
        chain.copyReadable(0, MemorySegment.ofArray(header), 0, 16);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, header);
        assertFalse(queue.next(chain), "there was one chain");

        queue.complete(slot, 6);
        assertEquals("8100", bytes(RING + 14, 2), "not shown yet");
        queue.publish();
        // Address as it was, len 6, id 9, WRITE with AVAIL and USED both 1.
        assertEquals("0040100000000000060000 0009008280".replace(" ", ""), bytes(RING, 16));
        assertEquals("0d000000ffff8100", used(1), "places that the answer covers are left alone");
        assertEquals(0x8004_8004, queue.base(), "four places on, both wrap counters 1");
    }

    @Test
    void answersFillTheRingInOrderWhateverOrderChainsEndIn() {
        PackedVirtqueue queue = queue(0, FRESH);
        descriptor(0, GUEST + DATA, 16, 70, ODD | 3);
        descriptor(1, GUEST + DATA, 16, 70, ODD | 2);
        offer(2, 71, ODD);
        offer(3, 72, ODD);
        int first = take(queue);
        int second = take(queue);
        int third = take(queue);
        assertEquals(3, queue.inFlight());

        queue.complete(third, 16);
        queue.complete(first, 0);
        assertEquals("8300", bytes(RING + 14, 2), "not shown yet");
        assertEquals("00000000 4600 8080".replace(" ", ""), used(1), "behind the first, where nobody looks yet");
        queue.publish();
        assertEquals("10000000 4800 8280".replace(" ", ""), used(0), "the third chain's, 16 bytes");
        assertEquals("00000000 4600 8080".replace(" ", ""), used(1), "nothing written: no WRITE");
        assertEquals(1, listener.notifications);
        queue.publish();
        assertEquals(1, listener.notifications, "nothing new to tell");
        assertEquals(0x8003_8004, queue.base(), "four taken, three places given back");

        queue.complete(second, 1);
        queue.publish();
        assertEquals("01000000 4700 8280".replace(" ", ""), used(3), "the chain of two covered places 1 and 2");
        assertEquals(0, queue.inFlight());
        assertEquals(3, counters.get(QueueCounter.CHAINS_COMPLETED));
        assertEquals(2, counters.get(QueueCounter.DRIVER_NOTIFICATIONS));
    }

    @Test
    void wrapCountersFlipAtTheRingsEnd() {
        PackedVirtqueue queue = queue(0, FRESH);
        for (int place = 0; place < 4; place++) {
            offer(place, place, ODD);
            queue.complete(take(queue), 1);
            queue.publish();
        }
        // A chain over the end: its second descriptor belongs to the next lap, where AVAIL is 0 and USED 1.
        descriptor(4, GUEST + DATA, 16, 4, ODD | 1);
        descriptor(0, GUEST + DATA + 16, 16, 4, EVEN | 2);
        int slot = take(queue);
        assertEquals(16, chain.readableBytes());
        assertEquals(16, chain.writableBytes());
        assertEquals(0x8004_0001, queue.base(), "available at 1 of the even lap, used at 4 of the odd one");
        queue.complete(slot, 3);
        queue.publish();
        assertEquals("03000000 0400 8280".replace(" ", ""), used(4));
        assertEquals(0x0001_0001, queue.base());

        assertFalse(queue.next(chain), "place 1 shows a used element of the odd lap");
        offer(1, 7, ODD);
        assertFalse(queue.next(chain), "and is not available by the marks of the odd lap");
        offer(1, 7, EVEN);
        queue.complete(take(queue), 5);
        queue.publish();
        assertEquals("05000000 0700 0200".replace(" ", ""), used(1), "used in the even lap: AVAIL and USED both 0");
    }

    @Test
    void manyLapsOfChainsOfEveryLength() {
        PackedVirtqueue queue = queue(0, FRESH);
        int place = 0;
        int marks = ODD;
        for (int turn = 0; turn < 1000; turn++) {
            int length = 1 + turn % SIZE;
            int first = place;
            int firstMarks = marks;
            for (int i = 0; i < length; i++) {
                descriptor(place, GUEST + DATA, 1, turn, marks | (i + 1 < length ? 1 : 0));
                if (++place == SIZE) {
                    place = 0;
                    marks ^= 0x8080;
                }
            }
            int slot = take(queue);
            assertEquals(length, chain.readableBytes());
            queue.complete(slot, 0);
            queue.publish();
            String id = HexFormat.of().toHexDigits((byte) turn) + HexFormat.of().toHexDigits((byte) (turn >> 8));
            assertEquals("00000000" + id + (firstMarks == ODD ? "8080" : "0000"), used(first));
            assertFalse(queue.next(chain));
        }
        assertEquals(1000, listener.notifications);
    }

    @Test
    void aFullRingLooksEmptyUntilSomethingIsGivenBack() {
        PackedVirtqueue queue = queue(0, FRESH);
        int[] slots = new int[SIZE];
        for (int place = 0; place < SIZE; place++) {
            offer(place, 100 + place, ODD);
            slots[place] = take(queue);
        }
        assertFalse(queue.next(chain));
        queue.complete(slots[3], 1);
        queue.publish();
        assertEquals("01000000 6700 8280".replace(" ", ""), used(0));
        offer(0, 103, EVEN);
        assertEquals(slots[3], take(queue), "the slot that came free");
        assertEquals(SIZE, queue.inFlight());
        assertEquals(List.of(), listener.failures);
    }

    @Test
    void idsAreTheDriversChoice() {
        PackedVirtqueue queue = queue(0, FRESH);
        offer(0, 0xFFFF, ODD);
        offer(1, 0x8000, ODD);
        assertEquals(0, take(queue));
        assertEquals(1, take(queue), "inside, chains have slots below the ring's size");
        queue.complete(0, 1);
        queue.complete(1, 1);
        queue.publish();
        assertEquals("01000000 ffff 8280".replace(" ", ""), used(0));
        assertEquals("01000000 0080 8280".replace(" ", ""), used(1));
    }

    @Test
    void anotherBaseIsWhereBothSidesGoOn() {
        // Available at 2 of an even lap, used at 2 of it as well.
        PackedVirtqueue queue = queue(0, 0x0002_0002);
        offer(2, 5, ODD);
        assertFalse(queue.next(chain));
        offer(2, 5, EVEN);
        queue.complete(take(queue), 1);
        queue.publish();
        assertEquals("01000000 0500 0200".replace(" ", ""), used(2));
        assertEquals(0x0003_0003, queue.base());
    }

    @Test
    void theAvailableHalfAloneIsAFreshRing() {
        PackedVirtqueue queue = queue(0, 0x8000);
        offer(0, 5, ODD);
        queue.complete(take(queue), 1);
        queue.publish();
        assertEquals("01000000 0500 8280".replace(" ", ""), used(0));
        assertEquals(0x8001_8001, queue.base());
    }

    @Test
    void placesInFlightSinceBeforeTheStartAreNotTakenTwice() {
        // Used at 3 of the odd lap, available at 1 of the even one: 3, 4 and 0 are in flight, nobody knows for what.
        PackedVirtqueue queue = queue(0, 0x8003_0001);
        offer(1, 5, EVEN);
        int slot = take(queue);
        descriptor(2, GUEST + DATA, 1, 6, EVEN | 1);
        assertFalse(queue.next(chain));
        assertEquals(List.of("a chain from descriptor 2 goes on into descriptors in flight"), listener.failures);
        queue.complete(slot, 1);
        assertEquals(0, queue.inFlight());
    }

    @ParameterizedTest
    @CsvSource({
        "0x80058005, starts at descriptors 5 and 5 of 5",
        "0x80008005, starts at descriptors 5 and 0 of 5",
        "0x80038001, starts with more in flight than it has descriptors",
        "0x80010002, starts with more in flight than it has descriptors",
    })
    void basesThatCannotBe(String base, String reason) {
        int bits = Integer.parseUnsignedInt(base.substring(2), 16);
        assertEquals(
                reason,
                assertThrows(IllegalArgumentException.class, () -> queue(0, bits))
                        .getMessage());
    }

    @Test
    void formatsKnowTheirSizesAndAlignments() {
        assertEquals(RingFormat.PACKED, RingFormat.of(0x5_0000_0000L));
        assertEquals(RingFormat.SPLIT, RingFormat.of(0x1_0000_0000L));
        assertEquals(0x8000_8000, RingFormat.PACKED.freshBase());
        assertEquals(null, RingFormat.PACKED.wrongSize(100, 1024));
        assertEquals("0 entries, not 1 to 1024", RingFormat.PACKED.wrongSize(0, 1024));
        assertEquals("40000 entries, not 1 to 32768", RingFormat.PACKED.wrongSize(40000, 65535));
        assertEquals("100 entries, not a power of two up to 1024", RingFormat.SPLIT.wrongSize(100, 1024));
        assertEquals(
                "the driver's event suppression structure is not aligned to 4 bytes",
                RingFormat.PACKED.misalignment(new RingAddresses(16, 2, 4)));
        assertEquals(
                "the device's event suppression structure is not aligned to 4 bytes",
                RingFormat.PACKED.misalignment(new RingAddresses(16, 4, 6)));
        assertEquals(
                "the descriptor table is not aligned to 16 bytes",
                RingFormat.PACKED.misalignment(new RingAddresses(8, 4, 4)));
    }

    @Test
    void withoutEventIdxFlagsAskForNotificationsBothWays() {
        PackedVirtqueue queue = queue(0, FRESH);
        queue.disarm();
        assertEquals("00000100", bytes(DEVICE_EVENT, 4), "DISABLE");
        assertFalse(queue.arm());
        assertEquals("00000000", bytes(DEVICE_EVENT, 4), "ENABLE");
        offer(0, 0, ODD);
        offer(1, 1, ODD);
        assertTrue(queue.arm(), "there is something after all");
        put(DRIVER_EVENT, "0000 0100");
        queue.complete(take(queue), 0);
        queue.publish();
        assertEquals(0, listener.notifications);
        put(DRIVER_EVENT, "0380 0200"); // DESC at 3, which means ENABLE to who has not negotiated it
        queue.complete(take(queue), 0);
        queue.publish();
        assertEquals(1, listener.notifications);
    }

    @Test
    void withEventIdxPositionsAskForNotificationsBothWays() {
        PackedVirtqueue queue = queue(VirtioFeatures.EVENT_IDX, FRESH);
        int[] slots = new int[3];
        for (int place = 0; place < 3; place++) {
            offer(place, place, ODD);
            slots[place] = take(queue);
        }
        assertFalse(queue.arm());
        assertEquals("03800200", bytes(DEVICE_EVENT, 4), "a kick for the descriptor at 3, wrap counter 1, DESC");
        queue.disarm();
        assertEquals("00000100", bytes(DEVICE_EVENT, 4), "DISABLE");

        put(DRIVER_EVENT, "0180 0200"); // DESC at 1 of the odd lap
        queue.complete(slots[0], 0);
        queue.publish();
        assertEquals(0, listener.notifications, "0 was used, the driver waits for 1");
        queue.complete(slots[1], 0);
        queue.publish();
        assertEquals(1, listener.notifications);
        put(DRIVER_EVENT, "0200 0200"); // the same place in the even lap
        queue.complete(slots[2], 0);
        queue.publish();
        assertEquals(1, listener.notifications, "a lap too early");
    }

    @Test
    void anEventInABatchThatGoesOverTheRingsEnd() {
        PackedVirtqueue queue = queue(VirtioFeatures.EVENT_IDX, 0x8003_8003);
        offer(3, 3, ODD);
        offer(4, 4, ODD);
        offer(0, 0, EVEN);
        int[] slots = {take(queue), take(queue), take(queue)};
        assertFalse(queue.arm());
        assertEquals("01000200", bytes(DEVICE_EVENT, 4), "1 of the even lap");
        put(DRIVER_EVENT, "0480 0200"); // 4 of the odd lap, used in the middle of the batch
        for (int slot : slots) {
            queue.complete(slot, 0);
        }
        queue.publish();
        assertEquals(1, listener.notifications);

        offer(1, 1, EVEN);
        put(DRIVER_EVENT, "0000 0200"); // 0 of the even lap, used already
        queue.complete(take(queue), 0);
        queue.publish();
        assertEquals(1, listener.notifications);
    }

    @Test
    void aTableIsReadInOrderAndLinksMeanNothing() {
        PackedVirtqueue queue = queue(VirtioFeatures.INDIRECT_DESC, FRESH);
        descriptor(memory, TABLE, GUEST + DATA, 16, 0, 0);
        descriptor(memory, TABLE + 16, GUEST + DATA + 0x400, 512, 1, 2);
        descriptor(memory, TABLE + 32, GUEST + DATA + 0x800, 1, 0xFFFF, 3);
        descriptor(0, GUEST + TABLE, 48, 12, ODD | 4 | 2); // WRITE means nothing beside INDIRECT
        int slot = take(queue);
        assertEquals(16, chain.readableBytes());
        assertEquals(513, chain.writableBytes());
        assertEquals(DATA + 0x800, chain.writable().offset(1));
        queue.complete(slot, 513);
        queue.publish();
        assertEquals("01020000 0c00 8280".replace(" ", ""), used(0));
        assertEquals(0x8001_8001, queue.base(), "a table takes one place");
    }

    @Test
    void aRingOutsideOfTheMemoryIsNotBound() {
        PackedVirtqueue queue = queue(0, FRESH);
        queue.pause();
        assertFalse(queue.rebind(GuestMemory.EMPTY));
        assertTrue(queue.rebind(new GuestMemory(List.of(new GuestRegion(GUEST, USER, memory)))));
        assertFalse(queue.rebind(
                new GuestMemory(List.of(new GuestRegion(GUEST, USER, memory.asSlice(0, DEVICE_EVENT + 2))))));
    }

    @Test
    void aPausedQueueTakesNothingButCompletes() {
        PackedVirtqueue queue = queue(0, FRESH);
        offer(0, 0, ODD);
        offer(1, 1, ODD);
        int slot = take(queue);
        queue.pause();
        assertFalse(queue.next(chain));
        assertFalse(queue.arm());
        queue.complete(slot, 5);
        queue.publish();
        assertEquals("05000000 0000 8280".replace(" ", ""), used(0));
        assertEquals(0x8001_8001, queue.base());
        queue.resume();
        assertTrue(queue.next(chain));
    }

    @Test
    void afterAFailureNothingIsTakenNorShown() {
        PackedVirtqueue queue = queue(0, FRESH);
        offer(0, 0, ODD);
        int slot = take(queue);
        queue.fail("no room for a status");
        queue.complete(slot, 0);
        queue.publish();
        assertEquals(List.of("no room for a status"), listener.failures);
        assertEquals("10000000 0000 8200".replace(" ", ""), used(0), "as the driver wrote it");
        assertEquals(0, listener.notifications);
        assertEquals(0, queue.inFlight(), "it comes to rest all the same");
        assertFalse(queue.next(chain));
        assertFalse(queue.arm());
    }

    record Wrong(String reason, int taken, Consumer<PackedVirtqueueTest> setUp) {}

    static Stream<Arguments> wrongRings() {
        return Stream.of(
                        new Wrong("a chain from descriptor 0 is longer than the ring", 0, ring -> {
                            for (int place = 0; place < SIZE; place++) {
                                ring.descriptor(place, GUEST + DATA, 1, 0, ODD | 1);
                            }
                        }),
                        new Wrong("a chain from descriptor 2 goes on into descriptors in flight", 1, ring -> {
                            ring.descriptor(0, GUEST + DATA, 1, 1, ODD | 1);
                            ring.descriptor(1, GUEST + DATA, 1, 1, ODD);
                            for (int place = 2; place < SIZE; place++) {
                                ring.descriptor(place, GUEST + DATA, 1, 2, ODD | 1);
                            }
                        }),
                        new Wrong("buffer id 7 was made available twice", 1, ring -> {
                            ring.offer(0, 7, ODD);
                            ring.offer(1, 7, ODD);
                        }),
                        new Wrong("descriptor 1 is readable and follows a writable one", 0, ring -> {
                            ring.descriptor(0, GUEST + DATA, 1, 0, ODD | 3);
                            ring.descriptor(1, GUEST + DATA, 1, 0, ODD);
                        }),
                        new Wrong(
                                "descriptor 0 names 2 bytes at 0x10ffff, outside of the memory",
                                0,
                                ring -> ring.descriptor(0, GUEST + LENGTH - 1, 2, 0, ODD)),
                        new Wrong(
                                "descriptor 0 names 4294967295 bytes at 0xfffffffffffffff0, outside of the memory",
                                0,
                                ring -> ring.descriptor(0, -16, -1, 0, ODD)),
                        new Wrong(
                                "descriptor 0 is indirect and part of a chain",
                                0,
                                ring -> ring.descriptor(0, GUEST + TABLE, 16, 0, ODD | 5)),
                        new Wrong("descriptor 1 is indirect and part of a chain", 0, ring -> {
                            ring.descriptor(0, GUEST + DATA, 16, 0, ODD | 1);
                            ring.descriptor(1, GUEST + TABLE, 16, 0, ODD | 4);
                        }),
                        new Wrong(
                                "descriptor 0 has an indirect table of 0 bytes",
                                0,
                                ring -> ring.descriptor(0, GUEST + TABLE, 0, 0, ODD | 4)),
                        new Wrong(
                                "descriptor 0 has an indirect table of 24 bytes",
                                0,
                                ring -> ring.descriptor(0, GUEST + TABLE, 24, 0, ODD | 4)),
                        new Wrong(
                                "descriptor 0 has an indirect table of 16400 bytes",
                                0,
                                ring -> ring.descriptor(0, GUEST + TABLE, 16 * 1025, 0, ODD | 4)),
                        new Wrong(
                                "the indirect table of descriptor 0 lies outside of the memory",
                                0,
                                ring -> ring.descriptor(0, GUEST + LENGTH - 16, 32, 0, ODD | 4)),
                        new Wrong("the indirect table of descriptor 0 has an indirect entry", 0, ring -> {
                            descriptor(ring.memory, TABLE, GUEST + TABLE, 16, 0, 4);
                            ring.descriptor(0, GUEST + TABLE, 16, 0, ODD | 4);
                        }))
                .map(wrong -> Arguments.of(wrong.reason(), wrong.taken(), wrong.setUp()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongRings")
    void aWrongRingFailsWithItsReason(String reason, int expected, Consumer<PackedVirtqueueTest> setUp) {
        PackedVirtqueue queue = queue(VirtioFeatures.INDIRECT_DESC, FRESH);
        setUp.accept(this);
        int taken = 0;
        while (queue.next(chain)) {
            taken++;
        }
        assertEquals(List.of(reason), listener.failures);
        assertEquals(expected, taken);
        assertTrue(queue.failed());
        queue.publish();
        assertEquals(0, listener.notifications);
    }

    @Test
    void flagsThatFlipWhileInFlightBreakTheRing() {
        PackedVirtqueue queue = queue(0, FRESH);
        for (int place = 0; place < SIZE; place++) {
            offer(place, place, ODD);
            take(queue);
        }
        offer(0, 99, EVEN);
        assertTrue(queue.arm(), "it looks like one more");
        assertFalse(queue.next(chain));
        assertEquals(List.of("descriptor 0 was made available while it is in flight"), listener.failures);
        assertEquals(SIZE, queue.inFlight());
    }

    @Test
    void whatIsStoredButNotShownIsStillInFlightForTheDriver() {
        PackedVirtqueue queue = queue(0, FRESH);
        int[] slots = new int[SIZE];
        for (int place = 0; place < SIZE; place++) {
            offer(place, place, ODD);
            slots[place] = take(queue);
        }
        queue.complete(slots[0], 0);
        offer(0, 0, EVEN);
        assertFalse(queue.next(chain));
        assertEquals(List.of("descriptor 0 was made available while it is in flight"), listener.failures);
    }

    @Test
    void anIndirectTableThatWasNotNegotiatedIsAnError() {
        PackedVirtqueue queue = queue(0, FRESH);
        descriptor(0, GUEST + TABLE, 16, 0, ODD | 4);
        assertFalse(queue.next(chain));
        assertEquals(List.of("descriptor 0 is indirect, which was not negotiated"), listener.failures);
    }

    @Test
    void completingTwiceIsTheCallersDefect() {
        PackedVirtqueue queue = queue(0, FRESH);
        offer(0, 4, ODD);
        int slot = take(queue);
        queue.complete(slot, 0);
        assertEquals(
                "queue 3: chain 0 is not in flight",
                assertThrows(IllegalStateException.class, () -> queue.complete(slot, 0))
                        .getMessage());
    }

    private static final class Listener implements RingListener {
        int notifications;
        final List<String> failures = new ArrayList<>();

        @Override
        public void notifyDriver(Virtqueue queue) {
            notifications++;
        }

        @Override
        public void ringFailed(Virtqueue queue, String reason) {
            failures.add(reason);
        }
    }
}
