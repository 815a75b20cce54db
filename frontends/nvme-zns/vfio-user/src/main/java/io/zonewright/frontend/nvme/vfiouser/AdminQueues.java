package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.vfiouser.queue.Cell;
import io.zonewright.frontend.nvme.vfiouser.queue.CompletionQueue;
import io.zonewright.frontend.nvme.vfiouser.queue.SubmissionQueue;
import org.jspecify.annotations.Nullable;

/**
 * The admin commands that are the PCIe transport's own (Base 2.1, sections 5.2.1 to 5.2.5): creation and deletion of I/O
 * queues and Doorbell Buffer Config. On the home loop. Reserved fields are ignored.
 */
final class AdminQueues {
    private static final int DELETE_SUBMISSION_QUEUE = 0x00;
    private static final int CREATE_SUBMISSION_QUEUE = 0x01;
    private static final int DELETE_COMPLETION_QUEUE = 0x04;
    private static final int CREATE_COMPLETION_QUEUE = 0x05;
    private static final int DOORBELL_BUFFER_CONFIG = 0x7C;

    private static final long PAGE_MASK = 4095;
    /** CDW11: the ring is physically contiguous (PC), which CAP.CQR demands. */
    private static final int CONTIGUOUS = 1;
    /** CDW11: the completion queue interrupts (IEN). */
    private static final int INTERRUPTS_ENABLED = 2;

    /** Bytes of the submission entry, for the error log. */
    private static final int PRP1 = 24;

    private static final int PRP2 = 32;
    private static final int CDW10 = 40;
    private static final int CDW11 = 44;

    private final QueueHome home;
    private final int maxQueueEntries;

    AdminQueues(QueueHome home, int maxQueueEntries) {
        this.home = home;
        this.maxQueueEntries = maxQueueEntries;
    }

    /** See {@link io.zonewright.frontend.nvme.command.ControllerCarrier#carrierAdmin}. */
    boolean carryOut(NvmeCommand command) {
        switch (command.opcode()) {
            case CREATE_COMPLETION_QUEUE -> createCompletionQueue(command);
            case CREATE_SUBMISSION_QUEUE -> createSubmissionQueue(command);
            case DELETE_COMPLETION_QUEUE -> deleteCompletionQueue(command);
            case DELETE_SUBMISSION_QUEUE -> deleteSubmissionQueue(command);
            case DOORBELL_BUFFER_CONFIG -> {
                if (!home.offersShadowDoorbells()) {
                    return false;
                }
                configureDoorbells(command);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void createCompletionQueue(NvmeCommand command) {
        int id = queueId(command);
        int entries = entries(command);
        int vector = command.cdw11() >>> 16;
        long address = command.dataPointer1();
        if (id == 0 || id > home.table().maxId() || home.table().completion(id) != null) {
            refuse(command, NvmeStatus.INVALID_QUEUE_IDENTIFIER, CDW10);
        } else if (entries < 2 || entries > maxQueueEntries) {
            refuse(command, NvmeStatus.INVALID_QUEUE_SIZE, CDW10 + 2);
        } else if (vector >= home.vectors()) {
            refuse(command, NvmeStatus.INVALID_INTERRUPT_VECTOR, CDW11 + 2);
        } else if (ringIsGood(command, address)) {
            boolean interrupts = (command.cdw11() & INTERRUPTS_ENABLED) != 0;
            CompletionQueue queue = new CompletionQueue(id, address, entries, vector, interrupts);
            if (queue.inside(home.memory())) {
                home.create(queue, () -> command.finish(NvmeStatus.SUCCESS));
            } else {
                refuse(command, NvmeStatus.DATA_TRANSFER_ERROR, PRP1);
            }
        }
    }

    private void createSubmissionQueue(NvmeCommand command) {
        int id = queueId(command);
        int entries = entries(command);
        int answersId = command.cdw11() >>> 16;
        long address = command.dataPointer1();
        CompletionQueue answers = home.table().completion(answersId);
        if (id == 0 || id > home.table().maxId() || home.table().submission(id) != null) {
            refuse(command, NvmeStatus.INVALID_QUEUE_IDENTIFIER, CDW10);
        } else if (answersId == 0 || answersId > home.table().maxId()) {
            refuse(command, NvmeStatus.INVALID_QUEUE_IDENTIFIER, CDW11 + 2);
        } else if (answers == null) {
            refuse(command, NvmeStatus.COMPLETION_QUEUE_INVALID, CDW11 + 2);
        } else if (entries < 2 || entries > maxQueueEntries) {
            refuse(command, NvmeStatus.INVALID_QUEUE_SIZE, CDW10 + 2);
        } else if (ringIsGood(command, address)) {
            SubmissionQueue queue = new SubmissionQueue(id, address, entries, answers);
            if (queue.inside(home.memory())) {
                home.create(queue, () -> command.finish(NvmeStatus.SUCCESS));
            } else {
                refuse(command, NvmeStatus.DATA_TRANSFER_ERROR, PRP1);
            }
        }
    }

    private void deleteSubmissionQueue(NvmeCommand command) {
        int id = queueId(command);
        @Nullable SubmissionQueue queue = id == 0 ? null : home.table().submission(id);
        if (queue == null || home.isBeingDeleted(queue)) {
            refuse(command, NvmeStatus.INVALID_QUEUE_IDENTIFIER, CDW10);
        } else {
            home.delete(queue, () -> command.finish(NvmeStatus.SUCCESS));
        }
    }

    private void deleteCompletionQueue(NvmeCommand command) {
        int id = queueId(command);
        @Nullable CompletionQueue queue = id == 0 ? null : home.table().completion(id);
        if (queue == null) {
            refuse(command, NvmeStatus.INVALID_QUEUE_IDENTIFIER, CDW10);
        } else if (home.table().inUse(queue)) {
            refuse(command, NvmeStatus.INVALID_QUEUE_DELETION, CDW10);
        } else {
            home.delete(queue, () -> command.finish(NvmeStatus.SUCCESS));
        }
    }

    private void configureDoorbells(NvmeCommand command) {
        long shadow = command.dataPointer1();
        long events = command.dataPointer2();
        if ((shadow & PAGE_MASK) != 0) {
            refuse(command, NvmeStatus.INVALID_FIELD, PRP1);
        } else if ((events & PAGE_MASK) != 0) {
            refuse(command, NvmeStatus.INVALID_FIELD, PRP2);
        } else if (!home.shadowDoorbells(shadow, events, () -> command.finish(NvmeStatus.SUCCESS))) {
            refuse(command, NvmeStatus.DATA_TRANSFER_ERROR, PRP1);
        }
    }

    /** Whether PC is set and PRP1 is a page's start; if not, the command has been refused. */
    private static boolean ringIsGood(NvmeCommand command, long address) {
        if ((command.cdw11() & CONTIGUOUS) == 0) {
            refuse(command, NvmeStatus.INVALID_FIELD, CDW11);
            return false;
        }
        if ((address & PAGE_MASK) != 0) {
            refuse(command, NvmeStatus.PRP_OFFSET_INVALID, PRP1);
            return false;
        }
        return true;
    }

    private static int queueId(NvmeCommand command) {
        return command.cdw10() & 0xFFFF;
    }

    private static int entries(NvmeCommand command) {
        return (command.cdw10() >>> 16) + 1;
    }

    private static void refuse(NvmeCommand command, int status, int sqeByte) {
        command.setErrorLocation(sqeByte, 0);
        command.finish(NvmeStatus.dnr(status));
    }

    /** Copies a doorbell's value to where it is kept from now on. */
    static void carryOver(@Nullable Cell from, @Nullable Cell to, @Nullable Cell event) {
        if (from != null && to != null) {
            int value = from.read();
            to.write(value);
            if (event != null) {
                event.write(value);
            }
        }
    }
}
