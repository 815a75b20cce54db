package io.zonewright.frontend.scsi.vhostuser.device;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.scsi.command.InitiatorPort;
import io.zonewright.frontend.scsi.command.Nexus;
import io.zonewright.frontend.scsi.command.ScsiTarget;
import io.zonewright.runtime.Counters;
import io.zonewright.virtio.QueueContext;
import io.zonewright.virtio.QueueHandler;
import io.zonewright.virtio.VirtioDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A SCSI host device: features, configuration space, a control queue, an event queue and request queues in front of one
 * target. The driver is one I_T nexus from the first ring that starts until the device is reset.
 */
public final class VirtioScsiDevice implements VirtioDevice {
    /** Type of a SCSI host device (virtio 1.3, section 5). */
    public static final int VIRTIO_ID = 8;

    private static final int CONTROL = 0;
    private static final int EVENT = 1;
    /** Queues before the first request queue. */
    private static final int FIXED = 2;

    private final String name;
    private final ScsiTarget target;
    private final InitiatorPort initiator;
    private final int queues;
    private final int queueSize;
    private final boolean packed;
    private final boolean changeIsHidden;
    private final ScsiConfig config;
    private final Events events;
    private final Cancellations cancellations = new Cancellations();
    private final List<Counters<ScsiCounter>> counters = new ArrayList<>();
    private final List<ZonedDevice> units = new CopyOnWriteArrayList<>();
    private final List<RequestQueue> requestQueues = new CopyOnWriteArrayList<>();
    private volatile long features;
    private @Nullable Nexus nexus;

    /**
     * @param queues request queues
     * @param queueSize largest ring
     * @param maxTransferBytes longest read or write
     * @param packed whether packed rings are offered
     * @param changeIsHidden whether the carrier's peer shows CHANGE to its guest without telling: then whoever took
     *     HOTPLUG hears of changes too
     */
    public VirtioScsiDevice(
            String name,
            ScsiTarget target,
            InitiatorPort initiator,
            int queues,
            int queueSize,
            long maxTransferBytes,
            boolean packed,
            boolean changeIsHidden) {
        this.name = name;
        this.target = target;
        this.initiator = initiator;
        this.queues = queues;
        this.queueSize = queueSize;
        this.packed = packed;
        this.changeIsHidden = changeIsHidden;
        config = new ScsiConfig(queues, queueSize, maxTransferBytes);
        events = new Events(this::wants);
        for (int i = 0; i < queues; i++) {
            counters.add(new Counters<>(ScsiCounter.class));
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long deviceFeatures() {
        return ScsiFeatures.OFFERED;
    }

    @Override
    public boolean packedRings() {
        return packed;
    }

    @Override
    public boolean acceptFeatures(long accepted) {
        return true;
    }

    @Override
    public void featuresChosen(long accepted) {
        features = accepted;
    }

    @Override
    public void readConfig(int offset, byte[] into) {
        byte[] bytes = config.encode();
        if (offset < bytes.length) {
            System.arraycopy(bytes, offset, into, 0, Math.min(into.length, bytes.length - offset));
        }
    }

    @Override
    public boolean writeConfig(int offset, byte[] data) {
        return config.write(offset, data);
    }

    @Override
    public int queueCount() {
        return FIXED + queues;
    }

    @Override
    public int maxQueueSize() {
        return queueSize;
    }

    /** Called once more for a queue whose handler failed. */
    @Override
    public QueueHandler newQueue(QueueContext context) {
        return switch (context.index()) {
            case CONTROL -> new ControlQueue(this, context);
            case EVENT -> new EventQueue(events, context.loop()::wake);
            default -> newRequestQueue(context);
        };
    }

    private RequestQueue newRequestQueue(QueueContext context) {
        int number = context.index() - FIXED;
        RequestQueue queue = new RequestQueue(this, counters.get(number), context);
        if (number < requestQueues.size()) {
            requestQueues.set(number, queue);
        } else {
            requestQueues.add(queue);
        }
        return queue;
    }

    @Override
    public void reset() {
        features = 0;
        config.reset();
        Nexus gone;
        synchronized (this) {
            gone = nexus;
            nexus = null;
        }
        if (gone != null) {
            gone.close();
        }
        events.clear();
    }

    /** A device behind one of the target's logical units; before the target has it. */
    public void addUnit(ZonedDevice device) {
        device.clientLost();
        units.add(device);
    }

    /** Ends {@link #addUnit}, after the target let go of it. */
    public void removeUnit(ZonedDevice device) {
        units.remove(device);
    }

    /** All queues together; any thread. */
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Long> sums = new LinkedHashMap<>();
        counters.forEach(queue -> queue.addTo(sums));
        SequencedMap<String, Object> stats = new LinkedHashMap<>(sums);
        stats.put("events-missed", events.missedCount());
        return stats;
    }

    ScsiConfig config() {
        return config;
    }

    Cancellations cancellations() {
        return cancellations;
    }

    /** Whether this is not one that failed and was replaced. */
    boolean serves(RequestQueue queue) {
        return requestQueues.contains(queue);
    }

    /** The driver's nexus, which begins when it is first asked for. */
    synchronized Nexus nexus() {
        Nexus known = nexus;
        if (known == null) {
            known = target.connect(initiator, events);
            nexus = known;
        }
        return known;
    }

    /** See {@link ZonedDevice#clientLost}. */
    void clientLost() {
        units.forEach(ZonedDevice::clientLost);
    }

    /** Settles every request queue on its loop, and then runs {@code next} on one of them. Never blocks. */
    void settle(Runnable next) {
        AtomicInteger left = new AtomicInteger(requestQueues.size());
        for (RequestQueue queue : requestQueues) {
            queue.loop().execute(() -> {
                try {
                    queue.settle();
                } finally {
                    if (left.decrementAndGet() == 0) {
                        next.run();
                    }
                }
            });
        }
    }

    private boolean wants(long feature) {
        long taken = features;
        return (taken & feature) != 0 || (changeIsHidden && (taken & ScsiFeatures.HOTPLUG) != 0);
    }
}
