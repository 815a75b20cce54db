package io.zonewright.posix.uring;

import static io.zonewright.posix.uring.UringAbi.*;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.IoVecs;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * One io_uring. It belongs to the thread that opened it: that thread alone prepares operations, enters the kernel and
 * harvests completions, so nothing here is locked, and the kernel is told so where it can use that ({@code SINGLE_ISSUER},
 * {@code DEFER_TASKRUN}: completions are then worked out inside {@link #enter} instead of interrupting the thread).
 *
 * <p>An operation is prepared, which only fills an entry in shared memory; {@link #enter} hands all prepared entries over
 * with one system call and can wait; {@link #harvest} gives the answers, in whatever order things ended. No answer is ever
 * lost: what does not fit into the completion ring the kernel keeps, and {@link #enter} brings it. Memory and descriptors of
 * an operation stay valid until its completion. Nothing is allocated but by {@link #open}.
 *
 * <p>Needs Linux 5.11.
 */
public final class IoUring implements AutoCloseable {
    private static final VarHandle INT = JAVA_INT.varHandle();
    private static final int REQUIRED_FEATURES = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG;
    private static final byte[] REQUIRED_OPERATIONS = {
        IORING_OP_NOP,
        IORING_OP_READV,
        IORING_OP_WRITEV,
        IORING_OP_FSYNC,
        IORING_OP_ASYNC_CANCEL,
        IORING_OP_READ,
        IORING_OP_WRITE
    };

    /** Best first: what Linux 6.1 has, what 5.19 has, and what all have. */
    private static final int[] SETUPS = {
        IORING_SETUP_CLAMP
                | IORING_SETUP_SUBMIT_ALL
                | IORING_SETUP_TASKRUN_FLAG
                | IORING_SETUP_SINGLE_ISSUER
                | IORING_SETUP_DEFER_TASKRUN,
        IORING_SETUP_CLAMP | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
        IORING_SETUP_CLAMP
    };

    private final Posix posix;
    private final Fd fd;
    private final Arena arena;
    private final boolean deferred;

    private final MemorySegment ring;
    private final MemorySegment entries;
    private final MemorySegment timeout;
    private final long sqHeadAt;
    private final long sqTailAt;
    private final long sqFlagsAt;
    private final long cqHeadAt;
    private final long cqTailAt;
    private final long cqFlagsAt;
    private final long cqesAt;
    private final int sqMask;
    private final int cqMask;

    private int sqTail;
    private int inFlight;
    private int file = -1;
    private byte fileFlags;
    private boolean fileRegistered;

    @SuppressWarnings("MustBeClosedChecker") // the ring becomes the arena's owner
    private IoUring(Posix posix, Fd fd, MemorySegment params) {
        this.posix = posix;
        this.fd = fd;
        deferred = (params.get(JAVA_INT, PARAMS_FLAGS) & IORING_SETUP_DEFER_TASKRUN) != 0;
        int sqEntries = params.get(JAVA_INT, PARAMS_SQ_ENTRIES);
        int cqEntries = params.get(JAVA_INT, PARAMS_CQ_ENTRIES);
        long array = sqOffset(params, SQ_OFF_ARRAY);
        cqesAt = cqOffset(params, CQ_OFF_CQES);
        arena = Arena.ofShared();
        try {
            long ringBytes = Math.max(array + 4L * sqEntries, cqesAt + (long) CQE_SIZE * cqEntries);
            ring = map(ringBytes, IORING_OFF_SQ_RING);
            entries = map((long) SQE_SIZE * sqEntries, IORING_OFF_SQES);
            timeout = arena.allocate(GETEVENTS_ARG_SIZE + TIMESPEC_SIZE, 8);
            timeout.set(JAVA_LONG, GETEVENTS_ARG_TS, timeout.address() + GETEVENTS_ARG_SIZE);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
        sqHeadAt = sqOffset(params, SQ_OFF_HEAD);
        sqTailAt = sqOffset(params, SQ_OFF_TAIL);
        sqFlagsAt = sqOffset(params, SQ_OFF_FLAGS);
        cqHeadAt = cqOffset(params, CQ_OFF_HEAD);
        cqTailAt = cqOffset(params, CQ_OFF_TAIL);
        cqFlagsAt = cqOffset(params, CQ_OFF_FLAGS);
        sqMask = ring.get(JAVA_INT, sqOffset(params, SQ_OFF_RING_MASK));
        cqMask = ring.get(JAVA_INT, cqOffset(params, CQ_OFF_RING_MASK));
        for (int i = 0; i < sqEntries; i++) {
            ring.set(JAVA_INT, array + 4L * i, i); // entries are always taken in the order of the ring
        }
        sqTail = ring.get(JAVA_INT, sqTailAt);
    }

    private static long sqOffset(MemorySegment params, int member) {
        return Integer.toUnsignedLong(params.get(JAVA_INT, PARAMS_SQ_OFF + member));
    }

    private static long cqOffset(MemorySegment params, int member) {
        return Integer.toUnsignedLong(params.get(JAVA_INT, PARAMS_CQ_OFF + member));
    }

    private MemorySegment map(long bytes, long offset) {
        return posix.map(
                arena, bytes, Linux.PROT_READ | Linux.PROT_WRITE, Linux.MAP_SHARED | Linux.MAP_POPULATE, fd, offset);
    }

    /**
     * A ring for the calling thread.
     *
     * @param operations how many may be prepared between two calls of {@link #enter}; rounded up to a power of two
     * @throws IoUringUnavailableException if this kernel gives none, or one that is too old
     */
    public static IoUring open(Posix posix, int operations) throws IoUringUnavailableException {
        if (operations < 1) {
            throw new IllegalArgumentException("a ring of " + operations + " operations");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = arena.allocate(PARAMS_SIZE, 8);
            Fd fd = setup(posix, operations, params);
            try {
                requireFeatures(params);
                requireOperations(posix, fd, arena);
                return new IoUring(posix, fd, params);
            } catch (IoUringUnavailableException | RuntimeException e) {
                fd.close();
                throw e;
            }
        } catch (PosixException e) {
            throw Availability.why(e);
        }
    }

    private static Fd setup(Posix posix, int operations, MemorySegment params) {
        for (int i = 0; ; i++) {
            params.fill((byte) 0);
            params.set(JAVA_INT, PARAMS_FLAGS, SETUPS[i]);
            try {
                return posix.ioUringSetup(operations, params);
            } catch (PosixException e) {
                if (!e.is(Errno.EINVAL) || i == SETUPS.length - 1) {
                    throw e;
                }
            }
        }
    }

    private static void requireFeatures(MemorySegment params) throws IoUringUnavailableException {
        int missing = REQUIRED_FEATURES & ~params.get(JAVA_INT, PARAMS_FEATURES);
        if (missing != 0) {
            throw new IoUringUnavailableException("this kernel's io_uring is too old (features 0x"
                    + Integer.toHexString(missing) + " are missing): Linux 5.11 has them");
        }
    }

    private static void requireOperations(Posix posix, Fd fd, Arena arena) throws IoUringUnavailableException {
        int room = 256;
        MemorySegment probe = arena.allocate(PROBE_SIZE + (long) room * PROBE_OP_SIZE, 8);
        posix.ioUringRegister(fd, IORING_REGISTER_PROBE, probe, room);
        int known = Byte.toUnsignedInt(probe.get(JAVA_BYTE, PROBE_OPS_LEN));
        for (byte operation : REQUIRED_OPERATIONS) {
            long at = PROBE_SIZE + (long) operation * PROBE_OP_SIZE;
            if (operation >= known || (probe.get(JAVA_SHORT, at + PROBE_OP_FLAGS) & IO_URING_OP_SUPPORTED) == 0) {
                throw new IoUringUnavailableException(
                        "this kernel's io_uring does not know operation " + operation + ", or forbids it");
            }
        }
    }

    /** Whether completions are worked out only inside {@link #enter} (Linux 6.1). */
    public boolean deferred() {
        return deferred;
    }

    /** How many operations can be prepared before the next {@link #enter}. */
    public int room() {
        return sqMask + 1 - pending();
    }

    /** Operations prepared that the kernel has not taken yet. */
    public int pending() {
        return sqTail - (int) INT.getAcquire(ring, sqHeadAt);
    }

    /** Operations prepared whose completion has not been harvested: their memory is in use. */
    public int inFlight() {
        return inFlight;
    }

    /** The file of {@link #read}, {@link #write} and {@link #fdatasync} from now on. */
    public void use(Fd target) {
        file = target.number();
        fileFlags = 0;
    }

    /**
     * As {@link #use}, and makes the file known to the kernel for good, which spares looking it up for each operation. Once;
     * the ring is then closed by its own thread.
     */
    public void register(Fd target) {
        try (Arena temporary = Arena.ofConfined()) {
            posix.ioUringRegister(fd, IORING_REGISTER_FILES, temporary.allocateFrom(JAVA_INT, target.number()), 1);
        }
        fileRegistered = true;
        file = 0;
        fileFlags = IOSQE_FIXED_FILE;
    }

    /** Signals {@code event} when there are completions, also those that only {@link #enter} brings; see {@link #notify(boolean)}. */
    public void registerEventFd(Fd event) {
        try (Arena temporary = Arena.ofConfined()) {
            posix.ioUringRegister(fd, IORING_REGISTER_EVENTFD, temporary.allocateFrom(JAVA_INT, event.number()), 1);
        }
    }

    /** Switches the signals of {@link #registerEventFd} on or off; on at first. Look for completions after switching on. */
    public void notify(boolean wanted) {
        INT.setVolatile(ring, cqFlagsAt, wanted ? 0 : IORING_CQ_EVENTFD_DISABLED);
        VarHandle.fullFence();
    }

    /** Prepares preadv2(2) from the file. */
    public void read(IoVecs vectors, long offset, int flags, long userData) {
        if (vectors.count() == 1) {
            prepare(IORING_OP_READ, fileFlags, file, offset, vectors.firstAddress(), length(vectors), flags, userData);
        } else {
            prepare(IORING_OP_READV, fileFlags, file, offset, vectors.address(), vectors.count(), flags, userData);
        }
    }

    /** Prepares pwritev2(2) to the file. */
    public void write(IoVecs vectors, long offset, int flags, long userData) {
        if (vectors.count() == 1) {
            prepare(IORING_OP_WRITE, fileFlags, file, offset, vectors.firstAddress(), length(vectors), flags, userData);
        } else {
            prepare(IORING_OP_WRITEV, fileFlags, file, offset, vectors.address(), vectors.count(), flags, userData);
        }
    }

    private static int length(IoVecs vectors) {
        return Math.toIntExact(vectors.byteCount());
    }

    /** Prepares fdatasync(2) of the file. */
    public void fdatasync(long userData) {
        prepare(IORING_OP_FSYNC, fileFlags, file, 0, 0, 0, IORING_FSYNC_DATASYNC, userData);
    }

    /**
     * Prepares read(2) from any other descriptor, into off-heap memory: an eventfd, say, so that somebody else
     * can end {@link #enter}. The descriptor has to be blocking, or the answer is {@code EAGAIN} at once.
     */
    public void read(Fd from, MemorySegment into, long userData) {
        if (!into.isNative()) {
            throw new IllegalArgumentException("heap memory cannot be handed to the kernel");
        }
        prepare(IORING_OP_READ, (byte) 0, from.number(), 0, into.address(), (int) into.byteSize(), 0, userData);
    }

    /**
     * Prepares to cancel the operation with this {@code target} as its user data, if it is not under way in hardware. Both
     * complete: this one with 0, {@code ENOENT} or {@code EALREADY}, the target with {@code ECANCELED} or its own result.
     */
    public void cancel(long target, long userData) {
        prepare(IORING_OP_ASYNC_CANCEL, (byte) 0, -1, 0, target, 0, 0, userData);
    }

    /** Prepares an operation that does nothing and completes with 0. */
    public void nothing(long userData) {
        prepare(IORING_OP_NOP, (byte) 0, -1, 0, 0, 0, 0, userData);
    }

    private void prepare(
            byte opcode, byte flags, int target, long offset, long address, int length, int opFlags, long userData) {
        if (room() == 0) {
            throw new IllegalStateException("the submission ring is full: " + (sqMask + 1) + " entries");
        }
        long at = (long) (sqTail & sqMask) * SQE_SIZE;
        for (long i = at; i < at + SQE_SIZE; i += Long.BYTES) {
            entries.set(JAVA_LONG, i, 0);
        }
        entries.set(JAVA_BYTE, at + SQE_OPCODE, opcode);
        entries.set(JAVA_BYTE, at + SQE_FLAGS, flags);
        entries.set(JAVA_INT, at + SQE_FD, target);
        entries.set(JAVA_LONG, at + SQE_OFF, offset);
        entries.set(JAVA_LONG, at + SQE_ADDR, address);
        entries.set(JAVA_INT, at + SQE_LEN, length);
        entries.set(JAVA_INT, at + SQE_RW_FLAGS, opFlags);
        entries.set(JAVA_LONG, at + SQE_USER_DATA, userData);
        sqTail++;
        inFlight++;
        INT.setRelease(ring, sqTailAt, sqTail);
    }

    /** Whether the kernel has completions that only {@link #enter} brings: worked out there, or kept for want of room. */
    public boolean hasWork() {
        return ((int) INT.getOpaque(ring, sqFlagsAt) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
    }

    /** Whether {@link #harvest} would find something. */
    public boolean hasCompletions() {
        return (int) INT.getAcquire(ring, cqTailAt) != ring.get(JAVA_INT, cqHeadAt);
    }

    /**
     * Hands over what is prepared, and waits until there are {@code minComplete} completions. May return earlier, when
     * interrupted, when the kernel is short of something or has no room for more completions; so look again in a loop.
     *
     * @throws PosixException if the ring is unusable
     */
    public void enter(int minComplete) {
        int flags = minComplete > 0 || deferred || hasWork() ? IORING_ENTER_GETEVENTS : 0;
        check(posix.ioUringEnter(fd, pending(), minComplete, flags, MemorySegment.NULL, 0));
    }

    /** {@link #enter(int)} for at most {@code nanos} nanoseconds. */
    public void enter(int minComplete, long nanos) {
        timeout.set(JAVA_LONG, GETEVENTS_ARG_SIZE + TIMESPEC_SEC, nanos / 1_000_000_000);
        timeout.set(JAVA_LONG, GETEVENTS_ARG_SIZE + TIMESPEC_NSEC, nanos % 1_000_000_000);
        int flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
        check(posix.ioUringEnter(fd, pending(), minComplete, flags, timeout, GETEVENTS_ARG_SIZE));
    }

    private void check(int result) {
        if (result >= 0
                || Errno.EINTR.is(result)
                || Errno.ETIME.is(result)
                || Errno.EAGAIN.is(result)
                || Errno.EBUSY.is(result)) {
            return;
        }
        throw new PosixException("io_uring_enter", "fd=" + fd + ", submit=" + pending(), -result, null);
    }

    /**
     * Hands at most {@code limit} completions to {@code to}, without a system call. What {@code to} throws comes through; that
     * completion counts as taken, the next ones stay.
     *
     * @return how many there were
     */
    public int harvest(Completions to, int limit) {
        int head = ring.get(JAVA_INT, cqHeadAt);
        int tail = (int) INT.getAcquire(ring, cqTailAt);
        int count = 0;
        try {
            while (head != tail && count < limit) {
                long at = cqesAt + (long) (head & cqMask) * CQE_SIZE;
                long userData = ring.get(JAVA_LONG, at + CQE_USER_DATA);
                int result = ring.get(JAVA_INT, at + CQE_RES);
                head++;
                count++;
                inFlight--;
                to.completed(userData, result);
            }
        } finally {
            INT.setRelease(ring, cqHeadAt, head);
        }
        return count;
    }

    /**
     * Takes back what is prepared and the kernel has not taken, so that it never will: for a ring that cannot enter the kernel.
     *
     * @param to told of each operation, newest first, as if it had ended with {@code result}
     * @return how many there were
     */
    public int withdraw(Completions to, int result) {
        int count = pending();
        for (int i = 0; i < count; i++) {
            sqTail--;
            inFlight--;
            long userData = entries.get(JAVA_LONG, (long) (sqTail & sqMask) * SQE_SIZE + SQE_USER_DATA);
            INT.setRelease(ring, sqTailAt, sqTail);
            to.completed(userData, result);
        }
        return count;
    }

    /**
     * Ends the ring.
     *
     * @throws IllegalStateException if operations are in flight: the kernel goes on with them after the descriptor is closed,
     *     and would write into memory that their owner takes for free. Nothing is closed then
     */
    @Override
    public void close() {
        if (!fd.isOpen()) {
            return;
        }
        if (inFlight > 0) {
            throw new IllegalStateException(inFlight + " operations of an io_uring are in flight");
        }
        if (fileRegistered) {
            // The kernel takes a closed ring apart some time later, and would keep the file, with its locks, until
            // then.
            posix.ioUringRegister(fd, IORING_UNREGISTER_FILES, MemorySegment.NULL, 0);
        }
        fd.close();
        arena.close();
    }
}
