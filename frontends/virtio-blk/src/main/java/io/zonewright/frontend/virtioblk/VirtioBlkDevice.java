package io.zonewright.frontend.virtioblk;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.virtioblk.command.WriteCache;
import io.zonewright.frontend.virtioblk.config.BlkConfig;
import io.zonewright.frontend.virtioblk.features.BlkFeatures;
import io.zonewright.runtime.Counters;
import io.zonewright.virtio.QueueContext;
import io.zonewright.virtio.QueueHandler;
import io.zonewright.virtio.VirtioDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The block device behind one endpoint: features, configuration space, queues. */
final class VirtioBlkDevice implements VirtioDevice {
    private static final Logger LOG = LoggerFactory.getLogger(VirtioBlkDevice.class);

    private final ZonedDevice device;
    private final int queues;
    private final int queueSize;
    private final boolean packed;
    private final byte[] id;
    private final WriteCache cache = new WriteCache();
    private final List<Counters<BlkCounter>> counters = new ArrayList<>();

    /** What the driver accepted; empty before that. */
    private Optional<Long> accepted = Optional.empty();

    /**
     * @param queueSize largest ring, which also bounds the segments of a request
     * @param packed whether packed rings are offered
     * @param id for GET_ID
     */
    VirtioBlkDevice(ZonedDevice device, int queues, int queueSize, boolean packed, byte[] id) {
        this.device = device;
        this.queues = queues;
        this.queueSize = queueSize;
        this.packed = packed;
        this.id = id;
        for (int i = 0; i < queues; i++) {
            counters.add(new Counters<>(BlkCounter.class));
        }
        cache.reset(device.capabilities());
    }

    /** Segments of one request: a chain is no longer than its ring, and header and status take one entry each. */
    static int maxSegments(int queueSize) {
        return queueSize - 2;
    }

    @Override
    public String name() {
        return "virtio-blk " + device.identity().name();
    }

    @Override
    public long deviceFeatures() {
        return BlkFeatures.offered(device.geometry().model(), device.capabilities(), queues);
    }

    @Override
    public boolean acceptFeatures(long features) {
        Optional<String> refusal = BlkFeatures.refusal(device.geometry().model(), features);
        refusal.ifPresent(reason -> LOG.warn("{}: {}", name(), reason));
        return refusal.isEmpty();
    }

    @Override
    public void featuresChosen(long features) {
        accepted = Optional.of(features);
        cache.negotiated(features, device.capabilities());
    }

    @Override
    public void readConfig(int offset, byte[] target) {
        byte[] config = config();
        if (offset < config.length) {
            System.arraycopy(config, offset, target, 0, Math.min(target.length, config.length - offset));
        }
    }

    @Override
    public boolean writeConfig(int offset, byte[] data) {
        byte[] config = config();
        boolean changed = false;
        for (int i = 0; i < data.length; i++) {
            int at = offset + i;
            byte now = at < config.length ? config[at] : 0;
            if (data[i] != now) {
                if (at != BlkConfig.WRITEBACK_OFFSET || (data[i] & ~1) != 0 || !writebackWritable()) {
                    return false;
                }
                changed = true;
            }
        }
        if (changed) {
            cache.setWriteback(!cache.writeback());
            LOG.info("{}: the driver chose write-{}", name(), cache.writeback() ? "back" : "through");
        }
        return true;
    }

    @Override
    public int queueCount() {
        return queues;
    }

    @Override
    public int maxQueueSize() {
        return queueSize;
    }

    @Override
    public boolean packedRings() {
        return packed;
    }

    @Override
    public QueueHandler newQueue(QueueContext context) {
        return new VirtioBlkQueue(device, cache, id, counters.get(context.index()), context);
    }

    @Override
    public void reset() {
        accepted = Optional.empty();
        cache.reset(device.capabilities());
    }

    /** All queues together; any thread. */
    SequencedMap<String, Long> counters() {
        SequencedMap<String, Long> sums = new LinkedHashMap<>();
        counters.forEach(queue -> queue.addTo(sums));
        return sums;
    }

    private boolean writebackWritable() {
        return BlkFeatures.has(accepted.orElse(BlkFeatures.CONFIG_WCE), BlkFeatures.CONFIG_WCE);
    }

    /** Encoded for each access, so that it never lags behind the device. */
    private byte[] config() {
        long shown = deviceFeatures();
        if (!BlkFeatures.has(accepted.orElse(BlkFeatures.ZONED), BlkFeatures.ZONED)) {
            shown &= ~BlkFeatures.ZONED;
        }
        return BlkConfig.encode(
                device.geometry(),
                device.limits(),
                device.capabilities(),
                shown,
                queues,
                maxSegments(queueSize),
                cache.writeback());
    }
}
