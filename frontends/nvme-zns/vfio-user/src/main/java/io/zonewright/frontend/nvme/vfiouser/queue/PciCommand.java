package io.zonewright.frontend.nvme.vfiouser.queue;

import io.zonewright.frontend.nvme.command.NvmeCommand;
import org.jspecify.annotations.Nullable;

/** A command that came from a submission queue in guest memory; belongs to that queue for ever. */
public final class PciCommand extends NvmeCommand {
    private final QueueWorker worker;
    private final SubmissionQueue queue;

    /** Of whatever list it is in: the mailbox, or a completion queue's backlog. */
    private @Nullable PciCommand link;
    /** See {@link QueueWorker}; of the worker's thread. */
    private int epoch;

    private boolean counted;
    private boolean lost;

    PciCommand(QueueWorker worker, SubmissionQueue queue) {
        this.worker = worker;
        this.queue = queue;
    }

    SubmissionQueue queue() {
        return queue;
    }

    @Override
    protected void onComplete() {
        worker.ended(this);
    }

    @Nullable
    PciCommand link() {
        return link;
    }

    void setLink(@Nullable PciCommand value) {
        link = value;
    }

    /** Whether it is waited for before memory is unmapped or a reset is over. */
    boolean counted() {
        return counted;
    }

    int epoch() {
        return epoch;
    }

    void count(int value) {
        epoch = value;
        counted = true;
    }

    void uncount() {
        counted = false;
    }

    /** Whether something threw in the middle of it: it may still end, but nobody waits for that. */
    boolean lost() {
        return lost;
    }

    void lose() {
        lost = true;
    }
}
