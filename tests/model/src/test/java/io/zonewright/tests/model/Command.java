package io.zonewright.tests.model;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.ReferenceModel;
import io.zonewright.testkit.backend.Shape;
import java.util.Random;
import java.util.Set;

/**
 * One step of a random script; means the same in whatever script it stands, so that scripts can be shortened.
 *
 * @param offset byte on the device
 * @param length bytes
 * @param all whether a zone action goes to all zones
 * @param failAfter bytes after which the medium fails this write; -1 if it does not
 * @param fill what the data is made of; for actions, see {@link #special}
 */
record Command(Operation operation, long offset, int length, boolean all, int failAfter, int fill) {
    /** What {@link #fill} says of {@link #special} commands; even, so that data of a write may be made of it too. */
    private static final int SPECIAL = 256;

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
        ZoneFeatures features = shape.features();
        if (kind < 400) {
            long offset =
                    random.nextInt(6) == 0 ? start + random.nextLong(size / block + 1) * block : pointers.of(zone);
            if (features.areas() != 0 && random.nextBoolean()) {
                offset = pointers.of(zone) + random.nextLong(2 * features.areaBytes() / unit) * unit;
            }
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
        boolean special = random.nextInt(features.areas() != 0 ? 3 : 60) == 0;
        if (kind < 990) {
            long offset = random.nextInt(60) == 0 ? start + block : start;
            int other = random.nextInt(features.equals(ZoneFeatures.NONE) ? 200 : 6);
            if (other == 0) {
                return new Command(
                        Operation.ZONE_SET_EXTENSION,
                        offset,
                        features.extensionBytes(),
                        false,
                        -1,
                        special ? SPECIAL : fill | 1);
            }
            if (other == 1) {
                long step = Math.max(block, features.areaFlushBytes());
                long target = pointers.of(zone) - start + random.nextLong(-1, 4) * step;
                target = random.nextInt(10) == 0 ? shape.capacity(zone) : target + (random.nextInt(20) == 0 ? 1 : 0);
                return new Command(Operation.ZONE_FLUSH_AREA, offset, (int) target, false, -1, 0);
            }
            Operation action = ACTIONS[random.nextInt(ACTIONS.length)];
            return new Command(action, offset, 0, random.nextInt(60) == 0, -1, special ? SPECIAL : 0);
        }
        if (kind < 998) {
            return new Command(Operation.ZONE_RESET, 0, 0, true, -1, 0);
        }
        Operation admin = kind == 998 ? Operation.ZONE_SET_READ_ONLY : Operation.ZONE_SET_OFFLINE;
        boolean all = kind == 999 && random.nextInt(4) == 0;
        return new Command(admin, start, 0, all, -1, all || random.nextBoolean() ? SPECIAL : 0);
    }

    /** Opens or sets an extension with a random write area; takes read-only zones alone offline. */
    boolean special() {
        boolean knows = operation == Operation.ZONE_OPEN
                || operation == Operation.ZONE_SET_EXTENSION
                || operation == Operation.ZONE_SET_OFFLINE;
        return knows && fill == SPECIAL;
    }

    /** A request that asks for this. */
    RecordingRequest request() {
        boolean payload = !operation.zoneAction() || operation == Operation.ZONE_SET_EXTENSION;
        RecordingRequest request = payload
                ? RecordingRequest.of(operation, offset, data())
                : RecordingRequest.plain(operation, offset, length);
        request.setAllZones(all);
        request.setRandomWriteArea(special() && operation != Operation.ZONE_SET_OFFLINE);
        request.setOnlyIfReadOnly(special() && operation == Operation.ZONE_SET_OFFLINE);
        return request;
    }

    /** Lets the model do this; a read fills {@code read}. */
    Set<Cause> askModel(ReferenceModel model, byte[] read) {
        if (all) {
            return model.actionOnAll(operation, special());
        }
        return switch (operation) {
            case READ -> model.read(offset, read, fill % 2 == 0);
            case WRITE -> model.write(offset, data());
            case APPEND -> model.append(offset, data());
            case ZONE_SET_EXTENSION -> model.setExtension(offset, data(), special());
            case ZONE_FLUSH_AREA -> model.flushArea(offset, length);
            default -> model.action(operation, offset, special());
        };
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
                + (special() ? " special" : "")
                + (failAfter < 0 ? "" : " (the medium fails after " + failAfter + ")");
    }
}
