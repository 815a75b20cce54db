package io.zonewright.testkit.guest;

import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Guest memory in several regions, each a memfd of its own. Nothing about a region equals anything else about it: guest
 * addresses have gaps, user addresses (what the hypervisor would have mapped it at) descend while guest addresses
 * ascend, and the region starts somewhere inside its file, so that a device that mixes up two of the four numbers reads
 * the wrong bytes.
 *
 * <p>Values are little-endian, as virtio 1.x wants them. Any thread may use it; the caller orders the accesses.
 */
public final class GuestMemory implements AutoCloseable {
    /** Distance between the guest addresses of two regions. */
    public static final long REGION_STRIDE = 1L << 32;

    private static final long USER_BASE = 0x7f55_0000_0000L;
    private static final int PAGE = 4096;

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ORDERED_U16 =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    /**
     * One region.
     *
     * @param guestAddress where the guest has it
     * @param userAddress where the hypervisor says that it has it
     * @param bytes its size
     * @param fileOffset where in the file it starts
     * @param mapping the driver's own mapping of exactly this region
     */
    public record Region(long guestAddress, long userAddress, long bytes, long fileOffset, Mapping mapping) {
        /** The file, to send to the device. */
        public Fd fd() {
            return Objects.requireNonNull(mapping.fd());
        }
    }

    private final List<Region> regions = new ArrayList<>();
    private final long[] next;

    /** Regions of these sizes, in bytes, multiples of the page size. */
    public GuestMemory(Posix posix, long... sizes) {
        next = new long[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            long fileOffset = (long) PAGE * (2 * i + 1);
            Fd fd = posix.memfd("testkit-guest-" + i, Linux.MFD_ALLOW_SEALING);
            posix.ftruncate(fd, fileOffset + sizes[i]);
            Mapping mapping = Mapping.ofFile(posix, fd, fileOffset, sizes[i], true);
            // Page 0 of the guest is used too: address 0 is an address like any other.
            regions.add(new Region(
                    i * REGION_STRIDE, USER_BASE + (sizes.length - i) * REGION_STRIDE, sizes[i], fileOffset, mapping));
        }
    }

    /** All regions, ascending by guest address. */
    public List<Region> regions() {
        return List.copyOf(regions);
    }

    /**
     * Takes memory that nobody uses yet.
     *
     * @return its guest address
     */
    public long allocate(int region, long bytes, int alignment) {
        Region r = regions.get(region);
        long start = (next[region] + alignment - 1) / alignment * alignment;
        if (start + bytes > r.bytes) {
            throw new IllegalStateException("guest region " + region + " of " + r.bytes + " bytes is used up: " + start
                    + " bytes taken, " + bytes + " wanted");
        }
        next[region] = start + bytes;
        return r.guestAddress + start;
    }

    /** How much of a region is taken, for {@link #release}. */
    public long mark(int region) {
        return next[region];
    }

    /** Gives back everything taken from a region since {@link #mark}. */
    public void release(int region, long mark) {
        next[region] = mark;
    }

    /** The user address of a guest address. */
    public long userAddress(long guestAddress) {
        Region r = region(guestAddress);
        return r.userAddress + (guestAddress - r.guestAddress);
    }

    /** The driver's view of guest memory, which has to lie inside one region. */
    public MemorySegment slice(long guestAddress, long bytes) {
        Region r = region(guestAddress);
        return r.mapping.segment().asSlice(guestAddress - r.guestAddress, bytes);
    }

    /** Copies bytes into guest memory. */
    public void put(long guestAddress, byte[] bytes) {
        MemorySegment.copy(bytes, 0, slice(guestAddress, bytes.length), ValueLayout.JAVA_BYTE, 0, bytes.length);
    }

    /** Copies bytes out of guest memory. */
    public byte[] get(long guestAddress, int bytes) {
        return slice(guestAddress, bytes).toArray(ValueLayout.JAVA_BYTE);
    }

    public void fill(long guestAddress, long bytes, int value) {
        slice(guestAddress, bytes).fill((byte) value);
    }

    public void putU8(long guestAddress, int value) {
        slice(guestAddress, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) value);
    }

    public int getU8(long guestAddress) {
        return slice(guestAddress, 1).get(ValueLayout.JAVA_BYTE, 0) & 0xFF;
    }

    public void putU16(long guestAddress, int value) {
        slice(guestAddress, 2).set(U16, 0, (short) value);
    }

    public int getU16(long guestAddress) {
        return slice(guestAddress, 2).get(U16, 0) & 0xFFFF;
    }

    public void putU32(long guestAddress, int value) {
        slice(guestAddress, 4).set(U32, 0, value);
    }

    public int getU32(long guestAddress) {
        return slice(guestAddress, 4).get(U32, 0);
    }

    public void putU64(long guestAddress, long value) {
        slice(guestAddress, 8).set(U64, 0, value);
    }

    public long getU64(long guestAddress) {
        return slice(guestAddress, 8).get(U64, 0);
    }

    /** Stores 16 bits after everything stored before. */
    public void putU16Release(long guestAddress, int value) {
        ORDERED_U16.setRelease(slice(guestAddress, 2), 0L, (short) value);
    }

    /** Loads 16 bits before everything loaded after. */
    public int getU16Acquire(long guestAddress) {
        return (short) ORDERED_U16.getAcquire(slice(guestAddress, 2), 0L) & 0xFFFF;
    }

    /** Unmaps the driver's view and closes the files. */
    @Override
    public void close() {
        regions.forEach(region -> region.mapping.close());
    }

    private Region region(long guestAddress) {
        for (Region r : regions) {
            if (guestAddress >= r.guestAddress && guestAddress - r.guestAddress < r.bytes) {
                return r;
            }
        }
        throw new IllegalArgumentException("no region holds guest address 0x" + Long.toHexString(guestAddress));
    }
}
