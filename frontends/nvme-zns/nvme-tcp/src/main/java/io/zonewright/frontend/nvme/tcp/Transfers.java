package io.zonewright.frontend.nvme.tcp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The R2Ts of one connection that wait for data, by transfer tag. Grows to the largest number seen. */
final class Transfers {
    private static final int FIRST_SIZE = 16;

    private @Nullable ReadyToTransfer[] byTag = new @Nullable ReadyToTransfer[0];
    private int[] free = new int[0];
    private int freeCount;
    private int open;

    /** Gives the transfer a tag. */
    void add(ReadyToTransfer transfer) {
        if (freeCount == 0) {
            grow();
        }
        int tag = free[--freeCount];
        transfer.tag = tag;
        byTag[tag] = transfer;
        open++;
    }

    /** The transfer with this tag, or null. */
    @Nullable
    ReadyToTransfer get(int tag) {
        return tag < byTag.length ? byTag[tag] : null;
    }

    void remove(ReadyToTransfer transfer) {
        byTag[transfer.tag] = null;
        free[freeCount++] = transfer.tag;
        open--;
    }

    int open() {
        return open;
    }

    /** Tags so far; {@link #get} gives null for those not in use. */
    int size() {
        return byTag.length;
    }

    private void grow() {
        int old = byTag.length;
        int size = Math.max(FIRST_SIZE, old * 2);
        byTag = Arrays.copyOf(byTag, size);
        free = Arrays.copyOf(free, size);
        for (int tag = size - 1; tag >= old; tag--) {
            free[freeCount++] = tag;
        }
    }
}
