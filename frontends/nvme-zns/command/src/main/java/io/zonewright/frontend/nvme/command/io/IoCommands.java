package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import java.util.EnumMap;
import java.util.Map;

/**
 * The I/O commands of one subsystem: a handler for every command that its device can carry out. What is not in
 * {@link #handlers} is not offered, neither by dispatch nor by the effects log nor by ONCS.
 */
public final class IoCommands {
    private final Map<NvmeOpcode, CommandHandler> handlers = new EnumMap<>(NvmeOpcode.class);

    /** @param device shared by every controller */
    public IoCommands(ZonedDevice device) {}

    /** Handlers by command, for the NVM and Zoned Namespace sets. */
    public Map<NvmeOpcode, CommandHandler> handlers() {
        return handlers;
    }

    /** Zone descriptor extension size in units of 64 bytes (ZDES); 0: none. */
    public int zoneDescriptorExtensionUnits() {
        return 0;
    }

    /** Whether a Read may touch more than one zone (OZCS.RAZB). */
    public boolean readsAcrossZones() {
        return true;
    }

    /** Largest Zone Append in bytes that the commands take, before MDTS applies (ZASL is told from it). */
    public long maxAppendBytes() {
        return 0;
    }
}
