package io.zonewright.backend.linuxzbd;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.backend.linuxzbd.kernel.BlockCalls;
import io.zonewright.backend.linuxzbd.kernel.ZoneReader;
import io.zonewright.posix.PosixException;
import java.io.IOException;

/** Zone actions, and why one failed. */
final class ZoneActions {
    private final ZoneReader reader;
    private final BlockCalls calls;
    private final ZoneGeometry geometry;

    ZoneActions(ZoneReader reader, ZoneGeometry geometry) {
        this.reader = reader;
        calls = reader.calls();
        this.geometry = geometry;
    }

    /**
     * Carries out an action on one zone; on several if the request has a length or says all zones.
     *
     * @throws PosixException if the kernel or the device refuses
     */
    void carryOut(DeviceRequest request) {
        long start = request.offset();
        long length = length(request);
        switch (request.operation()) {
            case ZONE_OPEN -> calls.open(start, length);
            case ZONE_CLOSE -> calls.close(start, length);
            case ZONE_FINISH -> calls.finish(start, length);
            case ZONE_RESET -> calls.reset(start, length);
            default -> throw new IllegalArgumentException("not a zone action of a disk: " + request);
        }
    }

    private long length(DeviceRequest request) {
        if (request.length() != 0) {
            return request.length();
        }
        return request.allZones() ? geometry.deviceBytes() : geometry.zoneLength(geometry.zoneOf(request.offset()));
    }

    /** Why an action on one zone failed: drivers say EIO for all that the zone's condition forbids, so the zone is asked for. */
    Cause verdict(DeviceRequest request, int errno) {
        Cause cause = Failures.cause(errno);
        if (cause != Cause.MEDIUM_ERROR || request.allZones() || request.length() != 0) {
            return cause;
        }
        ZoneCondition[] found = new ZoneCondition[1];
        try {
            long start = request.offset();
            reader.read(
                    start,
                    geometry.zoneLength(geometry.zoneOf(start)),
                    (index, type, condition, capacity, pointer) -> found[0] = condition);
        } catch (PosixException | IOException e) {
            return cause;
        }
        ZoneCondition condition = found[0];
        if (condition == ZoneCondition.OFFLINE) {
            return Cause.ZONE_OFFLINE;
        }
        if (condition == ZoneCondition.READ_ONLY) {
            return Cause.ZONE_READ_ONLY;
        }
        return applies(request.operation(), condition) ? cause : Cause.NOT_APPLICABLE;
    }

    /** Whether a zone in this condition takes the action, by ZBC-2 and NVMe ZNS alike. */
    private static boolean applies(Operation action, ZoneCondition condition) {
        return switch (condition) {
            case EMPTY -> action != Operation.ZONE_CLOSE;
            case FULL -> action == Operation.ZONE_RESET || action == Operation.ZONE_FINISH;
            case IMPLICIT_OPEN, EXPLICIT_OPEN, CLOSED -> true;
            case NOT_WRITE_POINTER, READ_ONLY, OFFLINE -> false;
        };
    }
}
