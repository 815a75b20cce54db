package io.zonewright.virtio.queue;

import io.zonewright.runtime.Counters;
import io.zonewright.runtime.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A queue without a ring: a test puts chains in line and sees what is completed. In the library's package, since only
 * that gives a chain its number.
 */
public final class ScriptedVirtqueue extends Virtqueue {
    /** Completions as {@code id:written}, in order. */
    public final List<String> completed = new ArrayList<>();

    /** Reasons for which the ring was declared broken. */
    public final List<String> failures;

    private final Deque<Chain> available = new ArrayDeque<>();

    private record Chain(int id, MemorySegment readable, MemorySegment writable) {}

    public ScriptedVirtqueue(int size) {
        this(size, new ArrayList<>());
    }

    private ScriptedVirtqueue(int size, List<String> failures) {
        super(
                0,
                size,
                new RingListener() {
                    @Override
                    public void notifyDriver(Virtqueue queue) {}

                    @Override
                    public void ringFailed(Virtqueue queue, String reason) {
                        failures.add(reason);
                    }
                },
                new Counters<>(QueueCounter.class));
        this.failures = failures;
    }

    /** Puts a chain in line. */
    public void offer(int id, MemorySegment readable, MemorySegment writable) {
        available.add(new Chain(id, readable, writable));
    }

    @Override
    protected boolean take(DescriptorChain into) {
        Chain chain = available.poll();
        if (chain == null) {
            return false;
        }
        into.begin(chain.id);
        into.readable().add(chain.readable, 0, chain.readable.byteSize());
        into.writable().add(chain.writable, 0, chain.writable.byteSize());
        return true;
    }

    @Override
    protected void store(int id, long written) {
        completed.add(id + ":" + written);
    }

    @Override
    protected boolean expose() {
        return false;
    }

    @Override
    protected boolean askForKicks() {
        return !available.isEmpty();
    }

    @Override
    protected void declineKicks() {}

    @Override
    public boolean rebind(GuestMemory memory) {
        return true;
    }

    @Override
    public int base() {
        return 0;
    }
}
