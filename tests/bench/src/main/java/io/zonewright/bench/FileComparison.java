package io.zonewright.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.zonewright.posix.Posix;
import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.PollLoop;
import io.zonewright.testkit.device.TestDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * {@code linux-zbd} with {@code model: none} on a file, from a queue loop through engine and medium and back to the loop,
 * against fio with io_uring on the same file: random places, depth 32, direct I/O, in turns within one run. Run by
 * {@code tests/bench/run --file}, which finds fio and names it in the property {@code fio}.
 */
public final class FileComparison {
    static final int DEPTH = 32;
    private static final long FILE_BYTES = 512L << 20;
    private static final int ROUNDS = 5;
    private static final long SPIN_NANOS = 50_000;

    /** A medium's rate, and the processor time of the whole process per request. */
    private record Turn(double perSecond, double cpuMicros) {}

    private FileComparison() {}

    /**
     * Prints the figures.
     *
     * @param args milliseconds of a turn, default 2000; {@code io_uring} or {@code threads}, default the first; a directory
     *     for the file, default the current one
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        long turnMillis = args.length > 0 ? Long.parseLong(args[0]) : 2_000;
        String io = args.length > 1 ? args[1] : "io_uring";
        Path directory = Path.of(args.length > 2 ? args[2] : ".").toAbsolutePath();
        Path file = Files.createTempFile(directory, "zonewright-bench", ".disk");
        try {
            fill(file);
            System.out.println("file system " + Files.getFileStore(file).type() + ", io " + io + ", turns of "
                    + turnMillis + " ms, " + ROUNDS + " rounds; medians");
            compare(file, io, false, 4 << 10, turnMillis);
            compare(file, io, true, 4 << 10, turnMillis);
            compare(file, io, false, 128 << 10, turnMillis);
            compare(file, io, true, 128 << 10, turnMillis);
        } finally {
            Files.delete(file);
        }
    }

    /** Written everywhere, so that no write has to find space for its block. */
    private static void fill(Path file) throws IOException {
        ByteBuffer data = ByteBuffer.allocateDirect(1 << 20);
        SplittableRandom random = new SplittableRandom(1);
        while (data.remaining() >= Long.BYTES) {
            data.putLong(random.nextLong());
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (long at = 0; at < FILE_BYTES; at += data.capacity()) {
                channel.write(data.flip(), at);
            }
            channel.force(true);
        }
    }

    private static void compare(Path file, String io, boolean write, int bytes, long turnMillis)
            throws IOException, InterruptedException {
        Turn[] ours = new Turn[ROUNDS];
        Turn[] fio = new Turn[ROUNDS];
        double[] ratios = new double[ROUNDS];
        double allocated;
        try (TestDevice device =
                        TestDevice.over("linux-zbd", Map.of("path", file.toString(), "model", "none", "io", io));
                PollLoop loop =
                        PollLoop.start("bench", new AdaptiveIdle(SPIN_NANOS, System::nanoTime), Posix.system());
                FileQueue queue = new FileQueue(device.device(), loop, write, bytes, DEPTH, FILE_BYTES)) {
            for (int i = 0; i < 3; i++) {
                queue.run(turnMillis); // what is not compiled yet allocates
            }
            fio(file, write, bytes, turnMillis / 2);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long requests = 0;
            long bytesAllocated = 0;
            for (int i = 0; i < ROUNDS; i++) {
                long before = threads.getTotalThreadAllocatedBytes();
                long cpu = processCpuNanos();
                long begin = System.nanoTime();
                long done = queue.run(turnMillis);
                double seconds = (System.nanoTime() - begin) / 1e9;
                bytesAllocated += threads.getTotalThreadAllocatedBytes() - before;
                requests += done;
                ours[i] = new Turn(done / seconds, (processCpuNanos() - cpu) / 1e3 / done);
                fio[i] = fio(file, write, bytes, turnMillis);
                ratios[i] = ours[i].perSecond / fio[i].perSecond;
            }
            allocated = (double) bytesAllocated / requests;
        }
        System.out.println(String.format(
                Locale.ROOT,
                "%s %d KiB depth %d: %.0f/s, %.1f us of CPU each; fio %.0f/s, %.1f us; ratio %.2f (%s); %.3f bytes"
                        + " allocated per request",
                write ? "write" : "read",
                bytes >> 10,
                DEPTH,
                median(ours).perSecond,
                median(ours).cpuMicros,
                median(fio).perSecond,
                median(fio).cpuMicros,
                medianOf(ratios),
                Arrays.toString(Arrays.stream(ratios)
                        .mapToObj(ratio -> String.format(Locale.ROOT, "%.2f", ratio))
                        .toArray()),
                allocated));
        if (allocated >= 8) {
            throw new IllegalStateException("something is allocated per request: " + allocated + " bytes");
        }
    }

    private static long processCpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static Turn median(Turn[] turns) {
        Turn[] sorted = turns.clone();
        Arrays.sort(sorted, (a, b) -> Double.compare(a.perSecond, b.perSecond));
        return sorted[sorted.length / 2];
    }

    private static double medianOf(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Fields of fio's terse output, version 3, counted from 1: 8 and 49 are reads and writes per second, 88 and 89 CPU. */
    private static Turn fio(Path file, boolean write, int bytes, long millis) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(
                            System.getProperty("fio", "fio"),
                            "--name=bench",
                            "--filename=" + file,
                            "--size=" + FILE_BYTES,
                            "--rw=" + (write ? "randwrite" : "randread"),
                            "--bs=" + bytes,
                            "--ioengine=io_uring",
                            "--iodepth=" + DEPTH,
                            "--direct=1",
                            "--norandommap=1",
                            "--randrepeat=0",
                            "--time_based",
                            "--runtime=" + millis + "ms",
                            "--output-format=terse",
                            "--terse-version=3")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("fio failed: " + output);
            }
            String[] fields = output.strip().split(";", -1);
            double perSecond = Double.parseDouble(fields[write ? 48 : 7]);
            double cpu = percent(fields[87]) + percent(fields[88]);
            return new Turn(perSecond, cpu / 100 * 1e6 / perSecond);
        } catch (IOException e) {
            throw new UncheckedIOException("fio is needed", e);
        }
    }

    private static double percent(String text) {
        return Double.parseDouble(text.replace("%", ""));
    }
}
