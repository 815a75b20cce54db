package io.zonewright.testkit.device;

import io.zonewright.api.spi.BackendExtension;
import io.zonewright.api.spi.BackendPlan;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.FrontendExtension;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.config.Extensions;
import io.zonewright.testkit.config.TestSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A device over some medium, and the front-ends that a test starts on it. Plugins are found by their words in the YAML.
 * Closing stops the front-ends, waits for what is in flight, closes the medium, and finds out whether a front-end left
 * its socket behind.
 */
public final class TestDevice implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final EngineDevice device;
    private final Path directory;
    private final List<Frontend> frontends = new ArrayList<>();

    private TestDevice(EngineDevice device) {
        this.device = device;
        try {
            // A short name, since the path of a socket has at most 107 bytes.
            directory = Files.createTempDirectory("zw");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A device over a back-end plugin, with settings as in the YAML. */
    public static TestDevice over(String backend, Map<String, String> values) {
        BackendExtension extension = Extensions.backend(backend);
        TestSettings settings = TestSettings.of(extension.keys(), values);
        DeviceIdentity identity = DeviceIdentity.of("test");
        BackendPlan plan = extension.plan(settings, identity);
        requireNoProblems(settings);
        try {
            return new TestDevice(
                    EngineDevice.open(identity, plan.open(), plan.zoneRules().orElse(ZoneRules.ZBC)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A device over a medium of the test's own. */
    public static TestDevice over(ZonedBackend backend, ZoneRules rules) {
        return new TestDevice(EngineDevice.open(DeviceIdentity.of("test"), backend, rules));
    }

    /** The device, as front-ends see it. */
    public ZonedDevice device() {
        return device;
    }

    /**
     * Starts a front-end plugin at a socket of its own.
     *
     * @param values its settings other than {@code socket}
     * @return the socket
     */
    public Path start(String type, String transport, Map<String, String> values) {
        Path socket = directory.resolve(frontends.size() + ".sock");
        Map<String, String> all = new LinkedHashMap<>(values);
        all.put("socket", socket.toString());
        open(type, transport, all);
        return socket;
    }

    /**
     * Starts a front-end plugin at a free TCP port of the loopback address.
     *
     * @param values its settings other than {@code listen}
     * @return where it listens
     */
    public InetSocketAddress startTcp(String type, String transport, Map<String, String> values) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
        Map<String, String> all = new LinkedHashMap<>(values);
        all.put("listen", "127.0.0.1:" + address.getPort());
        open(type, transport, all);
        return address;
    }

    /** A port that nobody listens on now; the kernel does not give it out again soon. */
    private static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void open(String type, String transport, Map<String, String> all) {
        FrontendExtension extension = Extensions.frontend(type, transport);
        TestSettings settings = TestSettings.of(extension.keys(), all);
        FrontendPlan plan = extension.plan(
                settings, device.identity(), Optional.of(device.geometry()), Optional.of(device.limits()));
        requireNoProblems(settings);
        try {
            Frontend frontend = plan.open(device);
            frontends.add(frontend);
            frontend.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A front-end that was started, in the order of {@link #start}. */
    public Frontend frontend(int index) {
        return frontends.get(index);
    }

    private static void requireNoProblems(TestSettings settings) {
        if (!settings.problems().isEmpty()) {
            throw new IllegalArgumentException("settings refused: " + settings.problems());
        }
    }

    @Override
    public void close() {
        frontends.forEach(frontend -> frontend.stop(PATIENCE));
        if (!device.close(PATIENCE)) {
            throw new IllegalStateException("requests are still in flight after " + PATIENCE);
        }
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("a front-end left its socket behind", e);
        }
    }
}
