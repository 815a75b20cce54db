package io.zonewright.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * System calls with Java manners, on top of {@link Syscalls}. Interrupted calls (EINTR) are made again; a call that
 * would block returns {@link #AGAIN}; every other failure is a {@link PosixException} with the call, its arguments and
 * the error's name. All methods may be called by any thread at any time; what a descriptor allows is the kernel's
 * business. Calls that return a number allocate nothing in Java unless they fail.
 *
 * <p>{@code length} and {@code start} are in bytes. Paths are handed over as UTF-8.
 */
public final class Posix {
    /** Returned where a non-blocking call would have had to wait: the negated EAGAIN. */
    public static final int AGAIN = -11;

    private static final int INTERRUPTED = -4;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** The longest path of a Unix socket: {@code sun_path} without its terminating zero. */
    static final int MAX_SOCKET_PATH_BYTES = 107;

    // Where the parts of a message are in the scratch memory.
    private static final long MESSAGE_AT = 0;
    private static final long VECTOR_AT = 64;
    private static final long CONTROL_AT = 80;

    // Where a socket address that the kernel fills in has its length; 28 bytes is the largest of the internet's.
    private static final long ADDRESS_LENGTH_AT = 32;
    private static final int ADDRESS_ROOM = 28;

    private final Syscalls calls;

    /** Calls that go to {@code calls}: for tests. Everybody else shares {@link #system}. */
    public Posix(Syscalls calls) {
        this.calls = calls;
    }

    private static final class Host {
        static final Posix INSTANCE = new Posix(Syscalls.system());
    }

    /**
     * The calls of the running kernel.
     *
     * @throws UnsupportedOperationException on anything but Linux on x86-64 or aarch64
     * @throws IllegalStateException if this module may not make native calls; the message names the flag
     */
    public static Posix system() {
        NativeAccess.require(); // before the holder class: its failure would be told only once
        return Host.INSTANCE;
    }

    // --- files -----------------------------------------------------------------------------------------------------

    /** open(2); always close-on-exec. {@code mode} counts only with {@code O_CREAT} and is subject to the umask. */
    public Fd open(Path path, int flags, int mode) {
        String text = path.toString();
        int result;
        do {
            result = calls.open(text, flags | Linux.O_CLOEXEC, mode);
        } while (result == INTERRUPTED);
        if (result < 0) {
            throw failure(
                    "open",
                    "path=" + text + ", flags=0x" + Integer.toHexString(flags) + ", mode=" + octal(mode),
                    result);
        }
        return Fd.adopt(this, result);
    }

    /** read(2): the bytes read, 0 at the end, or {@link #AGAIN}. */
    public long read(Fd fd, MemorySegment buffer, long start, long length) {
        int number = fd.number();
        long result;
        do {
            result = calls.read(number, buffer, start, length);
        } while (result == INTERRUPTED);
        return result >= 0 ? result : againOr("read", number, length, -1, result);
    }

    /** write(2): the bytes written, perhaps fewer than asked for, or {@link #AGAIN}. */
    public long write(Fd fd, MemorySegment buffer, long start, long length) {
        int number = fd.number();
        long result;
        do {
            result = calls.write(number, buffer, start, length);
        } while (result == INTERRUPTED);
        return result >= 0 ? result : againOr("write", number, length, -1, result);
    }

    /** readv(2): the bytes read, 0 at the end, or {@link #AGAIN}. */
    public long readv(Fd fd, IoVecs vectors) {
        int number = fd.number();
        long result;
        do {
            result = calls.readv(number, vectors.memory(), vectors.count());
        } while (result == INTERRUPTED);
        return result >= 0 ? result : againOr("readv", number, vectors.byteCount(), -1, result);
    }

    /** writev(2): the bytes written, perhaps fewer than asked for, or {@link #AGAIN}. */
    public long writev(Fd fd, IoVecs vectors) {
        int number = fd.number();
        long result;
        do {
            result = calls.writev(number, vectors.memory(), vectors.count());
        } while (result == INTERRUPTED);
        return result >= 0 ? result : againOr("writev", number, vectors.byteCount(), -1, result);
    }

    /** pread(2): the bytes read, perhaps fewer than asked for, 0 at the end, or {@link #AGAIN}. */
    public long pread(Fd fd, MemorySegment buffer, long start, long length, long offset) {
        int number = fd.number();
        long result;
        do {
            result = calls.pread(number, buffer, start, length, offset);
        } while (result == INTERRUPTED);
        return result >= 0 ? result : againOr("pread", number, length, offset, result);
    }

    /** pwrite(2): the bytes written, perhaps fewer than asked for, or {@link #AGAIN}. */
    public long pwrite(Fd fd, MemorySegment buffer, long start, long length, long offset) {
        int number = fd.number();
        long result;
        do {
            result = calls.pwrite(number, buffer, start, length, offset);
        } while (result == INTERRUPTED);
        return result >= 0 ? result : againOr("pwrite", number, length, offset, result);
    }

    /** preadv(2): as {@link #pread}. */
    public long preadv(Fd fd, IoVecs vectors, long offset) {
        int number = fd.number();
        long result;
        do {
            result = calls.preadv(number, vectors.memory(), vectors.count(), offset);
        } while (result == INTERRUPTED);
        return result >= 0 ? result : againOr("preadv", number, vectors.byteCount(), offset, result);
    }

    /** pwritev(2): as {@link #pwrite}. */
    public long pwritev(Fd fd, IoVecs vectors, long offset) {
        int number = fd.number();
        long result;
        do {
            result = calls.pwritev(number, vectors.memory(), vectors.count(), offset);
        } while (result == INTERRUPTED);
        return result >= 0 ? result : againOr("pwritev", number, vectors.byteCount(), offset, result);
    }

    /**
     * preadv2(2): the bytes read, perhaps fewer than asked for, 0 at the end. A failure is not thrown but returned, as
     * the negated errno: on a medium's data path it is an answer for a client.
     *
     * @param flags {@code RWF_*}
     */
    public long preadv2(Fd fd, IoVecs vectors, long offset, int flags) {
        int number = fd.number();
        long result;
        do {
            result = calls.preadv2(number, vectors.memory(), vectors.count(), offset, flags);
        } while (result == INTERRUPTED);
        return result;
    }

    /** pwritev2(2): the bytes written, perhaps fewer than asked for, or the negated errno as {@link #preadv2}. */
    public long pwritev2(Fd fd, IoVecs vectors, long offset, int flags) {
        int number = fd.number();
        long result;
        do {
            result = calls.pwritev2(number, vectors.memory(), vectors.count(), offset, flags);
        } while (result == INTERRUPTED);
        return result;
    }

    /** fdatasync(2). A failure is reported once; what was not written then may be lost for good. */
    public void fdatasync(Fd fd) {
        int number = fd.number();
        int result;
        do {
            result = calls.fdatasync(number);
        } while (result == INTERRUPTED);
        check("fdatasync", number, result);
    }

    /** fsync(2); as {@link #fdatasync}, with the metadata. */
    public void fsync(Fd fd) {
        int number = fd.number();
        int result;
        do {
            result = calls.fsync(number);
        } while (result == INTERRUPTED);
        check("fsync", number, result);
    }

    /** ftruncate(2). */
    public void ftruncate(Fd fd, long length) {
        int number = fd.number();
        int result;
        do {
            result = calls.ftruncate(number, length);
        } while (result == INTERRUPTED);
        if (result < 0) {
            throw failure("ftruncate", "fd=" + number + ", length=" + length, result);
        }
    }

    /** fallocate(2) with a mode of {@code FALLOC_FL_*}. */
    public void fallocate(Fd fd, int mode, long offset, long length) {
        int number = fd.number();
        int result;
        do {
            result = calls.fallocate(number, mode, offset, length);
        } while (result == INTERRUPTED);
        if (result < 0) {
            throw failure(
                    "fallocate",
                    "fd=" + number + ", mode=0x" + Integer.toHexString(mode) + ", offset=" + offset + ", length="
                            + length,
                    result);
        }
    }

    /** Gives a range of a file back to the file system; it then reads as zeroes and the size stays. */
    public void punchHole(Fd fd, long offset, long length) {
        fallocate(fd, Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE, offset, length);
    }

    /** flock(2): true, or false if {@code LOCK_NB} was given and somebody else holds the lock. */
    public boolean flock(Fd fd, int operation) {
        int number = fd.number();
        int result;
        do {
            result = calls.flock(number, operation);
        } while (result == INTERRUPTED);
        if (result == AGAIN) {
            return false;
        }
        if (result < 0) {
            throw failure("flock", "fd=" + number + ", operation=" + operation, result);
        }
        return true;
    }

    /** What an open file is; see statx(2). */
    public FileStatus fstat(Fd fd) {
        Scratch scratch = Scratch.current();
        statNumber(fd.number(), scratch);
        return status(scratch.memory);
    }

    /** What direct I/O on an open file wants; null if the kernel (before 6.1) or its file system does not say. */
    public @Nullable DirectAlignment directAlignment(Fd fd) {
        Scratch scratch = Scratch.current();
        int number = fd.number();
        check("statx", number, calls.statx(number, "", Linux.AT_EMPTY_PATH, Linux.STATX_DIOALIGN, scratch.memory));
        if ((scratch.memory.get(JAVA_INT, Layouts.STX_MASK) & Linux.STATX_DIOALIGN) == 0) {
            return null;
        }
        return new DirectAlignment(
                scratch.memory.get(JAVA_INT, Layouts.STX_DIO_MEM_ALIGN),
                scratch.memory.get(JAVA_INT, Layouts.STX_DIO_OFFSET_ALIGN));
    }

    /** The size of an open file in bytes, without allocation; 0 for a block device. */
    public long fileSize(Fd fd) {
        Scratch scratch = Scratch.current();
        statNumber(fd.number(), scratch);
        return scratch.memory.get(JAVA_LONG, Layouts.STX_SIZE);
    }

    /** What is at a path, symbolic links not followed; null if there is nothing. */
    public @Nullable FileStatus lstat(Path path) {
        Scratch scratch = Scratch.current();
        String text = path.toString();
        int result =
                calls.statx(Linux.AT_FDCWD, text, Linux.AT_SYMLINK_NOFOLLOW, Linux.STATX_BASIC_STATS, scratch.memory);
        if (Errno.ENOENT.is(result)) {
            return null;
        }
        if (result < 0) {
            throw failure("statx", "path=" + text, result);
        }
        return status(scratch.memory);
    }

    private void statNumber(int number, Scratch scratch) {
        int result = calls.statx(number, "", Linux.AT_EMPTY_PATH, Linux.STATX_BASIC_STATS, scratch.memory);
        check("statx", number, result);
    }

    private static FileStatus status(MemorySegment statx) {
        return new FileStatus(
                Short.toUnsignedInt(statx.get(JAVA_SHORT, Layouts.STX_MODE)),
                statx.get(JAVA_INT, Layouts.STX_UID),
                statx.get(JAVA_INT, Layouts.STX_GID),
                statx.get(JAVA_LONG, Layouts.STX_INO),
                statx.get(JAVA_LONG, Layouts.STX_SIZE),
                statx.get(JAVA_LONG, Layouts.STX_BLOCKS),
                statx.get(JAVA_INT, Layouts.STX_BLKSIZE),
                device(statx.get(JAVA_INT, Layouts.STX_DEV_MAJOR), statx.get(JAVA_INT, Layouts.STX_DEV_MINOR)),
                device(statx.get(JAVA_INT, Layouts.STX_RDEV_MAJOR), statx.get(JAVA_INT, Layouts.STX_RDEV_MINOR)));
    }

    private static long device(int major, int minor) {
        return (long) major << 32 | Integer.toUnsignedLong(minor);
    }

    /** unlink(2): whether there was something to remove. */
    public boolean unlink(Path path) {
        String text = path.toString();
        int result = calls.unlink(text);
        if (Errno.ENOENT.is(result)) {
            return false;
        }
        if (result < 0) {
            throw failure("unlink", "path=" + text, result);
        }
        return true;
    }

    /** chmod(2); follows symbolic links. */
    public void chmod(Path path, int mode) {
        String text = path.toString();
        int result = calls.chmod(text, mode);
        if (result < 0) {
            throw failure("chmod", "path=" + text + ", mode=" + octal(mode), result);
        }
    }

    /** fchmod(2). On a socket that is not bound yet it limits what bind gives the file. */
    public void fchmod(Fd fd, int mode) {
        int number = fd.number();
        int result = calls.fchmod(number, mode);
        if (result < 0) {
            throw failure("fchmod", "fd=" + number + ", mode=" + octal(mode), result);
        }
    }

    /** lchown(2): -1 leaves the user or the group as it is; symbolic links are not followed. */
    public void chown(Path path, int uid, int gid) {
        String text = path.toString();
        int result = calls.lchown(text, uid, gid);
        if (result < 0) {
            throw failure("lchown", "path=" + text + ", uid=" + uid + ", gid=" + gid, result);
        }
    }

    /** umask(2): sets the mask of the whole process and returns the one before. */
    public int umask(int mask) {
        return calls.umask(mask);
    }

    // --- descriptors -----------------------------------------------------------------------------------------------

    Fd duplicate(Fd fd) {
        return Fd.adopt(this, fcntl(fd, "F_DUPFD_CLOEXEC", Linux.F_DUPFD_CLOEXEC, 0));
    }

    /** Sets or clears {@code O_NONBLOCK}, for everybody who shares the open file. */
    public void setNonBlocking(Fd fd, boolean nonBlocking) {
        int flags = fcntl(fd, "F_GETFL", Linux.F_GETFL, 0);
        int wanted = nonBlocking ? flags | Linux.O_NONBLOCK : flags & ~Linux.O_NONBLOCK;
        if (wanted != flags) {
            fcntl(fd, "F_SETFL", Linux.F_SETFL, wanted);
        }
    }

    /** The {@code O_*} flags of an open file (F_GETFL). */
    public int fileFlags(Fd fd) {
        return fcntl(fd, "F_GETFL", Linux.F_GETFL, 0);
    }

    /** The seals of a memfd as a set of {@code F_SEAL_*}; 0 for a file that cannot be sealed. */
    public int seals(Fd fd) {
        int number = fd.number();
        int result = calls.fcntl(number, Linux.F_GET_SEALS, 0);
        if (Errno.EINVAL.is(result)) {
            return 0; // not a file that lives in memory
        }
        if (result < 0) {
            throw failure("fcntl", "fd=" + number + ", command=F_GET_SEALS", result);
        }
        return result;
    }

    /** Adds seals to a memfd; they cannot be taken away again. */
    public void addSeals(Fd fd, int seals) {
        fcntl(fd, "F_ADD_SEALS", Linux.F_ADD_SEALS, seals);
    }

    private int fcntl(Fd fd, String name, int command, long argument) {
        int number = fd.number();
        int result = calls.fcntl(number, command, argument);
        if (result < 0) {
            throw failure("fcntl", "fd=" + number + ", command=" + name + ", argument=" + argument, result);
        }
        return result;
    }

    /**
     * ioctl(2) with a structure.
     *
     * @param name the request's C name, for the message
     * @param request the number, see {@link Ioctl}
     */
    public int ioctl(Fd fd, String name, long request, MemorySegment argument) {
        int number = fd.number();
        int result;
        do {
            result = calls.ioctl(number, request, argument);
        } while (result == INTERRUPTED);
        if (result < 0) {
            throw failure(
                    "ioctl",
                    "fd=" + number + ", request=" + name + ", argument=" + argument.byteSize() + " bytes",
                    result);
        }
        return result;
    }

    /** ioctl(2) with a number; as {@link #ioctl(Fd, String, long, MemorySegment)}. */
    public int ioctl(Fd fd, String name, long request, long argument) {
        int number = fd.number();
        int result;
        do {
            result = calls.ioctl(number, request, argument);
        } while (result == INTERRUPTED);
        if (result < 0) {
            throw failure("ioctl", "fd=" + number + ", request=" + name + ", argument=" + argument, result);
        }
        return result;
    }

    /** close(2), once: Linux frees the number even if the call is interrupted or reports a late write error. */
    void closeNumber(int number) {
        int result = calls.close(number);
        if (result < 0 && result != INTERRUPTED) {
            throw failure("close", "fd=" + number, result);
        }
    }

    // --- waiting ---------------------------------------------------------------------------------------------------

    /** eventfd(2), close-on-exec; see {@link EventFd}. */
    Fd eventfd(int initial, int flags) {
        int result = calls.eventfd(initial, flags | Linux.EFD_CLOEXEC);
        if (result < 0) {
            throw failure("eventfd", "initial=" + initial + ", flags=0x" + Integer.toHexString(flags), result);
        }
        return Fd.adopt(this, result);
    }

    Fd epollCreate() {
        int result = calls.epollCreate1(Linux.EPOLL_CLOEXEC);
        if (result < 0) {
            throw failure("epoll_create1", "flags=EPOLL_CLOEXEC", result);
        }
        return Fd.adopt(this, result);
    }

    void epollControl(Fd epoll, int operation, int number, int events, long token) {
        MemorySegment event = Scratch.current().memory;
        event.set(JAVA_INT, Layouts.EPOLL_EVENTS, events);
        event.set(JAVA_LONG.withByteAlignment(4), Layouts.EPOLL_DATA, token);
        int epollNumber = epoll.number();
        int result = calls.epollCtl(epollNumber, operation, number, event);
        if (result < 0) {
            String name = switch (operation) {
                case Linux.EPOLL_CTL_ADD -> "EPOLL_CTL_ADD";
                case Linux.EPOLL_CTL_MOD -> "EPOLL_CTL_MOD";
                default -> "EPOLL_CTL_DEL";
            };
            throw failure(
                    "epoll_ctl",
                    "epoll=" + epollNumber + ", operation=" + name + ", fd=" + number + ", events=0x"
                            + Integer.toHexString(events),
                    result);
        }
    }

    int epollWait(Fd epoll, MemorySegment events, int count, int timeoutMillis) {
        int number = epoll.number();
        long start = timeoutMillis > 0 ? System.nanoTime() : 0;
        int left = timeoutMillis;
        while (true) {
            int result = calls.epollWait(number, events, count, left);
            if (result >= 0) {
                return result;
            }
            if (result != INTERRUPTED) {
                throw failure("epoll_wait", "epoll=" + number + ", timeout=" + timeoutMillis + " ms", result);
            }
            left = timeLeft(start, timeoutMillis);
        }
    }

    /**
     * poll(2) on one descriptor: the events that came ({@code POLLERR} and {@code POLLHUP} uninvited), 0 after the
     * timeout. A negative timeout waits for ever.
     */
    public int poll(Fd fd, int events, int timeoutMillis) {
        MemorySegment memory = Scratch.current().memory;
        int number = fd.number();
        memory.set(JAVA_INT, Layouts.POLLFD_FD, number);
        memory.set(JAVA_SHORT, Layouts.POLLFD_EVENTS, (short) events);
        memory.set(JAVA_SHORT, Layouts.POLLFD_REVENTS, (short) 0);
        long start = timeoutMillis > 0 ? System.nanoTime() : 0;
        int left = timeoutMillis;
        while (true) {
            int result = calls.poll(memory, 1, left);
            if (result >= 0) {
                return result == 0 ? 0 : Short.toUnsignedInt(memory.get(JAVA_SHORT, Layouts.POLLFD_REVENTS));
            }
            if (result != INTERRUPTED) {
                throw failure(
                        "poll",
                        "fd=" + number + ", events=0x" + Integer.toHexString(events) + ", timeout=" + timeoutMillis
                                + " ms",
                        result);
            }
            left = timeLeft(start, timeoutMillis);
        }
    }

    /**
     * ppoll(2) on one descriptor for at most {@code nanos} nanoseconds: whether it is readable. Returns early when a signal
     * comes.
     */
    boolean readableWithin(Fd fd, long nanos) {
        Scratch scratch = Scratch.current();
        MemorySegment memory = scratch.memory;
        int number = fd.number();
        memory.set(JAVA_INT, Layouts.POLLFD_FD, number);
        memory.set(JAVA_SHORT, Layouts.POLLFD_EVENTS, (short) Linux.POLLIN);
        memory.set(JAVA_SHORT, Layouts.POLLFD_REVENTS, (short) 0);
        MemorySegment timeout = scratch.timespec;
        timeout.set(JAVA_LONG, Layouts.TV_SEC, nanos / NANOS_PER_SECOND);
        timeout.set(JAVA_LONG, Layouts.TV_NSEC, nanos % NANOS_PER_SECOND);
        int result = calls.ppoll(memory, 1, timeout);
        if (result < 0 && result != INTERRUPTED) {
            throw failure("ppoll", "fd=" + number + ", timeout=" + nanos + " ns", result);
        }
        return result > 0;
    }

    /** What is left of a timeout that began at {@code start}, rounded up so as not to spin at the end. */
    private static int timeLeft(long start, int timeoutMillis) {
        if (timeoutMillis <= 0) {
            return timeoutMillis;
        }
        long leftNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis) - (System.nanoTime() - start);
        return leftNanos <= 0 ? 0 : (int) TimeUnit.NANOSECONDS.toMillis(leftNanos + 999_999);
    }

    // --- Unix sockets ----------------------------------------------------------------------------------------------

    Fd unixSocket(boolean nonBlocking) {
        int result = calls.socket(
                Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC | (nonBlocking ? Linux.SOCK_NONBLOCK : 0), 0);
        if (result < 0) {
            throw failure("socket", "AF_UNIX, SOCK_STREAM", result);
        }
        return Fd.adopt(this, result);
    }

    Fd[] unixSocketPair() {
        MemorySegment pair = Scratch.current().memory;
        int result = calls.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0, pair);
        if (result < 0) {
            throw failure("socketpair", "AF_UNIX, SOCK_STREAM", result);
        }
        return new Fd[] {Fd.adopt(this, pair.get(JAVA_INT, 0)), Fd.adopt(this, pair.get(JAVA_INT, 4))};
    }

    void bind(Fd fd, Path path) {
        Scratch scratch = Scratch.current();
        int number = fd.number();
        int result = calls.bind(number, scratch.memory, putAddress("bind", number, path, scratch.memory));
        if (result < 0) {
            throw failure("bind", "fd=" + number + ", path=" + path, result);
        }
    }

    void listen(Fd fd, int backlog) {
        int number = fd.number();
        int result = calls.listen(number, backlog);
        if (result < 0) {
            throw failure("listen", "fd=" + number + ", backlog=" + backlog, result);
        }
    }

    /** A connection that waits to be accepted, or null if there is none. */
    @Nullable
    Fd accept(Fd fd, boolean nonBlocking) {
        int number = fd.number();
        while (true) {
            int result = calls.accept4(number, Linux.SOCK_CLOEXEC | (nonBlocking ? Linux.SOCK_NONBLOCK : 0));
            if (result >= 0) {
                return Fd.adopt(this, result);
            }
            if (result == AGAIN) {
                return null;
            }
            // ECONNABORTED: the peer left while it waited; the next one may be fine.
            if (result != INTERRUPTED && !Errno.ECONNABORTED.is(result)) {
                throw failure("accept4", "fd=" + number, result);
            }
        }
    }

    /** connect(2) to a Unix socket: 0 or the negated errno. Linux lets an interrupted one be made again. */
    int tryConnect(Fd fd, Path path) {
        Scratch scratch = Scratch.current();
        int number = fd.number();
        int length = putAddress("connect", number, path, scratch.memory);
        int result;
        do {
            result = calls.connect(number, scratch.memory, length);
        } while (result == INTERRUPTED);
        return result;
    }

    private static int putAddress(String call, int number, Path path, MemorySegment memory) {
        byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > MAX_SOCKET_PATH_BYTES) {
            throw new PosixException(
                    call,
                    "fd=" + number + ", path=" + path,
                    Errno.ENAMETOOLONG.number(),
                    "The path of a Unix socket has 1 to " + MAX_SOCKET_PATH_BYTES + " bytes, this one has "
                            + bytes.length + ": choose a shorter one");
        }
        memory.set(JAVA_SHORT, Layouts.SUN_FAMILY, (short) Linux.AF_UNIX);
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, Layouts.SUN_PATH, bytes.length);
        memory.set(JAVA_BYTE, Layouts.SUN_PATH + bytes.length, (byte) 0);
        return (int) Layouts.SUN_PATH + bytes.length + 1;
    }

    // --- TCP sockets -----------------------------------------------------------------------------------------------

    Fd tcpSocket(int family) {
        int result = calls.socket(family, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC | Linux.SOCK_NONBLOCK, 0);
        if (result < 0) {
            throw failure("socket", (family == Linux.AF_INET6 ? "AF_INET6" : "AF_INET") + ", SOCK_STREAM", result);
        }
        return Fd.adopt(this, result);
    }

    void bind(Fd fd, InetSocketAddress address) {
        MemorySegment memory = Scratch.current().memory;
        int number = fd.number();
        int result = calls.bind(number, memory, InternetAddresses.put(address, memory));
        if (result < 0) {
            throw failure("bind", "fd=" + number + ", address=" + InternetAddresses.text(address), result);
        }
    }

    /** connect(2) to an internet address: 0 or the negated errno, EINPROGRESS for one that has only begun. */
    int tryConnect(Fd fd, InetSocketAddress address) {
        MemorySegment memory = Scratch.current().memory;
        int length = InternetAddresses.put(address, memory);
        return calls.connect(fd.number(), memory, length);
    }

    void setOption(Fd fd, int level, int option, String name, int value) {
        MemorySegment memory = Scratch.current().memory;
        memory.set(JAVA_INT, 0, value);
        int number = fd.number();
        int result = calls.setsockopt(number, level, option, memory, Integer.BYTES);
        if (result < 0) {
            throw failure("setsockopt", "fd=" + number + ", option=" + name + ", value=" + value, result);
        }
    }

    int option(Fd fd, int level, int option, String name) {
        MemorySegment memory = Scratch.current().memory;
        long lengthAt = 16;
        memory.set(JAVA_INT, lengthAt, Integer.BYTES);
        int number = fd.number();
        int result = calls.getsockopt(number, level, option, memory, memory.asSlice(lengthAt, Integer.BYTES));
        if (result < 0) {
            throw failure("getsockopt", "fd=" + number + ", option=" + name, result);
        }
        return memory.get(JAVA_INT, 0);
    }

    InetSocketAddress localAddress(Fd fd) {
        MemorySegment memory = Scratch.current().memory;
        memory.set(JAVA_INT, ADDRESS_LENGTH_AT, ADDRESS_ROOM);
        int number = fd.number();
        int result = calls.getsockname(number, memory, memory.asSlice(ADDRESS_LENGTH_AT, Integer.BYTES));
        if (result < 0) {
            throw failure("getsockname", "fd=" + number, result);
        }
        return InternetAddresses.get(memory);
    }

    InetSocketAddress peerAddress(Fd fd) {
        MemorySegment memory = Scratch.current().memory;
        memory.set(JAVA_INT, ADDRESS_LENGTH_AT, ADDRESS_ROOM);
        int number = fd.number();
        int result = calls.getpeername(number, memory, memory.asSlice(ADDRESS_LENGTH_AT, Integer.BYTES));
        if (result < 0) {
            throw failure("getpeername", "fd=" + number, result);
        }
        return InternetAddresses.get(memory);
    }

    /** sendmsg(2) without SIGPIPE; see {@link TcpConnection#send(IoVecs)}. */
    long send(Fd fd, IoVecs vectors) {
        int number = fd.number();
        MemorySegment memory = Scratch.current().memory;
        putMessage(memory, 0, 0, 0);
        memory.set(JAVA_LONG, MESSAGE_AT + Layouts.MSG_IOV, vectors.memory().address());
        memory.set(JAVA_LONG, MESSAGE_AT + Layouts.MSG_IOVLEN, vectors.count());
        long result;
        do {
            result = calls.sendmsg(number, memory, Linux.MSG_NOSIGNAL);
        } while (result == INTERRUPTED);
        return result >= 0 ? result : againOr("sendmsg", number, vectors.byteCount(), -1, result);
    }

    /** shutdown(2); a connection that is gone already is fine. */
    void shutdown(Fd fd, int how) {
        int number = fd.number();
        int result = calls.shutdown(number, how);
        if (result < 0 && !Errno.ENOTCONN.is(result)) {
            throw failure("shutdown", "fd=" + number + ", how=" + how, result);
        }
    }

    PeerCredentials peerCredentials(Fd fd) {
        MemorySegment memory = Scratch.current().memory;
        int number = fd.number();
        long lengthAt = 16;
        memory.set(JAVA_INT, lengthAt, (int) Layouts.UCRED.byteSize());
        int result = calls.getsockopt(
                number, Linux.SOL_SOCKET, Linux.SO_PEERCRED, memory, memory.asSlice(lengthAt, Integer.BYTES));
        if (result < 0) {
            throw failure("getsockopt", "fd=" + number + ", option=SO_PEERCRED", result);
        }
        return new PeerCredentials(
                memory.get(JAVA_INT, Layouts.UCRED_PID),
                memory.get(JAVA_INT, Layouts.UCRED_UID),
                memory.get(JAVA_INT, Layouts.UCRED_GID));
    }

    /** recvmsg(2); see {@link UnixConnection#receive}. */
    long receive(Fd fd, MemorySegment buffer, long start, long length, FdBatch fds, int flags) {
        int number = fd.number();
        MemorySegment memory = Scratch.current().memory;
        long address = IoVecs.address(buffer, start, length);
        int room = fds.remaining();
        // The exact length, not CMSG_SPACE: its padding would let one descriptor too many in.
        long controlLength = room == 0 ? 0 : Layouts.CMSG_DATA + (long) room * Integer.BYTES;
        long result;
        do {
            putMessage(memory, address, length, controlLength);
            result = calls.recvmsg(number, memory, flags | Linux.MSG_CMSG_CLOEXEC);
        } while (result == INTERRUPTED);
        if (result < 0) {
            return againOr("recvmsg", number, length, -1, result);
        }
        takeDescriptors(memory, number, fds);
        return result;
    }

    /** Moves the descriptors of a received message into the batch; none is lost, whatever the message looks like. */
    private void takeDescriptors(MemorySegment memory, int socket, FdBatch fds) {
        long end = CONTROL_AT + memory.get(JAVA_LONG, MESSAGE_AT + Layouts.MSG_CONTROLLEN);
        boolean truncated = (memory.get(JAVA_INT, MESSAGE_AT + Layouts.MSG_FLAGS) & Linux.MSG_CTRUNC) != 0;
        int before = fds.size();
        long at = CONTROL_AT;
        while (end - at >= Layouts.CMSG_DATA) {
            long messageLength = memory.get(JAVA_LONG, at + Layouts.CMSG_LEN);
            if (messageLength < Layouts.CMSG_DATA || messageLength > end - at) {
                break;
            }
            if (memory.get(JAVA_INT, at + Layouts.CMSG_LEVEL) == Linux.SOL_SOCKET
                    && memory.get(JAVA_INT, at + Layouts.CMSG_TYPE) == Linux.SCM_RIGHTS) {
                for (long i = Layouts.CMSG_DATA; i + Integer.BYTES <= messageLength; i += Integer.BYTES) {
                    fds.add(memory.get(JAVA_INT, at + i));
                }
            }
            at += Layouts.cmsgAlign(messageLength);
        }
        if (truncated) {
            int arrived = fds.size() - before;
            fds.closeFrom(before);
            throw new PosixException(
                    "recvmsg",
                    "fd=" + socket + ", descriptors=" + fds.remaining(),
                    Errno.EMSGSIZE.number(),
                    "The peer sent more descriptors than are taken here, or this process may not open more"
                            + " (ulimit -n): MSG_CTRUNC. The " + arrived + " that arrived were closed");
        }
    }

    /** sendmsg(2) with descriptors; see {@link UnixConnection#send}. */
    long send(Fd fd, MemorySegment buffer, long start, long length, Fd[] fds, int flags) {
        if (fds.length > FdBatch.MAX_CAPACITY) {
            throw new IllegalArgumentException(fds.length + " descriptors, one message takes " + FdBatch.MAX_CAPACITY);
        }
        int number = fd.number();
        MemorySegment memory = Scratch.current().memory;
        long address = IoVecs.address(buffer, start, length);
        long controlLength = 0;
        if (fds.length > 0) {
            long dataLength = (long) fds.length * Integer.BYTES;
            controlLength = Layouts.cmsgSpace(dataLength);
            memory.set(JAVA_LONG, CONTROL_AT + Layouts.CMSG_LEN, Layouts.CMSG_DATA + dataLength);
            memory.set(JAVA_INT, CONTROL_AT + Layouts.CMSG_LEVEL, Linux.SOL_SOCKET);
            memory.set(JAVA_INT, CONTROL_AT + Layouts.CMSG_TYPE, Linux.SCM_RIGHTS);
            for (int i = 0; i < fds.length; i++) {
                memory.set(JAVA_INT, CONTROL_AT + Layouts.CMSG_DATA + (long) i * Integer.BYTES, fds[i].number());
            }
        }
        putMessage(memory, address, length, controlLength);
        long result;
        do {
            result = calls.sendmsg(number, memory, flags | Linux.MSG_NOSIGNAL);
        } while (result == INTERRUPTED);
        return result >= 0 ? result : againOr("sendmsg", number, length, -1, result);
    }

    private static void putMessage(MemorySegment memory, long address, long length, long controlLength) {
        memory.set(JAVA_LONG, VECTOR_AT + Layouts.IOV_BASE, address);
        memory.set(JAVA_LONG, VECTOR_AT + Layouts.IOV_LEN, length);
        memory.set(JAVA_LONG, MESSAGE_AT + Layouts.MSG_NAME, 0);
        memory.set(JAVA_INT, MESSAGE_AT + Layouts.MSG_NAMELEN, 0);
        memory.set(JAVA_LONG, MESSAGE_AT + Layouts.MSG_IOV, memory.address() + VECTOR_AT);
        memory.set(JAVA_LONG, MESSAGE_AT + Layouts.MSG_IOVLEN, 1);
        memory.set(JAVA_LONG, MESSAGE_AT + Layouts.MSG_CONTROL, controlLength == 0 ? 0 : memory.address() + CONTROL_AT);
        memory.set(JAVA_LONG, MESSAGE_AT + Layouts.MSG_CONTROLLEN, controlLength);
        memory.set(JAVA_INT, MESSAGE_AT + Layouts.MSG_FLAGS, 0);
    }

    // --- io_uring; see the package uring ---------------------------------------------------------------------------

    /** io_uring_setup(2): the ring's descriptor, close-on-exec. {@code params} is one {@code io_uring_params}, in and out. */
    public Fd ioUringSetup(int entries, MemorySegment params) {
        int result = calls.ioUringSetup(entries, params);
        if (result < 0) {
            throw failure("io_uring_setup", "entries=" + entries, result);
        }
        return Fd.adopt(this, result);
    }

    /** io_uring_enter(2): how many entries were taken, or the negated errno; not made again when interrupted. */
    public int ioUringEnter(
            Fd ring, int toSubmit, int minComplete, int flags, MemorySegment argument, long argumentSize) {
        return calls.ioUringEnter(ring.number(), toSubmit, minComplete, flags, argument, argumentSize);
    }

    /** io_uring_register(2). */
    public int ioUringRegister(Fd ring, int opcode, MemorySegment argument, int count) {
        int number = ring.number();
        int result;
        do {
            result = calls.ioUringRegister(number, opcode, argument, count);
        } while (result == INTERRUPTED);
        if (result < 0) {
            throw failure("io_uring_register", "fd=" + number + ", opcode=" + opcode + ", count=" + count, result);
        }
        return result;
    }

    // --- memory ----------------------------------------------------------------------------------------------------

    /**
     * mmap(2). The memory is unmapped when the arena closes; using it after that fails in Java. Memory without
     * {@code PROT_WRITE} is a read-only segment. A file that is cut short while it is mapped still makes access to the
     * lost pages an {@code InternalError}: see {@link Mapping}.
     *
     * @param protection {@code PROT_READ}, with {@code PROT_WRITE} if wanted
     * @param fd the file, or null with {@code MAP_ANONYMOUS}
     * @param offset in the file, a multiple of the page size
     */
    public MemorySegment map(Arena arena, long length, int protection, int flags, @Nullable Fd fd, long offset) {
        if ((protection & Linux.PROT_READ) == 0) {
            // Java reads it sooner or later, and that is a crash.
            throw new IllegalArgumentException("a mapping must be readable");
        }
        int number = fd == null ? -1 : fd.number();
        long result = calls.mmap(length, protection, flags, number, offset);
        if (result < 0) {
            throw failure(
                    "mmap",
                    "length=" + length + ", protection=" + protection + ", flags=0x" + Integer.toHexString(flags)
                            + ", fd=" + number + ", offset=" + offset,
                    result);
        }
        MemorySegment mapped = MemorySegment.ofAddress(result).reinterpret(length);
        MemorySegment owned;
        try {
            owned = mapped.reinterpret(arena, this::unmap);
        } catch (RuntimeException e) {
            unmap(mapped); // the arena is closed, or another thread's
            throw e;
        }
        return (protection & Linux.PROT_WRITE) == 0 ? owned.asReadOnly() : owned;
    }

    private void unmap(MemorySegment mapping) {
        int result = calls.munmap(mapping);
        if (result < 0) {
            throw failure("munmap", "length=" + mapping.byteSize(), result);
        }
    }

    /** madvise(2) with {@code MADV_*} for {@code length} bytes from {@code start} on, which is at a page boundary. */
    public void madvise(MemorySegment mapping, long start, long length, int advice) {
        int result;
        do {
            result = calls.madvise(mapping, start, length, advice);
        } while (result == INTERRUPTED || result == AGAIN);
        if (result < 0) {
            throw failure("madvise", "start=" + start + ", length=" + length + ", advice=" + advice, result);
        }
    }

    /** memfd_create(2), close-on-exec: a file in memory of size 0. {@code flags}: {@code MFD_ALLOW_SEALING} and so on. */
    public Fd memfd(String name, int flags) {
        int result = calls.memfdCreate(name, flags | Linux.MFD_CLOEXEC);
        if (result < 0) {
            throw failure("memfd_create", "name=" + name + ", flags=0x" + Integer.toHexString(flags), result);
        }
        return Fd.adopt(this, result);
    }

    /** The size of a page, in bytes. */
    public int pageSize() {
        return calls.getpagesize();
    }

    // --- processes and threads -------------------------------------------------------------------------------------

    /** getpid(2). */
    public int pid() {
        return calls.getpid();
    }

    /** gettid(2): the kernel's number of the calling thread, as top -H and perf show it. */
    public int tid() {
        return calls.gettid();
    }

    /** sched_setaffinity(2): binds the calling thread, which must be a platform thread, to these CPUs (0 to 1023). */
    public void setAffinity(BitSet cpus) {
        MemorySegment mask = Scratch.current().memory.asSlice(0, 128);
        if (cpus.isEmpty() || cpus.length() > 1024) {
            throw new IllegalArgumentException("CPUs must be within 0..1023, at least one: " + cpus);
        }
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread has no CPU of its own");
        }
        mask.fill((byte) 0);
        long[] words = cpus.toLongArray();
        for (int i = 0; i < words.length; i++) {
            mask.setAtIndex(JAVA_LONG, i, words[i]);
        }
        int result = calls.schedSetaffinity(0, mask);
        if (result < 0) {
            throw failure("sched_setaffinity", "cpus=" + cpus, result);
        }
    }

    // --- failures --------------------------------------------------------------------------------------------------

    private static void check(String call, int number, int result) {
        if (result < 0) {
            throw failure(call, "fd=" + number, result);
        }
    }

    private static int againOr(String call, int number, long length, long offset, long result) {
        if (result == AGAIN) {
            return AGAIN;
        }
        String arguments = "fd=" + number + ", length=" + length;
        throw failure(call, offset < 0 ? arguments : arguments + ", offset=" + offset, result);
    }

    static PosixException failure(String call, String arguments, long result) {
        int errno = (int) -result;
        return new PosixException(call, arguments, errno, hint(call, errno));
    }

    private static @Nullable String hint(String call, int number) {
        Errno errno = Errno.of(number);
        if (errno == null) {
            return null;
        }
        return switch (errno) {
            case EMFILE -> "Raise this process's limit of open files (ulimit -n, or LimitNOFILE= of its unit)";
            case ENFILE -> "The whole system is out of open files: raise fs.file-max";
            case ENOMEM ->
                call.equals("mmap")
                        ? "Look at ulimit -v, vm.max_map_count and vm.overcommit_memory, and at the huge pages if"
                                + " these were asked for"
                        : null;
            case ENOENT -> call.equals("bind") ? "The directory of the socket does not exist: create it first" : null;
            case EACCES ->
                call.equals("bind")
                        ? "This user may not create files in the socket's directory, or may not use a port below 1024"
                        : null;
            case EADDRINUSE -> call.equals("bind") ? "Somebody else listens there: choose another port" : null;
            case EADDRNOTAVAIL -> call.equals("bind") ? "No network interface of this machine has the address" : null;
            case ENOSYS -> "This kernel is too old, or a sandbox (seccomp) forbids the call";
            default -> null;
        };
    }

    private static String octal(int mode) {
        return String.format("0%03o", mode);
    }
}
