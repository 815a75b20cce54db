package io.zonewright.tests.model;

import io.zonewright.api.request.Operation;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.testkit.backend.Shape;
import java.util.Random;

/**
 * One step of a random script; means the same in whatever script it stands, so that scripts can be shortened.
 *
 * @param offset byte on the device
 * @param length bytes
 * @param all whether a zone action goes to all zones
 * @param failAfter bytes after which the medium fails this write; -1 if it does not
 * @param fill what the data is made of
 */
record Command(Operation operation, long offset, int length, boolean all, int failAfter, int fill) {
    private static final Operation[] ACTIONS = {
        Operation.ZONE_OPEN, Operation.ZONE_CLOSE, Operation.ZONE_FINISH, Operation.ZONE_RESET
    };

    /** Makes up a command that has a fair chance of doing something. {@code pointers} tells write pointers by zone. */
    static Command random(Random random, Shape shape, Pointers pointers) {
        int block = shape.geometry().blockSize();
        int unit = random.nextInt(20) == 0 ? block : shape.geometry().writeGranularity();
        int zone = random.nextInt(shape.geometry().zoneCount());
        long start = shape.geometry().zoneStart(zone);
        long size = shape.geometry().zoneLength(zone);
        int fill = random.nextInt(1, 256);
        int kind = random.nextInt(1000);
        int length = (1 + random.nextInt(4)) * unit;
        if (random.nextInt(15) == 0) {
            length = (int) (random.nextInt(2 * (int) (shape.geometry().zoneSize() / block)) * (long) block);
        }
        if (random.nextInt(200) == 0) {
            length += 1 + random.nextInt(block - 1);
        }
        if (kind < 400) {
            long offset =
                    random.nextInt(6) == 0 ? start + random.nextLong(size / block + 1) * block : pointers.of(zone);
            if (random.nextInt(300) == 0) {
                offset += 1;
            }
            int failAfter =
                    random.nextInt(20) == 0 && zone >= shape.conventionalZones() ? random.nextInt(length + unit) : -1;
            if (failAfter > 0 && shape.geometry().model() == ZoneModel.HOST_AWARE) {
                // There, reads do not stop at the write pointer: half a block would show.
                failAfter = failAfter / block * block;
            }
            return new Command(Operation.WRITE, offset, length, false, failAfter, fill);
        }
        if (kind < 550) {
            long offset = random.nextInt(40) == 0 ? start + block : start;
            int failAfter = random.nextInt(20) == 0 ? random.nextInt(length + unit) : -1;
            return new Command(Operation.APPEND, offset, length, false, failAfter, fill);
        }
        if (kind < 700) {
            long offset = random.nextInt(50) == 0
                    ? random.nextLong(shape.geometry().deviceBytes() + block)
                    : start + random.nextLong(size / block) * block;
            return new Command(Operation.READ, offset, length, false, -1, fill);
        }
        if (kind < 990) {
            Operation action = ACTIONS[random.nextInt(ACTIONS.length)];
            long offset = random.nextInt(60) == 0 ? start + block : start;
            return new Command(action, offset, 0, random.nextInt(60) == 0, -1, 0);
        }
        if (kind < 998) {
            return new Command(Operation.ZONE_RESET, 0, 0, true, -1, 0);
        }
        Operation admin = kind == 998 ? Operation.ZONE_SET_READ_ONLY : Operation.ZONE_SET_OFFLINE;
        return new Command(admin, start, 0, false, -1, 0);
    }

    /** Where the next write of a zone goes, on the device. */
    @FunctionalInterface
    interface Pointers {
        long of(int zone);
    }

    byte[] data() {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (fill + i / 512);
        }
        return data;
    }

    @Override
    public String toString() {
        return operation
                + (all ? " all" : " at " + offset + (length == 0 ? "" : " length " + length))
                + (failAfter < 0 ? "" : " (the medium fails after " + failAfter + ")");
    }
}
