package io.zonewright.frontend.nvme.command.event;

import io.zonewright.frontend.nvme.command.log.LogId;

/** Events that a controller reports (Base 2.0, "Asynchronous Event Request"; ZNS 1.1 for the zone's). */
public enum Notice {
    /** PCIe: a doorbell was written that does not exist. Errors are reported without being asked for. */
    INVALID_DOORBELL_REGISTER(0, 0x00, LogId.ERROR, 0),
    /** PCIe: a doorbell was written a value that it cannot have. */
    INVALID_DOORBELL_VALUE(0, 0x01, LogId.ERROR, 0),
    /** SMART: the temperature crossed a threshold. */
    TEMPERATURE(1, 0x01, LogId.SMART, 1 << 1),
    /** The Identify data of a namespace changed. */
    NAMESPACE_CHANGED(2, 0x00, LogId.CHANGED_NAMESPACES, 1 << 8),
    /** The device changed a zone's descriptor. */
    ZONE_CHANGED(2, 0xEF, LogId.CHANGED_ZONES, 1 << 27);

    private final int type;
    private final int information;
    private final int logPage;
    private final int configBit;

    Notice(int type, int information, int logPage, int configBit) {
        this.type = type;
        this.information = information;
        this.logPage = logPage;
        this.configBit = configBit;
    }

    /** DW0 of the completion entry: type in bits 2:0, information in 15:8, log page in 23:16. */
    public int dword0() {
        return type | (information << 8) | (logPage << 16);
    }

    /** The log page that clears the event when it is read. */
    public int logPage() {
        return logPage;
    }

    /** Its bit in the Asynchronous Event Configuration feature, and in OAES where that has one; 0: always reported. */
    public int configBit() {
        return configBit;
    }
}
