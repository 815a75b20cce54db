package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.ScriptedBackend;
import io.zonewright.testkit.backend.Shape;
import java.util.Set;

/**
 * A whole small logical unit, engine and all, with an initiator. Blocks of 512 bytes. Zoned ones have 8 zones of 64 blocks (40h),
 * of which 0 and 1 are conventional; at most 2 zones open.
 */
final class Disk {
    static final int BLOCK = 512;
    static final int ZONE = 64;

    final MemoryBackend memory;
    final ScriptedBackend script;
    final EngineDevice device;
    final LogicalUnit unit;
    final ScsiTarget target = new ScsiTarget(TargetPort.iscsi("iqn.2026-11.io.zonewright:t", 1));
    final Initiator initiator;

    private Disk(Shape shape, LogicalUnitOptions options) {
        memory = new MemoryBackend(shape);
        script = new ScriptedBackend(memory).holding(operation -> false);
        device = EngineDevice.open(DeviceIdentity.of("disk"), script, ZoneRules.ZBC);
        unit = new LogicalUnit(device, options);
        target.attach(0, unit);
        initiator = new Initiator(target, 1).ready();
    }

    /** An ordinary disk of 1000h blocks. */
    static Disk ordinary() {
        ZoneGeometry geometry = ZoneGeometry.unzoned(0x1000L * BLOCK, BLOCK);
        return new Disk(new Shape("ordinary", geometry, ZoneLimits.NONE, 0, 0, Shape.ABLE), LogicalUnitOptions.DEFAULT);
    }

    static Disk hostManaged() {
        return zoned(ZoneModel.HOST_MANAGED, ZONE, LogicalUnitOptions.DEFAULT);
    }

    /** Zones of which the first {@code capacity} blocks can be written. */
    static Disk zoned(ZoneModel model, int capacity, LogicalUnitOptions options) {
        ZoneGeometry geometry = new ZoneGeometry(model, 8L * ZONE * BLOCK, BLOCK, BLOCK, ZONE * BLOCK);
        return new Disk(
                new Shape("zoned", geometry, new ZoneLimits(2, 3, 0), (long) capacity * BLOCK, 2, Shape.ABLE), options);
    }

    /** What an administrator does to a zone. */
    void administer(Operation action, int zone) {
        RecordingRequest request = RecordingRequest.action(action, (long) zone * ZONE * BLOCK);
        device.submit(request);
        assertEquals(Set.of(Cause.DONE), request.result());
    }
}
