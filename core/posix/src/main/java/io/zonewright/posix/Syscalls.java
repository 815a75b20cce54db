package io.zonewright.posix;

import java.lang.foreign.MemorySegment;

/**
 * The C functions that Zonewright calls, one method each, named after them. This is the seam for tests; everybody else
 * uses {@link Posix}.
 *
 * <p>Results follow the kernel's convention: zero or more is success, a negative number is the negated errno
 * ({@link Errno}). Nothing is retried. Structures are passed as memory laid out by {@code Layouts}. A method throws only
 * for misuse from the Java side: memory whose arena is closed, a range outside its segment, heap memory.
 */
public interface Syscalls {
    /** The calls of the running kernel; throws what {@link Posix#system} throws. */
    static Syscalls system() {
        NativeAccess.require();
        return LinuxSyscalls.INSTANCE;
    }

    /** close(2). */
    int close(int fd);

    /** open(2), with a mode for {@code O_CREAT}. */
    int open(String path, int flags, int mode);

    /** read(2) of {@code length} bytes into {@code buffer} from {@code start} on. */
    long read(int fd, MemorySegment buffer, long start, long length);

    /** write(2) of {@code length} bytes of {@code buffer} from {@code start} on. */
    long write(int fd, MemorySegment buffer, long start, long length);

    /** readv(2) into {@code count} ranges. */
    long readv(int fd, MemorySegment iovecs, int count);

    /** writev(2) from {@code count} ranges. */
    long writev(int fd, MemorySegment iovecs, int count);

    /** pread(2). */
    long pread(int fd, MemorySegment buffer, long start, long length, long offset);

    /** pwrite(2). */
    long pwrite(int fd, MemorySegment buffer, long start, long length, long offset);

    /** preadv(2). */
    long preadv(int fd, MemorySegment iovecs, int count, long offset);

    /** pwritev(2). */
    long pwritev(int fd, MemorySegment iovecs, int count, long offset);

    /** preadv2(2) with {@code RWF_*} flags. */
    long preadv2(int fd, MemorySegment iovecs, int count, long offset, int flags);

    /** pwritev2(2) with {@code RWF_*} flags. */
    long pwritev2(int fd, MemorySegment iovecs, int count, long offset, int flags);

    /** fdatasync(2). */
    int fdatasync(int fd);

    /** fsync(2). */
    int fsync(int fd);

    /** ftruncate(2). */
    int ftruncate(int fd, long length);

    /** fallocate(2). */
    int fallocate(int fd, int mode, long offset, long length);

    /** flock(2). */
    int flock(int fd, int operation);

    /** fcntl(2) with a number as its argument. */
    int fcntl(int fd, int command, long argument);

    /** ioctl(2) with a pointer as its argument. */
    int ioctl(int fd, long request, MemorySegment argument);

    /** ioctl(2) with a number as its argument. */
    int ioctl(int fd, long request, long argument);

    /** statx(2) into 256 bytes; an empty path with {@code AT_EMPTY_PATH} asks for {@code directory} itself. */
    int statx(int directory, String path, int flags, int mask, MemorySegment status);

    /** unlink(2). */
    int unlink(String path);

    /** chmod(2). */
    int chmod(String path, int mode);

    /** fchmod(2). */
    int fchmod(int fd, int mode);

    /** lchown(2): -1 leaves the user or the group as it is; a symbolic link is not followed. */
    int lchown(String path, int uid, int gid);

    /** umask(2); never fails. */
    int umask(int mask);

    /** eventfd(2). */
    int eventfd(int initial, int flags);

    /** epoll_create1(2). */
    int epollCreate1(int flags);

    /** epoll_ctl(2); {@code event} is one structure {@code epoll_event}, or NULL for {@code EPOLL_CTL_DEL}. */
    int epollCtl(int epoll, int operation, int fd, MemorySegment event);

    /** epoll_wait(2) for at most {@code count} structures {@code epoll_event}. */
    int epollWait(int epoll, MemorySegment events, int count, int timeoutMillis);

    /** poll(2) over {@code count} descriptors. */
    int poll(MemorySegment pollfds, int count, int timeoutMillis);

    /** ppoll(2) over {@code count} descriptors with a {@code struct timespec}, signals as they are. */
    int ppoll(MemorySegment pollfds, int count, MemorySegment timeout);

    /** socket(2). */
    int socket(int domain, int type, int protocol);

    /** bind(2). */
    int bind(int fd, MemorySegment address, int addressLength);

    /** listen(2). */
    int listen(int fd, int backlog);

    /** accept4(2), without the peer's address. */
    int accept4(int fd, int flags);

    /** connect(2). */
    int connect(int fd, MemorySegment address, int addressLength);

    /** getsockopt(2); {@code length} is a {@code socklen_t}, in and out. */
    int getsockopt(int fd, int level, int option, MemorySegment value, MemorySegment length);

    /** setsockopt(2) with {@code length} bytes of {@code value}. */
    int setsockopt(int fd, int level, int option, MemorySegment value, int length);

    /** getsockname(2); {@code length} is a {@code socklen_t}, in and out. */
    int getsockname(int fd, MemorySegment address, MemorySegment length);

    /** getpeername(2); {@code length} is a {@code socklen_t}, in and out. */
    int getpeername(int fd, MemorySegment address, MemorySegment length);

    /** shutdown(2). */
    int shutdown(int fd, int how);

    /** recvmsg(2) with one structure {@code msghdr}. */
    long recvmsg(int fd, MemorySegment message, int flags);

    /** sendmsg(2) with one structure {@code msghdr}. */
    long sendmsg(int fd, MemorySegment message, int flags);

    /** socketpair(2): two {@code int} into {@code pair}. */
    int socketpair(int domain, int type, int protocol, MemorySegment pair);

    /** mmap(2) at an address of the kernel's choice; the address on success. */
    long mmap(long length, int protection, int flags, int fd, long offset);

    /** munmap(2). */
    int munmap(MemorySegment mapping);

    /** madvise(2) for {@code length} bytes of {@code mapping} from {@code start} on. */
    int madvise(MemorySegment mapping, long start, long length, int advice);

    /** memfd_create(2). */
    int memfdCreate(String name, int flags);

    /** sched_setaffinity(2) for the thread {@code tid} (0: the calling one), over a whole mask. */
    int schedSetaffinity(int tid, MemorySegment mask);

    /** io_uring_setup(2) with one structure {@code io_uring_params}, in and out. */
    int ioUringSetup(int entries, MemorySegment params);

    /** io_uring_enter(2); {@code argument} is a {@code sigset_t} or, with {@code IORING_ENTER_EXT_ARG}, what that takes. */
    int ioUringEnter(int ring, int toSubmit, int minComplete, int flags, MemorySegment argument, long argumentSize);

    /** io_uring_register(2). */
    int ioUringRegister(int ring, int opcode, MemorySegment argument, int count);

    /** getpid(2); never fails. */
    int getpid();

    /** gettid(2); never fails. */
    int gettid();

    /** getpagesize(3); never fails. */
    int getpagesize();
}
