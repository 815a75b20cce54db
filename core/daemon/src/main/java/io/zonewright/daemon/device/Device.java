package io.zonewright.daemon.device;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.engine.EngineDevice;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A device with its medium and its endpoints, open. Opened, started and stopped by one thread at a time. */
public final class Device {
    private static final Logger LOG = LoggerFactory.getLogger(Device.class);

    /** A front-end that makes an endpoint, and the plan it came from. */
    public record Endpoint(EndpointPlan plan, Frontend frontend) {}

    private final DevicePlan plan;
    private final EngineDevice engine;
    private final List<Endpoint> endpoints = new ArrayList<>();

    private Device(DevicePlan plan, EngineDevice engine) {
        this.plan = plan;
        this.engine = engine;
    }

    /** Opens medium and front-ends; when that fails, nothing stays open. */
    static Device open(DevicePlan plan) throws DeviceException {
        String medium = "device " + plan.name() + ": back-end " + plan.backendType();
        ZonedBackend backend = attempt(medium, plan.backend()::open);
        Device device;
        try {
            device = new Device(plan, attempt(medium, () -> EngineDevice.open(plan.identity(), backend, plan.rules())));
        } catch (DeviceException e) {
            backend.close();
            throw e;
        }
        try {
            for (EndpointPlan endpoint : plan.endpoints()) {
                Frontend frontend = attempt(
                        "device " + plan.name() + ": " + endpoint,
                        () -> endpoint.plan().open(device.engine));
                device.endpoints.add(new Endpoint(endpoint, frontend));
            }
        } catch (DeviceException e) {
            device.stop(Duration.ZERO);
            throw e;
        }
        return device;
    }

    /** Lets clients connect. After a failure, {@link #stop} is still to be called. */
    void start() throws DeviceException {
        for (Endpoint endpoint : endpoints) {
            attempt("device " + plan.name() + ": " + endpoint.plan(), () -> {
                endpoint.frontend().start();
                return endpoint;
            });
        }
    }

    /** Ends the front-ends, the last first, and closes the medium. */
    void stop(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        for (Endpoint endpoint : endpoints.reversed()) {
            try {
                endpoint.frontend().stop(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            } catch (RuntimeException | LinkageError e) {
                LOG.error("device {}: {} did not stop cleanly: {}", plan.name(), endpoint.plan(), e.toString(), e);
            }
        }
        endpoints.clear();
        try {
            if (!engine.close(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
                LOG.error(
                        "device {}: {} requests did not end in time; the medium is left as it is",
                        plan.name(),
                        engine.inFlight());
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.error(
                    "device {}: back-end {} did not close cleanly: {}",
                    plan.name(),
                    plan.backendType(),
                    e.toString(),
                    e);
        }
    }

    public DevicePlan plan() {
        return plan;
    }

    /** The device as its front-ends see it. */
    public EngineDevice zoned() {
        return engine;
    }

    /** Its endpoints; empty once stopped. */
    public List<Endpoint> endpoints() {
        return List.copyOf(endpoints);
    }

    /** Counters of an endpoint; a front-end that fails to tell says so instead. */
    public static SequencedMap<String, Object> stats(Endpoint endpoint) {
        try {
            return endpoint.frontend().stats();
        } catch (RuntimeException e) {
            LOG.warn("{} gives no counters: {}", endpoint.plan(), e.toString(), e);
            return new TreeMap<>(Map.of("error", e.toString()));
        }
    }

    /**
     * An administrator's action on one zone.
     *
     * @param operation {@link Operation#ZONE_SET_READ_ONLY} or {@link Operation#ZONE_SET_OFFLINE}
     * @return what happened
     * @throws TimeoutException if the zone was busy for longer than {@code patience}; the action may still happen
     */
    public Cause act(Operation operation, int zone, Duration patience) throws TimeoutException, InterruptedException {
        Action action = new Action();
        action.prepare(operation, engine.geometry().zoneStart(zone), 0);
        engine.submit(action);
        try {
            return action.done.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Action extends DeviceRequest {
        private final CompletableFuture<Cause> done = new CompletableFuture<>();

        @Override
        protected void onComplete() {
            done.complete(cause());
        }
    }

    @FunctionalInterface
    private interface Step<T> {
        T run() throws IOException;
    }

    private static <T> T attempt(String what, Step<T> step) throws DeviceException {
        try {
            return step.run();
        } catch (IOException e) {
            throw new DeviceException(what + ": " + e.getMessage(), e);
        } catch (RuntimeException | LinkageError | AssertionError e) {
            String thrown = e.toString().lines().findFirst().orElse("");
            throw new DeviceException(what + ": failed: " + thrown + " (a defect; --stacktrace shows where)", e);
        }
    }
}
