package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads a command's range of blocks piece by piece into one half of a borrowed buffer, and shows each piece to its
 * handler. The device may answer inline or late; there is no recursion either way.
 */
final class PieceReader extends DeviceRequest implements ScratchPool.Borrower {
    /** Bytes of one piece: half a buffer, so that the host's data has room for a private copy beside it. */
    static final int PIECE_BYTES = ScratchPool.BUFFER_BYTES / 2;

    /** How often {@link #advance} was called without being carried out yet. */
    private final AtomicInteger calls = new AtomicInteger();

    private @Nullable PieceHandler handler;
    private @Nullable NvmeCommand command;
    private @Nullable MemorySegment buffer;
    private long position;
    private long end;
    private boolean reading;

    /** Starts to read the whole range of {@code forCommand} for {@code by}, once {@code pool} has a buffer. */
    void start(NvmeCommand forCommand, PieceHandler by, ScratchPool pool) {
        command = forCommand;
        handler = by;
        position = 0;
        end = BlockRange.bytes(forCommand);
        reading = false;
        calls.set(0);
        pool.borrow(this);
    }

    /** For the time of this command. */
    @Override
    public void granted(MemorySegment granted) {
        buffer = granted;
        advance();
    }

    /** The piece that was read last, {@link #length} bytes. */
    MemorySegment piece() {
        return present(buffer).asSlice(0, PIECE_BYTES);
    }

    /** The other half of the buffer, for the handler. */
    MemorySegment beside() {
        return present(buffer).asSlice(PIECE_BYTES);
    }

    /** Where in the range the piece starts, bytes. */
    long position() {
        return position;
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
            if (reading && !takePiece()) {
                return;
            }
            submitNext();
        } while (calls.decrementAndGet() != 0);
    }

    /** Looks at what came back; false if that was the end. */
    private boolean takePiece() {
        PieceHandler mine = present(handler);
        NvmeCommand forCommand = present(command);
        boolean more = mine.piece(forCommand, this);
        position += length();
        if (more && position < end) {
            return true;
        }
        MemorySegment mineNoMore = present(buffer);
        buffer = null;
        handler = null;
        command = null;
        data().clear();
        mine.end(forCommand, more, mineNoMore);
        return false;
    }

    private void submitNext() {
        long length = Math.min(PIECE_BYTES, end - position);
        SpanList spans = data();
        spans.clear();
        spans.add(present(buffer), 0, length);
        prepare(Operation.READ, BlockRange.offset(present(command)) + position, length);
        reading = true;
        present(handler).submit(this);
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("no command is being read for");
        }
        return value;
    }
}
