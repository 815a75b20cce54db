package io.zonewright.bench;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.nvme.Cqe;
import io.zonewright.testkit.nvme.NvmeHost;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeZoneReport;
import io.zonewright.testkit.nvme.Sqe;
import io.zonewright.testkit.nvme.pcie.NvmePcieHost;
import io.zonewright.testkit.nvme.pcie.PcieOptions;
import io.zonewright.testkit.nvme.tcp.NvmeTcpHost;
import io.zonewright.testkit.nvme.tcp.NvmeTcpQueue;
import io.zonewright.testkit.nvme.tcp.Pdu;
import io.zonewright.testkit.nvme.tcp.TcpOptions;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * NVMe/TCP reads against an echo server that exchanges the same bytes over the same kind of socket, in turns within one
 * run: depth 1, 32 and 128 of 4 KiB, depth 8 of 128 KiB; then the report of 65,536 zones, over vfio-user too. The echo
 * server answers each request by itself, with one write. Run by {@code tests/bench/run --nvme-tcp}; figures of one machine, only the ratios
 * mean something, each the median of five rounds.
 */
public final class NvmeTcpComparison {
    private static final String NQN = "nqn.2026-11.io.zonewright:bench";
    private static final int BLOCK = 4096;
    private static final int CAPSULE = 72;
    private static final int QUEUE_SIZE = 129; // one more than the deepest
    private static final int ROUNDS = 5;
    private static final int MANY_ZONES = 65_536;
    private static final int MOST_LATENCIES = 1 << 20;
    private static final TcpOptions OPTIONS = TcpOptions.DEFAULT.withFlowControl(false);

    private NvmeTcpComparison() {}

    /**
     * Prints the figures.
     *
     * @param args milliseconds of a turn; default 1000
     */
    public static void main(String[] args) throws Exception {
        long turnNanos = (args.length == 0 ? 1_000L : Long.parseLong(args[0])) * 1_000_000;
        try (TestDevice device = TestDevice.over(
                "null-zoned", Map.of("model", "none", "size", "64MiB", "block-size", Integer.toString(BLOCK)))) {
            InetSocketAddress address = device.startTcp("nvme-zns", "tcp", Map.of("nqn", NQN, "queue-size", "256"));
            try (NvmeTcpHost host = NvmeTcpHost.connect(address, NQN, OPTIONS)) {
                fill(host);
            }
            for (int depth : new int[] {1, 32, 128}) {
                compare(address, depth, BLOCK, turnNanos);
            }
            compare(address, 8, 128 << 10, turnNanos);
            compareFromMemory(address, 8, 128 << 10, turnNanos);
        }
        report();
    }

    private static void fill(NvmeTcpHost host) {
        byte[] data = new byte[128 << 10];
        Arrays.fill(data, (byte) 0x5A);
        for (long lba = 0; lba < (64L << 20) / BLOCK; lba += data.length / BLOCK) {
            if (host.run(NvmeRequest.write(1, lba, BLOCK, data)).status() != 0) {
                throw new IllegalStateException("cannot fill the device");
            }
        }
    }

    private static void compare(InetSocketAddress address, int depth, int bytes, long turnNanos) throws Exception {
        compare(address, depth, bytes, turnNanos, 0, "echo");
    }

    /** Beside an echo server whose replies, as ours, come from all over 64 MiB instead of out of the cache. */
    private static void compareFromMemory(InetSocketAddress address, int depth, int bytes, long turnNanos)
            throws Exception {
        compare(address, depth, bytes, turnNanos, 64 << 20, "echo from 64 MiB");
    }

    private static void compare(
            InetSocketAddress address, int depth, int bytes, long turnNanos, int echoBytes, String name)
            throws Exception {
        try (NvmeTcpHost host = NvmeTcpHost.admin(address, NQN, OPTIONS);
                Reader target = Reader.connect(address, ready(host), depth, bytes);
                Echo echo = new Echo(target.learnReplyBytes(), echoBytes);
                Reader bare = Reader.ofEcho(echo.address(), depth, bytes, echo.replyBytes)) {
            double[] ours = new double[ROUNDS];
            double[] theirs = new double[ROUNDS];
            target.run(turnNanos / 2);
            bare.run(turnNanos / 2);
            target.forget();
            bare.forget();
            double ourCpu = 0;
            double theirCpu = 0;
            for (int i = 0; i < ROUNDS; i++) {
                long before = cpuNanos("nvme-tcp");
                ours[i] = target.run(turnNanos);
                ourCpu += (cpuNanos("nvme-tcp") - before) / (ours[i] * turnNanos / 1e9) / ROUNDS;
                before = cpuNanos("echo");
                theirs[i] = bare.run(turnNanos);
                theirCpu += (cpuNanos("echo") - before) / (theirs[i] * turnNanos / 1e9) / ROUNDS;
            }
            double[] ratios = new double[ROUNDS];
            Arrays.setAll(ratios, i -> ours[i] / theirs[i]);
            Arrays.sort(ratios);
            Arrays.sort(ours);
            Arrays.sort(theirs);
            double a = ours[ROUNDS / 2];
            double b = theirs[ROUNDS / 2];
            if (depth == 1) {
                System.out.println(String.format(
                        Locale.ROOT,
                        "nvme-tcp read %d KiB depth 1: p50 %.1f us, p99 %.1f us; echo p50 %.1f us, p99 %.1f us; p50 ratio %.2f",
                        bytes >> 10,
                        target.micros(0.5),
                        target.micros(0.99),
                        bare.micros(0.5),
                        bare.micros(0.99),
                        target.micros(0.5) / bare.micros(0.5)));
            }
            System.out.println(String.format(
                    Locale.ROOT,
                    "nvme-tcp read %d KiB depth %d: %.0f/s, %.2f GB/s, mean %.1f us; %s %.0f/s, mean %.1f us; rate ratio %.2f;"
                            + " server's CPU time per read %.1f and %.1f us",
                    bytes >> 10,
                    depth,
                    a,
                    a * bytes / 1e9,
                    depth / a * 1e6,
                    name,
                    b,
                    depth / b * 1e6,
                    ratios[ROUNDS / 2],
                    ourCpu / 1e3,
                    theirCpu / 1e3));
        }
    }

    /** Processor time of the threads whose names begin so. */
    private static long cpuNanos(String name) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith(name)) {
                sum += Math.max(0, threads.getThreadCpuTime(thread.threadId()));
            }
        }
        return sum;
    }

    /** Enables a controller and leaves its I/O queues to others; its identifier. */
    private static int ready(NvmeTcpHost host) {
        host.enable();
        host.mustAdmin(NvmeRequest.queues(1));
        return host.controller();
    }

    /** How long it takes to hear of 65,536 zones, in as many commands as MDTS wants. */
    private static void report() {
        try (TestDevice device = TestDevice.over(
                "null-zoned", Map.of("size", "64GiB", "zone-size", "1MiB", "block-size", Integer.toString(BLOCK)))) {
            InetSocketAddress address = device.startTcp("nvme-zns", "tcp", Map.of("nqn", NQN));
            try (NvmeTcpHost host = NvmeTcpHost.connect(address, NQN, OPTIONS)) {
                report("nvme-tcp", host);
            }
            Path socket = device.start("nvme-zns", "vfio-user", Map.of("doorbells", "mapped"));
            try (NvmePcieHost host = NvmePcieHost.connect(
                    Posix.system(), socket, PcieOptions.DEFAULT.with(PcieOptions.Doorbells.MAPPED))) {
                report("nvme vfio-user", host);
            }
        }
    }

    private static void report(String carrier, NvmeHost host) {
        long[] times = new long[20];
        for (int i = 0; i < times.length; i++) {
            long before = System.nanoTime();
            readAll(host);
            times[i] = System.nanoTime() - before;
        }
        Arrays.sort(times);
        System.out.println(String.format(
                Locale.ROOT,
                "%s report of %d zones: %.1f ms, median of %d (best %.1f)",
                carrier,
                MANY_ZONES,
                times[times.length / 2] / 1e6,
                times.length,
                times[0] / 1e6));
    }

    private static void readAll(NvmeHost host) {
        int bytes = 128 << 10;
        int zonesEach = (bytes - NvmeZoneReport.HEADER_BYTES) / NvmeZoneReport.ZONE_BYTES;
        long zoneBlocks = (1L << 20) / BLOCK;
        for (int zone = 0; zone < MANY_ZONES; zone += zonesEach) {
            if (host.run(1, NvmeRequest.report(1, zone * zoneBlocks, bytes, false, 0, true))
                            .status()
                    != 0) {
                throw new IllegalStateException("no report");
            }
        }
    }

    /** Keeps so many reads in flight; knows nothing of NVMe but where a PDU ends and which one ends a command. */
    private static final class Reader implements AutoCloseable {
        private final SocketChannel channel;
        private final ByteBuffer in;
        private final ByteBuffer out;
        private final int depth;
        private final int blocks;
        private final long span;
        private int replyBytes;
        private long next;
        /** Of single commands, nanoseconds; only at depth 1. */
        private final int[] latencies;

        private int measured;

        private Reader(SocketChannel channel, int depth, int bytes) {
            this.channel = channel;
            this.depth = depth;
            latencies = new int[depth == 1 ? MOST_LATENCIES : 0];
            blocks = bytes / BLOCK;
            span = (64L << 20) / BLOCK - blocks;
            in = ByteBuffer.allocateDirect(2 * (bytes + 256) + (256 << 10)).order(ByteOrder.LITTLE_ENDIAN);
            out = ByteBuffer.allocateDirect(depth * CAPSULE).order(ByteOrder.LITTLE_ENDIAN);
        }

        private static SocketChannel open(InetSocketAddress address) throws IOException {
            SocketChannel channel = SocketChannel.open(address);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return channel;
        }

        static Reader connect(InetSocketAddress address, int controller, int depth, int bytes) throws IOException {
            Reader reader = new Reader(open(address), depth, bytes);
            reader.send(NvmeTcpQueue.initialize(OPTIONS).bytes());
            reader.need(128);
            reader.in.clear();
            NvmeRequest connect = NvmeTcpQueue.connect(OPTIONS, NQN, 1, QUEUE_SIZE, controller);
            Sqe sqe = connect.sqe().copy().cid(0).sgl(0, connect.out().length, NvmeTcpQueue.SGL_IN_CAPSULE);
            ByteBuffer header = Pdu.header(Pdu.CAPSULE_CMD, 0, CAPSULE).put(8, sqe.bytes());
            reader.send(Pdu.of(header, connect.out(), false, false, 4).bytes());
            reader.need(24);
            byte[] response = new byte[24];
            reader.in.flip().get(response);
            reader.in.clear();
            if (Cqe.parse(response, Pdu.COMMON_BYTES).status() != 0) {
                throw new IOException("Connect was refused: " + Cqe.parse(response, Pdu.COMMON_BYTES));
            }
            return reader;
        }

        static Reader ofEcho(InetSocketAddress address, int depth, int bytes, int replyBytes) throws IOException {
            Reader reader = new Reader(open(address), depth, bytes);
            reader.replyBytes = replyBytes;
            return reader;
        }

        private void send(byte[] bytes) throws IOException {
            ByteBuffer all = ByteBuffer.wrap(bytes);
            while (all.hasRemaining()) {
                channel.write(all);
            }
        }

        private void need(int bytes) throws IOException {
            while (in.position() < bytes) {
                if (channel.read(in) < 0) {
                    throw new EOFException("the server hung up");
                }
            }
        }

        /** How many bytes answer one read, PDU headers included. */
        int learnReplyBytes() throws IOException {
            prepare(0);
            flush();
            int end = 0;
            boolean last = false;
            while (!last) {
                need(end + 8);
                int length = in.getInt(end + 4);
                last = in.get(end) == Pdu.CAPSULE_RESP || (in.get(end + 1) & Pdu.F_SUCCESS) != 0;
                end += length;
                need(end);
            }
            in.clear();
            replyBytes = end;
            return end;
        }

        private void prepare(int cid) {
            int at = out.position();
            for (int i = 0; i < CAPSULE; i += 8) {
                out.putLong(at + i, 0);
            }
            out.put(at, (byte) Pdu.CAPSULE_CMD).put(at + 2, (byte) CAPSULE).putInt(at + 4, CAPSULE);
            out.put(at + 8, (byte) 2).put(at + 9, (byte) Sqe.PSDT_SGL).putShort(at + 10, (short) cid);
            out.putInt(at + 12, 1);
            out.putInt(at + 40, blocks * BLOCK).put(at + 47, (byte) NvmeTcpQueue.SGL_TRANSPORT);
            out.putLong(at + 48, next).putInt(at + 56, blocks - 1);
            next = (next + blocks) % span;
            out.position(at + CAPSULE);
        }

        private void flush() throws IOException {
            out.flip();
            while (out.hasRemaining()) {
                channel.write(out);
            }
            out.clear();
        }

        /** Reads for so long; commands per second. All replies are of one length, so counting bytes counts commands. */
        double run(long nanos) throws IOException {
            long begin = System.nanoTime();
            long done = 0;
            long sent = 0;
            long received = 0;
            for (int i = 0; i < depth; i++) {
                prepare((int) (sent++ % depth));
            }
            flush();
            boolean over = false;
            long asked = System.nanoTime();
            while (done < sent) {
                in.clear();
                int count = channel.read(in);
                if (count < 0) {
                    throw new EOFException("the server hung up");
                }
                received += count;
                long now = received / replyBytes;
                long clock = System.nanoTime();
                over = over || clock - begin > nanos;
                if (now > done && measured < latencies.length) {
                    latencies[measured++] = (int) (clock - asked);
                }
                for (; done < now; done++) {
                    if (!over) {
                        // Identifiers are taken in turn; replies of a read-only load over memory come in order.
                        prepare((int) (sent++ % depth));
                    }
                }
                if (out.position() > 0) {
                    asked = System.nanoTime();
                    flush();
                }
            }
            return done * 1e9 / (System.nanoTime() - begin);
        }

        /** What was measured until now was warming up. */
        void forget() {
            measured = 0;
        }

        /** A quantile of the latencies at depth 1, in microseconds. */
        double micros(double quantile) {
            Arrays.sort(latencies, 0, measured);
            return latencies[(int) (quantile * (measured - 1))] / 1e3;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Answers every 72 bytes with so many, each by a write of its own, from memory of a given size in turn. */
    private static final class Echo implements AutoCloseable {
        private final ServerSocketChannel listener;
        private final int replyBytes;
        private final int memoryBytes;

        Echo(int replyBytes, int memoryBytes) throws IOException {
            this.replyBytes = replyBytes;
            this.memoryBytes = Math.max(replyBytes, memoryBytes);
            listener = ServerSocketChannel.open();
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread.ofPlatform().daemon().name("echo").start(this::serve);
        }

        InetSocketAddress address() throws IOException {
            return (InetSocketAddress) listener.getLocalAddress();
        }

        private void serve() {
            try (SocketChannel channel = listener.accept()) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                ByteBuffer in = ByteBuffer.allocateDirect(64 << 10);
                ByteBuffer reply = ByteBuffer.allocateDirect(memoryBytes);
                int have = 0;
                while (true) {
                    in.clear();
                    int count = channel.read(in);
                    if (count < 0) {
                        return;
                    }
                    for (have += count; have >= CAPSULE; have -= CAPSULE) {
                        int start = reply.limit() > memoryBytes - replyBytes ? 0 : reply.limit();
                        reply.limit(start + replyBytes).position(start);
                        while (reply.hasRemaining()) {
                            channel.write(reply);
                        }
                    }
                }
            } catch (IOException e) {
                return; // the benchmark is over
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
