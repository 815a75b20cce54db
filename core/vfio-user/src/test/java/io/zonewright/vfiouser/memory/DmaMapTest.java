package io.zonewright.vfiouser.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.vfiouser.message.DmaMapMessage;
import io.zonewright.vfiouser.message.RequestException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DmaMapTest {
    private static final int PAGE = 4096;
    private static final int FULL = 65_535;
    private static final int ENXIO = 6;
    private static final int EEXIST = 17;
    private static final int ENOENT = 2;
    private static final int ENOSPC = 28;
    private static final int READ = 1;
    private static final int READ_WRITE = 3;

    private final Posix posix = Posix.system();
    private final Fd file = memfd(16 * PAGE);
    private final DmaMap map = new DmaMap(posix, true);

    @AfterEach
    void close() {
        map.release(map.unmapAll());
        assertEquals(0, map.files(), "nothing stays mapped");
        file.close();
    }

    private Fd memfd(long bytes) {
        Fd fd = posix.memfd("guest", Linux.MFD_ALLOW_SEALING);
        posix.ftruncate(fd, bytes);
        return fd;
    }

    private void map(int flags, long offset, long address, long size) throws RequestException {
        map.map(new DmaMapMessage(flags, offset, address, size), file.duplicate());
    }

    private void unmap(long address, long size) throws RequestException {
        map.release(map.unmap(address, address + size - 1));
    }

    private int errno(int flags, long offset, long address, long size) {
        return assertThrows(RequestException.class, () -> map(flags, offset, address, size))
                .errno();
    }

    /** Every second page of the guest's addresses, each a page of the same small file; filled from the middle to both ends. */
    private static long address(int i) {
        int middle = FULL / 2;
        int at = i % 2 == 0 ? middle + i / 2 : middle - 1 - i / 2;
        return 2L * PAGE * at;
    }

    @Test
    void aVirtualIommuMayMapPageByPage() throws RequestException {
        for (int i = 0; i < FULL; i++) {
            map(READ_WRITE, (long) i % 16 * PAGE, address(i), PAGE);
        }
        assertEquals(FULL, map.size());
        assertEquals(1, map.files(), "one mapping and one descriptor");
        assertEquals(ENOSPC, errno(READ_WRITE, 0, 2L * PAGE * FULL, PAGE));
        GuestMemory full = map.memory();
        assertEquals(FULL, full.count());
        int hint = -1;
        for (int i = 0; i < FULL; i++) {
            hint = full.find(address(i) + 1, hint);
            assertEquals(address(i), full.region(hint).guestAddress());
            assertEquals(-1, full.find(address(i) + PAGE, hint), "pages between are not mapped");
        }
        for (int i = 0; i < FULL; i++) {
            unmap(address(i), PAGE);
        }
        assertEquals(0, map.memory().count());
        assertEquals(FULL, full.count(), "a snapshot stays what it is");
        assertEquals(0, map.bytes());
    }

    @Test
    void aRangeShowsItsPartOfTheFile() throws RequestException {
        map(READ_WRITE, 3 * PAGE, 0x10000, 2 * PAGE);
        map(READ, 4 * PAGE, 0x20000, PAGE);
        try (Mapping other = Mapping.ofFile(posix, file.duplicate(), 0, 16 * PAGE, true)) {
            other.segment().set(ValueLayout.JAVA_BYTE, 4 * PAGE + 7, (byte) 42);
        }
        MemorySegment writable =
                map.memory().region(map.memory().find(0x10000, -1)).memory();
        MemorySegment readable =
                map.memory().region(map.memory().find(0x20000, -1)).memory();
        assertEquals(2 * PAGE, writable.byteSize());
        assertEquals(PAGE, readable.byteSize());
        assertEquals(42, writable.get(ValueLayout.JAVA_BYTE, PAGE + 7));
        assertEquals(42, readable.get(ValueLayout.JAVA_BYTE, 7));
        assertFalse(writable.isReadOnly());
        assertTrue(readable.isReadOnly());
    }

    @Test
    void aDeviceThatDoesNotLookSeesNothingThatItMayNotWrite() throws RequestException {
        DmaMap blind = new DmaMap(posix, false);
        blind.map(new DmaMapMessage(READ, 0, 0x10000, PAGE), file.duplicate());
        assertEquals(1, blind.size());
        assertEquals(0, blind.memory().count());
        assertEquals(0, blind.files());
        assertEquals(1, blind.unmap(0x10000, 0x10FFF).size());
    }

    @Test
    void aRangeForReadingThatCannotBeMappedIsRememberedAlone() throws RequestException {
        map(READ, 15 * PAGE, 0x10000, 2 * PAGE);
        assertEquals(1, map.size());
        assertEquals(0, map.memory().count());
        unmap(0x10000, 2 * PAGE);
        assertEquals(0, map.size());
    }

    @Test
    void whatIsRefusedChangesNothing() throws RequestException {
        map(READ_WRITE, 0, 0x10000, 2 * PAGE);
        GuestMemory before = map.memory();
        assertEquals(EEXIST, errno(READ_WRITE, 0, 0x11000, PAGE));
        assertEquals(EEXIST, errno(READ_WRITE, 0, 0xF000, 2 * PAGE));
        assertEquals(EEXIST, errno(READ_WRITE, 0, 0xF000, 4 * PAGE));
        assertEquals(ENXIO, errno(READ_WRITE, 15 * PAGE, 0x20000, 2 * PAGE));
        assertEquals(ENOSPC, errno(READ_WRITE, 0, 0x20000, DmaMap.MAX_BYTES));
        for (long[] cut : new long[][] {
            {0x10000, 0x10FFF}, {0x11000, 0x11FFF}, {0x11000, -1}, {0xF000, 0x10FFF}, {0, 0x10FFF}, {0x11000, 0x12FFF}
        }) {
            assertEquals(
                    ENOENT,
                    assertThrows(RequestException.class, () -> map.unmap(cut[0], cut[1]))
                            .errno(),
                    Long.toHexString(cut[0]) + " to " + Long.toHexString(cut[1]));
        }
        assertEquals(before, map.memory());
        assertEquals(2 * PAGE, map.bytes());
        map(READ_WRITE, 0, 0x12000, PAGE);
        map(READ_WRITE, 0, 0xF000, PAGE);
        assertEquals(3, map.size());
    }

    /** As QEMU takes a virtual IOMMU's window away: in a few pieces up to the end of 64 bits. */
    @Test
    void oneUnmapTakesOutAllThatLiesInside() throws RequestException {
        for (int i = 0; i < 1000; i++) {
            map(i % 3 == 0 ? READ : READ_WRITE, (long) i % 16 * PAGE, 0x10_0000 + 2L * PAGE * i, PAGE);
        }
        map.map(new DmaMapMessage(READ_WRITE, 0, 0xFF00_0000L, PAGE), null);
        GuestMemory before = map.memory();
        assertEquals(0, map.unmap(0x10_1000, 0x10_1FFF).size(), "nothing between two ranges");
        assertEquals(before, map.memory());
        List<DmaRange> middle = map.unmap(0x10_2000, 0x10_2000 + 2 * 500L * PAGE - 1);
        assertEquals(500, middle.size());
        assertEquals(0x10_2000, middle.getFirst().address());
        assertEquals(500 * PAGE, DmaMap.bytes(middle));
        assertEquals(501, map.size());
        assertEquals(500, map.memory().count());
        assertEquals(1000, before.count());
        assertEquals(0, map.memory().find(0x10_0000, -1));
        assertEquals(-1, map.memory().find(0x10_2000, -1));
        map.release(middle);
        assertEquals(0, map.unmap(0x8000_0000_0000_0000L, -1).size(), "the upper half of 64 bits");
        List<DmaRange> rest = map.unmap(0x10_0000, -1);
        assertEquals(501, rest.size());
        map.release(rest);
        assertEquals(0, map.bytes());
        assertEquals(0, map.memory().count());
        map(READ_WRITE, 0, 0x10_0000, 2 * PAGE);
    }

    @Test
    void memoryStaysMappedUntilItIsLetGoOf() throws RequestException {
        map(READ_WRITE, 0, 0x10000, PAGE);
        MemorySegment memory = map.memory().region(0).memory();
        List<DmaRange> gone = map.unmap(0x10000, 0x10FFF);
        assertEquals(0, map.memory().count());
        memory.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
        map.release(gone);
        assertFalse(memory.scope().isAlive());
    }

    @Test
    void aFileThatGrewIsMappedAnew() throws RequestException {
        map(READ_WRITE, 0, 0x10000, PAGE);
        posix.ftruncate(file, 32 * PAGE);
        map(READ_WRITE, 20 * PAGE, 0x20000, PAGE);
        assertEquals(2, map.files());
        unmap(0x10000, PAGE);
        assertEquals(1, map.files());
        posix.ftruncate(file, 31 * PAGE);
        assertFalse(map.isBacked());
        posix.ftruncate(file, 32 * PAGE);
        assertTrue(map.isBacked());
    }
}
