package io.zonewright.frontend.scsi.vhostuser.device;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What to call the end of a command that gets no status: aborted, if the driver's own functions that abort are under way
 * and none that resets; else reset, as by another initiator. Any thread.
 */
final class Cancellations {
    private final AtomicInteger aborts = new AtomicInteger();
    private final AtomicInteger resets = new AtomicInteger();

    void begin(boolean reset) {
        (reset ? resets : aborts).incrementAndGet();
    }

    void end(boolean reset) {
        (reset ? resets : aborts).decrementAndGet();
    }

    byte response() {
        return resets.get() == 0 && aborts.get() > 0 ? Response.ABORTED : Response.RESET;
    }
}
