package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.result.Cause;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A request that is carried out as a series of others, one after the other, each of which touches one zone. The steps
 * may complete inline or late; there is no recursion either way.
 */
abstract class Series extends DeviceRequest {
    private final EngineDevice device;
    private final DeviceRequest whole;

    /** How often {@link #advance} was called without being carried out yet. */
    private final AtomicInteger calls = new AtomicInteger();

    Series(EngineDevice device, DeviceRequest whole) {
        this.device = device;
        this.whole = whole;
    }

    /** Takes over the whole request, which is counted in already. */
    final void start() {
        advance();
    }

    @Override
    protected final void onComplete() {
        stepDone();
        advance();
    }

    /** Prepares this object as the next step; false if there is none. */
    abstract boolean prepareNext();

    /** Takes note of how the step went. */
    abstract void stepDone();

    /** The result of the whole, after the last step. */
    abstract long causesOfAll();

    private void advance() {
        if (calls.getAndIncrement() != 0) {
            return;
        }
        do {
            if (!prepareNext()) {
                long causes = causesOfAll();
                whole.setCauses(causes == 0 ? Cause.DONE.bit() : causes);
                device.up(whole);
                return;
            }
            device.enterWithin();
            device.dispatch(this);
        } while (calls.decrementAndGet() != 0);
    }
}
