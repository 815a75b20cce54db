package io.zonewright.frontend.nvme.vfiouser.queue;

import org.jspecify.annotations.Nullable;

/** Where each queue finds its doorbell and event index at the moment. Null doorbell: its memory is gone. */
public interface DoorbellSource {
    @Nullable
    Cell tail(int sqid);

    @Nullable
    Cell tailEvent(int sqid);

    @Nullable
    Cell head(int cqid);

    @Nullable
    Cell headEvent(int cqid);
}
