package io.zonewright.frontend.nvme.command.event;

import io.zonewright.frontend.nvme.command.page.Page;
import java.util.TreeSet;

/** The Changed Zone List of one zoned namespace and one controller (ZNS 1.1, log identifier BFh). Thread-safe. */
public final class ChangedZones {
    private static final int MAX = 511;
    private static final int TOO_MANY = 0xFFFF;
    private static final int HEADER_SIZE = 8;

    private final TreeSet<Long> starts = new TreeSet<>();
    private boolean overflow;

    /** The descriptor of the zone that starts at this logical block was changed by the device. */
    public synchronized void add(long zoneStartLba) {
        if (overflow || starts.contains(zoneStartLba)) {
            return;
        }
        if (starts.size() == MAX) {
            overflow = true;
            starts.clear();
            return;
        }
        starts.add(zoneStartLba);
    }

    /** The page; with {@code clear}, the list is empty afterwards. */
    public synchronized Page page(boolean clear) {
        Page page = new Page(HEADER_SIZE + MAX * Long.BYTES);
        page.put16(0, overflow ? TOO_MANY : starts.size());
        int at = HEADER_SIZE;
        for (long start : starts) {
            page.put64(at, start);
            at += Long.BYTES;
        }
        if (clear) {
            starts.clear();
            overflow = false;
        }
        return page;
    }
}
