package io.zonewright.frontend.nvme.tcp;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.SubsystemOptions;
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

/** A target over memory at a port of the kernel's choice, with a clock that the test turns. */
final class Target implements AutoCloseable {
    static final String NQN = "nqn.2026-11.io.zonewright:test";

    final MemoryBackend medium;
    final ScriptedBackend script;
    final EngineDevice device;
    final Portal portal;
    final NvmSubsystem subsystem;
    final AtomicLong now = new AtomicLong(System.nanoTime());

    private Target(
            PortalOptions options, HostAccess access, NetAddress advertised, MemoryBackend medium, double memory) {
        this.medium = medium;
        script = new ScriptedBackend(medium).holding(operation -> false);
        device = EngineDevice.open(DeviceIdentity.of("test"), script, ZoneRules.ZNS);
        LoopGroup loops = LoopGroup.start(
                "test", options.threads(), () -> new AdaptiveIdle(20_000, System::nanoTime), Posix.system());
        try {
            portal = Portal.open(options, loops, Posix.system(), now::get, memory);
            subsystem = new NvmSubsystem(
                    new NvmeSubsystem(device, SubsystemOptions.of(NQN)), access, advertised, 4, 128, options.threads());
            portal.add(subsystem);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Target open() {
        return open(HostAccess.ANY);
    }

    static Target open(HostAccess access) {
        return open(access, "0.0.0.0:0", new ConnectionLimits(64, 64), DigestPolicy.ALLOW);
    }

    static Target open(HostAccess access, String advertised, ConnectionLimits limits, DigestPolicy digests) {
        return new Target(
                new PortalOptions(NetAddress.parse("127.0.0.1:0"), 2, Duration.ofNanos(20_000), limits, digests),
                access,
                NetAddress.parse(advertised),
                new MemoryBackend(Shape.hostManaged(8, 8192)),
                1.0);
    }

    /** With one loop and a sixteenth of the usual memory: four buffers of 1 MiB. */
    static Target withLittleMemory() {
        return new Target(
                new PortalOptions(
                        NetAddress.parse("127.0.0.1:0"),
                        1,
                        Duration.ofNanos(20_000),
                        new ConnectionLimits(64, 64),
                        DigestPolicy.ALLOW),
                HostAccess.ANY,
                NetAddress.parse("0.0.0.0:0"),
                new MemoryBackend(Shape.hostManaged(8, 8192)),
                1.0 / 16);
    }

    /** Over a medium that lends its memory: 8 zones of 4 MiB with a capacity of 3 MiB. */
    static Target lending() {
        return new Target(
                new PortalOptions(
                        NetAddress.parse("127.0.0.1:0"),
                        2,
                        Duration.ofNanos(20_000),
                        new ConnectionLimits(64, 64),
                        DigestPolicy.ALLOW),
                HostAccess.ANY,
                NetAddress.parse("0.0.0.0:0"),
                MemoryBackend.lending(Shape.hostManaged(8, 8192).withCapacity(3 << 20)),
                1.0);
    }

    Host host() {
        return new Host(portal.address());
    }

    /** Lets time pass, for everybody. */
    void pass(Duration time) {
        long then = now.addAndGet(time.toNanos());
        tick(then);
    }

    /** Tells all connections the time, without letting any pass. */
    void tick(long time) {
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

    /** Sum of a counter, of hosts connected and not. */
    long count(NvmeTcpCounter counter) {
        String name = counter.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        return subsystem.sums().getOrDefault(name, 0L)
                + portal.discovery().sums().getOrDefault(name, 0L);
    }

    /** Buffers on loan. */
    int lent() {
        return portal.loops().stream().mapToInt(r -> r.loop().pool().lent()).sum();
    }

    @Override
    public void close() {
        portal.remove(subsystem, Duration.ofSeconds(5));
        portal.close();
        subsystem.core().close();
        device.close(Duration.ofSeconds(5));
    }
}
