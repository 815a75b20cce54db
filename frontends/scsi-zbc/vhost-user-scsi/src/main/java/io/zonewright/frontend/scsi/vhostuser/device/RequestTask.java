package io.zonewright.frontend.scsi.vhostuser.device;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.virtio.queue.DescriptorChain;
import java.lang.foreign.MemorySegment;

/** A command that came as a descriptor chain; belongs to one queue for ever. */
final class RequestTask extends ScsiTask {
    /** lun[8], le64 id, u8 task_attr, u8 prio, u8 crn: what comes before the CDB. */
    static final int HEADER = 19;

    private final RequestQueue queue;
    private final DescriptorChain chain = new DescriptorChain();
    private final byte[] header = new byte[HEADER];
    private final MemorySegment headerSegment = MemorySegment.ofArray(header);
    private final MemorySegment cdbSegment = MemorySegment.ofArray(cdb());
    private final Ended ended = new Ended(this);

    private byte response;
    private boolean handedOver;
    private long dataOut;
    private long dataIn;

    /** What goes through the queue's mailbox in the task's place. */
    static final class Ended extends DeviceRequest {
        private final RequestTask task;

        Ended(RequestTask task) {
            this.task = task;
        }

        RequestTask task() {
            return task;
        }

        @Override
        protected void onComplete() {
            throw new IllegalStateException("never submitted");
        }
    }

    RequestTask(RequestQueue queue) {
        this.queue = queue;
    }

    DescriptorChain chain() {
        return chain;
    }

    Ended ended() {
        return ended;
    }

    /** A private copy of the fields before the CDB. */
    byte[] header() {
        return header;
    }

    /** Copies header and CDB; of a CDB longer than any that we know its first bytes. */
    void copyFrom(int cdbSize) {
        response = Response.OK;
        chain.copyReadable(0, headerSegment, 0, HEADER);
        int known = Math.min(cdbSize, MAX_CDB);
        chain.copyReadable(HEADER, cdbSegment, 0, known);
        for (int i = known; i < MAX_CDB; i++) {
            cdb()[i] = 0;
        }
    }

    void setBuffers(long out, long in) {
        dataOut = out;
        dataIn = in;
    }

    long dataOut() {
        return dataOut;
    }

    long dataIn() {
        return dataIn;
    }

    /** Whether the command core will end it. */
    boolean handedOver() {
        return handedOver;
    }

    void setHandedOver(boolean value) {
        handedOver = value;
    }

    byte response() {
        return response;
    }

    void setResponse(byte value) {
        response = value;
    }

    /** Bytes of the driver's buffers that were not used, of those for the other direction too. */
    long residual() {
        long used = switch (transfer()) {
            case NONE -> 0;
            case TO_INITIATOR -> transferred();
            case TO_TARGET -> sendsTooLittle() ? 0 : wantedBytes();
        };
        return dataOut + dataIn - used;
    }

    /** Nothing of such a command is done, whatever else may be wrong with it: half of what was meant is not what was meant. */
    boolean sendsTooLittle() {
        return transfer() == Transfer.TO_TARGET && wantedBytes() > dataOut;
    }

    @Override
    protected void onComplete() {
        if (!answered()) {
            response = queue.cancellations().response();
        } else if (sendsTooLittle()
                || (transfer() == Transfer.TO_INITIATOR && status() == 0 && wantedBytes() > dataIn)) {
            response = Response.OVERRUN;
        }
        queue.ended(this);
    }
}
