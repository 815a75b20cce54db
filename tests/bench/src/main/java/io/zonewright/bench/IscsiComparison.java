package io.zonewright.bench;

import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.iscsi.IscsiOptions;
import io.zonewright.testkit.scsi.iscsi.IscsiSession;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads over iSCSI from our target and from {@code tgt} over a file in {@code /dev/shm}, both asked by libiscsi's
 * {@code iscsi-perf} in turns: 4 KiB at depth 1, 32 and 128, 128 KiB at depth 32. Run by {@code tests/bench/run --iscsi}; only the
 * ratios mean something, each the median of the rounds.
 */
public final class IscsiComparison {
    private static final String IQN = "iqn.2026-11.io.zonewright:bench";
    private static final String THEIR_IQN = "iqn.2026-11.io.zonewright:tgt";
    private static final int BLOCK = 512;
    private static final long BYTES = 64L << 20;
    private static final byte FILLING = 0x5A;
    private static final int ROUNDS = 5;
    private static final int PATIENCE_MILLIS = 10_000;
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that we run on
    private static final Pattern AVERAGE = Pattern.compile("iops average (\\d+) \\(");

    private IscsiComparison() {}

    /**
     * Prints the figures.
     *
     * @param args milliseconds of a turn, rounded up to whole seconds, which is what iscsi-perf counts in; default 1000
     */
    public static void main(String[] args) throws Exception {
        long millis = args.length == 0 ? 1_000 : Long.parseLong(args[0]);
        int seconds = (int) Math.max(1, (millis + 999) / 1000);
        Path programs = Path.of(property("libiscsi"));
        try (TestDevice device = TestDevice.over(
                        "null-zoned", Map.of("model", "none", "size", "64MiB", "block-size", Integer.toString(BLOCK)));
                Tgt tgt = new Tgt(Path.of(property("tgt")))) {
            InetSocketAddress ours = device.startTcp("scsi-zbc", "iscsi", Map.of("iqn", IQN));
            fill(ours);
            Perf perf = new Perf(programs.resolve("iscsi-perf"), seconds);
            String ourUrl = "iscsi://127.0.0.1:" + ours.getPort() + "/" + IQN + "/0";
            String theirUrl = "iscsi://127.0.0.1:" + tgt.address.getPort() + "/" + THEIR_IQN + "/1";
            for (int depth : new int[] {1, 32, 128}) {
                compare(perf, ourUrl, theirUrl, tgt, depth, 4 << 10);
            }
            compare(perf, ourUrl, theirUrl, tgt, 32, 128 << 10);
        }
    }

    /** Where programs are: {@code tests/bench/run} says so. */
    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name), name);
    }

    private static void fill(InetSocketAddress address) {
        byte[] data = new byte[128 << 10];
        Arrays.fill(data, FILLING);
        try (IscsiSession session = IscsiSession.connect(address, IQN, IscsiOptions.DEFAULT)) {
            session.clearAttentions(0);
            for (long lba = 0; lba < BYTES / BLOCK; lba += data.length / BLOCK) {
                session.must(ScsiRequest.write(lba, BLOCK, data));
            }
            session.logout(0);
        }
    }

    private static void compare(Perf perf, String ourUrl, String theirUrl, Tgt tgt, int depth, int bytes)
            throws IOException, InterruptedException {
        double[] ours = new double[ROUNDS];
        double[] theirs = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        perf.run(ourUrl, depth, bytes);
        double ourCpu = 0;
        double theirCpu = 0;
        for (int i = 0; i < ROUNDS; i++) {
            double before = ourCpuSeconds();
            ours[i] = perf.run(ourUrl, depth, bytes);
            ourCpu += (ourCpuSeconds() - before) / (ours[i] * perf.seconds) / ROUNDS;
            before = tgt.cpuSeconds();
            theirs[i] = perf.run(theirUrl, depth, bytes);
            theirCpu += (tgt.cpuSeconds() - before) / (theirs[i] * perf.seconds) / ROUNDS;
            ratios[i] = ours[i] / theirs[i];
        }
        Arrays.sort(ours);
        Arrays.sort(theirs);
        Arrays.sort(ratios);
        System.out.println(String.format(
                Locale.ROOT,
                "iscsi read %d KiB depth %d: %.0f/s, %.2f GB/s; tgt %.0f/s, %.2f GB/s; rate ratio %.2f (%.2f to %.2f);"
                        + " server's CPU time per read %.1f and %.1f us",
                bytes >> 10,
                depth,
                ours[ROUNDS / 2],
                ours[ROUNDS / 2] * bytes / 1e9,
                theirs[ROUNDS / 2],
                theirs[ROUNDS / 2] * bytes / 1e9,
                ratios[ROUNDS / 2],
                ratios[0],
                ratios[ROUNDS - 1],
                ourCpu * 1e6,
                theirCpu * 1e6));
    }

    /** Processor time of our target's threads. */
    private static double ourCpuSeconds() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("iscsi")) {
                sum += Math.max(0, threads.getThreadCpuTime(thread.threadId()));
            }
        }
        return sum / 1e9;
    }

    /** Runs a program to its end; what it said. */
    private static String run(Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + said);
        }
        return said;
    }

    /** iscsi-perf, random reads. */
    private record Perf(Path program, int seconds) {
        /** Reads per second. */
        double run(String url, int depth, int bytes) throws IOException, InterruptedException {
            String said = IscsiComparison.run(
                    Map.of(),
                    program.toString(),
                    "-r",
                    "-m",
                    Integer.toString(depth),
                    "-b",
                    Integer.toString(bytes / BLOCK),
                    "-t",
                    Integer.toString(seconds),
                    url);
            Matcher matcher = AVERAGE.matcher(said);
            double last = -1;
            while (matcher.find()) {
                last = Double.parseDouble(matcher.group(1));
            }
            if (last <= 0) {
                throw new IOException("no figure from iscsi-perf: " + said);
            }
            return last;
        }
    }

    /** tgtd with a control socket of its own and a file in memory. */
    private static final class Tgt implements AutoCloseable {
        private final Path directory = Files.createTempDirectory("zwtgt");
        private final Path store = Files.createTempFile(Path.of("/dev/shm"), "zonewright-tgt", ".img");
        private final Map<String, String> environment =
                Map.of("TGT_IPC_SOCKET", directory.resolve("control").toString());
        private final Process daemon;
        private final InetSocketAddress address;

        Tgt(Path programs) throws IOException, InterruptedException {
            int port;
            try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = probe.getLocalPort();
            }
            address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            byte[] content = new byte[(int) BYTES];
            Arrays.fill(content, FILLING);
            Files.write(store, content);
            ProcessBuilder builder = new ProcessBuilder(
                            programs.resolve("tgtd").toString(), "-f", "--iscsi", "portal=127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile());
            builder.environment().putAll(environment);
            daemon = builder.start();
            try {
                configure(programs.resolve("tgtadm").toString());
            } catch (IOException | RuntimeException e) {
                close();
                throw e;
            }
        }

        private void configure(String tgtadm) throws IOException, InterruptedException {
            List<List<String>> steps = List.of(
                    List.of("--op", "new", "--mode", "target", "--tid", "1", "-T", THEIR_IQN),
                    List.of("--op", "new", "--mode", "logicalunit", "--tid", "1", "--lun", "1", "-b", store.toString()),
                    List.of("--op", "bind", "--mode", "target", "--tid", "1", "-I", "ALL"));
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
            for (int i = 0; i < steps.size(); ) {
                List<String> command = new ArrayList<>(List.of(tgtadm, "--lld", "iscsi"));
                command.addAll(steps.get(i));
                try {
                    IscsiComparison.run(environment, command.toArray(String[]::new));
                    i++;
                } catch (IOException e) {
                    // The daemon is still on its way up.
                    if (System.nanoTime() > deadline) {
                        throw e;
                    }
                    Thread.sleep(100);
                }
            }
        }

        /** Processor time of the daemon: utime and stime, fields 14 and 15 of its stat file. */
        double cpuSeconds() throws IOException {
            String stat = Files.readString(Path.of("/proc/" + daemon.pid() + "/stat"));
            List<String> fields =
                    List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
            return (Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12))) / TICKS_PER_SECOND;
        }

        @Override
        public void close() throws IOException {
            // Nothing in it is worth an orderly end.
            daemon.destroyForcibly().onExit().join();
            Files.deleteIfExists(store);
            try (var files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }
}
