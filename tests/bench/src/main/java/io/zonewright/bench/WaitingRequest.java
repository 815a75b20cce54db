package io.zonewright.bench;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.ZonedDevice;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A request whose owner waits for it: with two threads in one zone it may complete on the other one's. */
final class WaitingRequest extends DeviceRequest {
    private static final VarHandle DONE;

    static {
        try {
            DONE = MethodHandles.lookup().findVarHandle(WaitingRequest.class, "done", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // through DONE
    private boolean done;

    /** Carries out one request; the spans are the caller's to fill. */
    Cause run(ZonedDevice device, Operation operation, long offset, long length) {
        prepare(operation, offset, length);
        DONE.setOpaque(this, false);
        device.submit(this);
        while (!(boolean) DONE.getAcquire(this)) {
            Thread.onSpinWait();
        }
        return cause();
    }

    /** As {@link #run}, for what must succeed. */
    void mustRun(ZonedDevice device, Operation operation, long offset, long length) {
        Cause cause = run(device, operation, offset, length);
        if (!cause.success()) {
            throw new IllegalStateException(this + " ended with " + cause);
        }
    }

    @Override
    protected void onComplete() {
        DONE.setRelease(this, true);
    }
}
