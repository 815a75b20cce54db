package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.LogicalUnitOptions;
import io.zonewright.frontend.scsi.iscsi.config.PortalOptions;
import io.zonewright.frontend.scsi.iscsi.login.DigestPolicy;
import io.zonewright.frontend.scsi.iscsi.login.InitiatorAccess;
import io.zonewright.frontend.scsi.iscsi.login.LoginTarget;
import io.zonewright.net.ConnectionLimits;
import io.zonewright.net.NetAddress;
import io.zonewright.net.SocketLoop;
import io.zonewright.posix.Posix;
import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.LoopGroup;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.ScriptedBackend;
import io.zonewright.testkit.backend.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A target over memory at a port of the kernel's choice, with a clock that the test turns: 8 zones of 4 MiB at LUN 0. */
final class Target implements AutoCloseable {
    static final String NAME = "iqn.2026-11.io.zonewright:test";

    /** Commands that a session may have under way. */
    static final int DEPTH = 8;

    final ScriptedBackend script;
    final EngineDevice device;
    final LogicalUnit unit;
    final Portal portal;
    final IscsiTarget target;
    final AtomicLong now = new AtomicLong(System.nanoTime());

    private Target(MemoryBackend medium, int threads, double memory) {
        script = new ScriptedBackend(medium).holding(operation -> false);
        device = EngineDevice.open(DeviceIdentity.of("test"), script, ZoneRules.ZBC);
        PortalOptions options = new PortalOptions(
                NetAddress.parse("127.0.0.1:0"), threads, Duration.ofNanos(20_000), new ConnectionLimits(64, 64));
        LoopGroup loops =
                LoopGroup.start("test", threads, () -> new AdaptiveIdle(20_000, System::nanoTime), Posix.system());
        try {
            portal = Portal.open(options, loops, Posix.system(), now::get, memory);
            target = portal.join(
                    new LoginTarget(NAME, "", InitiatorAccess.ANY, NetAddress.parse("0.0.0.0:0"), DigestPolicy.ALLOW),
                    DEPTH);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        unit = new LogicalUnit(device, LogicalUnitOptions.DEFAULT);
        target.core().attach(0, unit);
    }

    static Target open() {
        return new Target(new MemoryBackend(Shape.hostManaged(8, 8192)), 2, 1.0);
    }

    /** With one loop and a sixteenth of the usual memory: four buffers of 1 MiB. */
    static Target withLittleMemory() {
        return new Target(new MemoryBackend(Shape.hostManaged(8, 8192)), 1, 1.0 / 16);
    }

    /** Over a medium that lends its memory. */
    static Target lending() {
        return new Target(MemoryBackend.lending(Shape.hostManaged(8, 8192)), 2, 1.0);
    }

    Wire wire() {
        return new Wire(portal.address());
    }

    /** Lets time pass, for everybody. */
    void pass(Duration time) {
        tick(now.addAndGet(time.toNanos()));
    }

    private void tick(long time) {
        portal.loops().forEach(resources -> {
            SocketLoop loop = resources.loop();
            loop.pollLoop().run(() -> loop.tick(time));
        });
    }

    /** Lets the loops go round a few times. */
    void letWork() {
        for (int i = 0; i < 20; i++) {
            portal.loops().forEach(resources -> resources.loop().pollLoop().run(() -> {}));
        }
    }

    long count(IscsiCounter counter) {
        String name = counter.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        return target.sums().getOrDefault(name, 0L) + portal.countOfStrangers(counter);
    }

    /** Buffers on loan. */
    int lent() {
        return portal.loops().stream().mapToInt(r -> r.loop().pool().lent()).sum();
    }

    @Override
    public void close() {
        portal.sessions().of(target).forEach(Session::end);
        portal.leave(target, 0, Duration.ofSeconds(5));
        portal.close();
        unit.close();
        device.close(Duration.ofSeconds(5));
    }
}
