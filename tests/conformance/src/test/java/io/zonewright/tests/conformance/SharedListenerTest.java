package io.zonewright.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.FrontendExtension;
import io.zonewright.testkit.config.Extensions;
import io.zonewright.testkit.config.TestSettings;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.nvme.tcp.NvmeTcpHost;
import io.zonewright.testkit.nvme.tcp.TcpOptions;
import io.zonewright.testkit.scsi.iscsi.IscsiOptions;
import io.zonewright.testkit.scsi.iscsi.IscsiSession;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/**
 * Devices that share a listening address: who comes back to one of them while others are still starting is kept waiting, and not
 * told that it does not exist, for which initiators give up.
 */
class SharedListenerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** What connects to the device of this name, and hangs up. */
    private interface Peer {
        void visit(InetSocketAddress address, String name);
    }

    @Test
    void nvmeHostsWaitForTheLastDevice() throws Exception {
        waitsForTheLast(
                "nvme-zns",
                "tcp",
                "nqn",
                "nqn.2026-11.io.zonewright:",
                (address, name) ->
                        NvmeTcpHost.connect(address, name, TcpOptions.DEFAULT).close());
    }

    @Test
    void iscsiInitiatorsWaitForTheLastDevice() throws Exception {
        waitsForTheLast(
                "scsi-zbc",
                "iscsi",
                "iqn",
                "iqn.2026-11.io.zonewright:",
                (address, name) -> IscsiSession.connect(address, name, IscsiOptions.DEFAULT)
                        .close());
    }

    private static void waitsForTheLast(String type, String transport, String key, String prefix, Peer peer)
            throws Exception {
        InetSocketAddress address = freeAddress();
        try (TestDevice first = device();
                TestDevice second = device();
                TestDevice third = device()) {
            List<Frontend> opened = List.of(
                    open(first, address, type, transport, key, prefix + "first"),
                    open(second, address, type, transport, key, prefix + "second"),
                    open(third, address, type, transport, key, prefix + "third"));
            try {
                opened.get(0).start();
                CompletableFuture<Void> visit =
                        CompletableFuture.runAsync(() -> peer.visit(address, prefix + "second"));
                assertThrows(TimeoutException.class, () -> visit.get(200, TimeUnit.MILLISECONDS));
                opened.get(1).start();
                assertThrows(TimeoutException.class, () -> visit.get(200, TimeUnit.MILLISECONDS));
                // One that never starts is not waited for.
                opened.get(2).stop(PATIENCE);
                visit.get(10, TimeUnit.SECONDS);
            } finally {
                opened.forEach(frontend -> frontend.stop(PATIENCE));
            }
        }
    }

    private static TestDevice device() {
        return TestDevice.over("null-zoned", Map.of("size", "4MiB", "zone-size", "1MiB"));
    }

    private static Frontend open(
            TestDevice device, InetSocketAddress address, String type, String transport, String key, String name)
            throws IOException {
        FrontendExtension extension = Extensions.frontend(type, transport);
        TestSettings settings =
                TestSettings.of(extension.keys(), Map.of("listen", "127.0.0.1:" + address.getPort(), key, name));
        return extension
                .plan(
                        settings,
                        device.device().identity(),
                        Optional.of(device.device().geometry()),
                        Optional.of(device.device().limits()))
                .open(device.device());
    }

    private static InetSocketAddress freeAddress() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket probe = new ServerSocket(0, 1, loopback)) {
            return new InetSocketAddress(loopback, probe.getLocalPort());
        }
    }
}
