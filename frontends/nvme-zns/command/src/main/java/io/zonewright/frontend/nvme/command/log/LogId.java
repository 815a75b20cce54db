package io.zonewright.frontend.nvme.command.log;

/** Log page identifiers that Zonewright knows (Base 2.0, "Get Log Page – Log Page Identifiers"; ZNS 1.1). */
public final class LogId {
    public static final int SUPPORTED_PAGES = 0x00;
    public static final int ERROR = 0x01;
    public static final int SMART = 0x02;
    public static final int FIRMWARE_SLOT = 0x03;
    public static final int CHANGED_NAMESPACES = 0x04;
    public static final int COMMAND_EFFECTS = 0x05;
    public static final int FEATURE_EFFECTS = 0x12;
    public static final int MANAGEMENT_EFFECTS = 0x13;
    public static final int CHANGED_ZONES = 0xBF;

    private LogId() {}
}
