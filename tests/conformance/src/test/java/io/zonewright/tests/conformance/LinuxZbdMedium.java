package io.zonewright.tests.conformance;

import io.zonewright.api.spi.BackendPlan;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.backend.linuxzbd.LinuxZbdExtension;
import io.zonewright.backend.linuxzbd.open.Host;
import io.zonewright.testkit.config.TestSettings;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.kernel.FakeDisk;
import io.zonewright.testkit.kernel.FakeKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** linux-zbd, as its plugin makes it from settings, over a disk of a fake kernel's. */
final class LinuxZbdMedium implements Medium {
    static final LinuxZbdMedium INSTANCE = new LinuxZbdMedium();

    private static final String NODE = "/dev/fake";

    private LinuxZbdMedium() {}

    @Override
    public String name() {
        return "linux-zbd";
    }

    /** The fake kernel has no host-aware disks, and Linux has none since 6.10. */
    @Override
    public boolean comesIn(Shape shape) {
        return shape.model() != ZoneModel.HOST_AWARE;
    }

    @Override
    public Set<String> properties(Shape shape) {
        Set<String> words = new TreeSet<>(shape.properties());
        words.add("zeroes");
        if (shape.model().zoned()) {
            words.add("own");
        } else {
            words.add("engine");
            words.add("discard");
        }
        return words;
    }

    @Override
    public Opened open(Shape shape) {
        Path directory;
        try {
            directory = Files.createTempDirectory("zwk");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        FakeKernel kernel = new FakeKernel(directory);
        FakeDisk disk = plugIn(kernel, shape);
        LinuxZbdExtension extension =
                new LinuxZbdExtension(() -> new Host(kernel.posix(), kernel.sys(), kernel.proc(), kernel.groups()));
        Map<String, String> settings = new LinkedHashMap<>(Map.of("path", NODE, "io", "threads", "queue-depth", "4"));
        if (!shape.model().zoned()) {
            settings.put("model", "none");
        }
        BackendPlan plan = extension.plan(TestSettings.of(extension.keys(), settings), DeviceIdentity.of("test"));
        try {
            return new OnKernel(TestDevice.over(plan.open(), ZoneRules.ZBC), kernel, disk, directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FakeDisk plugIn(FakeKernel kernel, Shape shape) {
        List<String> queue = new ArrayList<>();
        queue.add("logical_block_size=" + shape.blockSize());
        queue.add("physical_block_size=" + shape.granularity());
        if (shape.model().zoned()) {
            queue.add("zone_write_granularity=" + shape.granularity());
            queue.add("zone_append_max_bytes=" + shape.maxAppend() * shape.blockSize());
            queue.add("max_open_zones=" + shape.maxOpen());
            queue.add("max_active_zones=" + shape.maxActive());
        }
        FakeDisk disk = kernel.add(
                NODE,
                shape.deviceBlocks() * shape.blockSize(),
                (long) shape.zoneSize() * shape.blockSize(),
                (long) shape.capacity() * shape.blockSize(),
                shape.conventional(),
                queue.toArray(String[]::new));
        return disk.limits(shape.maxOpen(), shape.maxActive());
    }

    @Override
    public String toString() {
        return name();
    }

    /** An open device and what has to go with it. */
    private record OnKernel(TestDevice device, FakeKernel kernel, FakeDisk disk, Path directory) implements Opened {
        @Override
        public boolean breakZone(int zone, boolean offline) {
            disk.breakZone(zone, offline ? FakeDisk.OFFLINE : FakeDisk.READ_ONLY);
            return true;
        }

        @Override
        public void close() {
            device.close();
            int open = kernel.openFiles();
            kernel.close();
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (open != 0) {
                throw new AssertionError(open + " descriptors of the disk are still open");
            }
        }
    }
}
