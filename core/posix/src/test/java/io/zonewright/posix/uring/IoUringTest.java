package io.zonewright.posix.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.Errno;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.IoVecs;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.Syscalls;
import io.zonewright.posix.fake.ScriptedSyscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IoUringTest {
    private static final Posix POSIX = Posix.system();
    private static final long SECOND = 1_000_000_000L;

    private final List<String> completed = new ArrayList<>();

    @BeforeEach
    void theKernelHasIt() {
        try {
            IoUring.open(POSIX, 1).close();
        } catch (IoUringUnavailableException e) {
            Assumptions.abort(e.getMessage());
        }
    }

    /** Enters until {@code count} more completions have come. */
    private void await(IoUring ring, int count) {
        int left = count;
        long deadline = System.nanoTime() + 20 * SECOND;
        while (left > 0) {
            assertTrue(System.nanoTime() < deadline, () -> "only " + completed);
            ring.enter(1, SECOND);
            left -= ring.harvest((userData, result) -> completed.add(userData + ": " + result), left);
        }
    }

    @Test
    void readsAndWritesOfARegisteredFile() throws Exception {
        try (IoUring ring = IoUring.open(POSIX, 8);
                Arena arena = Arena.ofConfined();
                Fd file = POSIX.memfd("zw-test", 0)) {
            ring.register(file);
            MemorySegment memory = arena.allocate(64);
            memory.asSlice(0, 8).fill((byte) 'a');
            memory.asSlice(16, 4).fill((byte) 'b');
            IoVecs two = new IoVecs(4);
            two.add(memory, 0, 8);
            two.add(memory, 16, 4);
            ring.write(two, 4, 0, 1);
            assertEquals(1, ring.pending());
            await(ring, 1);
            IoVecs one = new IoVecs(4);
            one.add(memory, 32, 20);
            ring.read(one, 0, 0, 2);
            await(ring, 1);
            ring.write(one, 100, Linux.RWF_DSYNC, 3);
            await(ring, 1);
            IoVecs both = new IoVecs(4);
            both.add(memory, 0, 1);
            both.add(memory, 1, 1);
            ring.read(both, 114, 0, 4);
            ring.fdatasync(5);
            await(ring, 2);
            ring.use(file);
            ring.fdatasync(6);
            await(ring, 1);
            completed.sort(null);
            assertEquals(List.of("1: 12", "2: 16", "3: 20", "4: 2", "5: 0", "6: 0"), completed);
            byte[] read = memory.asSlice(32, 16).toArray(ValueLayout.JAVA_BYTE);
            assertEquals("\0\0\0\0aaaaaaaabbbb", new String(read, StandardCharsets.ISO_8859_1));
            assertEquals('b', memory.get(ValueLayout.JAVA_BYTE, 0));
            assertEquals(0, ring.inFlight());
        }
    }

    @Test
    void aRegisteredFileIsLetGoWhenTheRingCloses(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("locked");
        try (Fd file = POSIX.open(path, Linux.O_RDWR | Linux.O_CREAT, 0600);
                IoUring ring = IoUring.open(POSIX, 2)) {
            assertTrue(POSIX.flock(file, Linux.LOCK_EX | Linux.LOCK_NB));
            ring.register(file);
        }
        try (Fd again = POSIX.open(path, Linux.O_RDWR, 0)) {
            assertTrue(POSIX.flock(again, Linux.LOCK_EX | Linux.LOCK_NB));
        }
    }

    @Test
    void errorsAreResults() throws Exception {
        try (IoUring ring = IoUring.open(POSIX, 8);
                Arena arena = Arena.ofConfined()) {
            IoVecs vectors = new IoVecs(1);
            vectors.add(arena.allocate(8), 0, 8);
            ring.read(vectors, 0, 0, 1); // no file is in use
            await(ring, 1);
            assertEquals(List.of("1: -9"), completed);
        }
    }

    @Test
    void aFullRingTakesNoMore() throws Exception {
        try (IoUring ring = IoUring.open(POSIX, 4)) {
            for (int i = 0; i < 4; i++) {
                assertEquals(4 - i, ring.room());
                ring.nothing(i);
            }
            assertEquals(0, ring.room());
            assertThrows(IllegalStateException.class, () -> ring.nothing(4));
            assertEquals(4, ring.inFlight());
            await(ring, 4);
            assertEquals(4, ring.room());
            assertEquals(List.of("0: 0", "1: 0", "2: 0", "3: 0"), completed);
        }
    }

    /** The completion ring has twice the entries of the submission ring, which is 2. */
    @Test
    void completionsWithoutRoomAreNotLost() throws Exception {
        try (IoUring ring = IoUring.open(POSIX, 2)) {
            for (int i = 0; i < 20; i++) {
                ring.nothing(i);
                ring.enter(0);
            }
            assertTrue(ring.hasWork(), "an overflow is shown");
            assertEquals(20, ring.inFlight());
            await(ring, 20);
            assertEquals("0: 0", completed.getFirst());
            assertEquals("19: 0", completed.getLast());
            assertEquals(20, completed.stream().distinct().count());
            assertFalse(ring.hasWork());
        }
    }

    @Test
    void manyTimesAroundTheRing() throws Exception {
        try (IoUring ring = IoUring.open(POSIX, 4)) {
            for (int i = 0; i < 100; i++) {
                ring.nothing(3L * i);
                ring.nothing(3L * i + 1);
                ring.nothing(3L * i + 2);
                await(ring, 3);
            }
            assertEquals(300, completed.size());
            assertEquals("299: 0", completed.getLast());
        }
    }

    @Test
    void waitingEndsInTime() throws Exception {
        try (IoUring ring = IoUring.open(POSIX, 2)) {
            long before = System.nanoTime();
            ring.enter(1, 3_000_000);
            long nanos = System.nanoTime() - before;
            assertTrue(nanos >= 2_500_000 && nanos < 10 * SECOND, nanos + " ns");
            assertEquals(0, ring.harvest((userData, result) -> completed.add("?"), 10));
        }
    }

    @Test
    void anotherThreadEndsTheWait() throws Exception {
        try (IoUring ring = IoUring.open(POSIX, 2);
                Arena arena = Arena.ofConfined();
                EventFd event = EventFd.create(POSIX)) {
            POSIX.setNonBlocking(event.fd(), false);
            MemorySegment count = arena.allocate(8, 8);
            ring.read(event.fd(), count, 7);
            ring.enter(0);
            Thread signaller = Thread.ofPlatform().start(event::signal);
            await(ring, 1);
            signaller.join();
            assertEquals(List.of("7: 8"), completed);
            assertEquals(1, count.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    @Test
    void whatTheKernelStillHasKeepsTheRingOpenUntilItIsCancelled() throws Exception {
        try (Arena arena = Arena.ofConfined();
                EventFd event = EventFd.create(POSIX)) {
            POSIX.setNonBlocking(event.fd(), false);
            IoUring ring = IoUring.open(POSIX, 4);
            ring.read(event.fd(), arena.allocate(8, 8), 7);
            ring.enter(0);
            assertEquals(
                    "1 operations of an io_uring are in flight",
                    assertThrows(IllegalStateException.class, ring::close).getMessage());
            ring.cancel(7, 8);
            await(ring, 2);
            completed.sort(null);
            assertEquals(List.of("7: -125", "8: 0"), completed);
            ring.close();
            ring.close();
            assertThrows(IllegalStateException.class, () -> ring.enter(0));
        }
    }

    @Test
    void completionsSignalAnEventFd() throws Exception {
        try (IoUring ring = IoUring.open(POSIX, 2);
                EventFd event = EventFd.create(POSIX)) {
            ring.registerEventFd(event.fd());
            assertEquals(0, event.drain());
            ring.nothing(1);
            await(ring, 1);
            assertEquals(1, event.drain());
            ring.notify(false);
            ring.nothing(2);
            await(ring, 1);
            assertEquals(0, event.drain());
            ring.notify(true);
            ring.nothing(3);
            await(ring, 1);
            assertEquals(1, event.drain());
        }
    }

    @Test
    void aSinkThatThrowsLosesNoOtherCompletion() throws Exception {
        try (IoUring ring = IoUring.open(POSIX, 4)) {
            ring.nothing(1);
            ring.nothing(2);
            ring.enter(2);
            assertThrows(
                    IllegalStateException.class,
                    () -> ring.harvest(
                            (userData, result) -> {
                                throw new IllegalStateException();
                            },
                            10));
            assertEquals(1, ring.inFlight());
            await(ring, 1);
            assertEquals(List.of("2: 0"), completed);
        }
    }

    @Test
    void olderKernelsGetFewerFlags() throws Exception {
        ScriptedSyscalls script = ScriptedSyscalls.over(Syscalls.system());
        script.fail("io_uring_setup", Errno.EINVAL).fail("io_uring_setup", Errno.EINVAL);
        try (IoUring ring = IoUring.open(new Posix(script), 4)) {
            assertFalse(ring.deferred());
            ring.nothing(1);
            ring.enter(1);
            await(ring, 1);
            assertEquals(List.of("1: 0"), completed);
        }
        assertEquals(3, script.count("io_uring_setup"));
    }

    @Test
    void aKernelThatIsTooOldIsNamed() {
        ScriptedSyscalls script = ScriptedSyscalls.alone();
        script.answer("io_uring_setup", arguments -> {
            ((MemorySegment) arguments[1]).set(ValueLayout.JAVA_INT, 20, 1 | 2); // 5.5 or so
            return 7;
        });
        script.answer("close", 0);
        assertEquals(
                "this kernel's io_uring is too old (features 0x100 are missing): Linux 5.11 has them",
                assertThrows(IoUringUnavailableException.class, () -> IoUring.open(new Posix(script), 4))
                        .getMessage());
        assertEquals(List.of(), script.unused());
    }

    @Test
    void anOperationThatIsForbiddenIsNamed() {
        ScriptedSyscalls script = ScriptedSyscalls.alone();
        script.answer("io_uring_setup", arguments -> {
            ((MemorySegment) arguments[1]).set(ValueLayout.JAVA_INT, 20, 0x1FFF);
            return 7;
        });
        script.answer("io_uring_register", arguments -> {
            MemorySegment probe = (MemorySegment) arguments[2];
            probe.set(ValueLayout.JAVA_BYTE, 1, (byte) 50);
            for (int i = 0; i < 22; i++) {
                probe.set(ValueLayout.JAVA_SHORT, 16 + 8 * i + 2, (short) 1);
            }
            return 0;
        });
        script.answer("close", 0);
        assertEquals(
                "this kernel's io_uring does not know operation 22, or forbids it",
                assertThrows(IoUringUnavailableException.class, () -> IoUring.open(new Posix(script), 4))
                        .getMessage());
        assertEquals(List.of(), script.unused());
    }

    @Test
    void anUnusableRingThrows() throws Exception {
        ScriptedSyscalls script = ScriptedSyscalls.over(Syscalls.system());
        script.fail("io_uring_enter", Errno.EINTR)
                .fail("io_uring_enter", Errno.EBUSY)
                .fail("io_uring_enter", Errno.EBADF);
        try (IoUring ring = IoUring.open(new Posix(script), 4)) {
            ring.enter(1);
            ring.enter(1);
            assertThrows(PosixException.class, () -> ring.enter(1));
        }
    }

    @Test
    void whyThereIsNone() {
        assertEquals(
                "this kernel has no io_uring, or a sandbox (seccomp) hides it (ENOSYS)",
                Availability.why(failure(Errno.ENOSYS), ""));
        assertEquals(
                "io_uring is switched off: sysctl kernel.io_uring_disabled is 2",
                Availability.why(failure(Errno.EPERM), "2"));
        assertEquals(
                "io_uring is for privileged processes only: sysctl kernel.io_uring_disabled is 1, and this process is not"
                        + " in the group of kernel.io_uring_group",
                Availability.why(failure(Errno.EPERM), "1"));
        assertEquals(
                "a sandbox (seccomp) or security module forbids io_uring (EPERM)",
                Availability.why(failure(Errno.EPERM), "0"));
        assertTrue(Availability.why(failure(Errno.ENOMEM), "0").contains("ulimit -l"));
        assertEquals(
                "io_uring_setup(entries=4): EMFILE (24): Too many open files",
                Availability.why(failure(Errno.EMFILE), "0"));
        ScriptedSyscalls script = ScriptedSyscalls.alone().fail("io_uring_setup", Errno.ENOSYS);
        assertEquals(
                "this kernel has no io_uring, or a sandbox (seccomp) hides it (ENOSYS)",
                assertThrows(IoUringUnavailableException.class, () -> IoUring.open(new Posix(script), 4))
                        .getMessage());
    }

    private static PosixException failure(Errno errno) {
        return new PosixException("io_uring_setup", "entries=4", errno.number(), null);
    }

    @Test
    void whatIsWithdrawnIsNeverCarriedOut() throws Exception {
        try (IoUring ring = IoUring.open(Posix.system(), 4)) {
            List<String> told = new ArrayList<>();
            Completions to = (userData, result) -> told.add(userData + ": " + result);
            ring.nothing(1);
            ring.nothing(2);
            assertEquals(2, ring.withdraw(to, -5));
            assertEquals(List.of("2: -5", "1: -5"), told);
            assertEquals(0, ring.inFlight());
            assertEquals(0, ring.pending());
            assertEquals(4, ring.room());
            ring.nothing(3);
            ring.enter(1);
            assertEquals(1, ring.harvest(to, 10));
            assertEquals("3: 0", told.getLast());
            assertEquals(0, ring.withdraw(to, -5));
        }
    }
}
