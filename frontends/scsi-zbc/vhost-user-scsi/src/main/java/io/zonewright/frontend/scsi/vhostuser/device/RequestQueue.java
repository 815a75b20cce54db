package io.zonewright.frontend.scsi.vhostuser.device;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.scsi.command.Nexus;
import io.zonewright.frontend.scsi.command.ScsiStatus;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.TaskAttribute;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.runtime.CompletionMailbox;
import io.zonewright.runtime.Counters;
import io.zonewright.runtime.PollLoop;
import io.zonewright.virtio.QueueContext;
import io.zonewright.virtio.QueueHandler;
import io.zonewright.virtio.queue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request queue (virtio 1.3, section 5.6.6.1). Little-endian; data-out follows the request, data-in the response:
 *
 * <pre>
 *  request    0 lun[8]   8 le64 id   16 u8 task_attr   17 u8 prio   18 u8 crn   19 cdb[cdb_size]
 *  response   0 le32 sense_len   4 le32 residual   8 le16 status_qualifier   10 u8 status   11 u8 response   12 sense[sense_size]
 * </pre>
 *
 * Tasks are made as they are first needed, at most one more than the ring has entries, and used again and again. One that
 * ends while its own queue is being processed is answered on the spot; one that ends at any other time, on this thread or
 * another, comes back through the mailbox.
 */
final class RequestQueue implements QueueHandler {
    private static final int ID_OFFSET = 8;
    private static final int ATTRIBUTE_OFFSET = 16;
    private static final TaskAttribute[] ATTRIBUTES = {
        TaskAttribute.SIMPLE, TaskAttribute.ORDERED, TaskAttribute.HEAD_OF_QUEUE, TaskAttribute.ACA
    };

    private static final int RESIDUAL_OFFSET = 4;
    private static final int STATUS_OFFSET = 10;
    private static final int RESPONSE_OFFSET = 11;
    private static final long MOST_RESIDUAL = 0xFFFF_FFFFL;
    /** Bytes of a response before the sense data. */
    static final int RESPONSE = 12;

    private final VirtioScsiDevice device;
    private final ScsiConfig config;
    private final Counters<ScsiCounter> counters;
    private final PollLoop loop;
    private final CompletionMailbox completions;
    private final byte[] answer = new byte[RESPONSE + ScsiConfig.MAX_SENSE];
    private final MemorySegment answerSegment = MemorySegment.ofArray(answer);
    /** Bytes of {@link #answer} behind {@link #RESPONSE} that may not be zero. */
    private int dirty;

    private @Nullable Virtqueue queue;
    private @Nullable Nexus nexus;

    /** The first {@link #idleCount} entries. One more than the ring has entries, since a full ring is asked once more. */
    private @Nullable RequestTask[] idle = new @Nullable RequestTask[0];

    private int idleCount;

    /** Whether {@link #process} is on the stack; only looked at on the loop's thread. */
    private boolean processing;

    private int completedInline;
    private @Nullable ZonedDevice lastDevice;
    private @Nullable ZonedDevice batch;

    /** @param counters written by this queue's thread alone */
    RequestQueue(VirtioScsiDevice device, Counters<ScsiCounter> counters, QueueContext context) {
        this.device = device;
        this.counters = counters;
        config = device.config();
        loop = context.loop();
        completions = context.completions();
    }

    PollLoop loop() {
        return loop;
    }

    Cancellations cancellations() {
        return device.cancellations();
    }

    @Override
    public void start(Virtqueue ring, long features) {
        // A ring that comes back after a lost connection offers once more what was never answered.
        device.clientLost();
        queue = ring;
        nexus = device.nexus();
        idle = new @Nullable RequestTask[ring.size() + 1];
        idleCount = 0;
    }

    @Override
    public int process(int limit) {
        Virtqueue ring = Objects.requireNonNull(queue);
        processing = true;
        completedInline = 0;
        try {
            int work = collect(ring);
            work += take(ring, limit);
            return work + completedInline;
        } finally {
            processing = false;
        }
    }

    /**
     * Takes all that the driver has made available and shows it all that has ended: a task management function concerns
     * commands that the driver sent before it, and is answered after those that it ended. On the loop.
     */
    void settle() {
        Virtqueue ring = queue;
        if (ring == null || !device.serves(this)) {
            return;
        }
        try {
            process(ring.size());
            ring.publish();
        } catch (InternalError e) {
            ring.fail("the driver's memory went away");
        } catch (RuntimeException e) {
            ring.fail("internal error (" + e.getClass().getSimpleName() + ")");
            throw e;
        }
    }

    @Override
    public void stop() {
        queue = null;
        nexus = null;
        // A driver may have made them large; the next one starts afresh.
        Arrays.fill(idle, null);
        idleCount = 0;
    }

    /** Any thread. */
    void ended(RequestTask task) {
        if (loop.inLoop() && processing) {
            completedInline++;
            answerWithin(Objects.requireNonNull(queue), task);
        } else {
            completions.post(task.ended());
        }
    }

    /** Called by the command core, whose state is no business of a driver that takes its memory away. */
    private void answerWithin(Virtqueue ring, RequestTask task) {
        try {
            answer(ring, task);
        } catch (InternalError e) {
            ring.fail("the driver's memory went away");
        }
    }

    private int collect(Virtqueue ring) {
        int count = 0;
        for (DeviceRequest done = completions.poll(); done != null; done = completions.poll()) {
            answer(ring, ((RequestTask.Ended) done).task());
            count++;
        }
        return count;
    }

    private int take(Virtqueue ring, int limit) {
        int taken = 0;
        lastDevice = null;
        try {
            while (taken < limit) {
                RequestTask task = borrow();
                if (!ring.next(task.chain())) {
                    giveBack(task);
                    break;
                }
                taken++;
                begin(ring, task);
            }
            return taken;
        } finally {
            lastDevice = null;
            endBatch();
        }
    }

    private void begin(Virtqueue ring, RequestTask task) {
        task.setHandedOver(false);
        try {
            int cdbSize = config.cdbSize();
            long in = task.chain().writableBytes() - RESPONSE - config.senseSize();
            long out = task.chain().readableBytes() - RequestTask.HEADER - cdbSize;
            if (in < 0 || out < 0) {
                ring.fail("a command is too short for its header, or has no room for its response");
                complete(ring, task, 0);
                return;
            }
            task.copyFrom(cdbSize);
            task.setBuffers(out, in);
            decode(ring, task, cdbSize);
        } finally {
            if (!task.handedOver() && task.chain().id() >= 0) {
                // The driver's memory went away under its header: nothing stays in flight for ever.
                complete(ring, task, 0);
            }
        }
    }

    private void decode(Virtqueue ring, RequestTask task, int cdbSize) {
        byte[] header = task.header();
        long lun = VirtioLun.decode(Little.lun(header, 0));
        int attribute = header[ATTRIBUTE_OFFSET] & 0xFF;
        if (lun == VirtioLun.NOBODY) {
            refuse(ring, task, Response.BAD_TARGET);
            return;
        }
        // Without INOUT, data both ways is a failure by the book.
        if (attribute >= ATTRIBUTES.length || (task.dataOut() > 0 && task.dataIn() > 0)) {
            refuse(ring, task, Response.FAILURE);
            return;
        }
        task.prepare(
                lun,
                Little.get64(header, ID_OFFSET),
                ATTRIBUTES[attribute],
                Math.min(cdbSize, RequestTask.MAX_CDB),
                task.dataIn(),
                task.dataOut());
        Nexus mine = Objects.requireNonNull(nexus);
        task.setHandedOver(true);
        if (mine.begin(task)) {
            execute(mine, task);
        }
    }

    private void execute(Nexus mine, RequestTask task) {
        if (task.transfer() == Transfer.TO_TARGET) {
            if (task.sendsTooLittle()) {
                mine.refuse(task, Sense.COMMAND_ABORTED);
                return;
            }
            task.chain()
                    .sliceReadable(task.chain().readableBytes() - task.dataOut(), task.transferBytes(), task.data());
        } else if (task.transfer() == Transfer.TO_INITIATOR) {
            task.chain().sliceWritable(task.chain().writableBytes() - task.dataIn(), task.transferBytes(), task.data());
        }
        if (task.hasUnit()) {
            joinBatch(task.unit().device());
        }
        mine.execute(task);
    }

    /** Two commands in a row for one device begin a batch of it. */
    private void joinBatch(ZonedDevice next) {
        if (next.equals(lastDevice) && !next.equals(batch)) {
            endBatch();
            next.beginBatch();
            batch = next;
        }
        lastDevice = next;
    }

    private void endBatch() {
        ZonedDevice open = batch;
        if (open != null) {
            batch = null;
            open.endBatch();
        }
    }

    /** Without a command. */
    private void refuse(Virtqueue ring, RequestTask task, byte response) {
        long written = 0;
        try {
            clearAnswer();
            putResidual(task.dataOut() + task.dataIn());
            answer[RESPONSE_OFFSET] = response;
            written = store(task, 0);
            counters.add(ScsiCounter.COMMANDS, 1);
            counters.add(ScsiCounter.WITHOUT_STATUS, 1);
        } finally {
            complete(ring, task, written);
        }
    }

    private void answer(Virtqueue ring, RequestTask task) {
        long written = 0;
        try {
            count(task);
            clearAnswer();
            long moved = task.transfer() == Transfer.TO_INITIATOR ? task.transferred() : 0;
            putResidual(task.residual());
            byte response = task.response();
            answer[RESPONSE_OFFSET] = response;
            if (response == Response.OK) {
                answer[STATUS_OFFSET] = (byte) task.status();
                int length = (int) Math.min(task.senseLength(), roomForResponse(task) - RESPONSE);
                Little.put32(answer, 0, length);
                System.arraycopy(task.sense(), 0, answer, RESPONSE, length);
                dirty = length;
            }
            written = store(task, moved);
        } finally {
            // Also where the driver's memory went away under the answer: nothing stays in flight for ever.
            complete(ring, task, written);
        }
    }

    /** Chains may be longer than the field can say. */
    private void putResidual(long bytes) {
        Little.put32(answer, RESIDUAL_OFFSET, (int) Math.min(bytes, MOST_RESIDUAL));
    }

    private void clearAnswer() {
        Arrays.fill(answer, 0, RESPONSE + dirty, (byte) 0);
        dirty = 0;
    }

    /** Bytes stored from the start of the driver's buffers: response, sense data with zeroes behind it, data-in. */
    private long store(RequestTask task, long moved) {
        long head = roomForResponse(task);
        task.chain().writeWritable(0, answerSegment, 0, head);
        return head + moved;
    }

    private static long roomForResponse(RequestTask task) {
        return task.chain().writableBytes() - task.dataIn();
    }

    private void complete(Virtqueue ring, RequestTask task, long written) {
        int chain = task.chain().id();
        task.data().clear();
        task.chain().clear();
        giveBack(task);
        ring.complete(chain, written);
    }

    private RequestTask borrow() {
        if (idleCount == 0) {
            return new RequestTask(this);
        }
        return Objects.requireNonNull(idle[--idleCount]);
    }

    private void giveBack(RequestTask task) {
        idle[idleCount++] = task;
    }

    private void count(RequestTask task) {
        counters.add(ScsiCounter.COMMANDS, 1);
        if (task.response() != Response.OK) {
            counters.add(ScsiCounter.WITHOUT_STATUS, 1);
        } else if (task.status() == ScsiStatus.GOOD) {
            if (task.transfer() == Transfer.TO_INITIATOR) {
                counters.add(ScsiCounter.BYTES_READ, task.transferred());
            } else if (task.transfer() == Transfer.TO_TARGET) {
                counters.add(ScsiCounter.BYTES_WRITTEN, task.transferBytes());
            }
        } else if (task.status() == ScsiStatus.CHECK_CONDITION) {
            counters.add(ScsiCounter.CHECK_CONDITIONS, 1);
        }
    }
}
