package io.zonewright.frontend.scsi.vhostuser;

import io.zonewright.runtime.peer.SocketSettings;
import java.time.Duration;

/**
 * What belongs to a host bus adapter, and not to one of the disks behind it. Entries that name the same socket must agree
 * on it.
 *
 * @param socket where it listens
 * @param queues request queues, 1 to 64
 * @param queueSize entries of each ring
 * @param threads for all queues together
 * @param spin longest time that an idle thread polls
 * @param packed whether packed rings are offered
 * @param mappedDoorbells over vfio-user: whether the client may map the doorbells, and the queues poll
 */
record HbaOptions(
        SocketSettings socket,
        int queues,
        int queueSize,
        int threads,
        Duration spin,
        boolean packed,
        boolean mappedDoorbells) {}
