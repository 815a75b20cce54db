package io.zonewright.vfiouser.message;

import org.jspecify.annotations.Nullable;

/**
 * What a client may send ("Commands"), with what can be checked before looking at the payload. Commands that this server
 * does not offer, or that only a server sends, are in the table all the same, to be refused by name.
 */
public enum Command {
    VERSION(1, 4, VersionMessage.MAX_SIZE, 0),
    DMA_MAP(2, DmaMapMessage.SIZE, DmaMapMessage.SIZE, 1),
    DMA_UNMAP(3, DmaUnmapMessage.SIZE, DmaUnmapMessage.SIZE, 0),
    DEVICE_GET_INFO(4, DeviceInfo.SIZE, DeviceInfo.SIZE, 0),
    /** Some clients send room for the reply along. */
    DEVICE_GET_REGION_INFO(5, RegionInfo.SIZE, MessageHeader.MAX_PAYLOAD, 0),
    DEVICE_GET_REGION_IO_FDS(6, 16, MessageHeader.MAX_PAYLOAD, 0),
    DEVICE_GET_IRQ_INFO(7, IrqInfo.SIZE, IrqInfo.SIZE, 0),
    DEVICE_SET_IRQS(8, IrqSet.HEADER_SIZE, IrqSet.MAX_SIZE, IrqSet.MAX_DESCRIPTORS),
    REGION_READ(9, RegionAccess.HEADER_SIZE, RegionAccess.HEADER_SIZE, 0),
    REGION_WRITE(10, RegionAccess.HEADER_SIZE, MessageHeader.MAX_PAYLOAD, 0),
    DMA_READ(11, 0, MessageHeader.MAX_PAYLOAD, 0),
    DMA_WRITE(12, 0, MessageHeader.MAX_PAYLOAD, 0),
    DEVICE_RESET(13, 0, 0, 0),
    DIRTY_PAGES(14, 0, MessageHeader.MAX_PAYLOAD, 0),
    REGION_WRITE_MULTI(15, MultiWrite.HEADER_SIZE, MessageHeader.MAX_PAYLOAD, 0),
    DEVICE_FEATURE(16, DeviceFeature.HEADER_SIZE, MessageHeader.MAX_PAYLOAD, 0),
    MIG_DATA_READ(17, 0, MessageHeader.MAX_PAYLOAD, 0),
    MIG_DATA_WRITE(18, 0, MessageHeader.MAX_PAYLOAD, 0);

    private static final @Nullable Command[] BY_ID = new @Nullable Command[19];

    static {
        for (Command command : values()) {
            BY_ID[command.id] = command;
        }
    }

    private final int id;
    private final int minPayload;
    private final int maxPayload;
    private final int maxDescriptors;

    Command(int id, int minPayload, int maxPayload, int maxDescriptors) {
        this.id = id;
        this.minPayload = minPayload;
        this.maxPayload = maxPayload;
        this.maxDescriptors = maxDescriptors;
    }

    /** The number on the wire. */
    public int id() {
        return id;
    }

    /** The command with this number, checked for its size and number of descriptors. */
    public static Command of(int id, int payloadBytes, int descriptors) throws RequestException {
        Command command = id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
        if (command == null) {
            throw RequestException.invalid("command " + id + " is not known");
        }
        if (payloadBytes < command.minPayload || payloadBytes > command.maxPayload) {
            throw RequestException.invalid(command + " has a payload of " + payloadBytes + " bytes");
        }
        if (descriptors > command.maxDescriptors) {
            throw RequestException.invalid(command + " carries " + descriptors + " descriptors");
        }
        return command;
    }
}
