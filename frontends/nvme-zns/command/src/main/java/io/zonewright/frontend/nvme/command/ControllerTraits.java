package io.zonewright.frontend.nvme.command;

import java.util.UUID;

/**
 * What the carrier of a controller can do; fixed for the controller's life.
 *
 * @param transport what carries it
 * @param maxDataBytes most data of one command in bytes (MDTS), a power of two and a multiple of 4 KiB; 0: no limit of
 *     the carrier's, {@link NvmeCommand#MAX_TRANSFER} applies
 * @param prp whether commands may describe their data by PRPs (never on fabrics)
 * @param sgl whether they may by SGLs
 * @param ioccsz16 largest command capsule of an I/O queue, in units of 16 bytes; fabrics only, else 0
 * @param iorcsz16 largest response capsule, likewise
 * @param maxQueueEntries most entries of an I/O queue, 2 to 65536
 * @param maxIoQueues most I/O queue pairs, 1 to 65535
 * @param shadowDoorbells whether Doorbell Buffer Config is offered
 * @param keepAlive whether a keep-alive timer runs
 * @param hostNqn who the host says it is; "" if nobody asked
 * @param hostId the 128-bit host identifier, its first byte on the wire the UUID's most significant; {@link #NO_HOST_ID} if the
 *     host told none
 */
public record ControllerTraits(
        Transport transport,
        int maxDataBytes,
        boolean prp,
        boolean sgl,
        int ioccsz16,
        int iorcsz16,
        int maxQueueEntries,
        int maxIoQueues,
        boolean shadowDoorbells,
        boolean keepAlive,
        String hostNqn,
        UUID hostId) {
    /** The host identifier of a host that told none. */
    public static final UUID NO_HOST_ID = new UUID(0, 0);

    /** PCI vendor of the controllers that have one: the one that QEMU's virtual devices share. */
    public static final int PCI_VENDOR = 0x1B36;

    /** Size of the memory pages that transfers are counted in (CAP.MPSMIN 0). */
    public static final int PAGE = 4096;

    public ControllerTraits {
        require(
                maxDataBytes == 0 || (maxDataBytes >= PAGE && Integer.bitCount(maxDataBytes) == 1),
                "maxDataBytes",
                maxDataBytes);
        require(prp || sgl, "data pointers", 0);
        require(maxQueueEntries >= 2 && maxQueueEntries <= 65536, "maxQueueEntries", maxQueueEntries);
        require(maxIoQueues >= 1 && maxIoQueues <= 65535, "maxIoQueues", maxIoQueues);
    }

    /** Most data of one command in bytes, a power of two: the carrier's limit or the core's. */
    public int dataLimit() {
        return maxDataBytes == 0 ? NvmeCommand.MAX_TRANSFER : Math.min(maxDataBytes, NvmeCommand.MAX_TRANSFER);
    }

    private static void require(boolean holds, String what, int value) {
        if (!holds) {
            throw new IllegalArgumentException("impossible " + what + ": " + value);
        }
    }
}
