package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.posix.Posix;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.runtime.memory.GuestRegion;
import io.zonewright.vfiouser.PciHost;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A guest's memory and what it sees of interrupts. Two regions touch at 80000h, so that anything across that address is
 * split; a third, for reading only, stands alone at 200000h. All content is little-endian.
 */
public final class Guest implements PciHost {
    public static final long START = 0x10000;
    /** Where the second region begins. */
    public static final long SEAM = 0x80000;
    /** First address behind the second region: not mapped. */
    public static final long END = 0x180000;

    public static final long READ_ONLY = 0x200000;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment first = allocate(SEAM - START);
    private final MemorySegment second = allocate(END - SEAM);
    private final MemorySegment shared = allocate(ControllerBar.SIZE);
    private final GuestMemory all;

    private final List<Integer> interrupts = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private boolean msix = true;
    private boolean pin;
    private boolean remember = true;
    private GuestMemory memory;

    public Guest() {
        all = new GuestMemory(List.of(
                new GuestRegion(START, START, first),
                new GuestRegion(SEAM, SEAM, second),
                new GuestRegion(READ_ONLY, READ_ONLY, allocate(0x2000).asReadOnly())));
        memory = all;
    }

    private static MemorySegment allocate(long bytes) {
        return Arena.ofAuto().allocate(bytes, 4096);
    }

    /** Everything that the guest has, whether the device may use it or not. */
    public GuestMemory all() {
        return all;
    }

    /** The second region alone. */
    public GuestMemory aboveSeam() {
        return new GuestMemory(List.of(new GuestRegion(SEAM, SEAM, second)));
    }

    /** The first region alone. */
    public GuestMemory belowSeam() {
        return new GuestMemory(List.of(new GuestRegion(START, START, first)));
    }

    public void setMemory(GuestMemory value) {
        memory = value;
    }

    /** The memory behind an address; not across the seam. */
    public MemorySegment at(long address, long bytes) {
        return address < SEAM ? first.asSlice(address - START, bytes) : second.asSlice(address - SEAM, bytes);
    }

    public void putLong(long address, long value) {
        at(address, Long.BYTES).set(LONG, 0, value);
    }

    public void putInt(long address, int value) {
        at(address, Integer.BYTES).set(INT, 0, value);
    }

    public int getInt(long address) {
        return at(address, Integer.BYTES).get(INT, 0);
    }

    /** A block, data pointer or descriptor: two words at an address. */
    public void descriptor(long address, long low, int length, int id) {
        putLong(address, low);
        putLong(address + 8, Integer.toUnsignedLong(length) | (long) id << 56);
    }

    public void fill(long address, long bytes, int value) {
        for (long i = 0; i < bytes; i++) {
            at(address + i, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) value);
        }
    }

    public int getByte(long address) {
        return at(address, 1).get(ValueLayout.JAVA_BYTE, 0) & 0xFF;
    }

    /** Vectors raised since the last call. */
    public List<Integer> takeInterrupts() {
        List<Integer> taken = List.copyOf(interrupts);
        interrupts.clear();
        return taken;
    }

    /** Interrupts are not remembered from now on. */
    public void forgetInterrupts() {
        interrupts.clear();
        remember = false;
    }

    public void setMsix(boolean value) {
        msix = value;
    }

    public boolean pin() {
        return pin;
    }

    public List<String> reasons() {
        return reasons;
    }

    @Override
    public void interrupt(int vector) {
        if (remember) {
            interrupts.add(vector);
        }
    }

    @Override
    public void setPin(boolean asserted) {
        pin = asserted;
    }

    @Override
    public boolean msixEnabled() {
        return msix;
    }

    @Override
    public GuestMemory memory() {
        return memory;
    }

    @Override
    public MemorySegment shared(int bar) {
        return shared;
    }

    @Override
    public void broken(String reason) {
        reasons.add(reason);
    }

    /** Nobody here waits: steps are taken by hand. */
    @Override
    public boolean await(BooleanSupplier done, BooleanSupplier hopeless, Supplier<String> waitedFor) {
        return done.getAsBoolean();
    }

    @Override
    public void wake() {}

    @Override
    public Posix posix() {
        return Posix.system();
    }
}
