package io.zonewright.frontend.nvme.command.io;

import static io.zonewright.frontend.nvme.command.io.Disk.ZONED;
import static io.zonewright.frontend.nvme.command.io.Disk.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.backend.RuledBackend;
import io.zonewright.testkit.backend.Shape;
import org.junit.jupiter.api.Test;

/** A medium with zone rules of its own, such as a real disk. */
class OwnRulesTest {
    private final ZoneGeometry geometry =
            new ZoneGeometry(ZoneModel.HOST_MANAGED, 4L * 16 * Disk.LBA, Disk.LBA, Disk.LBA, 16L * Disk.LBA);
    private final RuledBackend medium = new RuledBackend(
            new Shape("disk", geometry, new ZoneLimits(1, 2, 8L * Disk.LBA), 12L * Disk.LBA, 0, Shape.ABLE),
            ZoneRules.ZNS);
    private final Host host = new Host(EngineDevice.open(DeviceIdentity.of("own"), medium, ZoneRules.ZNS));

    private int state(int zone) {
        return (host.send(Sqe.of(Sqe.ZONE_RECEIVE, ZONED, zone * 16L, 31, 0x1_0000))
                                .data()[65]
                        & 0xFF)
                >> 4;
    }

    private int write(long lba) {
        return host.status(Sqe.blocks(Sqe.WRITE, ZONED, lba, 1), bytes(1, 1));
    }

    @Test
    void theReportShowsWhatTheMediumClosedByItself() {
        assertEquals(0, write(0));
        assertEquals(0, write(16));
        assertEquals(Disk.ZSC, state(0), "closed for the other");
        assertEquals(Disk.ZSIO, state(1));
    }

    @Test
    void theMediumsVerdictBecomesTheStatus() {
        assertEquals(0, write(0));
        assertEquals(0x41BC, write(5), "Zone Invalid Write");
        assertEquals(0, write(16));
        assertEquals(0x41BD, write(32), "Too Many Active Zones");
        assertEquals(0x41BF, host.status(Sqe.of(Sqe.ZONE_SEND, ZONED, 32, 0, Disk.CLOSE)), "close on empty");
        assertEquals(0, host.status(Sqe.of(Sqe.ZONE_SEND, ZONED, 0, 0, Disk.FINISH)));
        assertEquals(0x41B9, write(1), "Zone Is Full");
        assertEquals(0, host.status(Sqe.of(Sqe.ZONE_SEND, ZONED, 0, 0, Disk.RESET | Disk.SELECT_ALL)));
        assertEquals(Disk.ZSE, state(0));
        assertEquals(Disk.ZSE, state(1));
    }
}
