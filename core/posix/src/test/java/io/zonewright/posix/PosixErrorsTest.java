package io.zonewright.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.fake.ScriptedSyscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What becomes of failures, played by a script: no call here reaches the kernel. */
class PosixErrorsTest {
    private static final MemorySegment BUFFER = Arena.global().allocate(4096);

    private final ScriptedSyscalls script = ScriptedSyscalls.alone();
    private final Posix posix = new Posix(script);
    private final Fd fd = Fd.adopt(posix, 7);

    private static void assertMessage(String expected, Executable call) {
        assertEquals(expected, assertThrows(PosixException.class, call).getMessage());
    }

    @Test
    void aFailureCarriesCallArgumentsAndErrno() {
        script.fail("pwrite", Errno.ENOSPC);
        PosixException e = assertThrows(PosixException.class, () -> posix.pwrite(fd, BUFFER, 0, 4096, 8192));
        assertEquals("pwrite(fd=7, length=4096, offset=8192): ENOSPC (28): No space left on device", e.getMessage());
        assertEquals("pwrite", e.call());
        assertEquals("fd=7, length=4096, offset=8192", e.arguments());
        assertEquals(28, e.errno());
        assertTrue(e.is(Errno.ENOSPC));
        assertFalse(e.is(Errno.EIO));
    }

    @Test
    void anErrnoWithoutNameIsShownAsItsNumber() {
        script.answer("fdatasync", -4000);
        assertMessage("fdatasync(fd=7): errno 4000", () -> posix.fdatasync(fd));
    }

    @Test
    void everyCallNamesItsArguments() {
        script.fail("read", Errno.EIO)
                .fail("write", Errno.EPIPE)
                .fail("pread", Errno.EIO)
                .fail("fsync", Errno.EDQUOT)
                .fail("ftruncate", Errno.EPERM)
                .fail("fallocate", Errno.EOPNOTSUPP)
                .fail("flock", Errno.ENOLCK)
                .fail("statx", Errno.EACCES)
                .fail("statx", Errno.EBADF)
                .fail("unlink", Errno.EISDIR)
                .fail("chmod", Errno.EPERM)
                .fail("fchmod", Errno.EROFS)
                .fail("lchown", Errno.EPERM)
                .fail("fcntl", Errno.EBUSY)
                .fail("ioctl", Errno.ENOTTY)
                .fail("madvise", Errno.EINVAL)
                .fail("memfd_create", Errno.ENOSYS)
                .fail("open", Errno.EMFILE);
        Path path = Path.of("/run/x");
        assertMessage("read(fd=7, length=8): EIO (5): Input/output error", () -> posix.read(fd, BUFFER, 0, 8));
        assertMessage("write(fd=7, length=8): EPIPE (32): Broken pipe", () -> posix.write(fd, BUFFER, 0, 8));
        assertMessage(
                "pread(fd=7, length=8, offset=0): EIO (5): Input/output error", () -> posix.pread(fd, BUFFER, 0, 8, 0));
        assertMessage("fsync(fd=7): EDQUOT (122): Disk quota exceeded", () -> posix.fsync(fd));
        assertMessage("ftruncate(fd=7, length=10): EPERM (1): Operation not permitted", () -> posix.ftruncate(fd, 10));
        assertMessage(
                "fallocate(fd=7, mode=0x3, offset=4096, length=8192): EOPNOTSUPP (95): Operation not supported",
                () -> posix.punchHole(fd, 4096, 8192));
        assertMessage("flock(fd=7, operation=2): ENOLCK (37): No locks available", () -> posix.flock(fd, 2));
        assertMessage("statx(path=/run/x): EACCES (13): Permission denied", () -> posix.lstat(path));
        assertMessage("statx(fd=7): EBADF (9): Bad file descriptor", () -> posix.fileSize(fd));
        assertMessage("unlink(path=/run/x): EISDIR (21): Is a directory", () -> posix.unlink(path));
        assertMessage(
                "chmod(path=/run/x, mode=0660): EPERM (1): Operation not permitted", () -> posix.chmod(path, 0660));
        assertMessage("fchmod(fd=7, mode=0600): EROFS (30): Read-only file system", () -> posix.fchmod(fd, 0600));
        assertMessage(
                "lchown(path=/run/x, uid=-1, gid=44): EPERM (1): Operation not permitted",
                () -> posix.chown(path, -1, 44));
        assertMessage(
                "fcntl(fd=7, command=F_ADD_SEALS, argument=2): EBUSY (16): Device or resource busy",
                () -> posix.addSeals(fd, Linux.F_SEAL_SHRINK));
        assertMessage(
                "ioctl(fd=7, request=BLKREPORTZONE, argument=4096 bytes): ENOTTY (25): Inappropriate ioctl for device",
                () -> posix.ioctl(fd, "BLKREPORTZONE", 0xC010_1282L, BUFFER));
        assertMessage(
                "madvise(start=0, length=4096, advice=4): EINVAL (22): Invalid argument",
                () -> posix.madvise(BUFFER, 0, 4096, Linux.MADV_DONTNEED));
        assertMessage(
                "memfd_create(name=data, flags=0x2): ENOSYS (38): Function not implemented. This kernel is too old, or a"
                        + " sandbox (seccomp) forbids the call",
                () -> posix.memfd("data", Linux.MFD_ALLOW_SEALING));
        assertMessage(
                "open(path=/run/x, flags=0x2, mode=0000): EMFILE (24): Too many open files. Raise this process's limit"
                        + " of open files (ulimit -n, or LimitNOFILE= of its unit)",
                () -> posix.open(path, Linux.O_RDWR, 0));
        assertEquals(List.of(), script.unused());
    }

    @Test
    void aFailedMappingNamesWhatToLookAt() {
        script.fail("mmap", Errno.ENOMEM);
        assertMessage(
                "mmap(length=4096, protection=3, flags=0x21, fd=-1, offset=0): ENOMEM (12): Cannot allocate memory."
                        + " Look at ulimit -v, vm.max_map_count and vm.overcommit_memory, and at the huge pages if"
                        + " these were asked for",
                () -> posix.map(
                        Arena.global(),
                        4096,
                        Linux.PROT_READ | Linux.PROT_WRITE,
                        Linux.MAP_SHARED | Linux.MAP_ANONYMOUS,
                        null,
                        0));
    }

    @Test
    void anInterruptedCallIsMadeAgain() {
        script.fail("pread", Errno.EINTR).fail("pread", Errno.EINTR).answer("pread", 512);
        assertEquals(512, posix.pread(fd, BUFFER, 0, 512, 0));
        assertEquals(3, script.count("pread"));
    }

    @Test
    void wouldBlockIsAValue() {
        script.fail("read", Errno.EAGAIN).fail("write", Errno.EAGAIN).fail("flock", Errno.EAGAIN);
        assertEquals(Posix.AGAIN, posix.read(fd, BUFFER, 0, 8));
        assertEquals(Posix.AGAIN, posix.write(fd, BUFFER, 0, 8));
        assertFalse(posix.flock(fd, Linux.LOCK_EX | Linux.LOCK_NB));
        assertEquals(-Errno.EAGAIN.number(), Posix.AGAIN);
    }

    @Test
    void nothingAtAPathIsAValue() {
        script.fail("statx", Errno.ENOENT).fail("unlink", Errno.ENOENT);
        assertNull(posix.lstat(Path.of("/gone")));
        assertFalse(posix.unlink(Path.of("/gone")));
    }

    @Test
    void closeIsNeverMadeAgain() {
        script.fail("close", Errno.EINTR);
        fd.close();
        assertEquals(List.of("close(7)"), script.log());
    }

    @Test
    void aLateWriteErrorAtCloseIsToldOnce() {
        script.fail("close", Errno.EIO);
        assertMessage("close(fd=7): EIO (5): Input/output error", fd::close);
        fd.close();
        assertEquals(1, script.count("close"));
    }

    @Test
    void anInterruptedWaitKeepsItsTimeout() {
        script.answer("epoll_create1", 9)
                .fail("epoll_wait", Errno.EINTR)
                .answer("epoll_wait", 0)
                .fail("epoll_wait", Errno.EINTR)
                .answer("epoll_wait", 0);
        Epoll epoll = Epoll.create(posix, 4);
        int bytes = (int) (4 * Layouts.EPOLL_EVENT_SIZE);
        assertEquals(0, epoll.await(-1));
        assertEquals(0, epoll.await(100_000));
        assertEquals("epoll_wait(9, " + bytes + " bytes, 4, -1)", script.log().get(2));
        String again = script.log().get(4);
        int left = Integer.parseInt(again.substring(again.lastIndexOf(' ') + 1, again.length() - 1));
        assertTrue(left > 0 && left <= 100_000, again);
    }

    @Test
    void epollNamesOperationAndDescriptor() {
        script.answer("epoll_create1", 9).fail("epoll_ctl", Errno.EEXIST).fail("epoll_ctl", Errno.ENOENT);
        Epoll epoll = Epoll.create(posix, 1);
        assertMessage(
                "epoll_ctl(epoll=9, operation=EPOLL_CTL_ADD, fd=7, events=0x1): EEXIST (17): File exists",
                () -> epoll.add(fd, Linux.EPOLLIN, 1));
        assertMessage(
                "epoll_ctl(epoll=9, operation=EPOLL_CTL_DEL, fd=7, events=0x0): ENOENT (2): No such file or directory",
                () -> epoll.remove(fd));
    }

    @Test
    void aConnectionThatLeftWhileItWaitedIsPassedOver() {
        script.fail("accept4", Errno.ECONNABORTED).answer("accept4", 12);
        Fd accepted = posix.accept(fd, true);
        assertEquals("12", String.valueOf(accepted));
    }

    @Test
    void truncatedControlDataCloseWhatArrived() {
        script.answer("recvmsg", arguments -> {
                    // Two descriptors arrive, and the kernel says that there were more.
                    MemorySegment message = (MemorySegment) arguments[1];
                    long control = message.get(ValueLayout.JAVA_LONG, Layouts.MSG_CONTROL) - message.address();
                    message.set(ValueLayout.JAVA_LONG, control + Layouts.CMSG_LEN, 24);
                    message.set(ValueLayout.JAVA_INT, control + Layouts.CMSG_LEVEL, 1);
                    message.set(ValueLayout.JAVA_INT, control + Layouts.CMSG_TYPE, 1);
                    message.set(ValueLayout.JAVA_INT, control + Layouts.CMSG_DATA, 20);
                    message.set(ValueLayout.JAVA_INT, control + Layouts.CMSG_DATA + 4, 21);
                    message.set(ValueLayout.JAVA_LONG, Layouts.MSG_CONTROLLEN, 24);
                    message.set(ValueLayout.JAVA_INT, Layouts.MSG_FLAGS, Linux.MSG_CTRUNC);
                    return 12;
                })
                .always("close", 0);
        try (FdBatch fds = new FdBatch(posix, 2)) {
            assertMessage(
                    "recvmsg(fd=7, descriptors=2): EMSGSIZE (90): Message too long. The peer sent more descriptors than"
                            + " are taken here, or this process may not open more (ulimit -n): MSG_CTRUNC. The 2 that"
                            + " arrived were closed",
                    () -> posix.receive(fd, BUFFER, 0, 12, fds, 0));
            assertEquals(0, fds.size());
        }
        assertEquals(List.of("close(20)", "close(21)"), script.log().subList(1, 3));
    }

    @Test
    void senselessControlDataEndTheWalk() {
        for (long length : new long[] {0, 15, 25, Long.MAX_VALUE, -1}) {
            script.answer("recvmsg", arguments -> {
                MemorySegment message = (MemorySegment) arguments[1];
                long control = message.get(ValueLayout.JAVA_LONG, Layouts.MSG_CONTROL) - message.address();
                message.set(ValueLayout.JAVA_LONG, control + Layouts.CMSG_LEN, length);
                message.set(ValueLayout.JAVA_LONG, Layouts.MSG_CONTROLLEN, 24);
                return 12;
            });
            try (FdBatch fds = new FdBatch(posix, 2)) {
                assertEquals(12, posix.receive(fd, BUFFER, 0, 12, fds, 0));
                assertEquals(0, fds.size());
            }
        }
    }

    @Test
    void aWaitThatRunsOutSaysHowFarItCame() {
        script.fail("fcntl", Errno.EBADF).always("fcntl", Linux.O_NONBLOCK).always("close", 0);
        assertMessage(
                "fcntl(fd=7, command=F_GETFL, argument=0): EBADF (9): Bad file descriptor",
                () -> UnixConnection.adopt(posix, fd));
        assertFalse(fd.isOpen());
        UnixConnection connection = UnixConnection.adopt(posix, Fd.adopt(posix, 8));
        script.answer("recvmsg", 5).fail("recvmsg", Errno.EAGAIN).answer("poll", 0);
        assertMessage(
                "recvmsg(fd=8, length=12): ETIMEDOUT (110): Connection timed out. 5 bytes had passed when 0 ms were"
                        + " over",
                () -> connection.receiveFully(BUFFER, 0, 12, new FdBatch(posix, 0), 0));
    }

    @Test
    void aScriptAloneRefusesWhatItDoesNotKnow() {
        AssertionError error = assertThrows(AssertionError.class, () -> posix.fsync(fd));
        assertEquals("unexpected call: fsync(7)", error.getMessage());
    }

    @Test
    void aScriptTellsWhatWasNotCalled() {
        script.answer("umask", 18).answer("getpid", 1).answer("getpid", 2);
        assertEquals(18, posix.umask(0));
        assertEquals(1, posix.pid());
        assertEquals(List.of("getpid"), script.unused());
    }
}
