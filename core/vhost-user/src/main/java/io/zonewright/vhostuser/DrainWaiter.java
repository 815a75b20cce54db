package io.zonewright.vhostuser;

import io.zonewright.virtio.QueueRunner;
import java.util.List;

/** How the control thread waits for queues to come to rest without neglecting everything else. */
interface DrainWaiter {
    /**
     * Waits until all are drained, or there is no point in waiting any longer.
     *
     * @return whether all are drained; if not, those that are not have lost requests or took too long
     */
    boolean await(List<QueueRunner> draining);
}
