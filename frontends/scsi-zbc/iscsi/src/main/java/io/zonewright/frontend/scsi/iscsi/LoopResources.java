package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.net.SocketLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one loop share besides its buffers: tasks and packets, made as they are first needed and used
 * again. Belongs to the loop's thread.
 */
final class LoopResources {
    private static final int BATCH = 32;
    private static final int CACHE_LINE = 64;

    private final SocketLoop loop;
    private final int index;
    private @Nullable IscsiTask tasks;
    private @Nullable Packet packets;

    /** @param index number of the loop in its portal */
    LoopResources(SocketLoop loop, int index) {
        this.loop = loop;
        this.index = index;
    }

    SocketLoop loop() {
        return loop;
    }

    int index() {
        return index;
    }

    IscsiTask takeTask() {
        IscsiTask task = tasks;
        if (task == null) {
            MemorySegment memory = Arena.ofAuto().allocate((long) IscsiTask.SCRATCH_BYTES * BATCH, CACHE_LINE);
            for (int i = 0; i < BATCH; i++) {
                giveBack(new IscsiTask(memory.asSlice((long) i * IscsiTask.SCRATCH_BYTES, IscsiTask.SCRATCH_BYTES)));
            }
            return takeTask();
        }
        tasks = task.next;
        task.next = null;
        return task;
    }

    void giveBack(IscsiTask task) {
        task.next = tasks;
        tasks = task;
    }

    Packet takePacket() {
        Packet packet = packets;
        if (packet == null) {
            MemorySegment memory = Arena.ofAuto().allocate((long) Packet.BYTES * BATCH, CACHE_LINE);
            for (int i = 0; i < BATCH; i++) {
                giveBack(new Packet(this, memory.asSlice((long) i * Packet.BYTES, Packet.BYTES)));
            }
            return takePacket();
        }
        packets = packet.next;
        packet.next = null;
        return packet;
    }

    void giveBack(Packet packet) {
        packet.next = packets;
        packets = packet;
    }
}
