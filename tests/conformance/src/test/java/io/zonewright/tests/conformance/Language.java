package io.zonewright.tests.conformance;

import io.zonewright.api.zone.ZoneModel;
import io.zonewright.testkit.device.TestDevice;

/** What a protocol has words for on a device of some shape, known before anybody connects. */
interface Language {
    /** Whether this can be asked. */
    boolean canSay(Shape shape, Ask ask);

    /** The first zone that the protocol's reports tell of. */
    int firstTold(Shape shape);

    /** How many zones its reports tell of, in a row. */
    int told(Shape shape);

    /** Whether a report can be asked for from this block on. */
    default boolean canReport(Shape shape, long block) {
        long first = (long) firstTold(shape) * shape.zoneSize();
        long end = first + (long) told(shape) * shape.zoneSize();
        return told(shape) > 0 && ((block >= first && block < end) || block >= shape.deviceBlocks());
    }

    /** Starts the front-end on a device and connects a client. */
    @FunctionalInterface
    interface Attach {
        Client attach(TestDevice device);
    }

    /** virtio-blk: all zones, no action on all of them but a reset, zeroes and discards on ordinary disks only. */
    Language VIRTIO_BLK = new Language() {
        @Override
        public boolean canSay(Shape shape, Ask ask) {
            return switch (ask.operation()) {
                case READ, WRITE, APPEND, FLUSH, ZONE_REPORT, ZONE_RESET -> true;
                case WRITE_ZEROES, DISCARD -> shape.model() == ZoneModel.NONE;
                case ZONE_OPEN -> !ask.allZones() && !ask.area();
                case ZONE_CLOSE, ZONE_FINISH -> !ask.allZones();
                case ZONE_SET_READ_ONLY, ZONE_SET_OFFLINE, ZONE_SET_EXTENSION, ZONE_FLUSH_AREA -> false;
            };
        }

        @Override
        public int firstTold(Shape shape) {
            return 0;
        }

        @Override
        public int told(Shape shape) {
            return shape.zones();
        }
    };

    /**
     * NVMe: sequential zones in a zoned namespace, the conventional ones before them in an ordinary one, a smaller last zone
     * in neither; nothing touches both. The logical block is the write granularity.
     */
    Language NVME = new Language() {
        @Override
        public boolean canSay(Shape shape, Ask ask) {
            int unit = Math.max(shape.blockSize(), shape.granularity());
            boolean whole = ask.offset() % unit == 0 && ask.length() % unit == 0;
            if (shape.model() != ZoneModel.HOST_MANAGED) {
                return switch (ask.operation()) {
                    case READ, WRITE, WRITE_ZEROES, DISCARD -> whole && ask.length() > 0;
                    case FLUSH -> true;
                    default -> false;
                };
            }
            long zone = (long) shape.zoneSize() * shape.blockSize();
            long first = firstTold(shape) * zone;
            long end = first + told(shape) * zone;
            long device = shape.deviceBlocks() * shape.blockSize();
            long last = ask.offset() + Math.max(1, ask.length());
            boolean sequential = ask.offset() >= first && last <= end;
            boolean outside = ask.offset() >= device;
            boolean conventional = last <= first;
            return switch (ask.operation()) {
                case READ, WRITE, WRITE_ZEROES -> whole && ask.length() > 0 && (sequential || conventional || outside);
                case APPEND -> whole && ask.length() > 0 && (sequential || outside);
                case DISCARD -> whole && ask.length() > 0 && conventional;
                case FLUSH -> true;
                case ZONE_OPEN, ZONE_CLOSE, ZONE_FINISH, ZONE_RESET, ZONE_SET_OFFLINE ->
                    ask.allZones() || (whole && (sequential || outside));
                case ZONE_SET_EXTENSION, ZONE_FLUSH_AREA -> ask.offset() >= first && ask.offset() < end;
                case ZONE_REPORT -> canReport(shape, ask.offset() / shape.blockSize());
                case ZONE_SET_READ_ONLY -> false;
            };
        }

        @Override
        public int firstTold(Shape shape) {
            return shape.conventional();
        }

        @Override
        public int told(Shape shape) {
            if (shape.model() != ZoneModel.HOST_MANAGED) {
                return 0;
            }
            return shape.zones() - shape.conventional() - (shape.lastZone() < shape.zoneSize() ? 1 : 0);
        }
    };

    /**
     * SCSI: all zones, no appends, every action on one zone or on all; zeroes are WRITE SAME, and UNMAP is for ordinary disks.
     */
    Language SCSI = new Language() {
        @Override
        public boolean canSay(Shape shape, Ask ask) {
            return switch (ask.operation()) {
                case READ, WRITE, FLUSH -> true;
                case WRITE_ZEROES -> ask.length() > 0;
                case DISCARD -> shape.model() == ZoneModel.NONE;
                case ZONE_OPEN -> shape.model().zoned() && !ask.area();
                case ZONE_CLOSE, ZONE_FINISH, ZONE_RESET, ZONE_REPORT ->
                    shape.model().zoned();
                case APPEND, ZONE_SET_READ_ONLY, ZONE_SET_OFFLINE, ZONE_SET_EXTENSION, ZONE_FLUSH_AREA -> false;
            };
        }

        @Override
        public int firstTold(Shape shape) {
            return 0;
        }

        @Override
        public int told(Shape shape) {
            return shape.zones();
        }
    };
}
