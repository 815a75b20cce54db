package io.zonewright.daemon.control;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.daemon.config.NearestWord;
import io.zonewright.daemon.control.ControlException.Code;
import io.zonewright.daemon.device.Device;
import io.zonewright.daemon.device.DevicePlan;
import io.zonewright.daemon.device.DeviceSet;
import io.zonewright.daemon.device.EndpointPlan;
import io.zonewright.engine.ResourceUse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What a running daemon answers. A request is an object with {@code command} and the command's own fields; the answer
 * is an object. All positions and lengths are bytes. Any thread.
 */
public final class ControlCommands {
    /** Zones in one answer; a client asks again for more. */
    public static final int MAX_ZONES = 4096;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final DeviceSet devices;

    public ControlCommands(DeviceSet devices) {
        this.devices = devices;
    }

    /** Answers one request. */
    Map<String, @Nullable Object> answer(Map<?, ?> request) throws ControlException, InterruptedException {
        String command = text(request, "command");
        return switch (command) {
            case "devices" ->
                map(
                        "devices",
                        devices.all().stream().map(ControlCommands::describe).toList());
            case "zones" -> zones(request);
            case "stats" ->
                map(
                        "devices",
                        chosen(request).stream().map(ControlCommands::stats).toList());
            case "attach" ->
                map(
                        "devices",
                        chosen(request).stream()
                                .map(device -> attach(device.plan()))
                                .toList());
            case "set-zone" -> setZone(request);
            default ->
                throw new ControlException(
                        Code.BAD_REQUEST,
                        "unknown command \"" + command + "\"; "
                                + NearestWord.advice(
                                        command, List.of("devices", "zones", "stats", "attach", "set-zone")));
        };
    }

    /** How to attach to each endpoint of a device, for programs and for the command line to print. */
    public static Map<String, @Nullable Object> attach(DevicePlan plan) {
        List<Object> endpoints = new ArrayList<>();
        for (EndpointPlan endpoint : plan.endpoints()) {
            Map<String, @Nullable Object> one = endpoint(endpoint);
            List<Object> hints = new ArrayList<>();
            for (AttachHint hint : endpoint.plan().attach()) {
                hints.add(map(
                        "client", hint.client(),
                        "commands", hint.commands(),
                        "notes", hint.notes(),
                        "properties", hint.properties()));
            }
            one.put("hints", hints);
            endpoints.add(one);
        }
        return map("device", plan.name(), "endpoints", endpoints);
    }

    private List<Device> chosen(Map<?, ?> request) throws ControlException {
        return request.get("device") == null ? devices.all() : List.of(device(request));
    }

    private Device device(Map<?, ?> request) throws ControlException {
        String name = text(request, "device");
        return devices.find(name).orElseThrow(() -> {
            List<String> names =
                    devices.all().stream().map(device -> device.plan().name()).toList();
            return new ControlException(
                    Code.NO_SUCH_DEVICE, "there is no device \"" + name + "\"; " + NearestWord.advice(name, names));
        });
    }

    private static Map<String, @Nullable Object> describe(Device device) {
        DevicePlan plan = device.plan();
        ZoneGeometry geometry = device.zoned().geometry();
        ZoneLimits limits = device.zoned().limits();
        ResourceUse use = device.zoned().resourceUse();
        return map(
                "device", plan.name(),
                "uuid", plan.identity().uuid(),
                "serial", plan.identity().serial(),
                "backend", plan.backendType(),
                "model", Words.of(geometry.model()),
                "rules", Words.of(plan.rules()),
                "size", geometry.deviceBytes(),
                "blockSize", geometry.blockSize(),
                "writeGranularity", geometry.writeGranularity(),
                "zoneSize", geometry.zoneSize(),
                "zones", geometry.zoneCount(),
                "open", use.open(),
                "maxOpen", limits.maxOpen(),
                "active", use.active(),
                "maxActive", limits.maxActive(),
                "maxAppend", limits.maxAppendBytes(),
                "readOnly", device.zoned().capabilities().readOnly(),
                "endpoints",
                        plan.endpoints().stream().map(ControlCommands::endpoint).toList());
    }

    private static Map<String, @Nullable Object> stats(Device device) {
        List<Object> endpoints = new ArrayList<>();
        for (Device.Endpoint endpoint : device.endpoints()) {
            Map<String, @Nullable Object> one = endpoint(endpoint.plan());
            one.put("counters", Device.stats(endpoint));
            endpoints.add(one);
        }
        return map("device", device.plan().name(), "counters", device.zoned().stats(), "endpoints", endpoints);
    }

    private static Map<String, @Nullable Object> endpoint(EndpointPlan plan) {
        return map("type", plan.type(), "transport", plan.transport(), "endpoint", plan.endpoint());
    }

    private Map<String, @Nullable Object> zones(Map<?, ?> request) throws ControlException {
        Device device = device(request);
        ZonedDevice zoned = device.zoned();
        int total = zoned.geometry().zoneCount();
        int first = (int) Math.min(total, number(request, "first", 0));
        int count = (int) Math.min(Math.min(MAX_ZONES, total - first), number(request, "count", MAX_ZONES));
        List<Object> zones = new ArrayList<>(count);
        ZoneDescriptor zone = new ZoneDescriptor();
        for (int i = first; i < first + count; i++) {
            zoned.zone(i, zone);
            zones.add(zone(zone));
        }
        Map<String, @Nullable Object> answer = describe(device);
        answer.put("first", first);
        answer.put("list", zones);
        return answer;
    }

    /** A write pointer is told where it means something: up to a full zone's, which is the zone's end. */
    private static Map<String, @Nullable Object> zone(ZoneDescriptor zone) {
        ZoneCondition condition = zone.condition();
        Long writePointer = condition.writable() || condition == ZoneCondition.FULL ? (Long) zone.writePointer() : null;
        return map(
                "zone", zone.index(),
                "type", Words.of(zone.type()),
                "condition", Words.of(condition),
                "start", zone.start(),
                "length", zone.length(),
                "capacity", zone.capacity(),
                "writePointer", writePointer);
    }

    private Map<String, @Nullable Object> setZone(Map<?, ?> request) throws ControlException, InterruptedException {
        Device device = device(request);
        int total = device.zoned().geometry().zoneCount();
        long index = number(request, "zone", -1);
        if (index < 0 || index >= total) {
            throw new ControlException(
                    Code.NO_SUCH_ZONE,
                    "there is no zone " + index + "; "
                            + (total == 0 ? "the device has none" : "the last is " + (total - 1)));
        }
        Operation operation = switch (text(request, "condition")) {
            case "read-only" -> Operation.ZONE_SET_READ_ONLY;
            case "offline" -> Operation.ZONE_SET_OFFLINE;
            default -> throw new ControlException(Code.BAD_REQUEST, "condition must be read-only or offline");
        };
        try {
            Cause cause = device.act(operation, (int) index, PATIENCE);
            if (!cause.success()) {
                throw new ControlException(Code.REFUSED, "zone " + index + " was not changed: " + Words.of(cause));
            }
            return map("device", device.plan().name(), "zone", index, "result", Words.of(cause));
        } catch (TimeoutException e) {
            throw new ControlException(
                    Code.REFUSED,
                    "zone " + index + " was busy for " + PATIENCE.toSeconds() + " s; it may still change");
        }
    }

    private static String text(Map<?, ?> request, String field) throws ControlException {
        if (request.get(field) instanceof String text) {
            return text;
        }
        throw new ControlException(Code.BAD_REQUEST, "the field \"" + field + "\" must be a string");
    }

    private static long number(Map<?, ?> request, String field, long missing) throws ControlException {
        Object value = request.get(field);
        if (value == null) {
            return missing;
        }
        if (value instanceof Long number && number >= 0) {
            return number;
        }
        throw new ControlException(Code.BAD_REQUEST, "the field \"" + field + "\" must be a number of 0 or more");
    }

    /** A map in this order from names and values. */
    static Map<String, @Nullable Object> map(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return map;
    }
}
