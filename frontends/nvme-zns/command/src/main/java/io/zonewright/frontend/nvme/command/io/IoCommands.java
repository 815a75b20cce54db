package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The I/O commands of one subsystem: a handler for every command that its device can carry out. What is not in
 * {@link #handlers} is not offered, neither by dispatch nor by the effects log nor by ONCS.
 */
public final class IoCommands {
    /** Longest Verify: it occupies a queue's thread, and no MDTS applies. 4 KiB × 2¹¹, told as VSL 11. */
    private static final int MAX_VERIFY_BYTES = 8 << 20;

    /** ZASL counts powers of two of 4 KiB, and 0 stands for MDTS: this is the least that it can tell. */
    private static final long MIN_APPEND_BYTES = 2L * ControllerTraits.PAGE;

    private static final int EXTENSION_UNIT = 64;

    private final Map<NvmeOpcode, CommandHandler> handlers = new EnumMap<>(NvmeOpcode.class);
    private final ZonedDevice device;
    private final boolean acrossZones;
    private final long maxAppendBytes;

    /**
     * @param device shared by every controller
     * @param acrossZones whether Read, Compare and Verify may touch more than one zone (OZCS.RAZB)
     */
    public IoCommands(ZonedDevice device, boolean acrossZones) {
        this.device = device;
        this.acrossZones = acrossZones;
        long append = Long.highestOneBit(device.limits().maxAppendBytes());
        maxAppendBytes = append < MIN_APPEND_BYTES ? 0 : append;
        Capabilities capabilities = device.capabilities();
        ScratchPool pool = new ScratchPool();
        handlers.put(NvmeOpcode.FLUSH, new FlushHandler(device));
        handlers.put(NvmeOpcode.WRITE, new WriteHandler(device));
        handlers.put(NvmeOpcode.READ, new ReadHandler(device, acrossZones));
        handlers.put(NvmeOpcode.COMPARE, new CompareHandler(device, pool, acrossZones));
        handlers.put(NvmeOpcode.VERIFY, new VerifyHandler(device, pool, acrossZones, MAX_VERIFY_BYTES));
        if (capabilities.writeZeroes()) {
            handlers.put(NvmeOpcode.WRITE_ZEROES, new WriteZeroesHandler(device));
        }
        if (capabilities.discard()) {
            handlers.put(NvmeOpcode.DATASET_MANAGEMENT, new DatasetManagementHandler(device));
        }
        handlers.put(NvmeOpcode.ZONE_MANAGEMENT_SEND, new ZoneSendHandler(device));
        handlers.put(NvmeOpcode.ZONE_MANAGEMENT_RECEIVE, new ZoneReceiveHandler(device));
        if (maxAppendBytes != 0) {
            handlers.put(NvmeOpcode.ZONE_APPEND, new ZoneAppendHandler(device, maxAppendBytes));
        }
    }

    /** Handlers by command, for the NVM and Zoned Namespace sets. Not to be changed. */
    public Map<NvmeOpcode, CommandHandler> handlers() {
        return Collections.unmodifiableMap(handlers);
    }

    /** Zone descriptor extension size in units of 64 bytes (ZDES); 0: none. */
    public int zoneDescriptorExtensionUnits() {
        return device.features().extensionBytes() / EXTENSION_UNIT;
    }

    /** Whether a Read may touch more than one zone (OZCS.RAZB). */
    public boolean readsAcrossZones() {
        return acrossZones;
    }

    /**
     * Largest Zone Append in bytes that the commands take, before MDTS applies (ZASL is told from it): the largest power
     * of two that the device takes. 0: appends are not offered, since the device takes none, or so short ones that
     * ZASL cannot tell it.
     */
    public long maxAppendBytes() {
        return maxAppendBytes;
    }

    /** Longest Verify in bytes, a power of two (VSL is told from it). */
    public int maxVerifyBytes() {
        return MAX_VERIFY_BYTES;
    }
}
