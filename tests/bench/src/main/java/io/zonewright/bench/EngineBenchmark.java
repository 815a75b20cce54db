package io.zonewright.bench;

import io.zonewright.api.result.Cause;
import io.zonewright.testkit.device.TestDevice;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * What the engine costs a request, alone: the medium does nothing and there is no front-end. One request is in flight
 * per thread. Writes and appends pay for resetting their zones, once in 1,024.
 */
public class EngineBenchmark extends Measured {
    /** The device. */
    @State(Scope.Benchmark)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public static class Disk {
        /** Zones of the device: one that fits into the first-level cache, and 16 times the second level. */
        @Param({"64", "65536"})
        public int zones;

        TestDevice device;

        @Setup
        public void open() {
            device = Disks.nothing(zones);
        }

        @TearDown
        public void close() {
            device.close();
        }
    }

    /** A client that uses one zone, another one for each thread. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public static class OneZone {
        Client client;

        @Setup
        public void open(Disk disk, ThreadParams thread) {
            client = new Client(disk.device.device(), disk.zones / 2 * thread.getThreadIndex(), 1, 1);
        }
    }

    /** A client that uses all zones in turn, or its half of them. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public static class ManyZones {
        Client client;

        @Setup
        public void open(Disk disk, ThreadParams thread) {
            int share = disk.zones / thread.getThreadCount();
            client = new Client(disk.device.device(), share * thread.getThreadIndex(), share, 1);
        }
    }

    /** As {@link ManyZones}, all of them full. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public static class FullZones {
        Client client;

        @Setup
        public void open(Disk disk) {
            client = new Client(disk.device.device(), 0, disk.zones, 1);
            client.fill();
        }
    }

    /** A client that shares its only zone with the other thread. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public static class SharedZone {
        Client client;

        @Setup
        public void open(Disk disk) {
            client = new Client(disk.device.device(), 0, 1, 1);
        }
    }

    @Benchmark
    public void writeOneZone(OneZone state) {
        state.client.write();
    }

    @Benchmark
    public void writeManyZones(ManyZones state) {
        state.client.write();
    }

    @Benchmark
    public long append(OneZone state) {
        return state.client.append();
    }

    @Benchmark
    public void read(FullZones state) {
        state.client.read();
    }

    @Benchmark
    public Cause refusedWrite(ManyZones state) {
        return state.client.refusedWrite();
    }

    @Benchmark
    @Threads(2)
    public void twoThreadsWriteZonesOfTheirOwn(OneZone state) {
        state.client.write();
    }

    @Benchmark
    @Threads(2)
    public long twoThreadsAppendToOneZone(SharedZone state) {
        return state.client.appendAmongOthers();
    }
}
