package io.zonewright.frontend.nvme.command.io;

import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a command whose data cannot be got at any more: a guest may unmap or cut off the memory that it
 * lent, which shows as an exception, or as the InternalError that the JVM makes of a SIGBUS. The command still ends, on
 * whatever thread this is, or its queue would wait for ever.
 */
final class HostMemory {
    private static final Logger LOG = LoggerFactory.getLogger(HostMemory.class);

    private HostMemory() {}

    /** Data Transfer Error; to be tried again, since it was no fault of the command's. */
    static int lost(NvmeCommand command, Throwable thrown) {
        LOG.debug("{}: its data cannot be reached", command, thrown);
        return NvmeStatus.DATA_TRANSFER_ERROR;
    }
}
