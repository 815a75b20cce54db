package io.zonewright.frontend.scsi.vhostuser.device;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.frontend.scsi.command.TaskManagement;
import io.zonewright.frontend.scsi.command.TaskManagementListener;
import io.zonewright.frontend.scsi.command.TaskManagementResult;
import io.zonewright.virtio.queue.DescriptorChain;
import java.lang.foreign.MemorySegment;

/** A task management function on its way; it comes back through its queue's mailbox. */
final class ControlTask extends DeviceRequest implements TaskManagementListener {
    private final ControlQueue queue;
    private final DescriptorChain chain = new DescriptorChain();
    private final byte[] copy = new byte[ControlQueue.FUNCTION];
    private final MemorySegment segment = MemorySegment.ofArray(copy);
    private TaskManagement function = TaskManagement.QUERY_TASK;
    private byte response;

    ControlTask(ControlQueue queue) {
        this.queue = queue;
    }

    DescriptorChain chain() {
        return chain;
    }

    /** A private copy of the first bytes that the driver sent. */
    byte[] copy(int length) {
        chain.copyReadable(0, segment, 0, length);
        return copy;
    }

    TaskManagement function() {
        return function;
    }

    void setFunction(TaskManagement value) {
        function = value;
    }

    boolean resets() {
        return function == TaskManagement.LOGICAL_UNIT_RESET || function == TaskManagement.I_T_NEXUS_RESET;
    }

    byte response() {
        return response;
    }

    @Override
    public void done(TaskManagementResult result, int information) {
        response = switch (result) {
            case COMPLETE -> Response.OK;
            case SUCCEEDED -> Response.FUNCTION_SUCCEEDED;
            case REJECTED -> Response.FUNCTION_REJECTED;
            case INCORRECT_LOGICAL_UNIT -> Response.INCORRECT_LUN;
        };
        queue.carriedOut(this);
    }

    @Override
    protected void onComplete() {
        throw new IllegalStateException("never submitted");
    }
}
