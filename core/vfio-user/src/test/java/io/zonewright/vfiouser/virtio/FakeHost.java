package io.zonewright.vfiouser.virtio;

import io.zonewright.posix.Posix;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.vfiouser.PciHost;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Remembers what a device did to its client; turns the device's loop while it waits. */
final class FakeHost implements PciHost {
    final List<Integer> interrupts = new ArrayList<>();
    private final Runnable turn;
    private Runnable between = () -> {};
    boolean msix = true;
    boolean pin;
    int waits;

    FakeHost(Runnable turn) {
        this.turn = turn;
    }

    /** Something that happens while the device waits. */
    void turnedBy(Runnable event) {
        between = event;
    }

    @Override
    public void interrupt(int vector) {
        interrupts.add(vector);
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
        return GuestMemory.EMPTY;
    }

    @Override
    public MemorySegment shared(int bar) {
        throw new IllegalArgumentException("BAR " + bar + " has no mapped area");
    }

    @Override
    public void broken(String reason) {
        throw new AssertionError(reason);
    }

    @Override
    public boolean await(BooleanSupplier done, BooleanSupplier hopeless, Supplier<String> waitedFor) {
        for (int i = 0; i < 1000 && !done.getAsBoolean(); i++) {
            waits++;
            between.run();
            turn.run();
        }
        return done.getAsBoolean();
    }

    @Override
    public void wake() {}

    @Override
    public Posix posix() {
        return Posix.system();
    }
}
