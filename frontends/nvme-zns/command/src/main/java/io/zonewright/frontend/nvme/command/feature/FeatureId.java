package io.zonewright.frontend.nvme.command.feature;

import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.frontend.nvme.command.Transport;
import org.jspecify.annotations.Nullable;

/** Features that Zonewright knows (Base 2.0, "Feature Identifiers"; NVM Command Set 1.0). None can be saved. */
public enum FeatureId {
    ARBITRATION(0x01, 0),
    POWER_MANAGEMENT(0x02, 0),
    TEMPERATURE_THRESHOLD(0x04, 0),
    ERROR_RECOVERY(0x05, 0),
    VOLATILE_WRITE_CACHE(0x06, 0),
    NUMBER_OF_QUEUES(0x07, 0),
    INTERRUPT_COALESCING(0x08, 0),
    INTERRUPT_VECTOR(0x09, 0),
    WRITE_ATOMICITY(0x0A, 0),
    ASYNC_EVENT_CONFIGURATION(0x0B, 0),
    TIMESTAMP(0x0E, 8),
    KEEP_ALIVE_TIMER(0x0F, 0),
    HOST_BEHAVIOR(0x16, 512),
    COMMAND_SET_PROFILE(0x19, 0),
    /** 8 or 16 bytes, as the command asks. */
    HOST_IDENTIFIER(0x81, 16);

    private static final int CHANGEABLE = 1 << 2;
    private static final int PER_NAMESPACE = 1 << 1;

    private final int code;
    private final int dataBytes;

    FeatureId(int code, int dataBytes) {
        this.code = code;
        this.dataBytes = dataBytes;
    }

    /** FID. */
    public int code() {
        return code;
    }

    /** Data that goes with Get and Set Features, bytes; 0 if the value is in a doubleword. */
    public int dataBytes() {
        return dataBytes;
    }

    /** Whether each namespace has a value of its own. */
    public boolean perNamespace() {
        return this == ERROR_RECOVERY;
    }

    /** What Get Features tells for Select 011b. */
    public int capabilities() {
        return CHANGEABLE | (perNamespace() ? PER_NAMESPACE : 0);
    }

    /** Whether a controller of these traits has the feature. */
    public boolean offered(ControllerTraits traits, boolean volatileCache) {
        return switch (this) {
            case VOLATILE_WRITE_CACHE -> volatileCache;
            case INTERRUPT_COALESCING, INTERRUPT_VECTOR -> traits.transport() == Transport.PCIE;
            case KEEP_ALIVE_TIMER -> traits.keepAlive();
            default -> true;
        };
    }

    /** The feature with this identifier, or null. */
    public static @Nullable FeatureId of(int code) {
        for (FeatureId id : values()) {
            if (id.code == code) {
                return id;
            }
        }
        return null;
    }
}
