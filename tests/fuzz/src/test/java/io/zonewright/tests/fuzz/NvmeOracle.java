package io.zonewright.tests.fuzz;

import io.zonewright.testkit.nvme.Nvme;
import io.zonewright.testkit.nvme.NvmeHost;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeResult;
import io.zonewright.testkit.nvme.NvmeZoneReport;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes commands with their verdict, from a model of a zoned namespace without limits and with the rules of ZNS. */
final class NvmeOracle {
    static final int BLOCK = 512;
    static final int ZONES = 6;
    static final int ZONE_BLOCKS = 128;
    static final int CAPACITY = 96;
    static final int MAX_APPEND = 32;

    private static final int BLOCKS = ZONES * ZONE_BLOCKS;

    /** A command, and the status it has to end with. */
    record Verdict(NvmeRequest request, int code, Runnable effect, long placement) {}

    private final Random random;
    private final boolean planted;
    private final int[] state = new int[ZONES];
    private final int[] written = new int[ZONES];
    private final byte[] contents = new byte[BLOCKS * BLOCK];

    /** @param planted whether the model thinks that a closed zone cannot be written */
    NvmeOracle(Random random, boolean planted) {
        this.random = random;
        this.planted = planted;
        Arrays.fill(state, Nvme.ZS_EMPTY);
    }

    Verdict next() {
        int zone = random.nextInt(ZONES);
        return switch (random.nextInt(6)) {
            case 0, 1 -> write(zone);
            case 2 -> append(zone);
            case 3 -> read();
            case 4 -> action(zone);
            default -> report();
        };
    }

    private int writeCode(int zone, int at, int count, boolean append) {
        if (state[zone] == Nvme.ZS_FULL) {
            return Nvme.ZONE_FULL;
        }
        if (planted && state[zone] == Nvme.ZS_CLOSED) {
            return Nvme.ZONE_INVALID_WRITE;
        }
        if (!append && at != written[zone]) {
            return Nvme.ZONE_INVALID_WRITE;
        }
        return at + count > CAPACITY ? Nvme.ZONE_BOUNDARY : Nvme.SUCCESS;
    }

    private byte[] payload(int count) {
        byte[] data = new byte[count * BLOCK];
        random.nextBytes(data);
        return data;
    }

    private Runnable store(int zone, int at, byte[] data) {
        return () -> {
            System.arraycopy(data, 0, contents, (zone * ZONE_BLOCKS + at) * BLOCK, data.length);
            written[zone] = at + data.length / BLOCK;
            state[zone] = written[zone] == CAPACITY
                    ? Nvme.ZS_FULL
                    : state[zone] == Nvme.ZS_EXPLICIT_OPEN ? Nvme.ZS_EXPLICIT_OPEN : Nvme.ZS_IMPLICIT_OPEN;
        };
    }

    private Verdict write(int zone) {
        int at = random.nextInt(4) == 0 ? random.nextInt(ZONE_BLOCKS) : Math.min(written[zone], ZONE_BLOCKS - 1);
        int count = 1 + random.nextInt(random.nextInt(4) == 0 ? ZONE_BLOCKS : 24);
        long lba = (long) zone * ZONE_BLOCKS + at;
        byte[] data = payload(count);
        int code = lba + count > BLOCKS ? Nvme.LBA_OUT_OF_RANGE : writeCode(zone, at, count, false);
        return new Verdict(NvmeRequest.write(1, lba, BLOCK, data), code, store(zone, at, data), -1);
    }

    private Verdict append(int zone) {
        int off = random.nextInt(6) == 0 ? 1 + random.nextInt(ZONE_BLOCKS - 1) : 0;
        int count = 1 + random.nextInt(MAX_APPEND);
        byte[] data = payload(count);
        int at = written[zone];
        int code = off != 0 ? Nvme.INVALID_FIELD : writeCode(zone, at, count, true);
        long first = (long) zone * ZONE_BLOCKS;
        // An append that names no zone's start and would leave the namespace is wrong in two ways; both are told so.
        if (first + off + count > BLOCKS) {
            off = 0;
            code = writeCode(zone, at, count, true);
        }
        return new Verdict(NvmeRequest.append(1, first + off, BLOCK, data), code, store(zone, at, data), first + at);
    }

    private Verdict read() {
        int lba = random.nextInt(BLOCKS + 4);
        int count = 1 + random.nextInt(24);
        int code = lba + count > BLOCKS ? Nvme.LBA_OUT_OF_RANGE : Nvme.SUCCESS;
        boolean crosses = code == 0 && lba / ZONE_BLOCKS != (lba + count - 1) / ZONE_BLOCKS;
        // Whether zones may be crossed is the namespace's choice: not asked here.
        int inside = crosses ? ZONE_BLOCKS - lba % ZONE_BLOCKS : count;
        return new Verdict(NvmeRequest.read(1, lba, inside, BLOCK), code, () -> {}, -1);
    }

    private Verdict action(int zone) {
        int action = List.of(Nvme.ZSA_CLOSE, Nvme.ZSA_FINISH, Nvme.ZSA_OPEN, Nvme.ZSA_RESET, Nvme.ZSA_OFFLINE)
                .get(random.nextInt(5));
        int off = random.nextInt(8) == 0 ? 1 + random.nextInt(ZONE_BLOCKS - 1) : 0;
        int from = state[zone];
        boolean open = from == Nvme.ZS_IMPLICIT_OPEN || from == Nvme.ZS_EXPLICIT_OPEN;
        boolean allowed = switch (action) {
            case Nvme.ZSA_CLOSE -> open || from == Nvme.ZS_CLOSED;
            case Nvme.ZSA_OPEN -> from != Nvme.ZS_FULL;
            case Nvme.ZSA_OFFLINE -> false;
            default -> true;
        };
        int code = off != 0 ? Nvme.INVALID_FIELD : allowed ? Nvme.SUCCESS : Nvme.INVALID_TRANSITION;
        Runnable effect = () -> {
            switch (action) {
                case Nvme.ZSA_CLOSE -> state[zone] = Nvme.ZS_CLOSED;
                case Nvme.ZSA_OPEN -> state[zone] = Nvme.ZS_EXPLICIT_OPEN;
                case Nvme.ZSA_FINISH -> state[zone] = Nvme.ZS_FULL;
                default -> {
                    state[zone] = Nvme.ZS_EMPTY;
                    written[zone] = 0;
                    Arrays.fill(contents, zone * ZONE_BLOCKS * BLOCK, (zone + 1) * ZONE_BLOCKS * BLOCK, (byte) 0);
                }
            }
        };
        return new Verdict(NvmeRequest.zoneSend(1, (long) zone * ZONE_BLOCKS + off, action), code, effect, -1);
    }

    private Verdict report() {
        long lba = random.nextInt(8) == 0 ? BLOCKS + random.nextInt(9) : random.nextInt(BLOCKS);
        int bytes = 4 * (16 + random.nextInt(120));
        int code = lba >= BLOCKS ? Nvme.LBA_OUT_OF_RANGE : Nvme.SUCCESS;
        return new Verdict(NvmeRequest.report(1, lba, bytes, false, 0, true), code, () -> {}, -1);
    }

    /** What came back fits the model, which moves on. */
    void done(Verdict verdict, NvmeResult result) {
        if (verdict.code != 0) {
            return;
        }
        verdict.effect.run();
        if (verdict.placement >= 0 && result.dw01() != verdict.placement) {
            throw new AssertionError("verdict: placed at " + result.dw01() + ", not " + verdict.placement);
        }
        if (verdict.request.sqe().opcode() == Nvme.READ) {
            int from = Math.toIntExact(verdict.request.sqe().quad(10)) * BLOCK;
            byte[] wanted = Arrays.copyOfRange(contents, from, from + result.in().length);
            if (!Arrays.equals(wanted, result.in())) {
                throw new AssertionError("verdict: other data than was written, " + verdict.request);
            }
        }
    }

    /** The zones are as the model has them. */
    void compare(NvmeHost host) {
        NvmeResult result = host.run(1, NvmeRequest.report(1, 0, 64 + 64 * ZONES, false, 0, true));
        List<NvmeZoneReport.Zone> zones = NvmeZoneReport.parse(result.in(), 0).zones();
        for (int i = 0; i < ZONES; i++) {
            long pointer = state[i] == Nvme.ZS_FULL ? -1 : (long) i * ZONE_BLOCKS + written[i];
            NvmeZoneReport.Zone zone = zones.get(i);
            if (zone.state() != state[i] || zone.pointer() != pointer) {
                throw new AssertionError(
                        "verdict: zone " + i + " is " + zone + ", not state " + state[i] + " at " + pointer);
            }
        }
    }
}
