package io.zonewright.testkit.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.zonewright.posix.Errno;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.Syscalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * System calls with block devices of a test's making; everything else is the running kernel's. Its sysfs and procfs are
 * directories, which the test may change.
 */
public final class FakeKernel implements AutoCloseable {
    private static final int FIRST_FD = 1_000_000;
    private static final int BLOCK_DEVICE = 0x6000;
    private static final int MAJOR = 250;
    private static final int STATX_DIOALIGN = 0x2000;

    private final Syscalls real = Syscalls.system();
    private final Path root;
    private final Map<String, Integer> minors = new HashMap<>();
    private final Map<Integer, FakeDisk> disks = new ConcurrentHashMap<>();
    private final Map<Integer, Integer> open = new ConcurrentHashMap<>();
    private final Map<String, Errno> refusals = new ConcurrentHashMap<>();
    private final Map<Integer, Integer> backings = new HashMap<>();
    private int nextFd = FIRST_FD;
    private volatile int fileMemoryAlign;
    private volatile int fileOffsetAlign;
    private volatile boolean tellsAlignment;

    /**
     * @param root an empty directory
     */
    public FakeKernel(Path root) {
        this.root = root;
    }

    /** A host-managed disk as null_blk makes it. */
    public FakeDisk zoned(
            String path, int zones, long zoneBytes, long capacity, int conventional, String... attributes) {
        return add(path, zones * zoneBytes, zoneBytes, capacity, conventional, attributes);
    }

    /** A disk without zones. */
    public FakeDisk ordinary(String path, long bytes, String... attributes) {
        return add(path, bytes, 0, 0, 0, attributes);
    }

    /**
     * Any disk.
     *
     * @param attributes {@code name=value} of its queue in sysfs, over those that null_blk has
     */
    public synchronized FakeDisk add(
            String path, long bytes, long zoneBytes, long capacity, int conventional, String... attributes) {
        int minor = minors.size();
        minors.put(path, minor);
        Path backing = root.resolve("disk" + minor);
        int fd = real.open(backing.toString(), Linux.O_RDWR | Linux.O_CREAT, 0600);
        if (fd < 0 || real.ftruncate(fd, bytes) != 0) {
            throw new IllegalStateException("no backing file: " + Errno.nameOf(-fd));
        }
        backings.put(minor, fd);
        Map<String, String> queue = new HashMap<>(Map.of(
                "zoned", zoneBytes == 0 ? "none" : "host-managed",
                "chunk_sectors", Long.toString(zoneBytes / 512),
                "logical_block_size", "512",
                "physical_block_size", "4096",
                "zone_write_granularity", zoneBytes == 0 ? "0" : "4096",
                "dma_alignment", "511",
                "max_sectors_kb", "1280",
                "max_segments", "128",
                "write_cache", "write back",
                "fua", "1"));
        queue.put("discard_max_bytes", zoneBytes == 0 ? "2147450880" : "0");
        queue.put("write_zeroes_max_bytes", zoneBytes == 0 ? "2147450880" : "0");
        for (String attribute : attributes) {
            int equals = attribute.indexOf('=');
            queue.put(attribute.substring(0, equals), attribute.substring(equals + 1));
        }
        try {
            Path device = device(minor);
            Files.createDirectories(device.resolve("queue"));
            for (Map.Entry<String, String> entry : queue.entrySet()) {
                Files.writeString(device.resolve("queue").resolve(entry.getKey()), entry.getValue() + "\n");
            }
            Files.writeString(device.resolve("ro"), "0\n");
            Files.writeString(device.resolve("size"), bytes / 512 + "\n");
            Files.createDirectories(root.resolve("proc"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int block = Integer.parseInt(Objects.requireNonNull(queue.get("logical_block_size")));
        FakeDisk disk = new FakeDisk(real, fd, bytes, block, zoneBytes, capacity, conventional);
        disks.put(minor, disk);
        return disk;
    }

    private Path device(int minor) {
        return root.resolve("sys/dev/block/" + MAJOR + ":" + minor);
    }

    /** The device's directory in sysfs. */
    public Path sysfs(String path) {
        return device(Objects.requireNonNull(minors.get(path)));
    }

    /** Opening this path fails. */
    public void refuse(String path, Errno errno) {
        refusals.put(path, errno);
    }

    /** Files say that direct I/O has to be aligned so, or with -1 twice nothing (as before Linux 6.1). */
    public void directAlignment(int memory, int offset) {
        tellsAlignment = true;
        fileMemoryAlign = memory;
        fileOffsetAlign = offset;
    }

    /** Descriptors that are open. */
    public int openFiles() {
        return open.size();
    }

    /** Its system calls. */
    public Posix posix() {
        Syscalls calls = (Syscalls) Proxy.newProxyInstance(
                FakeKernel.class.getClassLoader(),
                new Class<?>[] {Syscalls.class},
                (proxy, method, arguments) -> call(method, arguments == null ? new Object[0] : arguments));
        return new Posix(calls);
    }

    /** Where its sysfs is mounted. */
    public Path sys() {
        return root.resolve("sys");
    }

    /** Where its procfs is mounted. */
    public Path proc() {
        return root.resolve("proc");
    }

    /** Its file of groups. */
    public Path groups() {
        return root.resolve("group");
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        String name = method.getName();
        if (name.equals("open") && minors.containsKey((String) arguments[0])) {
            return open((String) arguments[0], (int) arguments[1]);
        }
        Integer minor = arguments.length > 0 && arguments[0] instanceof Integer fd ? open.get(fd) : null;
        if (minor != null) {
            int fd = (int) arguments[0];
            FakeDisk disk = Objects.requireNonNull(disks.get(minor));
            return switch (name) {
                case "close" -> {
                    open.remove(fd);
                    yield 0;
                }
                case "statx" -> {
                    status(minor, (MemorySegment) arguments[4]);
                    yield 0;
                }
                case "ioctl" -> disk.control((long) arguments[1], (MemorySegment) arguments[2]);
                case "preadv2" ->
                    disk.move(
                            name,
                            (MemorySegment) arguments[1],
                            (int) arguments[2],
                            (long) arguments[3],
                            (int) arguments[4],
                            false);
                case "pwritev2" ->
                    disk.move(
                            name,
                            (MemorySegment) arguments[1],
                            (int) arguments[2],
                            (long) arguments[3],
                            (int) arguments[4],
                            true);
                case "fdatasync" -> disk.flush();
                case "fallocate" -> disk.allocate((int) arguments[1], (long) arguments[2], (long) arguments[3]);
                default -> throw new AssertionError("unexpected call on a fake disk: " + name);
            };
        }
        try {
            Object result = method.invoke(real, arguments);
            if (tellsAlignment && name.equals("statx") && ((int) arguments[3] & STATX_DIOALIGN) != 0) {
                tellAlignment((MemorySegment) arguments[4]);
            }
            return result;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** linux/stat.h: stx_mask at 0, stx_dio_mem_align at 0x98, stx_dio_offset_align at 0x9C. */
    private void tellAlignment(MemorySegment statx) {
        boolean told = fileOffsetAlign >= 0;
        int mask = statx.get(JAVA_INT, 0);
        statx.set(JAVA_INT, 0, told ? mask | STATX_DIOALIGN : mask & ~STATX_DIOALIGN);
        statx.set(JAVA_INT, 0x98, told ? fileMemoryAlign : 0);
        statx.set(JAVA_INT, 0x9C, told ? fileOffsetAlign : 0);
    }

    private synchronized int open(String path, int flags) {
        Errno refusal = refusals.get(path);
        if (refusal != null && (flags & Linux.O_PATH) == 0) {
            return -refusal.number();
        }
        int fd = nextFd++;
        open.put(fd, Objects.requireNonNull(minors.get(path)));
        return fd;
    }

    private static void status(int minor, MemorySegment statx) {
        statx.asSlice(0, 256).fill((byte) 0);
        statx.set(JAVA_SHORT, 28, (short) (BLOCK_DEVICE | 0660));
        statx.set(JAVA_INT, 24, 6);
        statx.set(JAVA_INT, 128, MAJOR);
        statx.set(JAVA_INT, 132, minor);
    }

    @Override
    public void close() {
        backings.values().forEach(real::close);
        backings.clear();
    }
}
