package io.zonewright.frontend.nvme.command.event;

import io.zonewright.frontend.nvme.command.page.Page;
import java.util.TreeSet;

/** The Changed Namespace List of one controller (Base 2.0, log identifier 04h). Thread-safe. */
public final class ChangedNamespaces {
    private static final int MAX = 1024;

    private final TreeSet<Integer> changed = new TreeSet<>();

    /** A namespace's Identify data changed. Subsystems have very few, so the list never overflows. */
    public synchronized void add(int nsid) {
        changed.add(nsid);
    }

    /** The page; with {@code clear}, the list is empty afterwards. */
    public synchronized Page page(boolean clear) {
        Page page = new Page(MAX * Integer.BYTES);
        int at = 0;
        for (int nsid : changed) {
            page.put32(at, nsid);
            at += Integer.BYTES;
        }
        if (clear) {
            changed.clear();
        }
        return page;
    }
}
