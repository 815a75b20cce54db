package io.zonewright.vhostuser;

import io.zonewright.posix.Posix;
import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.LoopGroup;
import io.zonewright.virtio.TestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A listening endpoint with a test device on two loops. */
final class EndpointFixture implements AutoCloseable {
    final Posix posix = Posix.system();
    final TestDevice device;
    final Path directory;
    final Path socket;
    final LoopGroup loops;
    final VhostUserEndpoint endpoint;

    EndpointFixture(int queues) throws IOException {
        this(queues, Duration.ofSeconds(5), Duration.ofSeconds(10));
    }

    EndpointFixture(int queues, Duration messageTimeout, Duration lostRequestPatience) throws IOException {
        device = new TestDevice(queues);
        directory = Files.createTempDirectory("vhost");
        socket = directory.resolve("s");
        loops = LoopGroup.start("loop", 2, () -> new AdaptiveIdle(0, System::nanoTime), posix);
        endpoint = new VhostUserEndpoint(
                device,
                EndpointOptions.at(socket)
                        .withMessageTimeout(messageTimeout)
                        .withLostRequestPatience(lostRequestPatience),
                loops,
                0,
                posix);
        endpoint.start();
    }

    TestDriver connect() {
        return new TestDriver(posix, socket);
    }

    /** A driver that has shared memory and negotiated, with these queues running. */
    TestDriver running(int... queues) throws IOException {
        TestDriver driver = connect();
        driver.negotiate(TestDriver.VIRTIO);
        driver.shareMemory();
        for (int queue : queues) {
            driver.startQueue(queue, 0);
        }
        return driver;
    }

    long stat(String name) {
        return (Long) endpoint.stats().getOrDefault(name, -1L);
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited in vain until " + what);
            }
            LockSupport.parkNanos(100_000);
        }
    }

    @Override
    public void close() throws IOException {
        endpoint.close(Duration.ofSeconds(2));
        loops.close();
        Files.delete(directory);
    }
}
