package io.zonewright.tests.fuzz;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkRequest;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.testkit.device.TestDevice;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * The devices that hostile drivers attack: one to be attacked, and a neighbour in the same process whose driver is well
 * behaved, stays attached and has to be served whatever happens next door.
 */
final class Target implements AutoCloseable {
    static final int ZONE_SECTORS = 128;
    static final int CAPACITY_SECTORS = 96;
    static final int CONVENTIONAL = 2;
    static final int ZONES = 8;
    static final int LAST_SECTORS = 64;
    static final int MAX_APPEND_SECTORS = 32;
    static final long DEVICE_SECTORS = (ZONES - 1L) * ZONE_SECTORS + LAST_SECTORS;

    private static final Map<String, String> SETTINGS = Map.of(
            "model", "host-managed",
            "size", Long.toString(DEVICE_SECTORS * 512),
            "block-size", "512",
            "zone-size", Integer.toString(ZONE_SECTORS * 512),
            "zone-capacity", Integer.toString(CAPACITY_SECTORS * 512),
            "conventional-zones", Integer.toString(CONVENTIONAL),
            "max-append", Integer.toString(MAX_APPEND_SECTORS * 512));

    /** Small, so that hundreds of attachments a second cost little. */
    static final DriverOptions SMALL = new DriverOptions(
            DriverOptions.ALL_FEATURES, DriverOptions.ALL_PROTOCOL_FEATURES, 1, 128, 0, false, 1L << 20);

    private final TestDevice attacked = TestDevice.over("null-zoned", SETTINGS);
    private final TestDevice neighbour = TestDevice.over("null-zoned", SETTINGS);
    private final Path socket = attacked.start("virtio-blk", "vhost-user", Map.of("packed", "true"));
    private final DriverOptions options;
    private final VirtioBlkDriver bystander;
    private int turns;

    Target() {
        this(SMALL);
    }

    /** @param options of the well-behaved drivers, on either device */
    Target(DriverOptions options) {
        this.options = options;
        Path next = neighbour.start("virtio-blk", "vhost-user", Map.of("packed", "true"));
        bystander = VirtioBlkDriver.connect(Posix.system(), next, options);
    }

    /** Where the attacked device listens. */
    Path socket() {
        return socket;
    }

    /** The neighbour is served as if nothing had happened. */
    void checkNeighbour() {
        byte[] block = new byte[512];
        Arrays.fill(block, (byte) ++turns);
        long sector = turns % (CONVENTIONAL * ZONE_SECTORS);
        require(bystander.run(BlkRequest.write(sector, block)).status() == 0, "the neighbour's write failed");
        require(Arrays.equals(block, bystander.run(BlkRequest.read(sector, 512)).in()), "the neighbour's data is gone");
    }

    /** A well-behaved driver can attach to the attacked device, and is served. */
    void checkAttacked() {
        try (VirtioBlkDriver driver = VirtioBlkDriver.connect(Posix.system(), socket, options)) {
            byte[] block = new byte[512];
            Arrays.fill(block, (byte) 0x5A);
            require(driver.run(BlkRequest.write(3, block)).status() == 0, "a write after the attack failed");
            require(
                    Arrays.equals(block, driver.run(BlkRequest.read(3, 512)).in()),
                    "a read after the attack gave other data");
            int zones = driver.run(BlkRequest.report(0, ZONES)).report().zones().size();
            require(zones == ZONES, "the report after the attack has " + zones + " zones");
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    @Override
    public void close() {
        bystander.close();
        attacked.close();
        neighbour.close();
    }
}
