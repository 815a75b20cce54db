package io.zonewright.tests.fuzz;

import static io.zonewright.tests.fuzz.Target.CAPACITY_SECTORS;
import static io.zonewright.tests.fuzz.Target.CONVENTIONAL;
import static io.zonewright.tests.fuzz.Target.DEVICE_SECTORS;
import static io.zonewright.tests.fuzz.Target.LAST_SECTORS;
import static io.zonewright.tests.fuzz.Target.MAX_APPEND_SECTORS;
import static io.zonewright.tests.fuzz.Target.ZONES;
import static io.zonewright.tests.fuzz.Target.ZONE_SECTORS;

import io.zonewright.testkit.blk.BlkRequest;
import io.zonewright.testkit.blk.BlkResult;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.blk.ZoneReport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/**
 * Makes requests and knows what has to come back: a naive host-managed virtio-blk device of the {@link Target}'s shape,
 * written from the checklist of the specification, sector by sector. It has no limits on open zones, so every verdict is
 * certain.
 */
final class BlkOracle {
    private static final int SECTOR = VirtioBlk.SECTOR;

    /** A request and its verdict. */
    @SuppressWarnings("ArrayRecordComponent") // payload; nobody compares verdicts as wholes
    record Expected(BlkRequest request, int status, byte[] data, long appendSector) {
        private static final byte[] ANYTHING = {};

        static Expected status(BlkRequest request, int status) {
            return new Expected(request, status, ANYTHING, -1);
        }

        /** Fails unless the answer is exactly this one. */
        void check(BlkResult result) {
            if (result.status() != status) {
                throw new AssertionError("status " + result.status() + " instead of " + status + " for " + request);
            }
            if (data.length > 0 && !Arrays.equals(data, Arrays.copyOf(result.in(), data.length))) {
                throw new AssertionError("other data at byte " + Arrays.mismatch(data, result.in()) + " of " + request);
            }
            if (appendSector >= 0 && result.appendSector() != appendSector) {
                throw new AssertionError(
                        "appended at " + result.appendSector() + " instead of " + appendSector + ": " + request);
            }
        }
    }

    private final Random random;
    private final byte[] device = new byte[(int) (DEVICE_SECTORS * SECTOR)];
    private final int[] states = new int[ZONES];
    private final long[] pointers = new long[ZONES];

    BlkOracle(Random random) {
        this.random = random;
        Arrays.fill(states, VirtioBlk.ZS_EMPTY);
        Arrays.fill(states, 0, CONVENTIONAL, VirtioBlk.ZS_NOT_WP);
        Arrays.setAll(pointers, BlkOracle::start);
    }

    /** The next request. */
    Expected next() {
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 -> read();
            case 5, 6, 7, 8, 9 -> write();
            case 10, 11, 12 -> append();
            case 13, 14, 15, 16 -> action();
            case 17 -> report();
            case 18 -> oddType();
            default -> flushOrReset();
        };
    }

    private static long start(int zone) {
        return (long) zone * ZONE_SECTORS;
    }

    private static int capacity(int zone) {
        int size = zone == ZONES - 1 ? LAST_SECTORS : ZONE_SECTORS;
        return zone < CONVENTIONAL ? size : Math.min(size, CAPACITY_SECTORS);
    }

    private static boolean sequential(int zone) {
        return zone >= CONVENTIONAL;
    }

    private static int zoneOf(long sector) {
        return (int) (sector / ZONE_SECTORS);
    }

    private static boolean outside(long sector, int sectors) {
        return sector < 0 || sector > DEVICE_SECTORS - sectors;
    }

    /** Anywhere, with a liking for edges and for what no device has. */
    private long sector() {
        int zone = random.nextInt(ZONES);
        return switch (random.nextInt(12)) {
            case 0 -> start(zone);
            case 1 -> start(zone) + capacity(zone) - 1;
            case 2 -> DEVICE_SECTORS + random.nextInt(3);
            case 3 -> random.nextLong();
            case 4 -> 1L << random.nextInt(64);
            case 5, 6, 7, 8 -> Math.min(pointers[zone], DEVICE_SECTORS - 1);
            default -> random.nextInt((int) DEVICE_SECTORS);
        };
    }

    private int sectors() {
        return random.nextInt(10) == 0 ? 1 + random.nextInt(2 * ZONE_SECTORS) : 1 + random.nextInt(24);
    }

    private byte[] noise(int sectors) {
        byte[] data = new byte[sectors * SECTOR];
        random.nextBytes(data);
        return data;
    }

    private Expected read() {
        long sector = sector();
        int sectors = sectors();
        BlkRequest request = BlkRequest.read(sector, sectors * SECTOR);
        if (outside(sector, sectors)) {
            return Expected.status(request, VirtioBlk.S_IOERR);
        }
        int last = zoneOf(sector + sectors - 1);
        if (zoneOf(sector) != last && sequential(last)) {
            return Expected.status(request, VirtioBlk.S_ZONE_INVALID_CMD); // D29
        }
        int at = (int) sector * SECTOR;
        return new Expected(request, VirtioBlk.S_OK, Arrays.copyOfRange(device, at, at + sectors * SECTOR), -1);
    }

    private Expected write() {
        long sector = sector();
        int sectors = sectors();
        byte[] data = noise(sectors);
        BlkRequest request = BlkRequest.write(sector, data);
        if (outside(sector, sectors)) {
            return Expected.status(request, VirtioBlk.S_IOERR);
        }
        int zone = zoneOf(sector);
        int last = zoneOf(sector + sectors - 1);
        if (zone != last && sequential(last)) {
            return Expected.status(request, VirtioBlk.S_ZONE_INVALID_CMD); // D29
        }
        if (sequential(zone)) {
            if (states[zone] == VirtioBlk.ZS_FULL) {
                return Expected.status(request, VirtioBlk.S_ZONE_INVALID_CMD);
            }
            if (sector != pointers[zone]) {
                return Expected.status(request, VirtioBlk.S_ZONE_UNALIGNED_WP); // D30
            }
            if (random.nextInt(12) == 0 && sector + sectors <= start(zone) + capacity(zone)) {
                // S14: the end is not a multiple of the granularity.
                byte[] cut = Arrays.copyOf(data, data.length - 1 - random.nextInt(SECTOR - 1));
                return Expected.status(BlkRequest.write(sector, cut), VirtioBlk.S_ZONE_UNALIGNED_WP);
            }
            if (sector + sectors > start(zone) + capacity(zone)) {
                return Expected.status(request, VirtioBlk.S_ZONE_INVALID_CMD); // D24
            }
            advance(zone, sectors);
        }
        System.arraycopy(data, 0, device, (int) sector * SECTOR, data.length);
        return Expected.status(request, VirtioBlk.S_OK);
    }

    private Expected append() {
        int zone = random.nextInt(ZONES);
        long sector = random.nextInt(5) == 0 ? sector() : start(zone);
        int sectors = 1 + random.nextInt(random.nextInt(8) == 0 ? 2 * MAX_APPEND_SECTORS : 16);
        byte[] data = noise(sectors);
        BlkRequest request =
                random.nextBoolean() ? BlkRequest.append(sector, data) : BlkRequest.linuxAppend(sector, data);
        zone = outside(sector, 1) ? 0 : zoneOf(sector);
        if (outside(sector, 1)
                || !sequential(zone)
                || sector != start(zone)
                || sectors > MAX_APPEND_SECTORS
                || states[zone] == VirtioBlk.ZS_FULL
                || pointers[zone] + sectors > start(zone) + capacity(zone)) {
            return Expected.status(request, VirtioBlk.S_ZONE_INVALID_CMD); // D15, D23, D24, D28, S17
        }
        long place = pointers[zone];
        System.arraycopy(data, 0, device, (int) place * SECTOR, data.length);
        advance(zone, sectors);
        return new Expected(request, VirtioBlk.S_OK, new byte[0], place);
    }

    private void advance(int zone, int sectors) {
        pointers[zone] += sectors;
        if (pointers[zone] == start(zone) + capacity(zone)) {
            states[zone] = VirtioBlk.ZS_FULL;
        } else if (states[zone] != VirtioBlk.ZS_EOPEN) {
            states[zone] = VirtioBlk.ZS_IOPEN;
        }
    }

    private Expected action() {
        int type = VirtioBlk.T_ZONE_OPEN + 2 * random.nextInt(4);
        long sector = random.nextInt(6) == 0 ? sector() : start(random.nextInt(ZONES));
        BlkRequest request = BlkRequest.zoneAction(type, sector);
        if (outside(sector, 1) || !sequential(zoneOf(sector)) || sector != start(zoneOf(sector))) {
            return Expected.status(request, VirtioBlk.S_ZONE_INVALID_CMD);
        }
        int zone = zoneOf(sector);
        int state = states[zone];
        boolean allowed = switch (type) {
            case VirtioBlk.T_ZONE_OPEN -> state != VirtioBlk.ZS_FULL;
            case VirtioBlk.T_ZONE_CLOSE -> state != VirtioBlk.ZS_FULL && state != VirtioBlk.ZS_EMPTY;
            default -> true;
        };
        if (!allowed) {
            return Expected.status(request, VirtioBlk.S_ZONE_INVALID_CMD); // D16, D18
        }
        switch (type) {
            case VirtioBlk.T_ZONE_OPEN -> states[zone] = VirtioBlk.ZS_EOPEN;
            case VirtioBlk.T_ZONE_CLOSE ->
                states[zone] = pointers[zone] == start(zone) ? VirtioBlk.ZS_EMPTY : VirtioBlk.ZS_CLOSED; // S8
            case VirtioBlk.T_ZONE_FINISH -> states[zone] = VirtioBlk.ZS_FULL;
            default -> reset(zone);
        }
        return Expected.status(request, VirtioBlk.S_OK);
    }

    private void reset(int zone) {
        states[zone] = VirtioBlk.ZS_EMPTY;
        pointers[zone] = start(zone);
        Arrays.fill(device, (int) start(zone) * SECTOR, (int) (start(zone) + capacity(zone)) * SECTOR, (byte) 0);
    }

    private Expected flushOrReset() {
        if (random.nextInt(6) == 0) {
            for (int zone = CONVENTIONAL; zone < ZONES; zone++) {
                reset(zone);
            }
            return Expected.status(BlkRequest.resetAll(), VirtioBlk.S_OK);
        }
        return Expected.status(BlkRequest.flush(), VirtioBlk.S_OK);
    }

    private Expected oddType() {
        int[] types = {2, 3, 5, 9, 10, 12, 14, 17, 19, 21, 23, 25, 27, 28, 255, -1, 0x8000_0000, VirtioBlk.T_DISCARD};
        int type = types[random.nextInt(types.length)];
        return Expected.status(new BlkRequest(type, sector(), noise(random.nextInt(2)), 0, 1), VirtioBlk.S_UNSUPP);
    }

    private Expected report() {
        long sector = sector();
        int room = 1 + random.nextInt(ZONES + 2);
        BlkRequest request = BlkRequest.report(sector, room);
        if (outside(sector, 1)) {
            return Expected.status(request, VirtioBlk.S_ZONE_INVALID_CMD);
        }
        return new Expected(request, VirtioBlk.S_OK, reportBytes(zoneOf(sector), room), -1);
    }

    /** Header and zones; what stands behind them in the buffer is the driver's. */
    private byte[] reportBytes(int first, int room) {
        int count = Math.min(room, ZONES - first);
        byte[] bytes = new byte[ZoneReport.HEADER_BYTES + count * ZoneReport.ZONE_BYTES];
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        b.putLong(0, count);
        for (int i = 0; i < count; i++) {
            int zone = first + i;
            int at = ZoneReport.HEADER_BYTES + i * ZoneReport.ZONE_BYTES;
            int size = zone == ZONES - 1 ? LAST_SECTORS : ZONE_SECTORS;
            boolean defined = sequential(zone) && states[zone] != VirtioBlk.ZS_FULL;
            b.putLong(at, capacity(zone));
            b.putLong(at + 8, start(zone));
            b.putLong(at + 16, defined ? pointers[zone] : start(zone) + size);
            b.put(at + 24, (byte) (sequential(zone) ? VirtioBlk.ZT_SWR : VirtioBlk.ZT_CONV));
            b.put(at + 25, (byte) states[zone]);
        }
        return bytes;
    }

    /** The whole report, to compare the states in the end. */
    Expected fullReport() {
        return new Expected(BlkRequest.report(0, ZONES), VirtioBlk.S_OK, reportBytes(0, ZONES), -1);
    }
}
