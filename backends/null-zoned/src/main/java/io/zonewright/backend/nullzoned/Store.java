package io.zonewright.backend.nullzoned;

import io.zonewright.api.buffer.SpanList;

/**
 * Where the bytes are. All methods may be called from any thread at any time, take no locks around data, allocate
 * nothing, and get ranges that lie inside the device.
 */
interface Store extends AutoCloseable {
    /** Fills the first {@code length} bytes of {@code data} from device byte {@code offset} on; unwritten bytes are zero. */
    void read(SpanList data, long offset, long length);

    /**
     * Adds spans over {@code length} bytes from device byte {@code offset} on to {@code data}. They can be read until
     * {@link #close}, and change with what is written or released.
     */
    void lend(SpanList data, long offset, long length);

    /**
     * Stores the first {@code length} bytes of {@code data} from device byte {@code offset} on.
     *
     * @return how many bytes from the front are stored: fewer than {@code length} if there is no room for the rest
     */
    long write(SpanList data, long offset, long length);

    /** Whether {@link #release} of this range is quick enough to be done between two requests. */
    boolean releasesQuickly(long offset, long length);

    /** Makes the range read as zero and gives its memory back to the operating system. */
    void release(long offset, long length);

    /** Gives everything back; nothing may be called after it. */
    @Override
    void close();
}
