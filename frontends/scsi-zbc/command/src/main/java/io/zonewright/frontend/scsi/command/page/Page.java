package io.zonewright.frontend.scsi.command.page;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.frontend.scsi.command.ScsiTask;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A structure that a command returns or takes: so many bytes, zero at first, fields big-endian. Made per command; none of
 * these commands is the data path.
 */
public final class Page {
    private final ByteBuffer bytes;

    /** So many zeroes. */
    public Page(int size) {
        bytes = ByteBuffer.allocate(size);
    }

    /**
     * Copies the parameter list that the initiator sent, so that it is looked at once only.
     *
     * @return null if it could not be read: the task has failed and is to be ended
     */
    public static @Nullable Page copy(ScsiTask task) {
        SpanList data = task.data();
        Page page = new Page(Math.toIntExact(data.bytes()));
        try {
            data.copyTo(0, MemorySegment.ofBuffer(page.bytes), 0, data.bytes());
            return page;
        } catch (RuntimeException | InternalError gone) {
            HostMemory.lost(task, gone);
            return null;
        }
    }

    public int size() {
        return bytes.capacity();
    }

    public Page put8(int offset, int value) {
        bytes.put(offset, (byte) value);
        return this;
    }

    public Page put16(int offset, int value) {
        bytes.putShort(offset, (short) value);
        return this;
    }

    public Page put32(int offset, long value) {
        bytes.putInt(offset, (int) value);
        return this;
    }

    public Page put64(int offset, long value) {
        bytes.putLong(offset, value);
        return this;
    }

    public Page put(int offset, byte[] value) {
        bytes.put(offset, value);
        return this;
    }

    /** Text cut to {@code length} bytes and padded with blanks (SPC-5, "ASCII data field requirements"). */
    public Page putText(int offset, int length, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < length; i++) {
            bytes.put(offset + i, i < ascii.length ? ascii[i] : (byte) ' ');
        }
        return this;
    }

    public int get8(int offset) {
        return bytes.get(offset) & 0xFF;
    }

    public int get16(int offset) {
        return bytes.getShort(offset) & 0xFFFF;
    }

    public long get32(int offset) {
        return bytes.getInt(offset) & 0xFFFF_FFFFL;
    }

    public long get64(int offset) {
        return bytes.getLong(offset);
    }

    /** The bytes themselves. */
    public byte[] array() {
        return bytes.array();
    }

    /** Ends {@code task} with this structure, cut to its allocation length and to what its initiator has room for. */
    public void answer(ScsiTask task, long allocationLength) {
        long wanted = Math.min(size(), allocationLength);
        long length = Math.min(wanted, task.transferBytes());
        task.setWantedBytes(wanted);
        try {
            task.data().copyFrom(MemorySegment.ofBuffer(bytes), 0, 0, length);
            task.setTransferred(length);
        } catch (RuntimeException | InternalError gone) {
            HostMemory.lost(task, gone);
        }
        task.end();
    }
}
