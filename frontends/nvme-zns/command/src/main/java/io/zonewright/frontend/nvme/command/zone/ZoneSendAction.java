package io.zonewright.frontend.nvme.command.zone;

import io.zonewright.api.request.Operation;
import org.jspecify.annotations.Nullable;

/** Zone Send Action (ZNS 1.2, "Zone Management Send – Command Dword 13"; TP 4076 for 11h). */
public enum ZoneSendAction {
    CLOSE(0x01, Operation.ZONE_CLOSE),
    FINISH(0x02, Operation.ZONE_FINISH),
    OPEN(0x03, Operation.ZONE_OPEN),
    RESET(0x04, Operation.ZONE_RESET),
    OFFLINE(0x05, Operation.ZONE_SET_OFFLINE),
    SET_DESCRIPTOR_EXTENSION(0x10, Operation.ZONE_SET_EXTENSION),
    FLUSH_EXPLICIT_ZRWA_RANGE(0x11, Operation.ZONE_FLUSH_AREA);

    private static final ZoneSendAction[] ALL = values();

    private final int code;
    private final Operation operation;

    ZoneSendAction(int code, Operation operation) {
        this.code = code;
        this.operation = operation;
    }

    /** The action with this number, or null. */
    public static @Nullable ZoneSendAction of(int code) {
        for (ZoneSendAction action : ALL) {
            if (action.code == code) {
                return action;
            }
        }
        return null;
    }

    /** What it asks of the device. */
    public Operation operation() {
        return operation;
    }

    /** Whether the Select All bit may go with it. */
    public boolean onAllZones() {
        return compareTo(OFFLINE) <= 0;
    }
}
