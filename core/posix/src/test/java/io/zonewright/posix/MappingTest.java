package io.zonewright.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonewright.posix.fake.ScriptedSyscalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class MappingTest {
    private static final int READ_WRITE = Linux.PROT_READ | Linux.PROT_WRITE;

    private final Posix posix = Posix.system();

    @TempDir
    Path directory = Path.of("");

    @Test
    void twoMappingsOfOneFileShareItsBytes() {
        try (Mapping first = MappedFile.inMemory(posix, "zw-test", 1 << 16);
                Mapping second = Mapping.ofFile(posix, first.fd().duplicate(), 4096, 100, true)) {
            first.segment().set(ValueLayout.JAVA_INT, 4096, 77);
            assertEquals(77, second.segment().get(ValueLayout.JAVA_INT, 0));
            assertEquals(100, second.segment().byteSize());
        }
    }

    @Test
    void offsetsNeedNoAlignment() {
        try (Mapping first = MappedFile.inMemory(posix, "zw-test", 1 << 16);
                Mapping second = Mapping.ofFile(posix, first.fd().duplicate(), 4093, 10_000, true)) {
            first.segment().set(ValueLayout.JAVA_BYTE, 4093, (byte) 9);
            first.segment().set(ValueLayout.JAVA_BYTE, 4093 + 9_999, (byte) 8);
            assertEquals(9, second.segment().get(ValueLayout.JAVA_BYTE, 0));
            assertEquals(8, second.segment().get(ValueLayout.JAVA_BYTE, 9_999));
            assertThrows(IndexOutOfBoundsException.class, () -> second.segment().get(ValueLayout.JAVA_BYTE, 10_000));
        }
    }

    @Test
    void useAfterUnmapIsAnExceptionInJavaAndInCalls() {
        Mapping mapping = MappedFile.inMemory(posix, "zw-test", 4096);
        MemorySegment segment = mapping.segment();
        segment.set(ValueLayout.JAVA_INT, 0, 1);
        mapping.close();
        mapping.close();
        assertEquals(
                "Already closed",
                assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_INT, 0))
                        .getMessage());
        try (Fd file = posix.memfd("zw-test", 0)) {
            assertThrows(IllegalStateException.class, () -> posix.pwrite(file, segment, 0, 4096, 0));
            assertThrows(IllegalStateException.class, () -> posix.madvise(segment, 0, 4096, Linux.MADV_DONTNEED));
            assertThrows(IllegalStateException.class, () -> new IoVecs(1).add(segment, 0, 1));
        }
    }

    @Test
    void memoryIsUnmappedWithItsArena() throws IOException {
        long address;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment =
                    posix.map(arena, 4096, READ_WRITE, Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS, null, 0);
            address = segment.address();
            assertTrue(isMapped(address));
        }
        assertFalse(isMapped(address));
    }

    @Test
    void aClosedArenaLeaksNoMapping() {
        Arena closed;
        try (Arena arena = Arena.ofConfined()) {
            closed = arena;
        }
        ScriptedSyscalls watched = ScriptedSyscalls.over(Syscalls.system());
        assertThrows(
                IllegalStateException.class,
                () -> new Posix(watched)
                        .map(closed, 4096, READ_WRITE, Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS, null, 0));
        assertEquals(1, watched.count("munmap"));
    }

    private static boolean isMapped(long address) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            String[] range = line.substring(0, line.indexOf(' ')).split("-", -1);
            if (Long.compareUnsigned(Long.parseUnsignedLong(range[0], 16), address) <= 0
                    && Long.compareUnsigned(address, Long.parseUnsignedLong(range[1], 16)) < 0) {
                return true;
            }
        }
        return false;
    }

    @Test
    void memoryThatMayNotBeWrittenIsReadOnlyInJava() throws IOException {
        Path path = Files.writeString(directory.resolve("f"), "hello");
        try (Mapping mapping = MappedFile.open(posix, path, false)) {
            assertEquals('h', mapping.segment().get(ValueLayout.JAVA_BYTE, 0));
            assertThrows(
                    IllegalArgumentException.class, () -> mapping.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> posix.map(Arena.global(), 4096, Linux.PROT_NONE, Linux.MAP_ANONYMOUS, null, 0));
    }

    @Test
    void aFileThatIsTooShortIsRefusedAndClosed() {
        Fd fd = posix.memfd("zw-test", 0);
        posix.ftruncate(fd, 8192);
        String number = fd.toString();
        PosixException e = assertThrows(PosixException.class, () -> Mapping.ofFile(posix, fd, 4096, 4097, true));
        assertEquals(
                "mmap(length=4097, fd=" + number + ", offset=4096): ENXIO (6): No such device or address. The file has"
                        + " only 8192 bytes",
                e.getMessage());
        assertFalse(fd.isOpen());
    }

    @Test
    void aSealMakesTheMappingSafe() {
        Fd fd = posix.memfd("zw-test", Linux.MFD_ALLOW_SEALING);
        posix.ftruncate(fd, 8192);
        assertEquals(0, posix.seals(fd));
        posix.addSeals(fd, Linux.F_SEAL_SHRINK | Linux.F_SEAL_SEAL);
        assertEquals(Linux.F_SEAL_SHRINK | Linux.F_SEAL_SEAL, posix.seals(fd));
        try (Mapping mapping = Mapping.ofFile(posix, fd, 0, 8192, true)) {
            assertTrue(mapping.isSealed());
            assertTrue(mapping.isBacked());
            assertTrue(assertThrows(PosixException.class, () -> posix.ftruncate(fd, 1))
                    .is(Errno.EPERM));
        }
    }

    @Test
    void aFileCutShortIsNoticed() {
        try (Mapping mapping = MappedFile.inMemory(posix, "zw-test", 8192)) {
            assertFalse(mapping.isSealed());
            assertTrue(mapping.isBacked());
            posix.ftruncate(mapping.fd(), 8191);
            assertFalse(mapping.isBacked());
        }
    }

    @Test
    void anOrdinaryFileHasNoSeals() throws IOException {
        Path path = Files.writeString(directory.resolve("f"), "x");
        try (Fd fd = posix.open(path, Linux.O_RDONLY, 0)) {
            assertEquals(0, posix.seals(fd) & ~Linux.F_SEAL_SEAL);
        }
    }

    @Test
    void memoryGoesBackWhenItIsNotNeeded() {
        long length = 64L << 20;
        try (Mapping mapping = MappedFile.inMemory(posix, "zw-test", length)) {
            Fd fd = mapping.fd();
            assertEquals(0, posix.fstat(fd).blocks512());
            mapping.advise(0, 16L << 20, Linux.MADV_POPULATE_WRITE);
            assertTrue(posix.fstat(fd).blocks512() >= (16L << 20) / 512);
            mapping.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            posix.punchHole(fd, 0, length);
            assertEquals(0, posix.fstat(fd).blocks512());
            assertEquals(0, mapping.segment().get(ValueLayout.JAVA_BYTE, 0));
        }
    }

    @Test
    void anonymousMemoryIsSparseAndZeroAgainAfterDontNeed() {
        try (Mapping mapping = Mapping.anonymous(posix, 16L << 40)) {
            assertEquals(16L << 40, mapping.segment().byteSize());
            assertThrows(IllegalStateException.class, mapping::fd);
            assertTrue(mapping.isBacked());
            mapping.advise(0, 16L << 40, Linux.MADV_DONTFORK);
            mapping.segment().set(ValueLayout.JAVA_LONG, 15L << 40, 5);
            mapping.advise(15L << 40, 1 << 20, Linux.MADV_DONTNEED);
            assertEquals(0, mapping.segment().get(ValueLayout.JAVA_LONG, 15L << 40));
        }
        assertThrows(IllegalArgumentException.class, () -> Mapping.anonymous(posix, 0));
    }

    @Test
    void filesAreMadeWithSizeAndModeAndNeverOverwritten() {
        Path path = directory.resolve("disk");
        MappedFile.create(posix, path, 1 << 20, 0600).close();
        FileStatus status = Objects.requireNonNull(posix.lstat(path));
        assertTrue(status.isRegularFile());
        assertEquals(0600, status.permissions());
        assertEquals(1 << 20, status.sizeBytes());
        assertTrue(assertThrows(PosixException.class, () -> MappedFile.create(posix, path, 1, 0600))
                .is(Errno.EEXIST));
    }

    @Test
    void vectorsMoveScatteredBytesAndGoOnBehindAShortCall() throws IOException {
        MemorySegment memory = Arena.ofAuto().allocate(4096);
        for (int i = 0; i < 4096; i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, (byte) i);
        }
        IoVecs vectors = new IoVecs(3);
        vectors.add(memory, 10, 5);
        vectors.add(memory, 100, 0);
        vectors.add(memory, 200, 7);
        assertEquals(12, vectors.byteCount());
        assertThrows(IllegalStateException.class, () -> vectors.add(memory, 0, 1));
        try (Fd fd = posix.memfd("zw-test", 0)) {
            assertEquals(12, posix.pwritev(fd, vectors, 3));
            assertEquals(15, posix.fileSize(fd));
            vectors.advance(6); // as if only that much had been written
            assertEquals(1, vectors.count());
            assertEquals(6, vectors.byteCount());
            assertEquals(6, posix.pwritev(fd, vectors, 0));
            vectors.advance(6);
            assertEquals(0, vectors.count());
            assertThrows(IllegalArgumentException.class, () -> vectors.advance(1));
            vectors.add(memory, 1000, 9);
            vectors.add(memory, 2000, 6);
            assertEquals(15, posix.preadv(fd, vectors, 0));
            // 201..206 by the second write, then what the first one left: 13, 14 and 200..206 behind offset 3.
            byte[] expected = {-55, -54, -53, -52, -51, -50, 13, 14, -56, -55, -54, -53, -52, -51, -50};
            for (int i = 0; i < 15; i++) {
                int at = i < 9 ? 1000 + i : 2000 + i - 9;
                assertEquals(expected[i], memory.get(ValueLayout.JAVA_BYTE, at), "byte " + i);
            }
            assertEquals(0, posix.pread(fd, memory, 0, 10, 100));
            posix.fdatasync(fd);
            posix.fsync(fd);
        }
        vectors.clear();
        assertEquals(0, vectors.byteCount());
        assertThrows(IllegalArgumentException.class, () -> vectors.add(MemorySegment.ofArray(new byte[1]), 0, 1));
    }

    @Test
    void streamsTakeVectorsToo() {
        UnixConnection[] ends = UnixConnection.pair(posix);
        try (UnixConnection left = ends[0];
                UnixConnection right = ends[1]) {
            MemorySegment memory = Arena.ofAuto().allocate(64);
            memory.set(ValueLayout.JAVA_LONG, 0, 0x0807_0605_0403_0201L);
            IoVecs vectors = new IoVecs(2);
            vectors.add(memory, 4, 4);
            vectors.add(memory, 0, 4);
            assertEquals(8, posix.writev(left.fd(), vectors));
            vectors.clear();
            vectors.add(memory, 16, 2);
            vectors.add(memory, 32, 30);
            assertEquals(8, posix.readv(right.fd(), vectors));
            assertEquals(5, memory.get(ValueLayout.JAVA_BYTE, 16));
            assertEquals(4, memory.get(ValueLayout.JAVA_BYTE, 37));
            assertEquals(Posix.AGAIN, posix.readv(right.fd(), vectors));
        }
    }

    @Test
    @Timeout(30)
    void memoryInUseByACallIsNotUnmapped() throws Exception {
        UnixConnection[] ends = UnixConnection.pair(posix);
        Mapping mapping = Mapping.anonymous(posix, 4096);
        try (UnixConnection left = ends[0];
                UnixConnection right = ends[1]) {
            posix.setNonBlocking(right.fd(), false);
            AtomicInteger tid = new AtomicInteger();
            Thread reader = Thread.ofPlatform().start(() -> {
                tid.set(posix.tid());
                posix.read(right.fd(), mapping.segment(), 0, 1);
            });
            while (!isInCallOn(tid.get(), right.fd())) {
                Thread.onSpinWait();
            }
            assertThrows(IllegalStateException.class, mapping::close);
            left.send(mapping.segment(), 0, 1);
            reader.join();
            mapping.close();
        }
    }

    /** Whether the thread is in a system call whose first argument is this descriptor, as the kernel sees it. */
    private static boolean isInCallOn(int tid, Fd fd) throws IOException {
        Path file = Path.of("/proc/self/task/" + tid + "/syscall");
        assumeTrue(tid == 0 || Files.isReadable(file), "the kernel does not tell what a thread does");
        return tid != 0 && Files.readString(file).contains(" 0x" + Integer.toHexString(fd.number()) + " ");
    }

    @Test
    void rangesOutsideTheirMemoryNeverReachTheKernel() {
        MemorySegment memory = Arena.ofAuto().allocate(64);
        try (Fd fd = posix.memfd("zw-test", 0)) {
            assertThrows(IndexOutOfBoundsException.class, () -> posix.pwrite(fd, memory, 60, 5, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> posix.read(fd, memory, -1, 5));
            assertThrows(IndexOutOfBoundsException.class, () -> new IoVecs(1).add(memory, 0, 65));
            assertThrows(
                    IllegalArgumentException.class, () -> posix.read(fd, MemorySegment.ofArray(new byte[8]), 0, 8));
            assertEquals(0, posix.fileSize(fd));
        }
    }

    @Test
    void ioctlsWorkWithStructuresAndNumbers() {
        // FIONREAD: how many bytes can be read at once.
        UnixConnection[] ends = UnixConnection.pair(posix);
        try (UnixConnection left = ends[0];
                UnixConnection right = ends[1]) {
            MemorySegment memory = Arena.ofAuto().allocate(64);
            left.send(memory, 0, 33);
            assertEquals(0, posix.ioctl(right.fd(), "FIONREAD", 0x541B, memory));
            assertEquals(33, memory.get(ValueLayout.JAVA_INT, 0));
            PosixException e = assertThrows(
                    PosixException.class, () -> posix.ioctl(left.fd(), "BLKSSZGET", Ioctl.io(0x12, 104), 0));
            assertTrue(e.is(Errno.ENOTTY) || e.is(Errno.EINVAL), e.getMessage());
        }
    }

    @Test
    void locksExcludeEachOther() throws IOException {
        Path path = Files.createFile(directory.resolve("lock"));
        try (Fd first = posix.open(path, Linux.O_RDWR, 0);
                Fd second = posix.open(path, Linux.O_RDWR, 0)) {
            assertTrue(posix.flock(first, Linux.LOCK_EX));
            assertFalse(posix.flock(second, Linux.LOCK_EX | Linux.LOCK_NB));
            assertTrue(posix.flock(first, Linux.LOCK_UN));
            assertTrue(posix.flock(second, Linux.LOCK_EX | Linux.LOCK_NB));
        }
    }
}
