package io.zonewright.frontend.virtioblk.command;

import io.zonewright.api.spi.Capabilities;
import io.zonewright.frontend.virtioblk.features.BlkFeatures;

/**
 * The cache mode of one endpoint, the {@code writeback} field of configuration space. Written by the control thread,
 * read by the queues.
 *
 * <p>A write must be stable before it completes (virtio 1.4 "Block Device / Device Operation") where CONFIG_WCE was
 * negotiated and {@code writeback} is 0, and where neither FLUSH nor CONFIG_WCE was negotiated, since such a driver has
 * no way to ask. On a medium without a volatile cache every write is.
 */
public final class WriteCache {
    private volatile boolean writeback;
    private volatile boolean writeThrough;
    private long features = BlkFeatures.FLUSH | BlkFeatures.CONFIG_WCE;

    /** The state after a reset: write-back if the medium has a volatile cache, until a driver says otherwise. */
    public void reset(Capabilities capabilities) {
        negotiated(BlkFeatures.FLUSH | BlkFeatures.CONFIG_WCE, capabilities);
    }

    /** A driver accepted {@code features}. With CONFIG_WCE but without FLUSH, {@code writeback} starts as 0. */
    public void negotiated(long accepted, Capabilities capabilities) {
        features = accepted;
        setWriteback(capabilities.volatileCache() && BlkFeatures.has(accepted, BlkFeatures.FLUSH));
    }

    /** The driver writes the field. */
    public void setWriteback(boolean value) {
        writeback = value;
        boolean configurable = BlkFeatures.has(features, BlkFeatures.CONFIG_WCE);
        writeThrough = configurable ? !value : !BlkFeatures.has(features, BlkFeatures.FLUSH);
    }

    /** The field now; any thread. */
    public boolean writeback() {
        return writeback;
    }

    /** Whether a write that starts now must be stable before it completes; any thread. */
    public boolean writeThrough() {
        return writeThrough;
    }
}
