package io.zonewright.vhostuser;

import org.jspecify.annotations.Nullable;

/** Whether a device has been stopped for a broken ring; shared by all its queues, whatever loop they are on. */
final class DeviceHealth {
    private volatile @Nullable String reason;

    /** Stops the device; the first reason stays. */
    synchronized void breakDown(String why) {
        if (reason == null) {
            reason = why;
        }
    }

    /** The driver starts over. */
    void recover() {
        reason = null;
    }

    boolean broken() {
        return reason != null;
    }

    @Nullable
    String reason() {
        return reason;
    }
}
