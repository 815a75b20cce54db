package io.zonewright.frontend.scsi.command.block;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.ScsiTask;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A command that takes several device requests, one after the other, with a buffer of its own beside the initiator's
 * data. The device may answer inline or late; there is no recursion either way. One object per task, made once.
 */
final class BlockJob extends DeviceRequest implements ScratchPool.Borrower {
    /** What a command does step by step. */
    @FunctionalInterface
    interface Steps {
        /**
         * The job has begun, or its last request has completed: see {@link BlockJob#begun} and {@link #cause}.
         *
         * @return true if the next request was prepared; false if there is none: the task's status is set
         */
        boolean next(ScsiTask task, BlockJob job);
    }

    /** Bytes of one piece: half a buffer, so that the initiator's data has room for a private copy beside it. */
    static final int PIECE_BYTES = ScratchPool.BUFFER_BYTES / 2;

    /** How often {@link #advance} was called without being carried out yet. */
    private final AtomicInteger calls = new AtomicInteger();

    private @Nullable ScsiTask task;
    private @Nullable Steps steps;
    private @Nullable ScratchPool pool;
    private @Nullable MemorySegment buffer;
    private boolean begun;
    private long position;
    private long end;
    private long stage;

    /** The job of a task. */
    static BlockJob of(ScsiTask task) {
        if (task.extra() instanceof BlockJob known) {
            return known;
        }
        BlockJob made = new BlockJob();
        task.setExtra(made);
        return made;
    }

    /**
     * Starts, as soon as there is a buffer.
     *
     * @param bytes the {@link #end} of what is to be done
     */
    void start(ScsiTask forTask, Steps by, ScratchPool from, long bytes) {
        task = forTask;
        steps = by;
        pool = from;
        begun = false;
        position = 0;
        end = bytes;
        stage = 0;
        calls.set(0);
        from.borrow(this);
    }

    @Override
    public void granted(MemorySegment granted) {
        buffer = granted;
        advance();
    }

    /** Whether a request of this job has completed. */
    boolean begun() {
        return begun;
    }

    /** Bytes done, counted from the start of the range. */
    long position() {
        return position;
    }

    void setPosition(long value) {
        position = value;
    }

    long end() {
        return end;
    }

    /** Bytes of the next piece. */
    long pieceLength() {
        return Math.min(PIECE_BYTES, end - position);
    }

    /** A number of the command's own; 0 at the start. */
    long stage() {
        return stage;
    }

    void setStage(long value) {
        stage = value;
    }

    /** Half of the buffer: {@link #PIECE_BYTES}. */
    MemorySegment piece() {
        return present(buffer).asSlice(0, PIECE_BYTES);
    }

    /** The other half. */
    MemorySegment beside() {
        return present(buffer).asSlice(PIECE_BYTES);
    }

    /** Prepares a read of {@code length} bytes into {@link #piece}. */
    boolean read(long offset, long length) {
        return move(Operation.READ, offset, length);
    }

    /** Prepares a write of {@code length} bytes from {@link #piece}. */
    boolean write(long offset, long length) {
        return move(Operation.WRITE, offset, length);
    }

    private boolean move(Operation operation, long offset, long length) {
        data().clear();
        data().add(present(buffer), 0, length);
        prepare(operation, offset, length);
        return true;
    }

    @Override
    protected void onComplete() {
        advance();
    }

    private void advance() {
        if (calls.getAndIncrement() != 0) {
            return;
        }
        do {
            ScsiTask mine = present(task);
            if (!present(steps).next(mine, this)) {
                finish(mine);
                return;
            }
            begun = true;
            mine.unit().device().submit(this);
        } while (calls.decrementAndGet() != 0);
    }

    private void finish(ScsiTask mine) {
        ScratchPool from = present(pool);
        MemorySegment back = present(buffer);
        data().clear();
        task = null;
        steps = null;
        pool = null;
        buffer = null;
        from.giveBack(back);
        mine.end();
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("no job");
        }
        return value;
    }
}
