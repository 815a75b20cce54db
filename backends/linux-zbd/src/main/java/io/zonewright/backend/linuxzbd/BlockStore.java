package io.zonewright.backend.linuxzbd;

import io.zonewright.backend.linuxzbd.LinuxZbdConfig.DiscardMode;
import io.zonewright.backend.linuxzbd.kernel.BlockCalls;

/** Ranges of a block device. */
final class BlockStore implements Store {
    private final BlockCalls calls;
    private final DiscardMode mode;

    BlockStore(BlockCalls calls, DiscardMode mode) {
        this.calls = calls;
        this.mode = mode;
    }

    @Override
    public void zero(long start, long length) {
        calls.zeroOut(start, length);
    }

    @Override
    public void stabilize() {
        calls.flush();
    }

    @Override
    public void discard(long start, long length) {
        if (mode == DiscardMode.TRIM) {
            calls.discard(start, length);
        } else {
            calls.punchHole(start, length);
        }
    }
}
