package io.zonewright.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.runtime.Counters;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.runtime.memory.GuestRegion;
import io.zonewright.virtio.VirtioFeatures;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SplitVirtqueueTest {
    private static final int SIZE = 8;
    private static final long GUEST = 0x10_0000;
    private static final long USER = 0x7f00_0000_0000L;
    private static final int LENGTH = 0x1_0000;
    private static final long RING = 0x100;
    private static final long DATA = 0x4000;

    private final MemorySegment memory = Arena.ofAuto().allocate(LENGTH, 4096);
    private final DriverRing ring = new DriverRing(memory, RING, SIZE);
    private final Listener listener = new Listener();
    private final Counters<QueueCounter> counters = new Counters<>(QueueCounter.class);
    private final DescriptorChain chain = new DescriptorChain();

    private SplitVirtqueue queue(long features, int base) {
        SplitVirtqueue queue = new SplitVirtqueue(
                3,
                SIZE,
                base,
                new RingAddresses(USER + ring.descriptorsAt(), USER + ring.availableAt(), USER + ring.usedAt()),
                VirtioFeatures.VERSION_1 | features,
                listener,
                counters);
        assertTrue(queue.rebind(new GuestMemory(List.of(new GuestRegion(GUEST, USER, memory)))));
        queue.resume();
        return queue;
    }

    @Test
    void aChainHasReadableThenWritableBytesHoweverItIsSplit() {
        SplitVirtqueue queue = queue(0, 0);
        ring.descriptor(5, GUEST + DATA, 3, DriverRing.NEXT, 1);
        ring.descriptor(1, GUEST + DATA + 0x100, 13, DriverRing.NEXT, 7);
        ring.descriptor(7, GUEST + DATA + 0x200, 4, DriverRing.NEXT | DriverRing.WRITE, 0);
        ring.descriptor(0, GUEST + DATA + 0x300, 2, DriverRing.WRITE, 0);
        for (int i = 0; i < 16; i++) {
            memory.set(ValueLayout.JAVA_BYTE, i < 3 ? DATA + i : DATA + 0x100 + i - 3, (byte) (i + 1));
        }
        ring.offer(5);

        assertTrue(queue.next(chain));
        assertEquals(5, chain.id());
        assertEquals(16, chain.readableBytes());
        assertEquals(6, chain.writableBytes());
        byte[] header = new byte[16];
        chain.copyReadable(0, MemorySegment.ofArray(header), 0, 16);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, header);

        byte[] answer = {0x21, 0x22, 0x23, 0x24, 0x25};
        chain.writeWritable(0, MemorySegment.ofArray(answer), 0, 5);
        chain.writeByte(5, (byte) 0x7F);
        assertEquals(0x24, memory.get(ValueLayout.JAVA_BYTE, DATA + 0x203));
        assertEquals(0x25, memory.get(ValueLayout.JAVA_BYTE, DATA + 0x300));
        assertEquals(0x7F, memory.get(ValueLayout.JAVA_BYTE, DATA + 0x301));
        assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, DATA + 0x302));
        assertFalse(queue.next(chain), "there was one chain");
    }

    @Test
    void aChainOverThousandsOfTinyRegionsBreaksTheRing() {
        SplitVirtqueue queue = queue(VirtioFeatures.INDIRECT_DESC, 0);
        List<GuestRegion> regions = new ArrayList<>();
        regions.add(new GuestRegion(GUEST, USER, memory));
        for (int i = 0; i < 100; i++) {
            MemorySegment apart = Arena.ofAuto().allocate(1);
            regions.add(new GuestRegion(GUEST + LENGTH + i, USER + LENGTH + i, apart));
        }
        assertTrue(queue.rebind(new GuestMemory(regions)));
        int buffers = ChainBuilder.MAX_SPANS / 100 + 1;
        for (int i = 0; i < buffers; i++) {
            long entry = DATA + 16L * i;
            memory.set(ValueLayout.JAVA_LONG_UNALIGNED, entry, GUEST + LENGTH);
            memory.set(ValueLayout.JAVA_INT_UNALIGNED, entry + 8, 100);
            memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, entry + 12, (short) (i + 1 < buffers ? DriverRing.NEXT : 0));
            memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, entry + 14, (short) (i + 1));
        }
        ring.descriptor(0, GUEST + DATA, 16 * buffers, DriverRing.INDIRECT, 0);
        ring.offer(0);
        assertFalse(queue.next(chain));
        assertEquals(List.of("a chain lies in more than 4096 pieces of memory"), listener.failures);
    }

    @Test
    void slicesNameTheSameMemory() {
        SplitVirtqueue queue = queue(0, 0);
        ring.descriptor(0, GUEST + DATA, 16, DriverRing.NEXT, 1);
        ring.descriptor(1, GUEST + DATA + 0x1000, 512, DriverRing.NEXT, 2);
        ring.descriptor(2, GUEST + DATA + 0x2000, 1, DriverRing.WRITE, 0);
        ring.offer(0);
        assertTrue(queue.next(chain));
        SpanList payload = new SpanList();
        chain.sliceReadable(12, 500, payload);
        assertEquals(2, payload.count());
        assertEquals(DATA + 12, payload.offset(0));
        assertEquals(4, payload.length(0));
        assertEquals(DATA + 0x1000, payload.offset(1));
        assertEquals(496, payload.length(1));
        assertThrows(IndexOutOfBoundsException.class, () -> chain.sliceReadable(12, 517, payload));
        payload.clear();
        chain.sliceWritable(0, 1, payload);
        assertEquals(DATA + 0x2000, payload.offset(0));
    }

    @Test
    void chainsCompleteInAnyOrderAndAreShownOnceABatch() {
        SplitVirtqueue queue = queue(0, 0);
        for (int i = 0; i < 3; i++) {
            ring.descriptor(i, GUEST + DATA + 16L * i, 16, DriverRing.WRITE, 0);
            ring.offer(i);
        }
        for (int i = 0; i < 3; i++) {
            assertTrue(queue.next(chain));
        }
        assertEquals(3, queue.inFlight());
        queue.complete(2, 16);
        queue.complete(0, 1);
        assertEquals(0, ring.usedIndex(), "not shown yet");
        queue.publish();
        assertEquals(2, ring.usedIndex());
        assertEquals(2, ring.usedId(0));
        assertEquals(16, ring.usedLength(0));
        assertEquals(0, ring.usedId(1));
        assertEquals(1, ring.usedLength(1));
        assertEquals(1, listener.notifications);
        queue.publish();
        assertEquals(1, listener.notifications, "nothing new to tell");
        queue.complete(1, 0);
        queue.publish();
        assertEquals(3, ring.usedIndex());
        assertEquals(0, queue.inFlight());
        assertEquals(3, counters.get(QueueCounter.CHAINS_COMPLETED));
        assertEquals(2, counters.get(QueueCounter.DRIVER_NOTIFICATIONS));
    }

    @Test
    void completingTwiceIsTheCallersDefect() {
        SplitVirtqueue queue = queue(0, 0);
        ring.descriptor(0, GUEST + DATA, 16, DriverRing.WRITE, 0);
        ring.offer(0);
        assertTrue(queue.next(chain));
        queue.complete(0, 0);
        assertEquals(
                "queue 3: chain 0 is not in flight",
                assertThrows(IllegalStateException.class, () -> queue.complete(0, 0))
                        .getMessage());
    }

    @Test
    void positionsWrapAtSixteenBits() {
        ring.setAvailable(0xFFFF);
        ring.setUsedIndex(0xFFFF);
        SplitVirtqueue queue = queue(0, 0xFFFF);
        for (int i = 0; i < 3; i++) {
            ring.descriptor(i, GUEST + DATA, 16, DriverRing.WRITE, 0);
            ring.offer(i);
        }
        for (int i = 0; i < 3; i++) {
            assertTrue(queue.next(chain));
            assertEquals(i, chain.id());
            queue.complete(i, i);
        }
        queue.publish();
        assertEquals(2, queue.base());
        assertEquals(2, ring.usedIndex());
        assertEquals(0, ring.usedId(0xFFFF));
        assertEquals(1, ring.usedId(0));
        assertEquals(2, ring.usedLength(1));
    }

    @Test
    void usedElementsGoOnWhereTheRingSays() {
        ring.setUsedIndex(7);
        ring.setAvailable(9);
        SplitVirtqueue queue = queue(0, 9);
        ring.descriptor(0, GUEST + DATA, 16, DriverRing.WRITE, 0);
        ring.offer(0);
        assertTrue(queue.next(chain));
        queue.complete(0, 4);
        queue.publish();
        assertEquals(8, ring.usedIndex());
        assertEquals(4, ring.usedLength(7));
    }

    @Test
    void withoutEventIdxFlagsAskForNotificationsBothWays() {
        SplitVirtqueue queue = queue(0, 0);
        assertEquals(0, ring.usedFlags());
        queue.disarm();
        assertEquals(1, ring.usedFlags(), "VIRTQ_USED_F_NO_NOTIFY");
        assertFalse(queue.arm());
        assertEquals(0, ring.usedFlags());
        ring.descriptor(0, GUEST + DATA, 16, DriverRing.WRITE, 0);
        ring.offer(0);
        assertTrue(queue.arm(), "there is something after all");
        assertTrue(queue.next(chain));
        ring.setAvailableFlags(1); // VIRTQ_AVAIL_F_NO_INTERRUPT
        queue.complete(0, 0);
        queue.publish();
        assertEquals(1, ring.usedIndex());
        assertEquals(0, listener.notifications);
    }

    @Test
    void withEventIdxIndexesAskForNotificationsBothWays() {
        SplitVirtqueue queue = queue(VirtioFeatures.EVENT_IDX, 0);
        for (int i = 0; i < 4; i++) {
            ring.descriptor(i, GUEST + DATA, 16, DriverRing.WRITE, 0);
            ring.offer(i);
            assertTrue(queue.next(chain));
        }
        assertFalse(queue.arm());
        assertEquals(4, ring.availEvent(), "a kick for the chain at position 4");
        queue.disarm();
        assertEquals(0, ring.usedFlags(), "flags are not used");

        ring.setUsedEvent(1);
        queue.complete(0, 0);
        queue.publish();
        assertEquals(0, listener.notifications, "index 0 went by, the driver waits for 1");
        queue.complete(1, 0);
        queue.publish();
        assertEquals(1, listener.notifications);
        ring.setUsedEvent(9);
        ring.setAvailableFlags(0);
        queue.complete(2, 0);
        queue.complete(3, 0);
        queue.publish();
        assertEquals(1, listener.notifications, "9 is far away");
    }

    @Test
    void anIndirectTableIsCopiedAndWalkedByItsLinks() {
        SplitVirtqueue queue = queue(VirtioFeatures.INDIRECT_DESC, 0);
        long table = 0x2000;
        ring.indirect(table, 0, GUEST + DATA, 16, DriverRing.NEXT, 2);
        ring.indirect(table, 1, GUEST + DATA + 0x800, 1, DriverRing.WRITE, 0);
        ring.indirect(table, 2, GUEST + DATA + 0x400, 512, DriverRing.NEXT | DriverRing.WRITE, 1);
        // A direct descriptor first, and WRITE on the one that refers to the table, which means nothing there.
        ring.descriptor(0, GUEST + DATA + 0x700, 8, DriverRing.NEXT, 1);
        ring.descriptor(1, GUEST + table, 48, DriverRing.INDIRECT | DriverRing.WRITE, 0);
        ring.offer(0);
        assertTrue(queue.next(chain));
        assertEquals(24, chain.readableBytes());
        assertEquals(513, chain.writableBytes());
        assertEquals(DATA + 0x800, chain.writable().offset(1));
    }

    @Test
    void anIndirectTableMayHaveMoreEntriesThanTheQueueButAtMost1024() {
        SplitVirtqueue queue = queue(VirtioFeatures.INDIRECT_DESC, 0);
        long table = 0x8000;
        for (int i = 0; i < 1024; i++) {
            ring.indirect(table, i, GUEST + DATA + 2L * i, 1, i == 1023 ? 0 : DriverRing.NEXT, i + 1);
        }
        ring.descriptor(0, GUEST + table, 16 * 1024, DriverRing.INDIRECT, 0);
        ring.offer(0);
        assertTrue(queue.next(chain));
        assertEquals(1024, chain.readableBytes());
        assertEquals(1024, chain.readable().count());
    }

    @Test
    void aBufferMaySpanRegionsThatTouch() {
        MemorySegment first = memory.asSlice(0, 0x8000);
        MemorySegment second = memory.asSlice(0x8000);
        SplitVirtqueue queue = queue(0, 0);
        assertTrue(queue.rebind(new GuestMemory(List.of(
                new GuestRegion(GUEST + 0x8000, USER + 0x100_0000, second), new GuestRegion(GUEST, USER, first)))));
        ring.descriptor(0, GUEST + 0x7FF8, 24, DriverRing.WRITE, 0);
        ring.offer(0);
        assertTrue(queue.next(chain));
        assertEquals(2, chain.writable().count());
        assertEquals(0x7FF8, chain.writable().offset(0));
        assertEquals(8, chain.writable().length(0));
        assertEquals(0, chain.writable().offset(1));
        assertEquals(16, chain.writable().length(1));
    }

    @Test
    void aRingOutsideOfTheMemoryIsNotBound() {
        SplitVirtqueue queue = queue(0, 0);
        queue.pause();
        assertFalse(queue.rebind(GuestMemory.EMPTY));
        assertTrue(queue.rebind(new GuestMemory(List.of(new GuestRegion(GUEST, USER, memory)))));
        assertFalse(queue.rebind(new GuestMemory(
                List.of(new GuestRegion(GUEST, USER, memory.asSlice(0, ring.usedAt() + 16))))));
    }

    @Test
    void memoryDoesNotChangeUnderChainsInFlight() {
        SplitVirtqueue queue = queue(0, 0);
        ring.descriptor(0, GUEST + DATA, 16, DriverRing.WRITE, 0);
        ring.offer(0);
        assertTrue(queue.next(chain));
        assertEquals(
                "queue 3 has 1 chains in flight",
                assertThrows(IllegalStateException.class, () -> queue.rebind(GuestMemory.EMPTY))
                        .getMessage());
    }

    @Test
    void aPausedQueueTakesNothingButCompletes() {
        SplitVirtqueue queue = queue(0, 0);
        ring.descriptor(0, GUEST + DATA, 16, DriverRing.WRITE, 0);
        ring.descriptor(1, GUEST + DATA, 16, DriverRing.WRITE, 0);
        ring.offer(0);
        ring.offer(1);
        assertTrue(queue.next(chain));
        queue.pause();
        assertFalse(queue.next(chain));
        assertFalse(queue.arm());
        queue.complete(0, 5);
        queue.publish();
        assertEquals(1, ring.usedIndex());
        assertEquals(1, queue.base());
        queue.resume();
        assertTrue(queue.next(chain));
        assertEquals(1, chain.id());
    }

    @Test
    void afterAFailureNothingIsTakenNorShown() {
        SplitVirtqueue queue = queue(0, 0);
        ring.descriptor(0, GUEST + DATA, 16, DriverRing.WRITE, 0);
        ring.offer(0);
        assertTrue(queue.next(chain));
        queue.fail("no room for a status");
        queue.fail("again");
        queue.complete(0, 0);
        queue.publish();
        assertEquals(List.of("no room for a status"), listener.failures);
        assertEquals(0, ring.usedIndex());
        assertEquals(0, listener.notifications);
        assertEquals(0, queue.inFlight(), "it comes to rest all the same");
        assertFalse(queue.next(chain));
        assertFalse(queue.arm());
    }

    record Wrong(String reason, Consumer<DriverRing> setUp) {}

    static Stream<Arguments> wrongRings() {
        long table = 0x2000;
        return Stream.of(
                        new Wrong("the available ring names descriptor 8 of 8", ring -> ring.offer(8)),
                        new Wrong(
                                "the available index jumped from 0 to 9 in a ring of 8",
                                ring -> ring.setAvailableIndex(9)),
                        new Wrong(
                                "the available index jumped from 0 to 65535 in a ring of 8",
                                ring -> ring.setAvailableIndex(0xFFFF)),
                        new Wrong("a chain from descriptor 0 is longer than the ring", ring -> {
                            ring.descriptor(0, GUEST + DATA, 1, DriverRing.NEXT, 1);
                            ring.descriptor(1, GUEST + DATA, 1, DriverRing.NEXT, 0);
                            ring.offer(0);
                        }),
                        new Wrong("a chain from descriptor 4 is longer than the ring", ring -> {
                            ring.descriptor(4, GUEST + DATA, 0, DriverRing.NEXT, 4);
                            ring.offer(4);
                        }),
                        new Wrong("descriptor 0 points to descriptor 8 of 8", ring -> {
                            ring.descriptor(0, GUEST + DATA, 1, DriverRing.NEXT, 8);
                            ring.offer(0);
                        }),
                        new Wrong("descriptor 1 is readable and follows a writable one", ring -> {
                            ring.descriptor(0, GUEST + DATA, 1, DriverRing.NEXT | DriverRing.WRITE, 1);
                            ring.descriptor(1, GUEST + DATA, 1, 0, 0);
                            ring.offer(0);
                        }),
                        new Wrong("descriptor 0 names 2 bytes at 0x10ffff, outside of the memory", ring -> {
                            ring.descriptor(0, GUEST + LENGTH - 1, 2, 0, 0);
                            ring.offer(0);
                        }),
                        new Wrong("descriptor 0 names 16 bytes at 0xffff0, outside of the memory", ring -> {
                            ring.descriptor(0, GUEST - 16, 16, 0, 0);
                            ring.offer(0);
                        }),
                        new Wrong(
                                "descriptor 0 names 4294967295 bytes at 0xfffffffffffffff0, outside of the memory",
                                ring -> {
                                    ring.descriptor(0, -16, -1, 0, 0);
                                    ring.offer(0);
                                }),
                        new Wrong("descriptor 0 names 1 bytes at 0x8000000000100000, outside of the memory", ring -> {
                            ring.descriptor(0, Long.MIN_VALUE + GUEST, 1, 0, 0);
                            ring.offer(0);
                        }),
                        new Wrong("descriptor 0 is indirect and has a successor", ring -> {
                            ring.descriptor(0, GUEST + table, 16, DriverRing.INDIRECT | DriverRing.NEXT, 1);
                            ring.offer(0);
                        }),
                        new Wrong("descriptor 0 has an indirect table of 0 bytes", ring -> {
                            ring.descriptor(0, GUEST + table, 0, DriverRing.INDIRECT, 0);
                            ring.offer(0);
                        }),
                        new Wrong("descriptor 0 has an indirect table of 24 bytes", ring -> {
                            ring.descriptor(0, GUEST + table, 24, DriverRing.INDIRECT, 0);
                            ring.offer(0);
                        }),
                        new Wrong("descriptor 0 has an indirect table of 16400 bytes", ring -> {
                            ring.descriptor(0, GUEST + table, 16 * 1025, DriverRing.INDIRECT, 0);
                            ring.offer(0);
                        }),
                        new Wrong("descriptor 0 has an indirect table of 4294967280 bytes", ring -> {
                            ring.descriptor(0, GUEST + table, -16, DriverRing.INDIRECT, 0);
                            ring.offer(0);
                        }),
                        new Wrong("the indirect table of descriptor 0 lies outside of the memory", ring -> {
                            ring.descriptor(0, GUEST + LENGTH - 16, 32, DriverRing.INDIRECT, 0);
                            ring.offer(0);
                        }),
                        new Wrong("the indirect table of descriptor 0 has a loop", ring -> {
                            ring.indirect(table, 0, GUEST + DATA, 1, DriverRing.NEXT, 1);
                            ring.indirect(table, 1, GUEST + DATA, 1, DriverRing.NEXT, 0);
                            ring.descriptor(0, GUEST + table, 32, DriverRing.INDIRECT, 0);
                            ring.offer(0);
                        }),
                        new Wrong("the indirect table of descriptor 0 points to entry 2 of 2", ring -> {
                            ring.indirect(table, 0, GUEST + DATA, 1, DriverRing.NEXT, 2);
                            ring.descriptor(0, GUEST + table, 32, DriverRing.INDIRECT, 0);
                            ring.offer(0);
                        }),
                        new Wrong("the indirect table of descriptor 0 has an indirect entry", ring -> {
                            ring.indirect(table, 0, GUEST + table, 16, DriverRing.INDIRECT, 0);
                            ring.descriptor(0, GUEST + table, 16, DriverRing.INDIRECT, 0);
                            ring.offer(0);
                        }),
                        new Wrong("descriptor 0 was made available twice", ring -> {
                            ring.descriptor(0, GUEST + DATA, 1, 0, 0);
                            ring.offer(0);
                            ring.offer(0);
                        }))
                .map(wrong -> Arguments.of(wrong.reason(), wrong.setUp()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongRings")
    void aWrongRingFailsWithItsReason(String reason, Consumer<DriverRing> setUp) {
        SplitVirtqueue queue = queue(VirtioFeatures.INDIRECT_DESC, 0);
        setUp.accept(ring);
        int taken = 0;
        while (queue.next(chain)) {
            taken++;
        }
        assertEquals(List.of(reason), listener.failures);
        assertEquals(reason.contains("twice") ? 1 : 0, taken);
        assertTrue(queue.failed());
    }

    @Test
    void anIndirectTableThatWasNotNegotiatedIsAnError() {
        SplitVirtqueue queue = queue(0, 0);
        ring.descriptor(0, GUEST + 0x2000, 16, DriverRing.INDIRECT, 0);
        ring.offer(0);
        assertFalse(queue.next(chain));
        assertEquals(List.of("descriptor 0 is indirect, which was not negotiated"), listener.failures);
    }

    @Test
    void anIndexThatJumpsIsFoundWhileArmingToo() {
        SplitVirtqueue queue = queue(0, 0);
        ring.setAvailableIndex(100);
        assertFalse(queue.arm());
        assertEquals(List.of("the available index jumped from 0 to 100 in a ring of 8"), listener.failures);
    }

    @Test
    void fourGibibytesInOneChainAreTooMany() {
        SplitVirtqueue queue = new SplitVirtqueue(
                0,
                SIZE,
                0,
                new RingAddresses(USER + ring.descriptorsAt(), USER + ring.availableAt(), USER + ring.usedAt()),
                VirtioFeatures.VERSION_1,
                listener,
                counters);
        try (Arena arena = Arena.ofConfined()) {
            // Never touched: only its size counts.
            MemorySegment large = MemorySegment.NULL.reinterpret(1L << 33, arena, null);
            assertTrue(queue.rebind(new GuestMemory(
                    List.of(new GuestRegion(GUEST, USER, memory), new GuestRegion(1L << 40, 1L << 40, large)))));
            queue.resume();
            ring.descriptor(0, 1L << 40, -1, DriverRing.NEXT, 1);
            ring.descriptor(1, GUEST, 1, 0, 0);
            ring.offer(0);
            assertFalse(queue.next(chain));
            assertEquals(List.of("a chain has 2^32 bytes or more"), listener.failures);
        }
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
