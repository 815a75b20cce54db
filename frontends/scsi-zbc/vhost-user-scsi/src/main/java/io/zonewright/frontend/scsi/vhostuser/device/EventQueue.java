package io.zonewright.frontend.scsi.vhostuser.device;

import io.zonewright.virtio.QueueHandler;
import io.zonewright.virtio.queue.DescriptorChain;
import io.zonewright.virtio.queue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The event queue: its buffers stay in the ring until an event needs one.
 *
 * <pre>
 *  0 le32 event   4 lun[8]   12 le32 reason
 * </pre>
 */
final class EventQueue implements QueueHandler {
    private static final int LUN_OFFSET = 4;
    private static final int REASON_OFFSET = 12;

    private final Events events;
    private final DescriptorChain chain = new DescriptorChain();
    private final byte[] bytes = new byte[ScsiConfig.EVENT_BYTES];
    private final MemorySegment segment = MemorySegment.ofArray(bytes);
    private @Nullable Virtqueue queue;

    EventQueue(Events events, Runnable wake) {
        this.events = events;
        events.wakeWith(wake);
    }

    @Override
    public void start(Virtqueue ring, long features) {
        queue = ring;
    }

    @Override
    public int process(int limit) {
        Virtqueue ring = Objects.requireNonNull(queue);
        int sent = 0;
        while (sent < limit && events.any() && ring.next(chain)) {
            send(ring);
            sent++;
        }
        return sent;
    }

    @Override
    public boolean wantsChains() {
        return events.any();
    }

    @Override
    public void stop() {
        queue = null;
    }

    private void send(Virtqueue ring) {
        int id = chain.id();
        long written = 0;
        try {
            if (chain.writableBytes() < ScsiConfig.EVENT_BYTES) {
                ring.fail("a buffer for events is too short");
                return;
            }
            Events.Event event = events.take();
            if (event != null) {
                Little.put32(bytes, 0, event.type());
                Little.putLun(bytes, LUN_OFFSET, event.lun());
                Little.put32(bytes, REASON_OFFSET, event.reason());
                chain.writeWritable(0, segment, 0, bytes.length);
                written = bytes.length;
            }
        } finally {
            chain.clear();
            ring.complete(id, written);
        }
    }
}
