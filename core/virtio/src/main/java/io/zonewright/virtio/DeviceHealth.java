package io.zonewright.virtio;

import org.jspecify.annotations.Nullable;

/** Whether a device has been stopped for a broken ring; shared by all its queues, whatever loop they are on. */
public final class DeviceHealth {
    private volatile @Nullable String reason;

    /** Stops the device; the first reason stays. */
    public synchronized void breakDown(String why) {
        if (reason == null) {
            reason = why;
        }
    }

    /** The driver starts over. */
    public void recover() {
        reason = null;
    }

    /** Whether the device is stopped. */
    public boolean broken() {
        return reason != null;
    }

    /** Why it was stopped, or null. */
    public @Nullable String reason() {
        return reason;
    }
}
