package io.zonewright.frontend.scsi.vhostuser.device;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.frontend.scsi.command.Nexus;
import io.zonewright.frontend.scsi.command.TaskManagement;
import io.zonewright.runtime.CompletionMailbox;
import io.zonewright.virtio.QueueContext;
import io.zonewright.virtio.QueueHandler;
import io.zonewright.virtio.queue.DescriptorChain;
import io.zonewright.virtio.queue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The control queue (virtio 1.3, section 5.6.6.2), little-endian:
 *
 * <pre>
 *  task management            0 le32 type 0   4 le32 subtype   8 lun[8]   16 le64 id           | 0 u8 response
 *  query, subscribe           0 le32 type 1, 2   4 lun[8]   12 le32 event_requested            | 0 le32 event_actual   4 u8 response
 * </pre>
 *
 * A function concerns the commands that the driver made available before it, and all that it ended are in the used rings
 * before its answer: so each request queue settles before and after it. No asynchronous notification of MMC's kind is
 * offered: a query finds none, a subscription subscribes to none.
 */
final class ControlQueue implements QueueHandler {
    /** Bytes of a task management request. */
    static final int FUNCTION = 24;

    private static final int TYPE_FUNCTION = 0;
    private static final int TYPE_QUERY = 1;
    private static final int TYPE_SUBSCRIBE = 2;

    private static final int SUBTYPE_OFFSET = 4;
    private static final int LUN_OFFSET = 8;
    private static final int ID_OFFSET = 16;

    private static final int NOTIFICATION = 16;
    private static final int NOTIFICATION_LUN_OFFSET = 4;
    private static final int NOTIFICATION_ANSWER = 5;
    private static final int NOTIFICATION_RESPONSE_OFFSET = 4;

    /** By subtype. */
    private static final TaskManagement[] FUNCTIONS = {
        TaskManagement.ABORT_TASK,
        TaskManagement.ABORT_TASK_SET,
        TaskManagement.CLEAR_ACA,
        TaskManagement.CLEAR_TASK_SET,
        TaskManagement.I_T_NEXUS_RESET,
        TaskManagement.LOGICAL_UNIT_RESET,
        TaskManagement.QUERY_TASK,
        TaskManagement.QUERY_TASK_SET
    };

    private final VirtioScsiDevice device;
    private final CompletionMailbox completions;
    private final MemorySegment notification = MemorySegment.ofArray(new byte[NOTIFICATION_ANSWER]);
    private @Nullable Virtqueue queue;
    /** For the next request; functions are rare enough to make one for each. */
    private ControlTask next = new ControlTask(this);

    private @Nullable Nexus nexus;

    ControlQueue(VirtioScsiDevice device, QueueContext context) {
        this.device = device;
        completions = context.completions();
    }

    @Override
    public void start(Virtqueue ring, long features) {
        queue = ring;
        nexus = device.nexus();
    }

    @Override
    public int process(int limit) {
        Virtqueue ring = Objects.requireNonNull(queue);
        int work = 0;
        for (DeviceRequest done = completions.poll(); done != null; done = completions.poll()) {
            ControlTask task = (ControlTask) done;
            answer(ring, task.chain(), task.response());
            work++;
        }
        while (work < limit && ring.next(next.chain())) {
            ControlTask task = next;
            next = new ControlTask(this);
            work++;
            boolean begun = false;
            try {
                begun = begin(ring, task);
            } finally {
                if (!begun && task.chain().id() >= 0) {
                    complete(ring, task.chain(), 0);
                }
            }
        }
        return work;
    }

    @Override
    public void stop() {
        queue = null;
        nexus = null;
    }

    /** Whether the chain is answered, or will be. */
    private boolean begin(Virtqueue ring, ControlTask task) {
        long readable = task.chain().readableBytes();
        if (readable < Integer.BYTES || task.chain().writableBytes() < 1) {
            ring.fail("a control request is too short for its type, or has no room for its response");
            return false;
        }
        int type = Little.get32(task.copy(Integer.BYTES), 0);
        switch (type) {
            case TYPE_FUNCTION -> {
                if (readable < FUNCTION) {
                    ring.fail("a task management request is too short");
                    return false;
                }
                beginFunction(ring, task);
            }
            case TYPE_QUERY, TYPE_SUBSCRIBE -> {
                if (readable < NOTIFICATION || task.chain().writableBytes() < NOTIFICATION_ANSWER) {
                    ring.fail("a request for notifications is too short, or has no room for its response");
                    return false;
                }
                answerNotification(ring, task);
            }
            default -> answer(ring, task.chain(), Response.FUNCTION_REJECTED);
        }
        return true;
    }

    private void beginFunction(Virtqueue ring, ControlTask task) {
        byte[] request = task.copy(FUNCTION);
        int subtype = Little.get32(request, SUBTYPE_OFFSET);
        long lun = VirtioLun.decode(Little.lun(request, LUN_OFFSET));
        long id = Little.get64(request, ID_OFFSET);
        if (lun == VirtioLun.NOBODY) {
            answer(ring, task.chain(), Response.BAD_TARGET);
            return;
        }
        if (subtype < 0 || subtype >= FUNCTIONS.length) {
            answer(ring, task.chain(), Response.FUNCTION_REJECTED);
            return;
        }
        task.setFunction(FUNCTIONS[subtype]);
        Nexus mine = Objects.requireNonNull(nexus);
        device.settle(() -> {
            device.cancellations().begin(task.resets());
            mine.manage(task.function(), lun, id, task);
        });
    }

    /** Any thread. */
    void carriedOut(ControlTask task) {
        device.cancellations().end(task.resets());
        device.settle(() -> completions.post(task));
    }

    private void answerNotification(Virtqueue ring, ControlTask task) {
        long lun = VirtioLun.decode(Little.lun(task.copy(NOTIFICATION), NOTIFICATION_LUN_OFFSET));
        DescriptorChain where = task.chain();
        long written = 0;
        try {
            where.writeWritable(0, notification, 0, NOTIFICATION_RESPONSE_OFFSET);
            where.writeByte(NOTIFICATION_RESPONSE_OFFSET, lun == VirtioLun.NOBODY ? Response.BAD_TARGET : Response.OK);
            written = NOTIFICATION_ANSWER;
        } finally {
            complete(ring, where, written);
        }
    }

    private static void answer(Virtqueue ring, DescriptorChain where, byte response) {
        long written = 0;
        try {
            where.writeByte(0, response);
            written = 1;
        } finally {
            complete(ring, where, written);
        }
    }

    private static void complete(Virtqueue ring, DescriptorChain where, long written) {
        int id = where.id();
        where.clear();
        ring.complete(id, written);
    }
}
