package io.zonewright.bench;

import io.zonewright.testkit.device.TestDevice;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Engine and null-zoned together, with data: 4 KiB are copied for each request, and a reset gives a zone's memory back
 * to the kernel, which provides it again, zeroed, as the zone is written. Each thread has 16 zones (64 MiB) among 65,536.
 */
public class NullZonedBenchmark extends Measured {
    private static final int ZONES = 65_536;
    private static final int USED_ZONES = 16;

    /** The device. */
    @State(Scope.Benchmark)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public static class Disk {
        TestDevice device;

        @Setup
        public void open() {
            device = Disks.nullZoned(ZONES, "keep");
        }

        @TearDown
        public void close() {
            device.close();
        }

        Client client(ThreadParams thread) {
            int share = ZONES / thread.getThreadCount();
            return new Client(device.device(), share * thread.getThreadIndex(), USED_ZONES, share / USED_ZONES);
        }
    }

    /** A client of empty zones. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public static class EmptyZones {
        Client client;

        @Setup
        public void open(Disk disk, ThreadParams thread) {
            client = disk.client(thread);
        }
    }

    /** A client of full zones. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public static class FullZones {
        Client client;

        @Setup
        public void open(Disk disk, ThreadParams thread) {
            client = disk.client(thread);
            client.fill();
        }
    }

    @Benchmark
    public void write(EmptyZones state) {
        state.client.write();
    }

    @Benchmark
    public long append(EmptyZones state) {
        return state.client.append();
    }

    @Benchmark
    public void read(FullZones state) {
        state.client.read();
    }

    @Benchmark
    @Threads(2)
    public void twoThreadsWrite(EmptyZones state) {
        state.client.write();
    }

    @Benchmark
    @Threads(2)
    public void twoThreadsRead(FullZones state) {
        state.client.read();
    }
}
