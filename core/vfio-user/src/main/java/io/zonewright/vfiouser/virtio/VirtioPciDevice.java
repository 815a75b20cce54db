package io.zonewright.vfiouser.virtio;

import io.zonewright.runtime.LoopGroup;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.runtime.peer.PeerLog;
import io.zonewright.vfiouser.PciDevice;
import io.zonewright.vfiouser.PciFunction;
import io.zonewright.vfiouser.PciHost;
import io.zonewright.vfiouser.Quiescence;
import io.zonewright.virtio.DeviceHealth;
import io.zonewright.virtio.QueueRunner;
import io.zonewright.virtio.VirtioDevice;
import io.zonewright.virtio.VirtioFeatures;
import io.zonewright.virtio.queue.RingAddresses;
import io.zonewright.virtio.queue.RingFormat;
import io.zonewright.virtio.queue.Virtqueue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A virtio device as a modern PCI function (virtio 1.3, section 4.1; non-transitional, revision 1). The queues run on the
 * loops given, by the same code as over vhost-user.
 *
 * <p><b>Reset.</b> Writing 0 to the status stops all queues at once; requests in flight end first, and until they have, the
 * status does not read as 0, for which a driver waits (section 4.1.4.3.1). Meanwhile the guest's processor goes on.
 *
 * <p><b>Doorbells.</b> Trapped: each write is a message that wakes the queue's loop; a loop that is awake tells the driver
 * not to ring. Mapped: the driver writes to a page that nobody reads, without leaving the guest, and the loops of running
 * queues never sleep.
 */
public final class VirtioPciDevice implements PciDevice {
    private static final Logger LOG = LoggerFactory.getLogger(VirtioPciDevice.class);

    /** How long to wait for requests of a queue whose handler failed in the middle. */
    private static final Duration LOST_REQUEST_PATIENCE = Duration.ofSeconds(10);

    private final VirtioDevice device;
    private final PeerLog log;
    private final PciFunction function;
    private final boolean polling;
    private final List<QueueRunner> runners = new ArrayList<>();
    private final PciQueue[] queues;
    private final DeviceHealth health = new DeviceHealth();
    private final IsrStatus isr = new IsrStatus();

    /** Set while a client is connected; read by the queues' loops. */
    private volatile @Nullable PciHost host;

    private volatile int configVector = CommonConfig.NO_VECTOR;
    private volatile int generation;

    private GuestMemory memory = GuestMemory.EMPTY;
    private long offered;
    private int deviceFeatureSelect;
    private int driverFeatureSelect;
    private long driverFeatures;
    private int queueSelect;
    /** Read by {@link #configurationChanged}. */
    private volatile int status;

    /** The driver wrote 0 to the status, and requests are still in flight. */
    private boolean resetting;

    private long resetPatienceEnds;

    /** Requests were lost since the client came: its memory must stay mapped. */
    private boolean lost;

    /**
     * Makes the function; {@link #start} comes next.
     *
     * @param virtioId type of the device, 2 for a block device (section 5)
     * @param classCode of the function, 24 bits
     * @param polling whether the doorbells are mapped
     * @param loops for the queues, from {@code firstLoop} on; must outlive the device
     */
    public VirtioPciDevice(
            VirtioDevice device, int virtioId, int classCode, boolean polling, LoopGroup loops, int firstLoop) {
        this.device = device;
        this.polling = polling;
        int count = device.queueCount();
        if (count < 1 || count > VirtioPciLayout.MAX_QUEUES) {
            throw new IllegalArgumentException(device.name() + " has " + count + " queues");
        }
        function = VirtioPciLayout.function(virtioId, classCode, count, polling, new VirtioPciLayout.BarWindow() {
            @Override
            public void read(int offset, ByteBuffer target) {
                VirtioPciDevice.this.read(VirtioPciLayout.BAR, offset, target);
            }

            @Override
            public void write(int offset, ByteBuffer source) {
                VirtioPciDevice.this.write(VirtioPciLayout.BAR, offset, source);
            }
        });
        log = new PeerLog(LOG, device.name());
        queues = new PciQueue[count];
        for (int i = 0; i < count; i++) {
            PciQueue queue = new PciQueue(device.maxQueueSize());
            queues[i] = queue;
            QueueRunner runner = new QueueRunner(device, i, loops.loop(firstLoop + i), health, log, this::wakeControl);
            runners.add(runner);
        }
    }

    /** Hands the queues to their loops. */
    public void start() {
        for (int i = 0; i < queues.length; i++) {
            QueueRunner runner = runners.get(i);
            PciQueue queue = queues[i];
            runner.loop().run(() -> {
                runner.setCall(() -> interruptForQueue(queue));
                runner.setError(this::interruptForConfiguration);
                runner.loop().add(runner);
            });
        }
    }

    /** Takes the queues from their loops; the endpoint must be closed. */
    public void stop() {
        for (QueueRunner runner : runners) {
            runner.loop().run(() -> runner.loop().remove(runner));
        }
    }

    /** The device's configuration space changed: the driver is told. From any thread. */
    public void configurationChanged() {
        synchronized (this) {
            generation++;
        }
        if ((status & CommonConfig.STATUS_DRIVER_OK) != 0) {
            interruptForConfiguration();
        }
    }

    /** Counters of all queues together, and why the device is stopped; from any thread. */
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> result = new LinkedHashMap<>();
        String reason = health.reason();
        result.put("stopped-because", reason == null ? "" : reason);
        SequencedMap<String, Long> sums = new LinkedHashMap<>();
        runners.forEach(runner -> runner.counters().addTo(sums));
        result.putAll(sums);
        return result;
    }

    // --- the function
    // --------------------------------------------------------------------------------------------------

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public PciFunction function() {
        return function;
    }

    @Override
    public void attached(PciHost newHost) {
        lost = false;
        memory = GuestMemory.EMPTY;
        clear();
        host = newHost;
    }

    @Override
    public void reset(Quiescence done) {
        stopAll();
        clear();
        answer(done);
    }

    @Override
    public void detached(Quiescence done) {
        stopAll();
        clear();
        memory = GuestMemory.EMPTY;
        answer(done);
        host = null;
    }

    @Override
    public void memoryChanged(GuestMemory next, Quiescence done) {
        drain(running());
        memory = next;
        for (int i = 0; i < queues.length; i++) {
            if (queues[i].running) {
                QueueRunner runner = runners.get(i);
                boolean inside = runner.loop().call(() -> runner.rebind(next));
                if (inside && !resetting) {
                    runner.loop().run(runner::resume);
                }
            }
        }
        startReady();
        answer(done);
    }

    private void answer(Quiescence done) {
        if (lost) {
            done.abandoned();
        } else {
            done.reached();
        }
    }

    @Override
    public void read(int bar, long offset, ByteBuffer target) {
        if (bar != VirtioPciLayout.BAR) {
            return;
        }
        settleReset();
        int at = (int) (offset % VirtioPciLayout.PAGE);
        switch ((int) (offset - at)) {
            case VirtioPciLayout.COMMON -> LittleEndian.put(target, readCommon(at, target.remaining()));
            case VirtioPciLayout.ISR -> {
                PciHost current = host;
                if (at == 0 && current != null) {
                    target.put((byte) isr.take(current));
                }
            }
            case VirtioPciLayout.DEVICE -> readDevice(at, target);
            default -> {
                // Doorbells read as zero.
            }
        }
    }

    @Override
    public void write(int bar, long offset, ByteBuffer source) {
        if (bar != VirtioPciLayout.BAR) {
            return;
        }
        settleReset();
        int at = (int) (offset % VirtioPciLayout.PAGE);
        switch ((int) (offset - at)) {
            case VirtioPciLayout.COMMON -> {
                int length = source.remaining();
                writeCommon(at, length, LittleEndian.take(source));
            }
            case VirtioPciLayout.DEVICE -> writeDevice(at, source);
            case VirtioPciLayout.NOTIFY -> ring(at / VirtioPciLayout.NOTIFY_MULTIPLIER);
            default -> {
                // The ISR status is read-only.
            }
        }
    }

    // --- common configuration ----------------------------------------------------------------------------------------

    /** Fields are read whole, or a 64-bit one in halves; anything else reads as zero (section 4.1.3.1). */
    private long readCommon(int at, int length) {
        return switch (at) {
            case CommonConfig.DEVICE_FEATURE_SELECT -> of(length, 4, deviceFeatureSelect);
            case CommonConfig.DEVICE_FEATURE -> of(length, 4, window(offered, deviceFeatureSelect));
            case CommonConfig.DRIVER_FEATURE_SELECT -> of(length, 4, driverFeatureSelect);
            case CommonConfig.DRIVER_FEATURE -> of(length, 4, window(driverFeatures, driverFeatureSelect));
            case CommonConfig.CONFIG_MSIX_VECTOR -> of(length, 2, configVector);
            case CommonConfig.NUM_QUEUES -> of(length, 2, queues.length);
            case CommonConfig.DEVICE_STATUS -> of(length, 1, shownStatus());
            case CommonConfig.CONFIG_GENERATION -> of(length, 1, generation & 0xFF);
            case CommonConfig.QUEUE_SELECT -> of(length, 2, queueSelect);
            default -> readQueue(at, length);
        };
    }

    private long readQueue(int at, int length) {
        PciQueue queue = selected();
        if (queue == null) {
            return 0; // a size of 0 says that there is no such queue
        }
        return switch (at) {
            case CommonConfig.QUEUE_SIZE -> of(length, 2, queue.size);
            case CommonConfig.QUEUE_MSIX_VECTOR -> of(length, 2, queue.vector);
            case CommonConfig.QUEUE_ENABLE -> of(length, 2, queue.enabled ? 1 : 0);
            case CommonConfig.QUEUE_NOTIFY_OFF -> of(length, 2, queueSelect);
            case CommonConfig.QUEUE_DESC, CommonConfig.QUEUE_DESC + 4 ->
                part(queue.descriptors, at - CommonConfig.QUEUE_DESC, length);
            case CommonConfig.QUEUE_DRIVER, CommonConfig.QUEUE_DRIVER + 4 ->
                part(queue.driver, at - CommonConfig.QUEUE_DRIVER, length);
            case CommonConfig.QUEUE_DEVICE, CommonConfig.QUEUE_DEVICE + 4 ->
                part(queue.device, at - CommonConfig.QUEUE_DEVICE, length);
            default -> 0;
        };
    }

    /** Likewise; accesses of other widths are ignored. */
    private void writeCommon(int at, int length, long value) {
        if (resetting) {
            return; // the driver is to wait until the status is 0
        }
        int field = (int) value;
        switch (at) {
            case CommonConfig.DEVICE_FEATURE_SELECT -> deviceFeatureSelect = length == 4 ? field : deviceFeatureSelect;
            case CommonConfig.DRIVER_FEATURE_SELECT -> driverFeatureSelect = length == 4 ? field : driverFeatureSelect;
            case CommonConfig.DRIVER_FEATURE -> setDriverFeatures(length, value);
            case CommonConfig.CONFIG_MSIX_VECTOR -> configVector = length == 2 ? vector(field) : configVector;
            case CommonConfig.DEVICE_STATUS -> {
                if (length == 1) {
                    setStatus(field & 0xFF);
                }
            }
            case CommonConfig.QUEUE_SELECT -> queueSelect = length == 2 ? field & 0xFFFF : queueSelect;
            default -> writeQueue(at, length, value);
        }
    }

    private void writeQueue(int at, int length, long value) {
        PciQueue queue = selected();
        if (queue == null) {
            return;
        }
        int field = (int) value & 0xFFFF;
        if (at == CommonConfig.QUEUE_MSIX_VECTOR && length == 2) {
            queue.vector = vector(field);
            return;
        }
        if (queue.enabled) {
            return; // what an enabled queue is made of does not change, and only a reset disables it
        }
        switch (at) {
            case CommonConfig.QUEUE_SIZE -> {
                if (length == 2) {
                    queue.setSize(format(), field);
                }
            }
            case CommonConfig.QUEUE_ENABLE -> {
                if (length == 2 && field == 1) {
                    enable(queue);
                }
            }
            case CommonConfig.QUEUE_DESC, CommonConfig.QUEUE_DESC + 4 ->
                queue.descriptors = with(queue.descriptors, at - CommonConfig.QUEUE_DESC, length, value);
            case CommonConfig.QUEUE_DRIVER, CommonConfig.QUEUE_DRIVER + 4 ->
                queue.driver = with(queue.driver, at - CommonConfig.QUEUE_DRIVER, length, value);
            case CommonConfig.QUEUE_DEVICE, CommonConfig.QUEUE_DEVICE + 4 ->
                queue.device = with(queue.device, at - CommonConfig.QUEUE_DEVICE, length, value);
            default -> {
                // Read-only, or not there.
            }
        }
    }

    private void setDriverFeatures(int length, long value) {
        if (length != 4 || (status & CommonConfig.STATUS_FEATURES_OK) != 0) {
            return;
        }
        if (driverFeatureSelect == 0) {
            driverFeatures = (driverFeatures & ~0xFFFF_FFFFL) | (value & 0xFFFF_FFFFL);
        } else if (driverFeatureSelect == 1) {
            driverFeatures = (driverFeatures & 0xFFFF_FFFFL) | value << 32;
        }
    }

    /** A vector that does not exist reads back as none: that is how a driver learns it (section 4.1.5.1.2.1). */
    private int vector(int wanted) {
        int vector = wanted & 0xFFFF;
        return vector < function.vectors() ? vector : CommonConfig.NO_VECTOR;
    }

    private @Nullable PciQueue selected() {
        return queueSelect < queues.length ? queues[queueSelect] : null;
    }

    private static long of(int length, int wanted, int value) {
        return length == wanted ? value : 0;
    }

    private static int window(long features, int select) {
        return select == 0 ? (int) features : select == 1 ? (int) (features >>> 32) : 0;
    }

    private static long part(long value, int from, int length) {
        if (length == 8 && from == 0) {
            return value;
        }
        return length == 4 ? value >>> (from * 8) & 0xFFFF_FFFFL : 0;
    }

    private static long with(long before, int from, int length, long value) {
        if (length == 8 && from == 0) {
            return value;
        }
        if (length != 4) {
            return before;
        }
        long mask = 0xFFFF_FFFFL << (from * 8);
        return (before & ~mask) | (value << (from * 8) & mask);
    }

    // --- status ------------------------------------------------------------------------------------------------------

    private int shownStatus() {
        int shown = status;
        return shown != 0 && health.broken() ? shown | CommonConfig.STATUS_NEEDS_RESET : shown;
    }

    private void setStatus(int value) {
        if (value == 0) {
            beginReset();
            return;
        }
        int next = (value | status) & ~CommonConfig.STATUS_NEEDS_RESET;
        boolean asks = (next & CommonConfig.STATUS_FEATURES_OK) != 0 && (status & CommonConfig.STATUS_FEATURES_OK) == 0;
        if (asks && !acceptFeatures()) {
            next &= ~CommonConfig.STATUS_FEATURES_OK;
        }
        status = next;
        startReady();
    }

    /** Whether FEATURES_OK stays set (section 3.1.1, steps 5 and 6). */
    private boolean acceptFeatures() {
        boolean subset = (driverFeatures & ~offered) == 0;
        boolean modern = (driverFeatures & VirtioFeatures.VERSION_1) != 0;
        if (!subset || !modern || !device.acceptFeatures(driverFeatures)) {
            log.info("does not take features 0x" + Long.toHexString(driverFeatures));
            return false;
        }
        device.featuresChosen(driverFeatures);
        return true;
    }

    private void beginReset() {
        resetting = true;
        resetPatienceEnds = System.nanoTime() + LOST_REQUEST_PATIENCE.toNanos();
        for (QueueRunner runner : running()) {
            runner.loop().run(runner::beginDrain);
        }
        settleReset();
    }

    /** Ends a reset if all that was in flight has ended. */
    private void settleReset() {
        if (!resetting) {
            return;
        }
        List<QueueRunner> running = running();
        boolean hopeless = System.nanoTime() - resetPatienceEnds >= 0 && QueueRunner.allLost(running);
        if (QueueRunner.allDrained(running) || hopeless) {
            giveUpUndrained(running);
            stopDrained();
            clear();
        }
    }

    /** All registers as after power-on; no queue runs. */
    private void clear() {
        resetting = false;
        offered = VirtioFeatures.offered(device, VirtioFeatures.PCI);
        deviceFeatureSelect = 0;
        driverFeatureSelect = 0;
        driverFeatures = 0;
        queueSelect = 0;
        configVector = CommonConfig.NO_VECTOR;
        status = 0;
        for (PciQueue queue : queues) {
            queue.reset();
        }
        isr.reset();
        PciHost current = host;
        if (current != null) {
            current.setPin(false);
        }
        health.recover();
        device.reset();
    }

    // --- queues ------------------------------------------------------------------------------------------------------

    private void enable(PciQueue queue) {
        RingFormat format = format();
        String wrong = format.wrong(queue.size, format.freshBase(), queue.addresses());
        if (wrong != null) {
            health.breakDown("a ring: " + wrong);
            LOG.debug("{}: a ring: {}", device.name(), wrong);
            return;
        }
        queue.enabled = true;
        startReady();
    }

    /** Starts each queue that has all it needs; none takes a buffer before DRIVER_OK (section 3.1.2). */
    private void startReady() {
        int needed = CommonConfig.STATUS_DRIVER_OK | CommonConfig.STATUS_FEATURES_OK;
        if ((status & needed) != needed || health.broken() || resetting) {
            return;
        }
        for (int i = 0; i < queues.length; i++) {
            if (queues[i].enabled && !queues[i].running) {
                start(i, queues[i]);
            }
        }
    }

    private void start(int index, PciQueue queue) {
        QueueRunner runner = runners.get(index);
        RingAddresses addresses = queue.addresses();
        RingFormat format = format();
        String wrong = format.wrong(queue.size, format.freshBase(), addresses);
        if (wrong != null) {
            // The driver chose other features after it had enabled the queue.
            runner.loop().run(() -> runner.refuse("the ring: " + wrong));
            return;
        }
        Virtqueue ring = format.open(
                index, queue.size, format.freshBase(), addresses, driverFeatures, runner, runner.counters());
        if (!ring.rebind(memory)) {
            return; // memory with the ring may still come
        }
        long chosen = driverFeatures;
        runner.loop().run(() -> {
            runner.start(ring, chosen);
            runner.setKick(null, polling);
            runner.resume();
        });
        queue.running = true;
        runner.loop().wake();
        LOG.debug("{}: queue {} runs, {} entries, {}", device.name(), index, queue.size, format);
    }

    /** What the rings look like with the features chosen, which a driver does before it looks at queues. */
    private RingFormat format() {
        return RingFormat.of(driverFeatures);
    }

    private void ring(int index) {
        if (index < queues.length) {
            runners.get(index).loop().wake();
        }
    }

    /** Waits until nothing is in flight. Queues that lost requests are given up. */
    private void drain(List<QueueRunner> draining) {
        for (QueueRunner runner : draining) {
            runner.loop().run(runner::beginDrain);
        }
        PciHost current = host;
        if (current != null && !QueueRunner.awaitDrained(current::await, draining, LOST_REQUEST_PATIENCE)) {
            giveUpUndrained(draining);
        }
    }

    private void giveUpUndrained(List<QueueRunner> draining) {
        for (int i = 0; i < queues.length; i++) {
            QueueRunner runner = runners.get(i);
            if (queues[i].running && draining.contains(runner) && !runner.drained()) {
                LOG.error("{}: gives up {} requests in flight", runner.name(), runner.inFlight());
                runner.loop().run(runner::abandon);
                queues[i].running = false;
                lost = true;
            }
        }
    }

    private void stopAll() {
        drain(running());
        stopDrained();
    }

    private void stopDrained() {
        for (int i = 0; i < queues.length; i++) {
            if (queues[i].running) {
                QueueRunner runner = runners.get(i);
                runner.loop().run(runner::stop);
                queues[i].running = false;
            }
        }
    }

    private List<QueueRunner> running() {
        List<QueueRunner> result = new ArrayList<>();
        for (int i = 0; i < queues.length; i++) {
            if (queues[i].running) {
                result.add(runners.get(i));
            }
        }
        return result;
    }

    // --- interrupts, from any thread
    // -----------------------------------------------------------------------------------

    private void interruptForQueue(PciQueue queue) {
        interrupt(queue.vector, IsrStatus.QUEUE);
    }

    private void interruptForConfiguration() {
        interrupt(configVector, IsrStatus.CONFIGURATION);
    }

    private void interrupt(int vector, int isrBit) {
        PciHost current = host;
        if (current == null) {
            return;
        }
        if (!current.msixEnabled()) {
            isr.raise(current, isrBit);
        } else if (vector != CommonConfig.NO_VECTOR) {
            current.interrupt(vector);
        }
    }

    private void wakeControl() {
        PciHost current = host;
        if (current != null) {
            current.wake();
        }
    }

    // --- device configuration
    // ------------------------------------------------------------------------------------------

    private void readDevice(int at, ByteBuffer target) {
        byte[] bytes = new byte[Math.min(target.remaining(), 256)];
        if (at < 256) {
            device.readConfig(at, bytes);
        }
        target.put(bytes);
    }

    private void writeDevice(int at, ByteBuffer source) {
        byte[] bytes = new byte[Math.min(source.remaining(), 256)];
        source.get(bytes);
        if (at < 256 && !device.writeConfig(at, bytes)) {
            LOG.debug("{}: configuration bytes {} from {} on cannot be written", device.name(), bytes.length, at);
        }
    }
}
