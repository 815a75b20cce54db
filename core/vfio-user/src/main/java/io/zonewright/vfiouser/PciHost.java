package io.zonewright.vfiouser;

import io.zonewright.posix.Posix;
import io.zonewright.runtime.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What a device can do to its client: valid from {@link PciDevice#attached} to the end of {@link PciDevice#detached}. */
public interface PciHost {
    /**
     * Interrupts through MSI-X; from any thread, one system call at most. A masked vector becomes pending.
     *
     * @param vector below {@link PciFunction#vectors}; others are ignored, as a driver may choose them
     */
    void interrupt(int vector);

    /** Asserts or releases INTA#, a level; from any thread. Nothing happens while the driver uses MSI-X. */
    void setPin(boolean asserted);

    /** Whether the driver has switched MSI-X on; from any thread. */
    boolean msixEnabled();

    /**
     * The guest's memory that the device may use at this moment: empty while the driver has not enabled bus mastering.
     * Changes only with {@link PciDevice#memoryChanged} and {@link PciDevice#memoryAdded}. Addresses are those that a driver gives the device; "user"
     * addresses in it are the same.
     */
    GuestMemory memory();

    /**
     * Memory behind the mapped areas of a BAR, as long as the BAR, zero at the start; offsets are those in the BAR. The
     * client may change it at any time. It cannot be truncated.
     *
     * @throws IllegalArgumentException if the BAR has no mapped area
     */
    MemorySegment shared(int bar);

    /**
     * The device is broken, by its own judgement or for what its driver did. Logged at a bounded rate and shown in the
     * statistics until the next reset; nothing else happens. From any thread.
     *
     * @param reason without values that a guest could use to forge lines
     */
    void broken(String reason);

    /**
     * Waits for something that other threads bring about, who call {@link #wake} afterwards. On the control thread, within
     * a method of {@link PciDevice}; the client's next message waits meanwhile. A device that can tell a
     * {@link Quiescence} from another thread need not wait here.
     *
     * @param hopeless whether there is no point in waiting on
     * @param waitedFor for the log, every ten seconds or so: {@code 3 requests in flight}
     * @return whether {@code done} came true; false after {@code hopeless}, or when the daemon's patience at its end is
     *     over
     */
    boolean await(BooleanSupplier done, BooleanSupplier hopeless, Supplier<String> waitedFor);

    /** Makes {@link #await} look again; from any thread. */
    void wake();

    /** System calls. */
    Posix posix();
}
