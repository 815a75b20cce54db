package io.zonewright.tests.conformance;

import io.zonewright.testkit.device.TestDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A command set over a carrier: how to start it and how to talk to it.
 *
 * @param connect attaches a client to the socket where it listens
 * @param unsaid operations of a scenario that this protocol has no request for on a zoned device
 */
record FrontendUnderTest(String type, String transport, Function<Path, Client> connect, Set<String> unsaid) {
    static final FrontendUnderTest VIRTIO_BLK =
            new FrontendUnderTest("virtio-blk", "vhost-user", VirtioBlkClient::attach, Set.of("zeroes", "discard"));

    /** Every front-end that there is. */
    static final List<FrontendUnderTest> ALL = List.of(VIRTIO_BLK);

    /** Whether the protocol has a request for everything that the scenario asks. */
    boolean canAsk(Scenario scenario, Shape shape) {
        return shape.modelWord().equals("none")
                || scenario.lines().stream()
                        .noneMatch(line -> unsaid.contains(line.ask().getFirst()));
    }

    /** Starts it on a device; the result is its socket. */
    Path start(TestDevice device) {
        return start(device, Map.of());
    }

    /** Starts it on a device with settings. */
    Path start(TestDevice device, Map<String, String> settings) {
        return device.start(type, transport, settings);
    }

    @Override
    public String toString() {
        return type + "/" + transport;
    }
}
