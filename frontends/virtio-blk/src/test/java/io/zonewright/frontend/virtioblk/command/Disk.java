package io.zonewright.frontend.virtioblk.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.frontend.virtioblk.command.Driver.Reply;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A whole small device, engine and all, behind a driver that speaks bytes. Twelve zones of 128 sectors: 0 and 1
 * conventional, 2 to 10 sequential with 96 writable sectors, 11 with 64 sectors in all. Blocks of 512 bytes, writes of
 * 4096 (8 sectors), appends of at most 32 sectors.
 */
final class Disk {
    static final int ZONE = 128;
    static final int CAPACITY = 96;
    static final int SECTOR = 512;

    static final int IN = 0;
    static final int OUT = 1;
    static final int APPEND = 15;
    static final int REPORT = 16;
    static final int OPEN = 18;
    static final int CLOSE = 20;
    static final int FINISH = 22;
    static final int RESET = 24;
    static final int RESET_ALL = 26;

    static final int NOT_WP = 0;
    static final int EMPTY = 1;
    static final int IOPEN = 2;
    static final int EOPEN = 3;
    static final int CLOSED = 4;
    static final int RDONLY = 13;
    static final int FULL = 14;
    static final int OFFLINE = 15;

    final MemoryMedium medium;
    final EngineDevice device;
    final Driver driver;

    private Disk(ZoneModel model, ZoneLimits limits, Capabilities capabilities, long features) {
        ZoneGeometry geometry =
                new ZoneGeometry(model, (11 * ZONE + 64) * SECTOR, SECTOR, 8 * SECTOR, (long) ZONE * SECTOR);
        long capacity = model == ZoneModel.HOST_MANAGED ? CAPACITY : ZONE;
        medium = new MemoryMedium(geometry, limits, capabilities, 2, capacity * SECTOR);
        device = EngineDevice.open(DeviceIdentity.of("disk"), medium, ZoneRules.ZBC);
        driver = new Driver(device, features);
    }

    static Disk hostManaged() {
        return hostManaged(2, 3);
    }

    static Disk hostManaged(int maxOpen, int maxActive) {
        return hostManaged(new ZoneLimits(maxOpen, maxActive, 32 * SECTOR));
    }

    static Disk hostManaged(ZoneLimits limits) {
        return new Disk(ZoneModel.HOST_MANAGED, limits, Capabilities.PLAIN, Driver.ZONED_FEATURES);
    }

    /** All sectors of its zones are writable. */
    static Disk hostAware(long features) {
        return new Disk(ZoneModel.HOST_AWARE, new ZoneLimits(2, 0, 32 * SECTOR), Capabilities.PLAIN, features);
    }

    static Disk readOnly() {
        return new Disk(
                ZoneModel.HOST_MANAGED,
                new ZoneLimits(2, 3, 32 * SECTOR),
                new Capabilities(true, false, false, false, false, false),
                Driver.ZONED_FEATURES);
    }

    /** First sector of a zone. */
    static long start(int zone) {
        return (long) zone * ZONE;
    }

    /** Status of a request without data. */
    int act(int type, int zone) {
        return driver.send(type, start(zone), 0).status();
    }

    /** Status of a write of {@code sectors} filled with {@code fill}. */
    int write(long sector, int sectors, int fill) {
        return driver.write(OUT, sector, bytes(sectors, fill), 0).status();
    }

    int write(long sector, int sectors) {
        return write(sector, sectors, 0x77);
    }

    Reply append(long sector, int sectors) {
        return driver.write(APPEND, sector, bytes(sectors, 0x77), 15);
    }

    Reply read(long sector, int sectors) {
        return driver.send(IN, sector, sectors * SECTOR);
    }

    /** Condition of a zone as a report tells it. */
    int state(int zone) {
        return descriptor(zone).writable()[64 + 25];
    }

    /** Write pointer of a zone, in sectors from its start, as a report tells it. */
    long pointer(int zone) {
        return descriptor(zone).le64(64 + 16) - start(zone);
    }

    private Reply descriptor(int zone) {
        Reply reply = driver.send(REPORT, start(zone), 128);
        assertEquals(0, reply.status(), "report");
        assertEquals(1, reply.le64(0), "nr_zones");
        assertEquals(start(zone), reply.le64(64 + 8), "z_start");
        return reply;
    }

    void assertZone(int zone, int state, long pointer) {
        assertEquals(state, state(zone), "state of zone " + zone);
        assertEquals(pointer, pointer(zone), "write pointer of zone " + zone);
    }

    /** Makes a zone of this state, {@code written} sectors written where the state allows it. */
    void make(int zone, int state, int written) {
        if (written > 0) {
            assertEquals(0, write(start(zone), written));
        }
        switch (state) {
            case EMPTY, IOPEN -> {}
            case EOPEN -> assertEquals(0, act(OPEN, zone));
            case CLOSED -> assertEquals(0, act(CLOSE, zone));
            case FULL -> assertEquals(0, act(FINISH, zone));
            case RDONLY -> assertEquals(Cause.DONE, administer(Operation.ZONE_SET_READ_ONLY, zone));
            case OFFLINE -> assertEquals(Cause.DONE, administer(Operation.ZONE_SET_OFFLINE, zone));
            default -> throw new AssertionError(state);
        }
        assertEquals(state, state(zone), "state of zone " + zone);
    }

    /** What an administrator does. */
    Cause administer(Operation action, int zone) {
        AtomicReference<Cause> result = new AtomicReference<>(Cause.INTERNAL_ERROR);
        DeviceRequest request = new DeviceRequest() {
            @Override
            protected void onComplete() {
                result.set(cause());
            }
        };
        request.prepare(action, start(zone) * SECTOR, 0);
        device.submit(request);
        return result.get();
    }

    static byte[] bytes(int sectors, int fill) {
        byte[] data = new byte[sectors * SECTOR];
        Arrays.fill(data, (byte) fill);
        return data;
    }
}
