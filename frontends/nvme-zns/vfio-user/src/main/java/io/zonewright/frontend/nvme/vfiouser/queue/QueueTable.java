package io.zonewright.frontend.nvme.vfiouser.queue;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Which queues exist, by identifier. Changed by the home loop alone; any thread may look. */
public final class QueueTable {
    private final AtomicReferenceArray<@Nullable SubmissionQueue> submissions;
    private final AtomicReferenceArray<@Nullable CompletionQueue> completions;

    /** @param ioQueues most pairs of I/O queues; the admin queue comes on top */
    public QueueTable(int ioQueues) {
        submissions = new AtomicReferenceArray<>(ioQueues + 1);
        completions = new AtomicReferenceArray<>(ioQueues + 1);
    }

    /** Highest identifier there can be. */
    public int maxId() {
        return submissions.length() - 1;
    }

    /** The submission queue, or null if there is none. */
    public @Nullable SubmissionQueue submission(int id) {
        return id >= 0 && id <= maxId() ? submissions.get(id) : null;
    }

    /** The completion queue, or null if there is none. */
    public @Nullable CompletionQueue completion(int id) {
        return id >= 0 && id <= maxId() ? completions.get(id) : null;
    }

    public void put(int id, @Nullable SubmissionQueue queue) {
        submissions.set(id, queue);
    }

    public void put(int id, @Nullable CompletionQueue queue) {
        completions.set(id, queue);
    }

    /** Whether a submission queue is answered through this completion queue. */
    public boolean inUse(CompletionQueue queue) {
        for (int i = 0; i <= maxId(); i++) {
            SubmissionQueue submission = submissions.get(i);
            if (submission != null && submission.completions() == queue) {
                return true;
            }
        }
        return false;
    }

    public void clear() {
        for (int i = 0; i <= maxId(); i++) {
            submissions.set(i, null);
            completions.set(i, null);
        }
    }
}
