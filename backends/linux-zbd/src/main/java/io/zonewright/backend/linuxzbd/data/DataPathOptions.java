package io.zonewright.backend.linuxzbd.data;

import java.time.Duration;

/**
 * How to move data to one descriptor.
 *
 * @param mode the mechanism
 * @param blockSize bytes; offsets, lengths and the length of each piece of memory handed to the kernel are multiples of it
 *     (kernels before 6.18 ask that of each piece, not only of the whole). A power of two
 * @param dmaAlignment bytes; what memory addresses have to be a multiple of: sysfs {@code queue/dma_alignment} plus 1, or
 *     {@code stx_dio_mem_align} of a file; {@code blockSize} where the kernel (before 6.0) does not say. A power of two
 * @param maxTransferBytes the most that one call moves; a longer request becomes several, one after the other. A multiple
 *     of {@code blockSize}
 * @param volatileCache whether the medium may lose what it acknowledged: then writes with FUA are {@code RWF_DSYNC} and a flush
 *     is {@code fdatasync}; if not, a flush is done at once
 * @param queueDepth requests that the kernel works on at the same time, for each ring (io_uring); further ones wait
 * @param workers threads that move data ({@link Mode#THREADS})
 * @param rings rings with a thread of their own (io_uring), for submitters that are not queue loops
 * @param loopRings whether each queue loop that submits gets a ring of its own and polls it (io_uring)
 * @param bounceBuffers buffers for requests whose memory is not aligned (io_uring; each worker of {@link Mode#THREADS} has one)
 * @param bounceBytes the size of each, a multiple of {@code blockSize}
 * @param threadNamePrefix names of the threads start with this
 * @param closePatience how long {@link DataPath#close} waits for requests in flight before it cancels them
 */
public record DataPathOptions(
        Mode mode,
        int blockSize,
        int dmaAlignment,
        int maxTransferBytes,
        boolean volatileCache,
        int queueDepth,
        int workers,
        int rings,
        boolean loopRings,
        int bounceBuffers,
        int bounceBytes,
        String threadNamePrefix,
        Duration closePatience) {

    /** The mechanism that moves data. */
    public enum Mode {
        /** io_uring where the kernel lets us, else threads. */
        AUTO,
        /** io_uring or nothing: opening fails with the reason. */
        IO_URING,
        /** Threads that call preadv2 and pwritev2. */
        THREADS
    }

    private static final int MAX_DEPTH = 4096;
    private static final int MAX_WORKERS = 64;
    private static final int MAX_BOUNCE_BUFFERS = 1024;
    private static final int PAGE = 4096;

    public DataPathOptions {
        require(Integer.bitCount(blockSize) == 1 && blockSize >= 512, "block size " + blockSize);
        require(Integer.bitCount(dmaAlignment) == 1 && dmaAlignment <= PAGE, "DMA alignment " + dmaAlignment);
        require(maxTransferBytes > 0 && maxTransferBytes % blockSize == 0, "maximum transfer " + maxTransferBytes);
        require(queueDepth >= 1 && queueDepth <= MAX_DEPTH, "queue depth " + queueDepth);
        require(workers >= 1 && workers <= MAX_WORKERS, workers + " workers");
        require(rings >= 1 && rings <= MAX_WORKERS, rings + " rings");
        require(bounceBuffers >= 1 && bounceBuffers <= MAX_BOUNCE_BUFFERS, bounceBuffers + " bounce buffers");
        require(
                bounceBytes >= PAGE && bounceBytes % PAGE == 0 && bounceBytes % blockSize == 0,
                "bounce buffers of " + bounceBytes + " bytes");
    }

    /** What suits most devices: memory aligned to blocks, transfers of at most 1 MiB, 4 MiB of bounce buffers. */
    public static DataPathOptions of(int blockSize, String threadNamePrefix) {
        return new DataPathOptions(
                Mode.AUTO,
                blockSize,
                Math.min(blockSize, PAGE),
                1 << 20,
                true,
                256,
                4,
                1,
                true,
                16,
                256 << 10,
                threadNamePrefix,
                Duration.ofSeconds(5));
    }

    public DataPathOptions withMode(Mode value) {
        return new DataPathOptions(
                value,
                blockSize,
                dmaAlignment,
                maxTransferBytes,
                volatileCache,
                queueDepth,
                workers,
                rings,
                loopRings,
                bounceBuffers,
                bounceBytes,
                threadNamePrefix,
                closePatience);
    }

    public DataPathOptions withDmaAlignment(int bytes) {
        return new DataPathOptions(
                mode,
                blockSize,
                bytes,
                maxTransferBytes,
                volatileCache,
                queueDepth,
                workers,
                rings,
                loopRings,
                bounceBuffers,
                bounceBytes,
                threadNamePrefix,
                closePatience);
    }

    public DataPathOptions withMaxTransferBytes(int bytes) {
        return new DataPathOptions(
                mode,
                blockSize,
                dmaAlignment,
                bytes,
                volatileCache,
                queueDepth,
                workers,
                rings,
                loopRings,
                bounceBuffers,
                bounceBytes,
                threadNamePrefix,
                closePatience);
    }

    public DataPathOptions withVolatileCache(boolean value) {
        return new DataPathOptions(
                mode,
                blockSize,
                dmaAlignment,
                maxTransferBytes,
                value,
                queueDepth,
                workers,
                rings,
                loopRings,
                bounceBuffers,
                bounceBytes,
                threadNamePrefix,
                closePatience);
    }

    public DataPathOptions withQueue(int depth, int workerCount) {
        return new DataPathOptions(
                mode,
                blockSize,
                dmaAlignment,
                maxTransferBytes,
                volatileCache,
                depth,
                workerCount,
                rings,
                loopRings,
                bounceBuffers,
                bounceBytes,
                threadNamePrefix,
                closePatience);
    }

    public DataPathOptions withRings(int count, boolean byLoops) {
        return new DataPathOptions(
                mode,
                blockSize,
                dmaAlignment,
                maxTransferBytes,
                volatileCache,
                queueDepth,
                workers,
                count,
                byLoops,
                bounceBuffers,
                bounceBytes,
                threadNamePrefix,
                closePatience);
    }

    public DataPathOptions withBounce(int buffers, int bytesEach) {
        return new DataPathOptions(
                mode,
                blockSize,
                dmaAlignment,
                maxTransferBytes,
                volatileCache,
                queueDepth,
                workers,
                rings,
                loopRings,
                buffers,
                bytesEach,
                threadNamePrefix,
                closePatience);
    }

    public DataPathOptions withClosePatience(Duration value) {
        return new DataPathOptions(
                mode,
                blockSize,
                dmaAlignment,
                maxTransferBytes,
                volatileCache,
                queueDepth,
                workers,
                rings,
                loopRings,
                bounceBuffers,
                bounceBytes,
                threadNamePrefix,
                value);
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalArgumentException(what + " is not possible");
        }
    }
}
