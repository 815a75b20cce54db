package io.zonewright.frontend.nvme.command.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.SubsystemOptions;
import io.zonewright.frontend.nvme.command.io.Host.Reply;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.ScriptedBackend;
import io.zonewright.testkit.backend.Shape;
import java.util.Arrays;
import java.util.Set;

/**
 * A whole small device, engine and all, with a host. Blocks of 512 bytes, but writes of 4096, so that is the LBA size.
 * Zones of 16 LBAs with 12 writable ones: 0 and 1 conventional (namespace 2 of 32 LBAs), 2 to 10 sequential (namespace 1
 * of 9 zones, 144 LBAs), 11 with 8 LBAs in all, in no namespace. At most 2 zones open, 3 active; appends of at most 8 LBAs.
 */
final class Disk {
    static final int LBA = 4096;
    static final int ZONE = 16;
    static final int CAPACITY = 12;
    static final int ZONES = 9;

    static final int ZONED = 1;
    static final int ORDINARY = 2;
    static final int ORDINARY_LBAS = 32;

    static final int CLOSE = 0x01;
    static final int FINISH = 0x02;
    static final int OPEN = 0x03;
    static final int RESET = 0x04;
    static final int OFFLINE = 0x05;
    static final int EXTENSION = 0x10;
    static final int ZRWA_FLUSH = 0x11;
    static final int SELECT_ALL = 0x100;
    static final int ZRWAA = 0x200;

    /** Zone states as a report shows them. */
    static final int ZSE = 0x1;

    static final int ZSIO = 0x2;
    static final int ZSEO = 0x3;
    static final int ZSC = 0x4;
    static final int ZSRO = 0xD;
    static final int ZSF = 0xE;
    static final int ZSO = 0xF;

    final MemoryBackend memory;
    final ScriptedBackend script;
    final EngineDevice device;
    final Host host;

    /** How a disk differs from the usual one. */
    record Options(
            ZoneLimits limits, Capabilities capabilities, ZoneFeatures features, boolean acrossZones, ZoneModel model) {
        static final Options USUAL =
                new Options(new ZoneLimits(2, 3, 8 * LBA), Shape.ABLE, ZoneFeatures.NONE, true, ZoneModel.HOST_MANAGED);

        Options with(ZoneLimits newLimits) {
            return new Options(newLimits, capabilities, features, acrossZones, model);
        }

        Options with(Capabilities newCapabilities) {
            return new Options(limits, newCapabilities, features, acrossZones, model);
        }

        Options with(ZoneFeatures newFeatures) {
            return new Options(limits, capabilities, newFeatures, acrossZones, model);
        }

        Options within() {
            return new Options(limits, capabilities, features, false, model);
        }
    }

    Disk() {
        this(Options.USUAL);
    }

    Disk(Options options) {
        ZoneGeometry geometry = new ZoneGeometry(options.model, (11L * ZONE + 8) * LBA, 512, LBA, (long) ZONE * LBA);
        memory = new MemoryBackend(
                new Shape("disk", geometry, options.limits, (long) CAPACITY * LBA, 2, options.capabilities));
        script = new ScriptedBackend(memory).holding(operation -> false);
        ZonedBackend medium = new FeaturedBackend(script, options.features);
        device = EngineDevice.open(DeviceIdentity.of("disk"), medium, ZoneRules.ZNS);
        host = new Host(new NvmeSubsystem(
                device, new SubsystemOptions("nqn.2026-11.io.zonewright:disk", "m", "1", options.acrossZones)));
    }

    /** Four areas of 4 LBAs, flushed in twos, and extensions of 64 bytes. */
    static Disk featured() {
        return new Disk(Options.USUAL.with(new ZoneFeatures(64, 1, 4 * LBA, 2 * LBA)));
    }

    static long start(int zone) {
        return (long) zone * ZONE;
    }

    static byte[] bytes(int lbas, int fill) {
        byte[] data = new byte[lbas * LBA];
        Arrays.fill(data, (byte) fill);
        return data;
    }

    int write(long lba, int count) {
        return write(ZONED, lba, count, 0x77);
    }

    int write(int nsid, long lba, int count, int fill) {
        return host.status(Sqe.blocks(Sqe.WRITE, nsid, lba, count), bytes(count, fill));
    }

    Reply append(int zone, int count) {
        return host.send(Sqe.blocks(Sqe.APPEND, ZONED, start(zone), count), bytes(count, 0x77));
    }

    Reply read(int nsid, long lba, int count) {
        return host.send(Sqe.blocks(Sqe.READ, nsid, lba, count));
    }

    /** Status of Zone Management Send without data; {@code action} may hold flags. */
    int act(int action, int zone) {
        return act(action, start(zone));
    }

    int act(int action, long lba) {
        return host.status(Sqe.of(Sqe.ZONE_SEND, ZONED, lba, 0, action));
    }

    /** A report of one zone, 64 bytes of header and 64 of descriptor. */
    Reply descriptor(int zone) {
        Reply reply = host.send(Sqe.of(Sqe.ZONE_RECEIVE, ZONED, start(zone), 31, 0x1_0000));
        assertEquals(0, reply.status(), "report");
        assertEquals(1, reply.le64(0), "number of zones");
        assertEquals(start(zone), reply.le64(64 + 16), "ZSLBA");
        return reply;
    }

    int state(int zone) {
        return (descriptor(zone).data()[64 + 1] & 0xFF) >> 4;
    }

    /** Write pointer in LBAs from the zone's start. */
    long pointer(int zone) {
        return descriptor(zone).le64(64 + 24) - start(zone);
    }

    void assertZone(int zone, int state, long pointer) {
        assertEquals(state, state(zone), "state of zone " + zone);
        assertEquals(pointer, pointer(zone), "write pointer of zone " + zone);
    }

    void assertState(int zone, int state) {
        assertEquals(state, state(zone), "state of zone " + zone);
    }

    /** Makes a zone of this state, one block written where the state allows it. */
    void make(int zone, int state) {
        if (state != ZSE) {
            assertEquals(0, write(start(zone), 1), "write");
        }
        switch (state) {
            case ZSE, ZSIO -> {}
            case ZSEO -> assertEquals(0, act(OPEN, zone));
            case ZSC -> assertEquals(0, act(CLOSE, zone));
            case ZSF -> assertEquals(0, act(FINISH, zone));
            case ZSRO -> administer(Operation.ZONE_SET_READ_ONLY, zone);
            case ZSO -> administer(Operation.ZONE_SET_OFFLINE, zone);
            default -> throw new AssertionError(state);
        }
        assertState(zone, state);
    }

    /** What an administrator does, to a zone of namespace 1. */
    void administer(Operation action, int zone) {
        RecordingRequest request = RecordingRequest.action(action, (2L + zone) * ZONE * LBA);
        device.submit(request);
        assertEquals(Set.of(Cause.DONE), request.result());
    }
}
