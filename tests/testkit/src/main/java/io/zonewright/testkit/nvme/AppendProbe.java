package io.zonewright.testkit.nvme;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast an NVMe disk of this machine fills: by Zone Append through the disk's generic node (NVME_IOCTL_IO64_CMD
 * on as many threads as commands in flight), or by writes one after the other to its block device. For decisions, not for
 * tests.
 *
 * <pre>
 * append NODE LBA BLOCK BYTES THREADS MILLIS   until the zone at LBA is full; blocks of BLOCK bytes, BYTES at a time
 * write DEVICE LBA BLOCK BYTES 1 MILLIS
 * </pre>
 *
 * Prints commands a second, and MiB/s.
 */
public final class AppendProbe {
    /** {@code _IOWR('N', 0x48, struct nvme_passthru_cmd64)} (linux/nvme_ioctl.h). */
    private static final long NVME_IOCTL_IO64_CMD = 0xC050_4E48L;

    private static final int COMMAND_BYTES = 80;
    private static final byte ZONE_APPEND = 0x7D;

    private AppendProbe() {}

    public static void main(String[] arguments) throws InterruptedException {
        boolean append = arguments[0].equals("append");
        long lba = Long.parseLong(arguments[2]);
        int block = Integer.parseInt(arguments[3]);
        int bytes = Integer.parseInt(arguments[4]);
        long millis = Long.parseLong(arguments[6]);
        Posix posix = Posix.system();
        AtomicLong done = new AtomicLong();
        int flags = append ? Linux.O_RDWR : Linux.O_RDWR | Linux.O_DIRECT;
        try (Fd fd = posix.open(Path.of(arguments[1]), flags, 0)) {
            long start = System.nanoTime();
            long end = start + millis * 1_000_000;
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(arguments[5]); i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    if (append) {
                        append(posix, fd, lba, block, bytes, end, done);
                    } else {
                        write(posix, fd, lba * block, bytes, end, done);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "%.0f commands/s, %.1f MiB/s, %d commands%n",
                    done.get() / seconds, done.get() * (double) bytes / (1 << 20) / seconds, done.get());
        }
    }

    private static void append(Posix posix, Fd fd, long lba, int block, int bytes, long end, AtomicLong done) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(bytes, 4096);
            MemorySegment command = arena.allocate(COMMAND_BYTES, 8);
            while (System.nanoTime() < end) {
                command.fill((byte) 0);
                command.set(JAVA_BYTE, 0, ZONE_APPEND);
                command.set(JAVA_INT, 4, 1);
                command.set(JAVA_LONG, 24, data.address());
                command.set(JAVA_INT, 36, bytes);
                command.set(JAVA_INT, 40, (int) lba);
                command.set(JAVA_INT, 44, (int) (lba >>> 32));
                command.set(JAVA_INT, 48, bytes / block - 1);
                if (posix.ioctl(fd, "NVME_IOCTL_IO64_CMD", NVME_IOCTL_IO64_CMD, command) != 0) {
                    return; // the disk's status: the zone is full
                }
                done.incrementAndGet();
            }
        } catch (PosixException e) {
            ended(e);
        }
    }

    private static void write(Posix posix, Fd fd, long from, int bytes, long end, AtomicLong done) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(bytes, 4096);
            long place = from;
            while (System.nanoTime() < end) {
                posix.pwrite(fd, data, 0, bytes, place);
                place += bytes;
                done.incrementAndGet();
            }
        } catch (PosixException e) {
            ended(e);
        }
    }

    /** Writes go on from zone to zone; the disk's end ends the run as well as the time. */
    private static void ended(PosixException e) {
        if (!e.is(Errno.EIO) && !e.is(Errno.ENOSPC)) {
            throw e;
        }
    }
}
