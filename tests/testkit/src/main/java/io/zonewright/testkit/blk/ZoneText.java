package io.zonewright.testkit.blk;

import java.util.Locale;

/** A zone as {@code blkzone report} of util-linux prints it: sectors of 512 bytes, the write pointer from the zone's start. */
final class ZoneText {
    private ZoneText() {}

    static String line(ZoneReport.Zone zone, long length) {
        return String.format(
                Locale.ROOT,
                "  start: 0x%09x, len 0x%06x, cap 0x%06x, wptr 0x%06x reset:0 non-seq:0, zcond:%2d(%s) [type: %d(%s)]",
                zone.start(),
                length,
                zone.capacity(),
                Math.max(0, zone.writePointer() - zone.start()),
                zone.state(),
                condition(zone.state()),
                zone.type(),
                type(zone.type()));
    }

    private static String condition(int state) {
        return switch (state) {
            case VirtioBlk.ZS_NOT_WP -> "nw";
            case VirtioBlk.ZS_EMPTY -> "em";
            case VirtioBlk.ZS_IOPEN -> "oi";
            case VirtioBlk.ZS_EOPEN -> "oe";
            case VirtioBlk.ZS_CLOSED -> "cl";
            case VirtioBlk.ZS_RDONLY -> "ro";
            case VirtioBlk.ZS_FULL -> "fu";
            case VirtioBlk.ZS_OFFLINE -> "of";
            default -> "?" + state;
        };
    }

    private static String type(int type) {
        return switch (type) {
            case VirtioBlk.ZT_CONV -> "CONVENTIONAL";
            case VirtioBlk.ZT_SWR -> "SEQ_WRITE_REQUIRED";
            case VirtioBlk.ZT_SWP -> "SEQ_WRITE_PREFERRED";
            default -> "?" + type;
        };
    }
}
