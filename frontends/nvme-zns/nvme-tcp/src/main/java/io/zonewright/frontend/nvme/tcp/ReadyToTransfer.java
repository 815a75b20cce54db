package io.zonewright.frontend.nvme.tcp;

import io.zonewright.net.Outgoing;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One R2T: the PDU on its way out, then the transfer that it allowed, until all of its data is here. */
final class ReadyToTransfer extends Outgoing {
    final MemorySegment memory;
    final ByteBuffer view;

    @Nullable
    TcpCommand command;

    int tag;
    int offset;
    int length;
    int received;
    boolean sending;

    /** The transfer is over while the PDU still counts as on its way: the pool gets it when both are. */
    boolean over;

    private final LoopResources home;

    @Nullable
    ReadyToTransfer next;

    ReadyToTransfer(LoopResources home, MemorySegment memory) {
        this.home = home;
        this.memory = memory;
        view = memory.asByteBuffer();
    }

    @Override
    protected void sent() {
        sending = false;
        if (over) {
            home.giveBack(this);
        }
    }
}
