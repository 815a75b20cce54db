package io.zonewright.backend.nullzoned;

import io.zonewright.api.buffer.SpanList;

/** {@code data: discard}: forgets all that is written, and reads as zero. Measures everything but the medium. */
final class DiscardStore implements Store {
    @Override
    public void read(SpanList data, long offset, long length) {
        Zeroes.fill(data, 0, length);
    }

    @Override
    public void lend(SpanList data, long offset, long length) {
        data.addZeroes(length);
    }

    @Override
    public long write(SpanList data, long offset, long length) {
        return length;
    }

    @Override
    public boolean releasesQuickly(long offset, long length) {
        return true;
    }

    @Override
    public void release(long offset, long length) {
        // There is nothing to forget.
    }

    @Override
    public void close() {
        // There is nothing to give back.
    }
}
