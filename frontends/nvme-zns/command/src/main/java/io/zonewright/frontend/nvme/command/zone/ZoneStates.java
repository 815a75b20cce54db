package io.zonewright.frontend.nvme.command.zone;

import io.zonewright.api.zone.ZoneCondition;

/** Zone states and the reporting options that select them (ZNS 1.2, "Zone Descriptor" and "Reporting Options"). */
final class ZoneStates {
    private ZoneStates() {}

    /** The Zone State field: 1h to Fh; 0 for a conventional zone, which no zoned namespace has. */
    static int code(ZoneCondition condition) {
        return switch (condition) {
            case NOT_WRITE_POINTER -> 0x0;
            case EMPTY -> 0x1;
            case IMPLICIT_OPEN -> 0x2;
            case EXPLICIT_OPEN -> 0x3;
            case CLOSED -> 0x4;
            case READ_ONLY -> 0xD;
            case FULL -> 0xE;
            case OFFLINE -> 0xF;
        };
    }

    /**
     * The reporting option that lists zones of this condition. Note that Linux's {@code linux/nvme.h} has 5h and 6h the
     * other way round; its host driver never uses them.
     */
    static int option(ZoneCondition condition) {
        return switch (condition) {
            case NOT_WRITE_POINTER -> 0x0;
            case EMPTY -> 0x1;
            case IMPLICIT_OPEN -> 0x2;
            case EXPLICIT_OPEN -> 0x3;
            case CLOSED -> 0x4;
            case FULL -> 0x5;
            case READ_ONLY -> 0x6;
            case OFFLINE -> 0x7;
        };
    }
}
