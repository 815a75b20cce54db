package io.zonewright.tests.fuzz;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/**
 * Makes CDBs with their verdict, from a model of a host-managed disk as naive as can be: no limits on open zones, URSWRZ 1,
 * gap zones or none. Written from ZBC-2 and SBC-4, not from the core.
 */
final class ScsiOracle {
    static final int BLOCK = 512;
    static final int ZONES = 7;
    static final int CONVENTIONAL = 2;
    static final int ZONE_BLOCKS = 128;
    static final int BLOCKS = ZONES * ZONE_BLOCKS;

    private static final String GOOD = "00";
    private static final String OUT_OF_RANGE = "5/21/00";
    private static final String UNALIGNED = "5/21/04";
    private static final String WRITE_BOUNDARY = "5/21/05";
    private static final String READ_BOUNDARY = "5/21/07";
    private static final String GAP_ZONE = "5/21/09";
    private static final String INVALID_FIELD = "5/24/00";
    private static final String MISCOMPARED = "E/1D/00";

    private static final int EMPTY = 0x1;
    private static final int IMPLICIT = 0x2;
    private static final int EXPLICIT = 0x3;
    private static final int CLOSED = 0x4;
    private static final int FULL = 0xE;

    /**
     * A command and what it has to end with.
     *
     * @param data what has to come back, null if that is not looked at
     */
    record Verdict(byte[] cdb, byte[] out, long offeredIn, String code, byte[] data, Runnable effect) {}

    private final Random random;
    private final int capacity;
    private final int[] condition = new int[ZONES];
    /** Blocks written, of sequential zones. */
    private final int[] written = new int[ZONES];

    private final byte[] contents = new byte[BLOCKS * BLOCK];

    /** @param capacity blocks of a sequential zone that can be written */
    ScsiOracle(Random random, int capacity) {
        this.random = random;
        this.capacity = capacity;
        Arrays.fill(condition, CONVENTIONAL, ZONES, EMPTY);
    }

    Verdict next() {
        Verdict verdict = switch (random.nextInt(11)) {
            case 0, 1, 2 -> write();
            case 3 -> writeSame();
            case 4 -> read();
            case 5 -> verify();
            case 6 -> compareAndWrite();
            case 7, 8 -> action();
            case 9 -> orWrite();
            default -> report(pickLba(), random.nextInt(0x40), random.nextBoolean(), random.nextInt(1200));
        };
        return random.nextInt(20) == 0 ? spoiled(verdict) : verdict;
    }

    /** A reserved bit is set: nothing else of the command counts, but that its place is told. */
    private static Verdict spoiled(Verdict verdict) {
        byte[] cdb = verdict.cdb.clone();
        int control = (cdb[0] & 0xFF) == 0x7F ? 1 : cdb.length - 1;
        cdb[control] |= 0x04;
        String code =
                INVALID_FIELD + String.format(" 70 00 05 00 00 00 00 0a 00 00 00 00 24 00 00 ca 00 %02x", control);
        return new Verdict(cdb, verdict.out, verdict.offeredIn, code, null, () -> {});
    }

    // Ranges -----------------------------------------------------------------------------------------------------

    private long pickLba() {
        int zone = random.nextInt(ZONES);
        return switch (random.nextInt(8)) {
            case 0 -> random.nextInt(BLOCKS + 20);
            case 1 -> (long) zone * ZONE_BLOCKS + capacity - random.nextInt(5);
            case 2 -> 0xFFFF_FF00L + random.nextInt(256);
            default -> (long) zone * ZONE_BLOCKS + (zone < CONVENTIONAL ? random.nextInt(ZONE_BLOCKS) : written[zone]);
        };
    }

    private int pickCount() {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> random.nextInt(2 * ZONE_BLOCKS);
            default -> 1 + random.nextInt(30);
        };
    }

    private static boolean outside(long lba, long count) {
        return lba + count > BLOCKS;
    }

    private long capacityEnd(int zone) {
        return (long) zone * ZONE_BLOCKS + (zone < CONVENTIONAL ? ZONE_BLOCKS : capacity);
    }

    private static int zoneOf(long lba) {
        return (int) (lba / ZONE_BLOCKS);
    }

    private String judgeWrite(long lba, int count) {
        if (outside(lba, count)) {
            return OUT_OF_RANGE;
        }
        if (count == 0) {
            return GOOD;
        }
        int first = zoneOf(lba);
        int last = zoneOf(lba + count - 1);
        if (lba >= capacityEnd(first)) {
            return GAP_ZONE;
        }
        if (first < CONVENTIONAL) {
            return last < CONVENTIONAL ? GOOD : WRITE_BOUNDARY;
        }
        if (first != last || lba + count > capacityEnd(first)) {
            return WRITE_BOUNDARY;
        }
        if (condition[first] == FULL) {
            return INVALID_FIELD;
        }
        return lba == (long) first * ZONE_BLOCKS + written[first] ? GOOD : UNALIGNED;
    }

    private String judgeRead(long lba, int count) {
        if (outside(lba, count)) {
            return OUT_OF_RANGE;
        }
        if (count == 0) {
            return GOOD;
        }
        int first = zoneOf(lba);
        int last = zoneOf(lba + count - 1);
        for (int zone = first; zone <= last; zone++) {
            if (Math.min(lba + count, (zone + 1L) * ZONE_BLOCKS) > capacityEnd(zone)) {
                return GAP_ZONE;
            }
        }
        return first < CONVENTIONAL && last >= CONVENTIONAL ? READ_BOUNDARY : GOOD;
    }

    private void store(long lba, byte[] data) {
        if (data.length == 0) {
            return;
        }
        System.arraycopy(data, 0, contents, (int) lba * BLOCK, data.length);
        int zone = zoneOf(lba);
        if (zone >= CONVENTIONAL) {
            written[zone] += data.length / BLOCK;
            if (written[zone] == capacity) {
                condition[zone] = FULL;
            } else if (condition[zone] != EXPLICIT) {
                condition[zone] = IMPLICIT;
            }
        }
    }

    private byte[] stored(long lba, int count) {
        return Arrays.copyOfRange(contents, (int) lba * BLOCK, ((int) lba + count) * BLOCK);
    }

    private byte[] noise(int bytes) {
        byte[] data = new byte[bytes];
        random.nextBytes(data);
        return data;
    }

    // Commands ---------------------------------------------------------------------------------------------------

    /** A CDB of a length in which the range fits; opcodes of 6, 10, 12, 16 bytes, and service action of 32. */
    private byte[] cdb(int six, int ten, int twelve, int sixteen, int action, long lba, int count) {
        while (true) {
            int form = random.nextInt(5);
            if (form == 0 && six >= 0 && lba < 1 << 21 && count > 0 && count <= 256) {
                return ByteBuffer.allocate(6)
                        .putInt((int) lba | six << 24)
                        .put((byte) count)
                        .array();
            }
            if (form == 1 && lba <= 0xFFFF_FFFFL) {
                return ByteBuffer.allocate(10)
                        .put(0, (byte) ten)
                        .putInt(2, (int) lba)
                        .putShort(7, (short) count)
                        .array();
            }
            if (form == 2 && twelve >= 0 && lba <= 0xFFFF_FFFFL) {
                return ByteBuffer.allocate(12)
                        .put(0, (byte) twelve)
                        .putInt(2, (int) lba)
                        .putInt(6, count)
                        .array();
            }
            if (form == 3) {
                return ByteBuffer.allocate(16)
                        .put(0, (byte) sixteen)
                        .putLong(2, lba)
                        .putInt(10, count)
                        .array();
            }
            if (form == 4 && action >= 0) {
                return ByteBuffer.allocate(32)
                        .put(0, (byte) 0x7F)
                        .put(7, (byte) 0x18)
                        .putShort(8, (short) action)
                        .putLong(12, lba)
                        .putInt(28, count)
                        .array();
            }
        }
    }

    private static int flagsByte(byte[] cdb) {
        return cdb.length == 32 ? 10 : 1;
    }

    private Verdict write() {
        long lba = pickLba();
        int count = pickCount();
        boolean verifies = random.nextInt(4) == 0;
        byte[] cdb =
                verifies ? cdb(-1, 0x2E, 0xAE, 0x8E, -1, lba, count) : cdb(0x0A, 0x2A, 0xAA, 0x8A, 0x0B, lba, count);
        if (cdb.length > 6) {
            // DPO, and FUA or BYTCHK 01b.
            cdb[flagsByte(cdb)] |= (byte) (random.nextInt(4) * (verifies ? 0x02 : 0x08) & (verifies ? 0x02 : 0x18));
        }
        byte[] data = noise(count * BLOCK);
        return new Verdict(cdb, data, 0, judgeWrite(lba, count), null, () -> store(lba, data));
    }

    private Verdict writeSame() {
        long lba = pickLba();
        int count = pickCount();
        byte[] cdb = cdb(-1, 0x41, -1, 0x93, -1, lba, count);
        boolean zeroes = cdb.length == 16 && random.nextInt(3) == 0;
        byte[] block = zeroes ? new byte[BLOCK] : noise(BLOCK);
        if (zeroes) {
            cdb[1] |= 0x01;
        }
        String code = judgeWrite(lba, count);
        byte[] data = new byte[count * BLOCK];
        for (int i = 0; i < count; i++) {
            System.arraycopy(block, 0, data, i * BLOCK, BLOCK);
        }
        // WSNZ: no blocks are not all blocks.
        String verdict = count == 0 && !outside(lba, 0) ? INVALID_FIELD : code;
        return new Verdict(cdb, zeroes ? new byte[0] : block, 0, verdict, null, () -> store(lba, data));
    }

    private Verdict orWrite() {
        long lba = pickLba();
        int count = pickCount();
        byte[] cdb = ByteBuffer.allocate(16)
                .put(0, (byte) 0x8B)
                .putLong(2, lba)
                .putInt(10, count)
                .array();
        byte[] data = noise(count * BLOCK);
        String code = judgeWrite(lba, count);
        byte[] both = code.equals(GOOD) ? stored(lba, count) : new byte[0];
        for (int i = 0; i < both.length; i++) {
            both[i] |= data[i];
        }
        return new Verdict(cdb, data, 0, code, null, () -> store(lba, both));
    }

    private Verdict read() {
        long lba = pickLba();
        int count = pickCount();
        byte[] cdb = cdb(0x08, 0x28, 0xA8, 0x88, 0x09, lba, count);
        String code = judgeRead(lba, count);
        long offered = random.nextInt(4) == 0 ? random.nextInt(count * BLOCK + 600) : (long) count * BLOCK;
        byte[] data = code.equals(GOOD)
                ? Arrays.copyOf(stored(lba, count), (int) Math.min(offered, (long) count * BLOCK))
                : new byte[0];
        return new Verdict(cdb, new byte[0], offered, code, data, () -> {});
    }

    private Verdict verify() {
        long lba = pickLba();
        int count = pickCount();
        byte[] cdb = cdb(-1, 0x2F, 0xAF, 0x8F, -1, lba, count);
        String code = judgeRead(lba, count);
        if (count > 0 && random.nextInt(6) == 0) {
            return verifyOneBlock(cdb, code, lba, count);
        }
        boolean compares = random.nextInt(3) != 0;
        byte[] data = compares ? noise(count * BLOCK) : new byte[0];
        if (compares) {
            cdb[1] |= 0x02;
            if (code.equals(GOOD)) {
                data = stored(lba, count);
                if (count > 0 && random.nextBoolean()) {
                    data[random.nextInt(data.length)] ^= 0x10;
                    code = MISCOMPARED;
                }
            }
        }
        return new Verdict(cdb, data, 0, code, null, () -> {});
    }

    /** BYTCHK 11b: every block of the range has to be as the one that is sent. */
    private Verdict verifyOneBlock(byte[] cdb, String code, long lba, int count) {
        cdb[1] |= 0x06;
        byte[] block = noise(BLOCK);
        String verdict = code;
        if (code.equals(GOOD)) {
            block = stored(lba, 1);
            for (int i = 1; i < count && verdict.equals(GOOD); i++) {
                verdict = Arrays.equals(block, stored(lba + i, 1)) ? GOOD : MISCOMPARED;
            }
        }
        return new Verdict(cdb, block, 0, verdict, null, () -> {});
    }

    /** Where it may write: in a conventional zone. */
    private Verdict compareAndWrite() {
        int count = random.nextInt(20);
        long lba = random.nextInt(CONVENTIONAL * ZONE_BLOCKS - 20);
        byte[] fresh = noise(count * BLOCK);
        byte[] both = Arrays.copyOf(stored(lba, count), 2 * count * BLOCK);
        System.arraycopy(fresh, 0, both, fresh.length, fresh.length);
        String code = GOOD;
        if (count > 0 && random.nextInt(3) == 0) {
            int at = random.nextInt(fresh.length);
            both[at] ^= 0x01;
            code = MISCOMPARED + String.format(" f0 00 0e %s 0a 00 00 00 00 1d 00 00 00 00 00", be32(at));
        }
        byte[] cdb = ByteBuffer.allocate(16)
                .put(0, (byte) 0x89)
                .putLong(2, lba)
                .put(13, (byte) count)
                .array();
        return new Verdict(cdb, both, 0, code, null, () -> store(lba, fresh));
    }

    private static String be32(int value) {
        return String.format(
                "%02x %02x %02x %02x", value >>> 24, value >>> 16 & 0xFF, value >>> 8 & 0xFF, value & 0xFF);
    }

    private Verdict action() {
        int action = 1 + random.nextInt(4);
        boolean all = random.nextInt(8) == 0;
        long lba = random.nextInt(4) == 0 ? pickLba() : (long) random.nextInt(ZONES) * ZONE_BLOCKS;
        int count = random.nextInt(3) == 0 ? random.nextInt(4) : 0;
        byte[] cdb = ByteBuffer.allocate(16)
                .put(0, (byte) 0x94)
                .put(1, (byte) action)
                .putLong(2, lba)
                .putShort(12, (short) count)
                .put(14, (byte) (all ? 1 : 0))
                .array();
        int zones = Math.max(1, count);
        int first = zoneOf(lba);
        String code = GOOD;
        if (!all && outside(lba, 1)) {
            code = OUT_OF_RANGE;
        } else if (!all && (lba % ZONE_BLOCKS != 0 || first < CONVENTIONAL || first + zones > ZONES)) {
            code = INVALID_FIELD;
        }
        return new Verdict(cdb, new byte[0], 0, code, null, () -> {
            for (int zone = CONVENTIONAL; zone < ZONES; zone++) {
                if (all ? concerns(action, zone) : zone >= first && zone < first + zones) {
                    act(action, zone);
                }
            }
        });
    }

    /** Which zones an action with ALL is about: OPEN those that are closed; FINISH leaves empty ones. */
    private boolean concerns(int action, int zone) {
        return switch (action) {
            case 2 -> condition[zone] != EMPTY;
            case 3 -> condition[zone] == CLOSED;
            default -> true;
        };
    }

    private void act(int action, int zone) {
        switch (action) {
            case 1 -> {
                if (condition[zone] == IMPLICIT || condition[zone] == EXPLICIT) {
                    condition[zone] = written[zone] == 0 ? EMPTY : CLOSED;
                }
            }
            case 2 -> condition[zone] = FULL;
            case 3 -> {
                if (condition[zone] != FULL) {
                    condition[zone] = EXPLICIT;
                }
            }
            default -> {
                condition[zone] = EMPTY;
                written[zone] = 0;
                Arrays.fill(contents, zone * ZONE_BLOCKS * BLOCK, (zone + 1) * ZONE_BLOCKS * BLOCK, (byte) 0);
            }
        }
    }

    /** The whole report, byte for byte. */
    Verdict report(long lba, int option, boolean partial, int allocation) {
        byte[] cdb = ByteBuffer.allocate(16)
                .put(0, (byte) 0x95)
                .putLong(2, lba)
                .putInt(10, allocation)
                .put(14, (byte) (option | (partial ? 0x80 : 0)))
                .array();
        boolean known = option <= 8 || option == 0x10 || option == 0x11 || option >= 0x3E;
        String code = outside(lba, 1) ? OUT_OF_RANGE : known ? GOOD : INVALID_FIELD;
        byte[] data = code.equals(GOOD) ? Arrays.copyOf(reported(lba, option, partial, allocation), allocation) : null;
        if (data != null) {
            int whole = reported(lba, option, partial, allocation).length;
            data = Arrays.copyOf(data, Math.min(whole, allocation));
        }
        return new Verdict(cdb, new byte[0], allocation, code, data, () -> {});
    }

    private byte[] reported(long lba, int option, boolean partial, int allocation) {
        boolean gaps = capacity < ZONE_BLOCKS;
        ByteBuffer list = ByteBuffer.allocate(64 * (1 + 2 * ZONES)).position(64);
        int first = zoneOf(lba);
        for (int zone = first; zone < ZONES; zone++) {
            boolean sequential = zone >= CONVENTIONAL;
            boolean skipped = zone == first && lba >= capacityEnd(zone);
            if (!skipped && lists(option, condition[zone])) {
                long start = (long) zone * ZONE_BLOCKS;
                long pointer = switch (condition[zone]) {
                    case 0 -> -1L;
                    case FULL -> capacityEnd(zone);
                    default -> start + written[zone];
                };
                entry(list, sequential ? 2 : 1, condition[zone], capacityEnd(zone) - start, start, pointer);
            }
            if (gaps && sequential && (option == 0 || option == 0x3F)) {
                entry(list, 5, 0, ZONE_BLOCKS - capacity, capacityEnd(zone), -1);
            }
        }
        int listed = list.position() - 64;
        if (partial) {
            listed = Math.max(0, Math.min(listed, (allocation - 64) / 64 * 64));
        }
        list.putInt(0, listed);
        list.put(4, (byte) (gaps ? 0 : first < CONVENTIONAL ? 3 : 1));
        list.putLong(8, BLOCKS - 1).putLong(16, gaps ? ZONE_BLOCKS : 0);
        return Arrays.copyOf(list.array(), list.position());
    }

    private static boolean lists(int option, int condition) {
        return switch (option) {
            case 0, 0x3E -> true;
            case 1, 2, 3, 4 -> condition == option;
            case 5 -> condition == FULL;
            case 0x3F -> condition == 0;
            default -> false;
        };
    }

    private static void entry(ByteBuffer list, int type, int condition, long length, long start, long pointer) {
        int at = list.position();
        list.put(at, (byte) type).put(at + 1, (byte) (condition << 4));
        list.putLong(at + 8, length).putLong(at + 16, start).putLong(at + 24, pointer);
        list.position(at + 64);
    }
}
