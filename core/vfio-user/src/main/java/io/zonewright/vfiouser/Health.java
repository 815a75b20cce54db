package io.zonewright.vfiouser;

import org.jspecify.annotations.Nullable;

/** Why a device is broken, for its statistics; any thread. */
final class Health {
    private volatile @Nullable String reason;

    /** The first reason stays. */
    synchronized void breakDown(String why) {
        if (reason == null) {
            reason = why;
        }
    }

    /** The driver or a client starts over. */
    synchronized void recover() {
        reason = null;
    }

    /** Empty: it is well. */
    String reason() {
        String current = reason;
        return current == null ? "" : current;
    }
}
