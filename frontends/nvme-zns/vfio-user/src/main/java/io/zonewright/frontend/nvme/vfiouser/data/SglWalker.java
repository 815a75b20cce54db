package io.zonewright.frontend.nvme.vfiouser.data;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.runtime.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Scatter gather lists (NVM Express Base 2.1, section 4.3.2): data blocks, bit buckets, segments and last segments, by
 * address. Keyed and transport descriptors and offsets belong to fabrics.
 *
 * <p>Segments are copied out piece by piece before they are looked at. A list may be longer than the transfer (SGLS in
 * Identify Controller, bit 18): the walk ends where the data does, and what comes after is not looked at. A list that is
 * shorter is refused; so is one with more than {@link #MAX_DESCRIPTORS} descriptors or {@link #MAX_SEGMENTS} segments,
 * which bounds what a list can cost that moves no data or points to itself.
 *
 * <p>For one thread; allocates nothing.
 */
final class SglWalker {
    /** Two for each 512 bytes of the largest transfer that Linux makes (4 MiB), and then some. */
    static final int MAX_DESCRIPTORS = 1 << 15;
    /** A page of descriptors each for the largest number of them, twice over. */
    static final int MAX_SEGMENTS = 1 << 8;

    static final int DESCRIPTOR = 16;
    private static final int LENGTH_OFFSET = 8;
    private static final int PIECE = 4096;

    private static final int DATA_BLOCK = 0x0;
    private static final int BIT_BUCKET = 0x1;
    private static final int SEGMENT = 0x2;
    private static final int LAST_SEGMENT = 0x3;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    private final byte[] piece = new byte[PIECE];
    private final MemorySegment pieceSegment = MemorySegment.ofArray(piece);
    /** Where bytes go that nobody wants. Several commands, and several queues, may write it at a time. */
    private final MemorySegment bucket;

    private int hint;
    private int left;
    private int descriptors;

    /** @param bucket at least one byte, written by reads with bit buckets; its content means nothing */
    SglWalker(MemorySegment bucket) {
        this.bucket = bucket;
    }

    /**
     * Appends the places of a transfer.
     *
     * @param pointer1 first half of SGL1 in the submission entry
     * @param pointer2 its second half
     * @param bytes more than 0
     * @param toHost whether data goes to the host: only then a bit bucket takes any
     * @return {@link NvmeStatus#SUCCESS}; or the status, and {@code into} then holds a part
     */
    int map(GuestMemory memory, long pointer1, long pointer2, int bytes, boolean toHost, SpanList into) {
        left = bytes;
        descriptors = 0;
        int type = type(pointer2);
        int status = switch (type) {
            case DATA_BLOCK, BIT_BUCKET -> data(memory, type, pointer1, (int) pointer2, toHost, into);
            case SEGMENT, LAST_SEGMENT ->
                segments(memory, pointer1, (int) pointer2, type == LAST_SEGMENT, toHost, into);
            default -> NvmeStatus.SGL_DESCRIPTOR_TYPE_INVALID;
        };
        if (status == NvmeStatus.SUCCESS && left != 0) {
            return NvmeStatus.DATA_SGL_LENGTH_INVALID;
        }
        return status;
    }

    /** Type of a descriptor by its last 8 bytes; -1 unless the address in it is an address. */
    private static int type(long half) {
        int id = (int) (half >>> 56);
        return (id & 0xF) == 0 ? id >>> 4 : -1;
    }

    private int segments(GuestMemory memory, long address, int length, boolean last, boolean toHost, SpanList into) {
        long at = address;
        long size = Integer.toUnsignedLong(length);
        boolean isLast = last;
        for (int segment = 0; segment < MAX_SEGMENTS; segment++) {
            if (size == 0 || size % DESCRIPTOR != 0) {
                return NvmeStatus.INVALID_SGL_SEGMENT_DESCRIPTOR;
            }
            long count = size / DESCRIPTOR;
            if (count > MAX_DESCRIPTORS - descriptors) {
                return NvmeStatus.INVALID_NUMBER_OF_SGL_DESCRIPTORS;
            }
            descriptors += (int) count;
            int status = blocks(memory, at, isLast ? size : size - DESCRIPTOR, isLast, toHost, into);
            if (status != NvmeStatus.SUCCESS || isLast || left == 0) {
                return status;
            }
            // The descriptor at the end of a segment that is not the last names the next one.
            int region = memory.copyOut(at + size - DESCRIPTOR, DESCRIPTOR, hint, pieceSegment);
            if (region < 0) {
                return NvmeStatus.DATA_TRANSFER_ERROR;
            }
            hint = region;
            long half = (long) LONG.get(piece, LENGTH_OFFSET);
            switch (type(half)) {
                case SEGMENT -> isLast = false;
                case LAST_SEGMENT -> isLast = true;
                case DATA_BLOCK, BIT_BUCKET -> {
                    return NvmeStatus.INVALID_SGL_SEGMENT_DESCRIPTOR;
                }
                default -> {
                    return NvmeStatus.SGL_DESCRIPTOR_TYPE_INVALID;
                }
            }
            at = (long) LONG.get(piece, 0);
            size = half & 0xFFFF_FFFFL;
        }
        return NvmeStatus.INVALID_NUMBER_OF_SGL_DESCRIPTORS;
    }

    /** The data descriptors of one segment, as many as the transfer needs. */
    private int blocks(GuestMemory memory, long address, long size, boolean last, boolean toHost, SpanList into) {
        for (long done = 0; done < size && left != 0; ) {
            int step = (int) Math.min(PIECE, size - done);
            int region = memory.copyOut(address + done, step, hint, pieceSegment);
            if (region < 0) {
                return NvmeStatus.DATA_TRANSFER_ERROR;
            }
            hint = region;
            for (int i = 0; i < step && left != 0; i += DESCRIPTOR) {
                int type = type((long) LONG.get(piece, i + LENGTH_OFFSET));
                int status = switch (type) {
                    case DATA_BLOCK, BIT_BUCKET ->
                        data(
                                memory,
                                type,
                                (long) LONG.get(piece, i),
                                (int) INT.get(piece, i + LENGTH_OFFSET),
                                toHost,
                                into);
                    case SEGMENT, LAST_SEGMENT ->
                        last ? NvmeStatus.INVALID_SGL_SEGMENT_DESCRIPTOR : NvmeStatus.INVALID_NUMBER_OF_SGL_DESCRIPTORS;
                    default -> NvmeStatus.SGL_DESCRIPTOR_TYPE_INVALID;
                };
                if (status != NvmeStatus.SUCCESS) {
                    return status;
                }
            }
            done += step;
        }
        return NvmeStatus.SUCCESS;
    }

    private int data(GuestMemory memory, int type, long address, int length, boolean toHost, SpanList into) {
        int size = (int) Math.min(Integer.toUnsignedLong(length), left);
        if (type == BIT_BUCKET) {
            if (toHost) {
                discard(size, into);
            }
            return NvmeStatus.SUCCESS;
        }
        if (size != 0) {
            int region = memory.addSpans(address, size, hint, into);
            if (region < 0) {
                return NvmeStatus.DATA_TRANSFER_ERROR;
            }
            hint = region;
            left -= size;
        }
        return NvmeStatus.SUCCESS;
    }

    private void discard(int size, SpanList into) {
        for (long done = 0; done < size; ) {
            long step = Math.min(size - done, bucket.byteSize());
            into.add(bucket, 0, step);
            done += step;
        }
        left -= size;
    }
}
