/**
 * Submission and completion queues in guest memory, their doorbells, and the loops that serve them. Knows no PCI.
 */
@NullMarked
package io.zonewright.frontend.nvme.vfiouser.queue;

import org.jspecify.annotations.NullMarked;
