package io.zonewright.bench;

import static io.zonewright.bench.Disks.BLOCK_BYTES;
import static io.zonewright.bench.Disks.ZONE_BYTES;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.ZonedDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One thread's use of a device: blocks of 4 KiB, one request at a time, over zones of its own that it visits in turn, a
 * block each. All of them are always filled to the same level, give or take one block.
 */
final class Client {
    private final ZonedDevice device;
    private final int firstZone;
    private final int zones;
    private final int stride;
    private final WaitingRequest block = new WaitingRequest();
    private final WaitingRequest action = new WaitingRequest();

    private int visit;
    private long level;
    private boolean used;

    /**
     * @param zones how many to visit
     * @param stride from one to the next
     */
    Client(ZonedDevice device, int firstZone, int zones, int stride) {
        this.device = device;
        this.firstZone = firstZone;
        this.zones = zones;
        this.stride = stride;
        MemorySegment memory = Arena.ofAuto().allocate(BLOCK_BYTES, BLOCK_BYTES);
        block.data().add(memory, 0, BLOCK_BYTES);
    }

    /** Makes all zones full, in large writes. */
    void fill() {
        WaitingRequest whole = new WaitingRequest();
        whole.data().add(Arena.ofAuto().allocate(ZONE_BYTES, BLOCK_BYTES), 0, ZONE_BYTES);
        for (int i = 0; i < zones; i++) {
            whole.mustRun(device, Operation.WRITE, zoneStart(i), ZONE_BYTES);
        }
    }

    /** Writes at the write pointer of the next zone; a full one is reset first. */
    void write() {
        long start = nextZone();
        block.mustRun(device, Operation.WRITE, start + level, BLOCK_BYTES);
        advance();
    }

    /** Appends to the next zone; a full one is reset first. */
    long append() {
        long start = nextZone();
        block.mustRun(device, Operation.APPEND, start, BLOCK_BYTES);
        advance();
        return block.placement();
    }

    /** Reads the next block of the next zone. */
    void read() {
        block.mustRun(device, Operation.READ, zoneStart(visit) + level, BLOCK_BYTES);
        advance();
    }

    /** Appends to the first zone, which others append to as well; whoever finds it full resets it. */
    long appendAmongOthers() {
        while (true) {
            Cause cause = block.run(device, Operation.APPEND, zoneStart(0), BLOCK_BYTES);
            if (cause.success()) {
                return block.placement();
            }
            // While the last block of the zone is still being written, the zone is not full, but has no room.
            if ((block.causes() & (Cause.ZONE_FULL.bit() | Cause.BEYOND_ZONE_CAPACITY.bit())) == 0) {
                throw new IllegalStateException(block + " ended with " + cause);
            }
            action.mustRun(device, Operation.ZONE_RESET, zoneStart(0), 0);
        }
    }

    /** Tries to write one block above the write pointer of an empty zone. */
    Cause refusedWrite() {
        Cause cause = block.run(device, Operation.WRITE, zoneStart(visit) + BLOCK_BYTES, BLOCK_BYTES);
        if (cause != Cause.NOT_AT_WRITE_POINTER) {
            throw new IllegalStateException(block + " ended with " + cause);
        }
        advance();
        return cause;
    }

    private long nextZone() {
        long start = zoneStart(visit);
        if (level == 0 && used) {
            action.mustRun(device, Operation.ZONE_RESET, start, 0);
        }
        return start;
    }

    private void advance() {
        if (++visit == zones) {
            visit = 0;
            level += BLOCK_BYTES;
            if (level == ZONE_BYTES) {
                level = 0;
                used = true;
            }
        }
    }

    private long zoneStart(int i) {
        return (long) (firstZone + i * stride) * ZONE_BYTES;
    }
}
