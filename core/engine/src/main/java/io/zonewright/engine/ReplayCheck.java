package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Compares one write after the other with the medium, in pieces. The medium may complete inline or late; there is no
 * recursion either way. What is compared are two private copies: no intrinsic runs over a guest's memory.
 */
final class ReplayCheck extends DeviceRequest {
    /** Bytes compared at a time; a multiple of every logical block. */
    static final int PIECE = 256 << 10;

    /** Alignment that suits any medium's direct input. */
    private static final int ALIGNMENT = 4096;

    private final EngineDevice device;
    private final Replays replays;
    private final MemorySegment stored;
    private final MemorySegment sent;

    /** How often {@link #advance} was called without being carried out yet. */
    private final AtomicInteger calls = new AtomicInteger();

    private @Nullable DeviceRequest write;
    private boolean asked;
    private long done;

    /** Bytes to compare; the write may be longer. */
    private long limit;

    ReplayCheck(EngineDevice device, Replays replays) {
        this.device = device;
        this.replays = replays;
        // Lives as long as the device, which nobody closes piece by piece.
        Arena arena = Arena.ofAuto();
        stored = arena.allocate(PIECE, ALIGNMENT);
        sent = arena.allocate(PIECE, ALIGNMENT);
    }

    /** Takes a write over and completes it through {@link Replays#finish}. */
    void start(DeviceRequest request) {
        begin(request);
        advance();
    }

    @Override
    protected void onComplete() {
        advance();
    }

    private void begin(DeviceRequest request) {
        write = request;
        asked = false;
        done = 0;
        limit = request.transferred();
    }

    private void advance() {
        if (calls.getAndIncrement() != 0) {
            return;
        }
        do {
            DeviceRequest current = write;
            if (current != null) {
                step(current);
            }
        } while (calls.decrementAndGet() != 0);
    }

    private void step(DeviceRequest current) {
        boolean good = !asked || takeNote(current);
        asked = true;
        boolean flush =
                current.forceUnitAccess() && device.capabilities().volatileCache() && operation() != Operation.FLUSH;
        if (good && done < limit) {
            readNext(current);
        } else if (good && flush) {
            data().clear();
            prepare(Operation.FLUSH, 0, 0);
            device.hand(this);
        } else {
            finish(current, good);
        }
    }

    private void readNext(DeviceRequest current) {
        long length = Math.min(PIECE, limit - done);
        prepare(Operation.READ, current.offset() + done, length);
        data().clear();
        data().add(stored, 0, length);
        device.hand(this);
    }

    /** Whether what the medium was asked for last came, and was as it should be. */
    private boolean takeNote(DeviceRequest current) {
        if (!cause().success()) {
            return false;
        }
        if (operation() == Operation.FLUSH) {
            return true;
        }
        long length = length();
        if (transferred() != length || !copySent(current, length)) {
            return false;
        }
        boolean equal = MemorySegment.mismatch(stored, 0, length, sent, 0, length) < 0;
        done += length;
        return equal;
    }

    private boolean copySent(DeviceRequest current, long length) {
        if (current.operation() == Operation.WRITE_ZEROES) {
            sent.asSlice(0, length).fill((byte) 0);
            return true;
        }
        return device.copyPayload(current, done, sent, length);
    }

    private void finish(DeviceRequest current, boolean found) {
        data().clear();
        prepare(Operation.READ, 0, 0);
        write = null;
        replays.finish(current, found);
        DeviceRequest next = replays.next(this);
        if (next != null) {
            start(next);
        }
    }
}
