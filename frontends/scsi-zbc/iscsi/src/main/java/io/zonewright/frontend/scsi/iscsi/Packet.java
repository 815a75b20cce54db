package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.net.NetBuffer;
import io.zonewright.net.Outgoing;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A PDU on its way out that is not a task's last word. Pooled per loop. */
final class Packet extends Outgoing {
    /** A header with its digest, and a rejected header of the usual size with its own. */
    static final int BYTES = 128;

    final MemorySegment memory;
    final ByteBuffer view;

    @Nullable
    IscsiConnection connection;

    /** Given back when this is sent. */
    @Nullable
    NetBuffer attached;

    @Nullable
    Packet next;

    private final LoopResources home;

    Packet(LoopResources home, MemorySegment memory) {
        this.home = home;
        this.memory = memory;
        view = memory.asByteBuffer();
    }

    @Override
    protected void sent() {
        NetBuffer buffer = attached;
        attached = null;
        IscsiConnection owner = connection;
        connection = null;
        home.giveBack(this);
        if (owner != null) {
            owner.left(buffer);
        }
    }
}
