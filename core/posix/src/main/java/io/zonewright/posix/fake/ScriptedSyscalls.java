package io.zonewright.posix.fake;

import io.zonewright.posix.Errno;
import io.zonewright.posix.Syscalls;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * System calls that answer by script, to reach the errors that a kernel gives only on bad days. Calls are named as in C.
 * An answer counts for one call; calls without one go to the kernel, if there is one, and fail the test otherwise.
 *
 * <pre>{@code
 * ScriptedSyscalls script = ScriptedSyscalls.over(kernel).pass("pwrite").fail("pwrite", Errno.EIO);
 * Posix posix = new Posix(script);   // the second pwrite fails
 * ...
 * assertEquals(List.of(), script.unused());
 * }</pre>
 *
 * <p>Any thread may call; the script's answers go out in the order of the calls.
 */
public final class ScriptedSyscalls implements Syscalls {
    /** Computes the result of a call from its arguments, in the order of the method of {@link Syscalls}. */
    @FunctionalInterface
    public interface Answer {
        long answer(Object[] arguments);
    }

    private interface RealCall {
        long call(Syscalls kernel);
    }

    /** One scripted call: computed, or passed on to the kernel where there is no answer. */
    private record Step(@Nullable Answer answer) {}

    private static final Step PASS = new Step(null);

    private final @Nullable Syscalls kernel;
    private final Map<String, Deque<Step>> answers = new HashMap<>();
    private final Map<String, Step> standing = new HashMap<>();
    private final List<String> log = new ArrayList<>();

    private ScriptedSyscalls(@Nullable Syscalls kernel) {
        this.kernel = kernel;
    }

    /** Nothing but the script. */
    public static ScriptedSyscalls alone() {
        return new ScriptedSyscalls(null);
    }

    /** The script on top of other calls, in general those of the system. */
    public static ScriptedSyscalls over(Syscalls kernel) {
        return new ScriptedSyscalls(kernel);
    }

    /** The next call of this name returns {@code result}. */
    public ScriptedSyscalls answer(String call, long result) {
        return answer(call, arguments -> result);
    }

    /** The next call of this name fails. */
    public ScriptedSyscalls fail(String call, Errno errno) {
        return answer(call, -errno.number());
    }

    /** The next call of this name is computed. */
    public ScriptedSyscalls answer(String call, Answer answer) {
        return add(call, new Step(answer));
    }

    private synchronized ScriptedSyscalls add(String call, Step step) {
        answers.computeIfAbsent(call, name -> new ArrayDeque<>()).add(step);
        return this;
    }

    /** The next call of this name goes to the kernel. */
    public ScriptedSyscalls pass(String call) {
        return add(call, PASS);
    }

    /** Every call of this name returns {@code result} once its other answers are used up. */
    public synchronized ScriptedSyscalls always(String call, long result) {
        standing.put(call, new Step(arguments -> result));
        return this;
    }

    /** Every call of this name fails once its other answers are used up. */
    public ScriptedSyscalls failAlways(String call, Errno errno) {
        return always(call, -errno.number());
    }

    /** The calls made so far, as {@code name(argument, ...)}; memory is shown as its size. */
    public synchronized List<String> log() {
        return List.copyOf(log);
    }

    /** How often a call was made. */
    public synchronized long count(String call) {
        return log.stream().filter(line -> line.startsWith(call + "(")).count();
    }

    /** The names of the calls that were scripted and have not come. */
    public synchronized List<String> unused() {
        return answers.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private long play(String call, RealCall real, Object... arguments) {
        Answer answer = next(call, arguments).answer();
        if (answer != null) {
            return answer.answer(arguments);
        }
        if (kernel == null) {
            throw new AssertionError("unexpected call: " + line(call, arguments));
        }
        return real.call(kernel);
    }

    private synchronized Step next(String call, Object[] arguments) {
        log.add(line(call, arguments));
        Deque<Step> queue = answers.get(call);
        Step scripted = queue == null ? null : queue.poll();
        return scripted != null ? scripted : standing.getOrDefault(call, PASS);
    }

    private static String line(String call, Object[] arguments) {
        StringBuilder text = new StringBuilder(call).append('(');
        String separator = "";
        for (Object argument : arguments) {
            text.append(separator);
            if (argument instanceof MemorySegment segment) {
                text.append(segment.byteSize()).append(" bytes");
            } else {
                text.append(argument);
            }
            separator = ", ";
        }
        return text.append(')').toString();
    }

    @Override
    public int close(int fd) {
        return (int) play("close", kernel -> kernel.close(fd), fd);
    }

    @Override
    public int open(String path, int flags, int mode) {
        return (int) play("open", kernel -> kernel.open(path, flags, mode), path, flags, mode);
    }

    @Override
    public long read(int fd, MemorySegment buffer, long start, long length) {
        return play("read", kernel -> kernel.read(fd, buffer, start, length), fd, buffer, start, length);
    }

    @Override
    public long write(int fd, MemorySegment buffer, long start, long length) {
        return play("write", kernel -> kernel.write(fd, buffer, start, length), fd, buffer, start, length);
    }

    @Override
    public long readv(int fd, MemorySegment iovecs, int count) {
        return play("readv", kernel -> kernel.readv(fd, iovecs, count), fd, iovecs, count);
    }

    @Override
    public long writev(int fd, MemorySegment iovecs, int count) {
        return play("writev", kernel -> kernel.writev(fd, iovecs, count), fd, iovecs, count);
    }

    @Override
    public long pread(int fd, MemorySegment buffer, long start, long length, long offset) {
        return play(
                "pread", kernel -> kernel.pread(fd, buffer, start, length, offset), fd, buffer, start, length, offset);
    }

    @Override
    public long pwrite(int fd, MemorySegment buffer, long start, long length, long offset) {
        return play(
                "pwrite",
                kernel -> kernel.pwrite(fd, buffer, start, length, offset),
                fd,
                buffer,
                start,
                length,
                offset);
    }

    @Override
    public long preadv(int fd, MemorySegment iovecs, int count, long offset) {
        return play("preadv", kernel -> kernel.preadv(fd, iovecs, count, offset), fd, iovecs, count, offset);
    }

    @Override
    public long pwritev(int fd, MemorySegment iovecs, int count, long offset) {
        return play("pwritev", kernel -> kernel.pwritev(fd, iovecs, count, offset), fd, iovecs, count, offset);
    }

    @Override
    public long preadv2(int fd, MemorySegment iovecs, int count, long offset, int flags) {
        return play(
                "preadv2",
                kernel -> kernel.preadv2(fd, iovecs, count, offset, flags),
                fd,
                iovecs,
                count,
                offset,
                flags);
    }

    @Override
    public long pwritev2(int fd, MemorySegment iovecs, int count, long offset, int flags) {
        return play(
                "pwritev2",
                kernel -> kernel.pwritev2(fd, iovecs, count, offset, flags),
                fd,
                iovecs,
                count,
                offset,
                flags);
    }

    @Override
    public int fdatasync(int fd) {
        return (int) play("fdatasync", kernel -> kernel.fdatasync(fd), fd);
    }

    @Override
    public int fsync(int fd) {
        return (int) play("fsync", kernel -> kernel.fsync(fd), fd);
    }

    @Override
    public int ftruncate(int fd, long length) {
        return (int) play("ftruncate", kernel -> kernel.ftruncate(fd, length), fd, length);
    }

    @Override
    public int fallocate(int fd, int mode, long offset, long length) {
        return (int) play("fallocate", kernel -> kernel.fallocate(fd, mode, offset, length), fd, mode, offset, length);
    }

    @Override
    public int flock(int fd, int operation) {
        return (int) play("flock", kernel -> kernel.flock(fd, operation), fd, operation);
    }

    @Override
    public int fcntl(int fd, int command, long argument) {
        return (int) play("fcntl", kernel -> kernel.fcntl(fd, command, argument), fd, command, argument);
    }

    @Override
    public int ioctl(int fd, long request, MemorySegment argument) {
        return (int) play("ioctl", kernel -> kernel.ioctl(fd, request, argument), fd, request, argument);
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
        return (int) play("ioctl", kernel -> kernel.ioctl(fd, request, argument), fd, request, argument);
    }

    @Override
    public int statx(int directory, String path, int flags, int mask, MemorySegment status) {
        return (int) play(
                "statx",
                kernel -> kernel.statx(directory, path, flags, mask, status),
                directory,
                path,
                flags,
                mask,
                status);
    }

    @Override
    public int unlink(String path) {
        return (int) play("unlink", kernel -> kernel.unlink(path), path);
    }

    @Override
    public int chmod(String path, int mode) {
        return (int) play("chmod", kernel -> kernel.chmod(path, mode), path, mode);
    }

    @Override
    public int fchmod(int fd, int mode) {
        return (int) play("fchmod", kernel -> kernel.fchmod(fd, mode), fd, mode);
    }

    @Override
    public int lchown(String path, int uid, int gid) {
        return (int) play("lchown", kernel -> kernel.lchown(path, uid, gid), path, uid, gid);
    }

    @Override
    public int umask(int mask) {
        return (int) play("umask", kernel -> kernel.umask(mask), mask);
    }

    @Override
    public int eventfd(int initial, int flags) {
        return (int) play("eventfd", kernel -> kernel.eventfd(initial, flags), initial, flags);
    }

    @Override
    public int epollCreate1(int flags) {
        return (int) play("epoll_create1", kernel -> kernel.epollCreate1(flags), flags);
    }

    @Override
    public int epollCtl(int epoll, int operation, int fd, MemorySegment event) {
        return (int)
                play("epoll_ctl", kernel -> kernel.epollCtl(epoll, operation, fd, event), epoll, operation, fd, event);
    }

    @Override
    public int epollWait(int epoll, MemorySegment events, int count, int timeoutMillis) {
        return (int) play(
                "epoll_wait",
                kernel -> kernel.epollWait(epoll, events, count, timeoutMillis),
                epoll,
                events,
                count,
                timeoutMillis);
    }

    @Override
    public int poll(MemorySegment pollfds, int count, int timeoutMillis) {
        return (int) play("poll", kernel -> kernel.poll(pollfds, count, timeoutMillis), pollfds, count, timeoutMillis);
    }

    @Override
    public int ppoll(MemorySegment pollfds, int count, MemorySegment timeout) {
        return (int) play("ppoll", kernel -> kernel.ppoll(pollfds, count, timeout), pollfds, count, timeout);
    }

    @Override
    public int socket(int domain, int type, int protocol) {
        return (int) play("socket", kernel -> kernel.socket(domain, type, protocol), domain, type, protocol);
    }

    @Override
    public int bind(int fd, MemorySegment address, int addressLength) {
        return (int) play("bind", kernel -> kernel.bind(fd, address, addressLength), fd, address, addressLength);
    }

    @Override
    public int listen(int fd, int backlog) {
        return (int) play("listen", kernel -> kernel.listen(fd, backlog), fd, backlog);
    }

    @Override
    public int accept4(int fd, int flags) {
        return (int) play("accept4", kernel -> kernel.accept4(fd, flags), fd, flags);
    }

    @Override
    public int connect(int fd, MemorySegment address, int addressLength) {
        return (int) play("connect", kernel -> kernel.connect(fd, address, addressLength), fd, address, addressLength);
    }

    @Override
    public int getsockopt(int fd, int level, int option, MemorySegment value, MemorySegment length) {
        return (int) play(
                "getsockopt",
                kernel -> kernel.getsockopt(fd, level, option, value, length),
                fd,
                level,
                option,
                value,
                length);
    }

    @Override
    public int setsockopt(int fd, int level, int option, MemorySegment value, int length) {
        return (int) play(
                "setsockopt",
                kernel -> kernel.setsockopt(fd, level, option, value, length),
                fd,
                level,
                option,
                value,
                length);
    }

    @Override
    public int getsockname(int fd, MemorySegment address, MemorySegment length) {
        return (int) play("getsockname", kernel -> kernel.getsockname(fd, address, length), fd, address, length);
    }

    @Override
    public int getpeername(int fd, MemorySegment address, MemorySegment length) {
        return (int) play("getpeername", kernel -> kernel.getpeername(fd, address, length), fd, address, length);
    }

    @Override
    public int shutdown(int fd, int how) {
        return (int) play("shutdown", kernel -> kernel.shutdown(fd, how), fd, how);
    }

    @Override
    public long recvmsg(int fd, MemorySegment message, int flags) {
        return play("recvmsg", kernel -> kernel.recvmsg(fd, message, flags), fd, message, flags);
    }

    @Override
    public long sendmsg(int fd, MemorySegment message, int flags) {
        return play("sendmsg", kernel -> kernel.sendmsg(fd, message, flags), fd, message, flags);
    }

    @Override
    public int socketpair(int domain, int type, int protocol, MemorySegment pair) {
        return (int) play(
                "socketpair", kernel -> kernel.socketpair(domain, type, protocol, pair), domain, type, protocol, pair);
    }

    @Override
    public long mmap(long length, int protection, int flags, int fd, long offset) {
        return play(
                "mmap",
                kernel -> kernel.mmap(length, protection, flags, fd, offset),
                length,
                protection,
                flags,
                fd,
                offset);
    }

    @Override
    public int munmap(MemorySegment mapping) {
        return (int) play("munmap", kernel -> kernel.munmap(mapping), mapping);
    }

    @Override
    public int madvise(MemorySegment mapping, long start, long length, int advice) {
        return (int) play(
                "madvise", kernel -> kernel.madvise(mapping, start, length, advice), mapping, start, length, advice);
    }

    @Override
    public int memfdCreate(String name, int flags) {
        return (int) play("memfd_create", kernel -> kernel.memfdCreate(name, flags), name, flags);
    }

    @Override
    public int schedSetaffinity(int tid, MemorySegment mask) {
        return (int) play("sched_setaffinity", kernel -> kernel.schedSetaffinity(tid, mask), tid, mask);
    }

    @Override
    public int ioUringSetup(int entries, MemorySegment params) {
        return (int) play("io_uring_setup", kernel -> kernel.ioUringSetup(entries, params), entries, params);
    }

    @Override
    public int ioUringEnter(
            int ring, int toSubmit, int minComplete, int flags, MemorySegment argument, long argumentSize) {
        return (int) play(
                "io_uring_enter",
                kernel -> kernel.ioUringEnter(ring, toSubmit, minComplete, flags, argument, argumentSize),
                ring,
                toSubmit,
                minComplete,
                flags,
                argument,
                argumentSize);
    }

    @Override
    public int ioUringRegister(int ring, int opcode, MemorySegment argument, int count) {
        return (int) play(
                "io_uring_register",
                kernel -> kernel.ioUringRegister(ring, opcode, argument, count),
                ring,
                opcode,
                argument,
                count);
    }

    @Override
    public int getpid() {
        return (int) play("getpid", kernel -> kernel.getpid());
    }

    @Override
    public int gettid() {
        return (int) play("gettid", kernel -> kernel.gettid());
    }

    @Override
    public int getpagesize() {
        return (int) play("getpagesize", kernel -> kernel.getpagesize());
    }
}
