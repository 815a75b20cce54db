package io.zonewright.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The calls, through the foreign function API: one handle per C function of the C library, called exactly, with errno
 * captured in the calling thread's {@link Scratch}. No logic here; {@link Posix} has it.
 */
final class LinuxSyscalls implements Syscalls {
    // Handles first: an instance exists only where all of them could be linked.
    private static final MethodHandle CLOSE = call("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle OPEN = variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle READ = call("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle WRITE = call("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle READV = call("readv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle WRITEV = call("writev", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle PREAD = call("pread", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PWRITE = call("pwrite", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PREADV = call("preadv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
    private static final MethodHandle PWRITEV = call("pwritev", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
    private static final MethodHandle PREADV2 =
            call("preadv2", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle PWRITEV2 =
            call("pwritev2", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle FDATASYNC = call("fdatasync", JAVA_INT, JAVA_INT);
    private static final MethodHandle FSYNC = call("fsync", JAVA_INT, JAVA_INT);
    private static final MethodHandle FTRUNCATE = call("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle FALLOCATE = call("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FLOCK = call("flock", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle FCNTL = variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle IOCTL_POINTER = variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
    private static final MethodHandle IOCTL_NUMBER = variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle STATX = call("statx", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle UNLINK = call("unlink", JAVA_INT, ADDRESS);
    private static final MethodHandle CHMOD = call("chmod", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle FCHMOD = call("fchmod", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle LCHOWN = call("lchown", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle UMASK = call("umask", JAVA_INT, JAVA_INT);
    private static final MethodHandle EVENTFD = call("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_CREATE1 = call("epoll_create1", JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_CTL = call("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle EPOLL_WAIT = call("epoll_wait", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle POLL = call("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle PPOLL = call("ppoll", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    private static final MethodHandle SOCKET = call("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = call("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle LISTEN = call("listen", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle ACCEPT4 = call("accept4", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle CONNECT = call("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKOPT =
            call("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle SETSOCKOPT =
            call("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKNAME = call("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle GETPEERNAME = call("getpeername", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle SHUTDOWN = call("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle RECVMSG = call("recvmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SENDMSG = call("sendmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SOCKETPAIR = call("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle MMAP =
            call("mmap", JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle MUNMAP = call("munmap", JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle MADVISE = call("madvise", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle MEMFD_CREATE = call("memfd_create", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SCHED_SETAFFINITY =
            call("sched_setaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
    // The C library has no functions for io_uring: syscall(2), by the numbers that all architectures share.
    private static final MethodHandle IO_URING_SETUP = variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS);
    private static final MethodHandle IO_URING_ENTER =
            variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle IO_URING_REGISTER =
            variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETPID = plain("getpid", JAVA_INT);
    private static final MethodHandle GETTID = plain("gettid", JAVA_INT);
    private static final MethodHandle GETPAGESIZE = plain("getpagesize", JAVA_INT);

    // Entries of the calls on the data path. Not final, so that the compiler sees no constant: the linker cuts a slice
    // from the errno segment in every call, an object that goes away only where all of its making is inlined, and that
    // depends on how deep the caller stands in the compiled code (MaxInlineLevel). Called through an entry, each method
    // is compiled on its own, always from the top; that makes our own slices go away as well.
    private static MethodHandle readEntry =
            entry("readNow", long.class, int.class, MemorySegment.class, long.class, long.class);
    private static MethodHandle writeEntry =
            entry("writeNow", long.class, int.class, MemorySegment.class, long.class, long.class);
    private static MethodHandle readvEntry = entry("readvNow", long.class, int.class, MemorySegment.class, int.class);
    private static MethodHandle writevEntry = entry("writevNow", long.class, int.class, MemorySegment.class, int.class);
    private static MethodHandle preadEntry =
            entry("preadNow", long.class, int.class, MemorySegment.class, long.class, long.class, long.class);
    private static MethodHandle pwriteEntry =
            entry("pwriteNow", long.class, int.class, MemorySegment.class, long.class, long.class, long.class);
    private static MethodHandle preadvEntry =
            entry("preadvNow", long.class, int.class, MemorySegment.class, int.class, long.class);
    private static MethodHandle pwritevEntry =
            entry("pwritevNow", long.class, int.class, MemorySegment.class, int.class, long.class);
    private static MethodHandle preadv2Entry =
            entry("preadv2Now", long.class, int.class, MemorySegment.class, int.class, long.class, int.class);
    private static MethodHandle pwritev2Entry =
            entry("pwritev2Now", long.class, int.class, MemorySegment.class, int.class, long.class, int.class);
    private static MethodHandle ioUringEnterEntry = entry(
            "ioUringEnterNow", int.class, int.class, int.class, int.class, int.class, MemorySegment.class, long.class);
    private static MethodHandle fdatasyncEntry = entry("fdatasyncNow", int.class, int.class);
    private static MethodHandle fallocateEntry =
            entry("fallocateNow", int.class, int.class, int.class, long.class, long.class);
    private static MethodHandle ioctlPointerEntry =
            entry("ioctlPointerNow", int.class, int.class, long.class, MemorySegment.class);
    private static MethodHandle ioctlNumberEntry =
            entry("ioctlNumberNow", int.class, int.class, long.class, long.class);
    private static MethodHandle statxEntry =
            entry("statxNow", int.class, int.class, String.class, int.class, int.class, MemorySegment.class);
    private static MethodHandle epollWaitEntry =
            entry("epollWaitNow", int.class, int.class, MemorySegment.class, int.class, int.class);
    private static MethodHandle pollEntry = entry("pollNow", int.class, MemorySegment.class, int.class, int.class);
    private static MethodHandle ppollEntry =
            entry("ppollNow", int.class, MemorySegment.class, int.class, MemorySegment.class);
    private static MethodHandle recvmsgEntry =
            entry("recvmsgNow", long.class, int.class, MemorySegment.class, int.class);
    private static MethodHandle sendmsgEntry =
            entry("sendmsgNow", long.class, int.class, MemorySegment.class, int.class);
    private static MethodHandle madviseEntry =
            entry("madviseNow", int.class, MemorySegment.class, long.class, long.class, int.class);

    // asm-generic/unistd.h, and the same in x86's table.
    static final long SYS_IO_URING_SETUP = 425;
    static final long SYS_IO_URING_ENTER = 426;
    static final long SYS_IO_URING_REGISTER = 427;

    private static final MemorySegment EMPTY = Arena.global().allocateFrom("");

    static final LinuxSyscalls INSTANCE = new LinuxSyscalls();

    private LinuxSyscalls() {}

    private static MethodHandle call(String function, MemoryLayout result, MemoryLayout... arguments) {
        return link(function, FunctionDescriptor.of(result, arguments), Linker.Option.captureCallState("errno"));
    }

    private static MethodHandle variadic(
            String function, int firstVariadic, MemoryLayout result, MemoryLayout... arguments) {
        return link(
                function,
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(firstVariadic));
    }

    private static MethodHandle plain(String function, MemoryLayout result) {
        return link(function, FunctionDescriptor.of(result));
    }

    private static MethodHandle link(String function, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        MemorySegment symbol = linker.defaultLookup()
                .find(function)
                .orElseThrow(() -> new UnsupportedOperationException(
                        "the C library has no " + function + "(): glibc 2.30 or newer is needed"));
        return linker.downcallHandle(symbol, descriptor, options);
    }

    private static MethodHandle entry(String method, Class<?> result, Class<?>... arguments) {
        try {
            return MethodHandles.lookup()
                    .findStatic(LinuxSyscalls.class, method, MethodType.methodType(result, arguments));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static int result(int returned, Scratch scratch) {
        return returned == -1 ? -scratch.errno() : returned;
    }

    private static long result(long returned, Scratch scratch) {
        return returned == -1 ? -scratch.errno() : returned;
    }

    /** Passes on what the Java side of a call throws (a closed arena, a range outside its segment). */
    private static Error unexpected(Throwable t) {
        if (t instanceof RuntimeException e) {
            throw e;
        }
        if (t instanceof Error e) {
            throw e;
        }
        throw new AssertionError("a downcall handle threw a checked exception", t);
    }

    @Override
    public int close(int fd) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) CLOSE.invokeExact(scratch.captured, fd), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int open(String path, int flags, int mode) {
        Scratch scratch = Scratch.current();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(path);
            return result((int) OPEN.invokeExact(scratch.captured, text, flags, mode), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long read(int fd, MemorySegment buffer, long start, long length) {
        try {
            return (long) readEntry.invokeExact(fd, buffer, start, length);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long readNow(int fd, MemorySegment buffer, long start, long length) {
        Scratch scratch = Scratch.current();
        try {
            return result(
                    (long) READ.invokeExact(scratch.captured, fd, buffer.asSlice(start, length), length), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long write(int fd, MemorySegment buffer, long start, long length) {
        try {
            return (long) writeEntry.invokeExact(fd, buffer, start, length);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long writeNow(int fd, MemorySegment buffer, long start, long length) {
        Scratch scratch = Scratch.current();
        try {
            return result(
                    (long) WRITE.invokeExact(scratch.captured, fd, buffer.asSlice(start, length), length), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long readv(int fd, MemorySegment iovecs, int count) {
        try {
            return (long) readvEntry.invokeExact(fd, iovecs, count);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long readvNow(int fd, MemorySegment iovecs, int count) {
        Scratch scratch = Scratch.current();
        try {
            return result((long) READV.invokeExact(scratch.captured, fd, iovecs, count), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long writev(int fd, MemorySegment iovecs, int count) {
        try {
            return (long) writevEntry.invokeExact(fd, iovecs, count);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long writevNow(int fd, MemorySegment iovecs, int count) {
        Scratch scratch = Scratch.current();
        try {
            return result((long) WRITEV.invokeExact(scratch.captured, fd, iovecs, count), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long pread(int fd, MemorySegment buffer, long start, long length, long offset) {
        try {
            return (long) preadEntry.invokeExact(fd, buffer, start, length, offset);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long preadNow(int fd, MemorySegment buffer, long start, long length, long offset) {
        Scratch scratch = Scratch.current();
        try {
            return result(
                    (long) PREAD.invokeExact(scratch.captured, fd, buffer.asSlice(start, length), length, offset),
                    scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long pwrite(int fd, MemorySegment buffer, long start, long length, long offset) {
        try {
            return (long) pwriteEntry.invokeExact(fd, buffer, start, length, offset);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long pwriteNow(int fd, MemorySegment buffer, long start, long length, long offset) {
        Scratch scratch = Scratch.current();
        try {
            return result(
                    (long) PWRITE.invokeExact(scratch.captured, fd, buffer.asSlice(start, length), length, offset),
                    scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long preadv(int fd, MemorySegment iovecs, int count, long offset) {
        try {
            return (long) preadvEntry.invokeExact(fd, iovecs, count, offset);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long preadvNow(int fd, MemorySegment iovecs, int count, long offset) {
        Scratch scratch = Scratch.current();
        try {
            return result((long) PREADV.invokeExact(scratch.captured, fd, iovecs, count, offset), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long pwritev(int fd, MemorySegment iovecs, int count, long offset) {
        try {
            return (long) pwritevEntry.invokeExact(fd, iovecs, count, offset);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long pwritevNow(int fd, MemorySegment iovecs, int count, long offset) {
        Scratch scratch = Scratch.current();
        try {
            return result((long) PWRITEV.invokeExact(scratch.captured, fd, iovecs, count, offset), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long preadv2(int fd, MemorySegment iovecs, int count, long offset, int flags) {
        try {
            return (long) preadv2Entry.invokeExact(fd, iovecs, count, offset, flags);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long preadv2Now(int fd, MemorySegment iovecs, int count, long offset, int flags) {
        Scratch scratch = Scratch.current();
        try {
            return result((long) PREADV2.invokeExact(scratch.captured, fd, iovecs, count, offset, flags), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long pwritev2(int fd, MemorySegment iovecs, int count, long offset, int flags) {
        try {
            return (long) pwritev2Entry.invokeExact(fd, iovecs, count, offset, flags);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long pwritev2Now(int fd, MemorySegment iovecs, int count, long offset, int flags) {
        Scratch scratch = Scratch.current();
        try {
            return result((long) PWRITEV2.invokeExact(scratch.captured, fd, iovecs, count, offset, flags), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int fdatasync(int fd) {
        try {
            return (int) fdatasyncEntry.invokeExact(fd);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fdatasyncNow(int fd) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) FDATASYNC.invokeExact(scratch.captured, fd), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int fsync(int fd) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) FSYNC.invokeExact(scratch.captured, fd), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int ftruncate(int fd, long length) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) FTRUNCATE.invokeExact(scratch.captured, fd, length), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int fallocate(int fd, int mode, long offset, long length) {
        try {
            return (int) fallocateEntry.invokeExact(fd, mode, offset, length);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fallocateNow(int fd, int mode, long offset, long length) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) FALLOCATE.invokeExact(scratch.captured, fd, mode, offset, length), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int flock(int fd, int operation) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) FLOCK.invokeExact(scratch.captured, fd, operation), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int fcntl(int fd, int command, long argument) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) FCNTL.invokeExact(scratch.captured, fd, command, argument), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int ioctl(int fd, long request, MemorySegment argument) {
        try {
            return (int) ioctlPointerEntry.invokeExact(fd, request, argument);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int ioctlPointerNow(int fd, long request, MemorySegment argument) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) IOCTL_POINTER.invokeExact(scratch.captured, fd, request, argument), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
        try {
            return (int) ioctlNumberEntry.invokeExact(fd, request, argument);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int ioctlNumberNow(int fd, long request, long argument) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) IOCTL_NUMBER.invokeExact(scratch.captured, fd, request, argument), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int statx(int directory, String path, int flags, int mask, MemorySegment status) {
        try {
            return (int) statxEntry.invokeExact(directory, path, flags, mask, status);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int statxNow(int directory, String path, int flags, int mask, MemorySegment status) {
        Scratch scratch = Scratch.current();
        if (path.isEmpty()) {
            return statx(scratch, directory, EMPTY, flags, mask, status);
        }
        try (Arena arena = Arena.ofConfined()) {
            return statx(scratch, directory, arena.allocateFrom(path), flags, mask, status);
        }
    }

    private static int statx(
            Scratch scratch, int directory, MemorySegment text, int flags, int mask, MemorySegment status) {
        try {
            return result((int) STATX.invokeExact(scratch.captured, directory, text, flags, mask, status), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int unlink(String path) {
        Scratch scratch = Scratch.current();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(path);
            return result((int) UNLINK.invokeExact(scratch.captured, text), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int chmod(String path, int mode) {
        Scratch scratch = Scratch.current();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(path);
            return result((int) CHMOD.invokeExact(scratch.captured, text, mode), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int fchmod(int fd, int mode) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) FCHMOD.invokeExact(scratch.captured, fd, mode), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int lchown(String path, int uid, int gid) {
        Scratch scratch = Scratch.current();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(path);
            return result((int) LCHOWN.invokeExact(scratch.captured, text, uid, gid), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int umask(int mask) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) UMASK.invokeExact(scratch.captured, mask), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int eventfd(int initial, int flags) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) EVENTFD.invokeExact(scratch.captured, initial, flags), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int epollCreate1(int flags) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) EPOLL_CREATE1.invokeExact(scratch.captured, flags), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int epollCtl(int epoll, int operation, int fd, MemorySegment event) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) EPOLL_CTL.invokeExact(scratch.captured, epoll, operation, fd, event), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int epollWait(int epoll, MemorySegment events, int count, int timeoutMillis) {
        try {
            return (int) epollWaitEntry.invokeExact(epoll, events, count, timeoutMillis);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int epollWaitNow(int epoll, MemorySegment events, int count, int timeoutMillis) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) EPOLL_WAIT.invokeExact(scratch.captured, epoll, events, count, timeoutMillis), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int poll(MemorySegment pollfds, int count, int timeoutMillis) {
        try {
            return (int) pollEntry.invokeExact(pollfds, count, timeoutMillis);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int pollNow(MemorySegment pollfds, int count, int timeoutMillis) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) POLL.invokeExact(scratch.captured, pollfds, (long) count, timeoutMillis), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int ppoll(MemorySegment pollfds, int count, MemorySegment timeout) {
        try {
            return (int) ppollEntry.invokeExact(pollfds, count, timeout);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int ppollNow(MemorySegment pollfds, int count, MemorySegment timeout) {
        Scratch scratch = Scratch.current();
        try {
            return result(
                    (int) PPOLL.invokeExact(scratch.captured, pollfds, (long) count, timeout, MemorySegment.NULL),
                    scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int socket(int domain, int type, int protocol) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) SOCKET.invokeExact(scratch.captured, domain, type, protocol), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int bind(int fd, MemorySegment address, int addressLength) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) BIND.invokeExact(scratch.captured, fd, address, addressLength), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int listen(int fd, int backlog) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) LISTEN.invokeExact(scratch.captured, fd, backlog), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int accept4(int fd, int flags) {
        Scratch scratch = Scratch.current();
        try {
            return result(
                    (int) ACCEPT4.invokeExact(scratch.captured, fd, MemorySegment.NULL, MemorySegment.NULL, flags),
                    scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int connect(int fd, MemorySegment address, int addressLength) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) CONNECT.invokeExact(scratch.captured, fd, address, addressLength), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int getsockopt(int fd, int level, int option, MemorySegment value, MemorySegment length) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) GETSOCKOPT.invokeExact(scratch.captured, fd, level, option, value, length), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int setsockopt(int fd, int level, int option, MemorySegment value, int length) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) SETSOCKOPT.invokeExact(scratch.captured, fd, level, option, value, length), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int getsockname(int fd, MemorySegment address, MemorySegment length) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) GETSOCKNAME.invokeExact(scratch.captured, fd, address, length), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int getpeername(int fd, MemorySegment address, MemorySegment length) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) GETPEERNAME.invokeExact(scratch.captured, fd, address, length), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int shutdown(int fd, int how) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) SHUTDOWN.invokeExact(scratch.captured, fd, how), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long recvmsg(int fd, MemorySegment message, int flags) {
        try {
            return (long) recvmsgEntry.invokeExact(fd, message, flags);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long recvmsgNow(int fd, MemorySegment message, int flags) {
        Scratch scratch = Scratch.current();
        try {
            return result((long) RECVMSG.invokeExact(scratch.captured, fd, message, flags), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long sendmsg(int fd, MemorySegment message, int flags) {
        try {
            return (long) sendmsgEntry.invokeExact(fd, message, flags);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long sendmsgNow(int fd, MemorySegment message, int flags) {
        Scratch scratch = Scratch.current();
        try {
            return result((long) SENDMSG.invokeExact(scratch.captured, fd, message, flags), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int socketpair(int domain, int type, int protocol, MemorySegment pair) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) SOCKETPAIR.invokeExact(scratch.captured, domain, type, protocol, pair), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long mmap(long length, int protection, int flags, int fd, long offset) {
        Scratch scratch = Scratch.current();
        try {
            return result(
                    (long) MMAP.invokeExact(
                            scratch.captured, MemorySegment.NULL, length, protection, flags, fd, offset),
                    scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int munmap(MemorySegment mapping) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) MUNMAP.invokeExact(scratch.captured, mapping, mapping.byteSize()), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int madvise(MemorySegment mapping, long start, long length, int advice) {
        try {
            return (int) madviseEntry.invokeExact(mapping, start, length, advice);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int madviseNow(MemorySegment mapping, long start, long length, int advice) {
        Scratch scratch = Scratch.current();
        try {
            return result(
                    (int) MADVISE.invokeExact(scratch.captured, mapping.asSlice(start, length), length, advice),
                    scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int memfdCreate(String name, int flags) {
        Scratch scratch = Scratch.current();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            return result((int) MEMFD_CREATE.invokeExact(scratch.captured, text, flags), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int schedSetaffinity(int tid, MemorySegment mask) {
        Scratch scratch = Scratch.current();
        try {
            return result((int) SCHED_SETAFFINITY.invokeExact(scratch.captured, tid, mask.byteSize(), mask), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int ioUringSetup(int entries, MemorySegment params) {
        Scratch scratch = Scratch.current();
        try {
            return (int) result(
                    (long) IO_URING_SETUP.invokeExact(scratch.captured, SYS_IO_URING_SETUP, entries, params), scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int ioUringEnter(
            int ring, int toSubmit, int minComplete, int flags, MemorySegment argument, long argumentSize) {
        try {
            return (int) ioUringEnterEntry.invokeExact(ring, toSubmit, minComplete, flags, argument, argumentSize);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int ioUringEnterNow(
            int ring, int toSubmit, int minComplete, int flags, MemorySegment argument, long argumentSize) {
        Scratch scratch = Scratch.current();
        try {
            return (int) result(
                    (long) IO_URING_ENTER.invokeExact(
                            scratch.captured,
                            SYS_IO_URING_ENTER,
                            ring,
                            toSubmit,
                            minComplete,
                            flags,
                            argument,
                            argumentSize),
                    scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int ioUringRegister(int ring, int opcode, MemorySegment argument, int count) {
        Scratch scratch = Scratch.current();
        try {
            return (int) result(
                    (long) IO_URING_REGISTER.invokeExact(
                            scratch.captured, SYS_IO_URING_REGISTER, ring, opcode, argument, count),
                    scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int getpid() {
        try {
            return (int) GETPID.invokeExact();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int gettid() {
        try {
            return (int) GETTID.invokeExact();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int getpagesize() {
        try {
            return (int) GETPAGESIZE.invokeExact();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }
}
