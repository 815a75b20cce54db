package io.zonewright.frontend.nvme.vfiouser.data;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.runtime.memory.GuestMemory;
import java.lang.foreign.MemorySegment;

/** Finds the guest memory that a command's data pointer names. For one thread; allocates nothing. */
public final class DataPointers {
    /** Bytes of memory for bit buckets: spans of a large bucket stay few. */
    private static final int BUCKET_BYTES = 1 << 16;

    private final PrpWalker prp = new PrpWalker();
    private final SglWalker sgl = new SglWalker(MemorySegment.ofArray(new byte[BUCKET_BYTES]));

    /**
     * Fills {@link NvmeCommand#data} with exactly {@link NvmeCommand#transferBytes} bytes, which are more than 0.
     *
     * @return {@link NvmeStatus#SUCCESS}, or the status to refuse the command with
     */
    public int map(GuestMemory memory, NvmeCommand command) {
        SpanList into = command.data();
        boolean toHost = command.transfer() == Transfer.TO_HOST;
        long first = command.dataPointer1();
        long second = command.dataPointer2();
        int bytes = command.transferBytes();
        int status = command.psdt() == 0
                ? prp.map(memory, first, second, bytes, into)
                : sgl.map(memory, first, second, bytes, toHost, into);
        if (status == NvmeStatus.SUCCESS && toHost && hasReadOnly(into)) {
            status = NvmeStatus.DATA_TRANSFER_ERROR;
        }
        return status == NvmeStatus.SUCCESS ? status : NvmeStatus.dnr(status);
    }

    /** A client may share memory for reading only. */
    private static boolean hasReadOnly(SpanList spans) {
        for (int i = 0; i < spans.count(); i++) {
            if (spans.segment(i).isReadOnly()) {
                return true;
            }
        }
        return false;
    }
}
