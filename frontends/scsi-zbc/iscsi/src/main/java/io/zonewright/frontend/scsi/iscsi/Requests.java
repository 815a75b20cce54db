package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.frontend.scsi.command.Nexus;
import io.zonewright.frontend.scsi.command.TaskManagement;
import io.zonewright.frontend.scsi.command.TaskManagementResult;
import io.zonewright.frontend.scsi.iscsi.login.TextAnswer;
import io.zonewright.frontend.scsi.iscsi.login.TextNegotiation;
import io.zonewright.frontend.scsi.iscsi.login.TextRequest;
import io.zonewright.frontend.scsi.iscsi.pdu.Big;
import io.zonewright.frontend.scsi.iscsi.pdu.Pdu;
import io.zonewright.frontend.scsi.iscsi.pdu.TaskFunction;
import io.zonewright.net.NetBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * What an initiator asks for beside SCSI commands, in the full feature phase: NOP, text, task management, logout. On the
 * loop's thread; none of it is on the way of a read or write.
 */
final class Requests {
    /** Task management functions of one connection that are not done. */
    private static final int MAX_MANAGING = 64;

    private static final int PING_TAG = 1;

    private final IscsiConnection connection;
    private final Session session;
    private final Terms terms;
    private final PduWriter writer;
    private final TextNegotiation text;
    private int managing;

    Requests(IscsiConnection connection, Session session, Terms terms, PduWriter writer, TextNegotiation text) {
        this.connection = connection;
        this.session = session;
        this.terms = terms;
        this.writer = writer;
        this.text = text;
    }

    /** Carries out a request; its data is here. The caller gives it back. */
    void handle(IscsiTask request) {
        if (request.drowned) {
            connection.reject(Pdu.REJECT_OUT_OF_RESOURCES, request.header);
            return;
        }
        boolean discovery = session.nexus() == null;
        switch (request.pduOpcode()) {
            case Pdu.NOP_OUT -> {
                if (discovery) {
                    connection.reject(Pdu.REJECT_PROTOCOL_ERROR, request.header);
                } else {
                    nop(request);
                }
            }
            case Pdu.TEXT -> text(request);
            case Pdu.LOGOUT -> logout(request);
            case Pdu.TASK_MANAGEMENT -> {
                Nexus nexus = session.nexus();
                if (nexus == null) {
                    connection.reject(Pdu.REJECT_PROTOCOL_ERROR, request.header);
                } else {
                    manage(request, nexus);
                }
            }
            default -> throw new IllegalStateException("opcode " + request.pduOpcode());
        }
    }

    // NOP (sections 11.18, 11.19) ----------------------------------------------------------------------------------

    private void nop(IscsiTask request) {
        if (request.itt == Pdu.NO_TAG) {
            // An answer to ours, or a sign of life: nothing to say. It has to be immediate.
            if (!request.immediate()) {
                connection.reject(Pdu.REJECT_PROTOCOL_ERROR, request.header);
            }
            return;
        }
        if (Big.i32(request.header, Pdu.TTT_OFFSET) != Pdu.NO_TAG) {
            connection.reject(Pdu.REJECT_INVALID_FIELD, request.header);
            return;
        }
        Packet packet = connection.resources().takePacket();
        int bytes = Math.min(request.inputBytes, terms.maxSend);
        NetBuffer buffer = bytes == 0 ? null : connection.loop().pool().take(bytes);
        if (buffer == null) {
            writer.nopIn(packet, request.lunBytes(), request.itt, Pdu.NO_TAG);
        } else {
            MemorySegment.copy(dataOf(request).segment(), dataAt(request), buffer.segment(), IscsiTask.DATA_AT, bytes);
            packet.attached = buffer;
            writer.nopIn(packet, request.lunBytes(), request.itt, buffer, bytes);
        }
        connection.send(packet);
    }

    /** Asks whether the initiator is there. */
    void ping() {
        Packet packet = connection.resources().takePacket();
        writer.nopIn(packet, 0, Pdu.NO_TAG, PING_TAG);
        connection.send(packet);
    }

    private static NetBuffer dataOf(IscsiTask request) {
        return request.chunkCount > 0 ? request.chunk(0) : Objects.requireNonNull(request.input);
    }

    private static int dataAt(IscsiTask request) {
        return request.chunkCount > 0 ? IscsiTask.DATA_AT : request.inputAt;
    }

    // Text (sections 11.10, 11.11) ---------------------------------------------------------------------------------

    private void text(IscsiTask request) {
        byte[] bytes = new byte[request.inputBytes];
        if (bytes.length > 0) {
            MemorySegment.copy(
                    dataOf(request).segment(), ValueLayout.JAVA_BYTE, dataAt(request), bytes, 0, bytes.length);
        }
        TextAnswer answer = text.request(new TextRequest(
                (request.flags() & Pdu.FINAL) != 0,
                (request.flags() & Pdu.CONTINUE) != 0,
                request.itt,
                Big.i32(request.header, Pdu.TTT_OFFSET),
                bytes));
        if (answer.rejected()) {
            connection.reject(answer.rejectReason(), request.header);
            return;
        }
        terms.setMaxSend(text.maxSendBytes());
        Packet packet = connection.resources().takePacket();
        writer.text(packet, request.itt, request.lunBytes(), answer);
        connection.send(packet);
    }

    // Logout (sections 11.14, 11.15) -------------------------------------------------------------------------------

    private void logout(IscsiTask request) {
        int reason = request.flags() & Pdu.FUNCTION_MASK;
        boolean ours =
                Big.u16(request.header, Pdu.CID_OFFSET) == session.claim().cid();
        int response = switch (reason) {
            case Pdu.LOGOUT_SESSION -> Pdu.LOGOUT_DONE;
            case Pdu.LOGOUT_CONNECTION -> ours ? Pdu.LOGOUT_DONE : Pdu.LOGOUT_NO_SUCH_CONNECTION;
            case Pdu.LOGOUT_RECOVERY -> Pdu.LOGOUT_NO_RECOVERY;
            default -> -1;
        };
        if (response < 0) {
            connection.reject(Pdu.REJECT_INVALID_FIELD, request.header);
            return;
        }
        if (response == Pdu.LOGOUT_DONE) {
            connection.leaving();
        }
        Packet packet = connection.resources().takePacket();
        writer.loggedOut(packet, request.itt, response, 0, 0);
        connection.send(packet);
        if (response == Pdu.LOGOUT_DONE) {
            connection.finish();
        }
    }

    // Task management (sections 11.5, 11.6) ------------------------------------------------------------------------

    private void manage(IscsiTask request, Nexus nexus) {
        connection.count(IscsiCounter.TASK_MANAGEMENT, 1);
        int itt = request.itt;
        int function = request.flags() & Pdu.FUNCTION_MASK;
        if (managing == MAX_MANAGING) {
            connection.reject(Pdu.REJECT_OUT_OF_RESOURCES, request.header);
            return;
        }
        switch (function) {
            case TaskFunction.ABORT_TASK -> abortTask(request, nexus);
            case TaskFunction.ABORT_TASK_SET -> manage(request, nexus, TaskManagement.ABORT_TASK_SET, 0);
            case TaskFunction.CLEAR_ACA -> manage(request, nexus, TaskManagement.CLEAR_ACA, 0);
            case TaskFunction.CLEAR_TASK_SET -> manage(request, nexus, TaskManagement.CLEAR_TASK_SET, 0);
            case TaskFunction.LOGICAL_UNIT_RESET -> manage(request, nexus, TaskManagement.LOGICAL_UNIT_RESET, 0);
            case TaskFunction.TARGET_WARM_RESET, TaskFunction.TARGET_COLD_RESET ->
                manage(request, nexus, TaskManagement.TARGET_RESET, 0);
            case TaskFunction.TASK_REASSIGN -> managed(itt, TaskFunction.NO_REASSIGNMENT);
            default -> managed(itt, TaskFunction.NOT_SUPPORTED);
        }
    }

    /** A task that is not there, but whose number is in the window and before this, counts as aborted (section 11.5.1). */
    private void abortTask(IscsiTask request, Nexus nexus) {
        int tag = Big.i32(request.header, Pdu.REFERENCED_TAG_OFFSET);
        IscsiTask task = connection.find(tag);
        if (task == null) {
            int refCmdSn = Big.i32(request.header, Pdu.REF_CMD_SN_OFFSET);
            boolean before = refCmdSn - request.cmdSn() < 0;
            boolean filled = before && connection.fill(refCmdSn);
            managed(request.itt, filled ? TaskFunction.COMPLETE : TaskFunction.NO_SUCH_TASK);
        } else if (task.lunBytes() != request.lunBytes()) {
            managed(request.itt, TaskFunction.NO_SUCH_TASK);
        } else if (!task.begun) {
            connection.dropUnbegun(task);
            managed(request.itt, TaskFunction.COMPLETE);
        } else {
            manage(request, nexus, TaskManagement.ABORT_TASK, Integer.toUnsignedLong(tag));
        }
    }

    private void manage(IscsiTask request, Nexus nexus, TaskManagement function, long tag) {
        managing++;
        int itt = request.itt;
        boolean cold = (request.flags() & Pdu.FUNCTION_MASK) == TaskFunction.TARGET_COLD_RESET;
        nexus.manage(
                function,
                request.lunBytes(),
                tag,
                // Behind what hands over the answers of the tasks that this ends.
                (result, information) -> connection.loop().pollLoop().execute(() -> {
                    managing--;
                    connection.managed(itt, response(result), cold);
                }));
    }

    private void managed(int itt, int response) {
        connection.managed(itt, response, false);
    }

    private static int response(TaskManagementResult result) {
        return switch (result) {
            case COMPLETE, SUCCEEDED -> TaskFunction.COMPLETE;
            case REJECTED -> TaskFunction.NOT_SUPPORTED;
            case INCORRECT_LOGICAL_UNIT -> TaskFunction.NO_SUCH_UNIT;
        };
    }
}
