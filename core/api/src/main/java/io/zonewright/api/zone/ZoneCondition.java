package io.zonewright.api.zone;

/** The condition of a zone (ZBC-2, "Zone conditions"; NVMe ZNS, "Zone state machine"). */
public enum ZoneCondition {
    /** The only condition of a conventional zone. */
    NOT_WRITE_POINTER,
    /** Nothing written since the last reset. */
    EMPTY,
    /** Opened by a write; the device may close it by itself when it needs the resource. */
    IMPLICIT_OPEN,
    /** Opened by an explicit open; the device never closes it by itself. */
    EXPLICIT_OPEN,
    /** Partly written (or explicitly opened under {@link ZoneRules#ZNS}) and not open. */
    CLOSED,
    /** Nothing more can be written before a reset. */
    FULL,
    /** Readable only, for ever. */
    READ_ONLY,
    /** Neither readable nor writable, for ever. */
    OFFLINE;

    /** Holds one of the device's open resources. */
    public boolean open() {
        return this == IMPLICIT_OPEN || this == EXPLICIT_OPEN;
    }

    /** Holds one of the device's active resources. */
    public boolean active() {
        return open() || this == CLOSED;
    }

    /** Whether the write pointer of a zone in this condition says where the next write goes. */
    public boolean writable() {
        return this == EMPTY || active();
    }
}
