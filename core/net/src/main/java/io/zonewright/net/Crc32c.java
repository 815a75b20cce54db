package io.zonewright.net;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * CRC32C (Castagnoli; RFC 3720, appendix B.4) over a connection's own buffers, with the JDK's intrinsic. Never to be used
 * over guest memory, which may be cut short under an intrinsic. For one thread; allocates nothing.
 */
public final class Crc32c {
    private final CRC32C crc = new CRC32C();

    /** The checksum of {@code length} bytes of {@code buffer} from {@code start} on. */
    public int of(NetBuffer buffer, int start, int length) {
        return of(buffer.view(), start, length);
    }

    /** The checksum of {@code length} bytes of {@code view} from {@code start} on; moves its position and limit. */
    public int of(ByteBuffer view, int start, int length) {
        Objects.checkFromIndexSize(start, length, view.capacity());
        view.limit(start + length).position(start);
        crc.reset();
        crc.update(view);
        return (int) crc.getValue();
    }

    /** The checksum of {@code length} bytes of {@code bytes} from {@code start} on. */
    public int of(byte[] bytes, int start, int length) {
        crc.reset();
        crc.update(bytes, start, length);
        return (int) crc.getValue();
    }

    /** Begins a checksum over several pieces, each an {@link #add}. */
    public void begin() {
        crc.reset();
    }

    /** Goes on with {@code length} bytes of {@code buffer} from {@code start} on. */
    public void add(NetBuffer buffer, int start, int length) {
        ByteBuffer view = buffer.view();
        Objects.checkFromIndexSize(start, length, view.capacity());
        view.limit(start + length).position(start);
        crc.update(view);
    }

    /** The checksum since {@link #begin}. */
    public int value() {
        return (int) crc.getValue();
    }
}
