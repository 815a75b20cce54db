package io.zonewright.backend.nullzoned;

import io.zonewright.api.request.Operation;
import org.jspecify.annotations.Nullable;

/** What shares one latency setting. */
enum Lane {
    READ("read"),
    WRITE("write"),
    FLUSH("flush"),
    DISCARD("discard"),
    RESET("reset"),
    FINISH("finish");

    private final String key;

    Lane(String key) {
        this.key = key;
    }

    /** Its key in the section {@code latency}. */
    String key() {
        return key;
    }

    /** Whether its operations act on a zone as a whole. */
    boolean zoneAction() {
        return this == RESET || this == FINISH;
    }

    /** The lane of an operation; null for one that this medium does not know. */
    static @Nullable Lane of(Operation operation) {
        return switch (operation) {
            case READ -> READ;
            case WRITE -> WRITE;
            case FLUSH -> FLUSH;
            case DISCARD, WRITE_ZEROES -> DISCARD;
            case ZONE_RESET -> RESET;
            case ZONE_FINISH -> FINISH;
            case APPEND,
                    ZONE_OPEN,
                    ZONE_CLOSE,
                    ZONE_SET_EXTENSION,
                    ZONE_FLUSH_AREA,
                    ZONE_SET_READ_ONLY,
                    ZONE_SET_OFFLINE,
                    ZONE_REPORT -> null;
        };
    }
}
