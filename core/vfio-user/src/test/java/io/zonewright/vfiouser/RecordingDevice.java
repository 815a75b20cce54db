package io.zonewright.vfiouser;

import io.zonewright.runtime.memory.GuestMemory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A function whose BAR 0 reads as what was written to it, plus one; says what it was told. */
final class RecordingDevice implements PciDevice {
    static final PciFunction FUNCTION = new PciFunction(
            new PciIdentity(0x1234, 0x5678, 9, 0x010802, 0x1234, 0xABCD),
            List.of(
                    new PciBar(0, 0x4000, true, List.of(new PciBar.MappedArea(0x1000, 0x2000))),
                    PciBar.trapped(2, 0x2000)),
            MsixLayout.inOwnBar(4, 2),
            true,
            List.of());

    final List<String> events = new CopyOnWriteArrayList<>();
    private final byte[] registers = new byte[0x4000];

    volatile @Nullable PciHost host;
    volatile GuestMemory memory = GuestMemory.EMPTY;

    /** Set: changes of memory are answered by whoever takes it from here. */
    volatile boolean slow;

    volatile @Nullable Quiescence waiting;

    /** Set: clients cannot be attached. */
    volatile boolean refusing;

    /** Set: thrown at the next access or change of memory. */
    volatile @Nullable RuntimeException fault;

    private void fail() {
        RuntimeException thrown = fault;
        if (thrown != null) {
            fault = null;
            throw thrown;
        }
    }

    @Override
    public String name() {
        return "test function";
    }

    @Override
    public PciFunction function() {
        return FUNCTION;
    }

    @Override
    public void attached(PciHost newHost) {
        if (refusing) {
            throw new IllegalStateException("no more clients, says the test");
        }
        host = newHost;
        events.add("attached");
    }

    @Override
    public void read(int bar, long offset, ByteBuffer target) {
        fail();
        events.add("read " + bar + " " + offset + " " + target.remaining());
        for (long at = offset; target.hasRemaining(); at++) {
            target.put((byte) (registers[(int) at] + 1));
        }
    }

    @Override
    public void write(int bar, long offset, ByteBuffer source) {
        fail();
        events.add("write " + bar + " " + offset + " " + source.remaining());
        source.get(registers, (int) offset, source.remaining());
    }

    @Override
    public void reset(Quiescence done) {
        events.add("reset");
        done.reached();
    }

    @Override
    public void memoryChanged(GuestMemory next, Quiescence done) {
        fail();
        memory = next;
        events.add("memory " + next.regions().size());
        if (slow) {
            waiting = done;
        } else {
            done.reached();
        }
    }

    @Override
    public void detached(Quiescence done) {
        events.add("detached");
        memory = GuestMemory.EMPTY;
        done.reached();
    }
}
