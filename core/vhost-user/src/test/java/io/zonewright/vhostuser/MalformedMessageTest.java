package io.zonewright.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.Fd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What no healthy driver sends; afterwards the next driver is served as ever. */
@Timeout(30)
class MalformedMessageTest {
    private static byte[] message(int request, int flags, byte[] payload) {
        return TestDriver.join(TestDriver.u32(request, flags, payload.length), payload);
    }

    static Stream<Arguments> fatal() {
        return Stream.of(
                Arguments.of("version 0", TestDriver.u32(1, 0, 0)),
                Arguments.of("a reply", TestDriver.u32(1, 5, 0)),
                Arguments.of("a reserved flag", TestDriver.u32(1, 0x8000_0001, 0)),
                Arguments.of("a payload of 4 GiB", TestDriver.u32(1, 1, -1)),
                Arguments.of("a payload of 4097 bytes", TestDriver.u32(1, 1, 4097)),
                Arguments.of("an unknown request", message(99, 1, new byte[4])),
                Arguments.of("request 0", message(0, 1, new byte[0])),
                Arguments.of("GET_FEATURES with a payload", message(1, 1, new byte[8])),
                Arguments.of("SET_FEATURES too short", message(2, 1, new byte[7])),
                Arguments.of("a table of regions that do not come", message(5, 1, TestDriver.u32(8, 0))),
                Arguments.of("a queue that does not exist", message(8, 1, TestDriver.u32(2, 16))),
                Arguments.of("the base of one that does not exist", message(11, 9, TestDriver.u32(-1, 0))),
                Arguments.of("a queue of 3 entries", message(8, 1, TestDriver.u32(0, 3))),
                Arguments.of("a queue of 2048 entries", message(8, 1, TestDriver.u32(0, 2048))),
                Arguments.of("logging", message(6, 1, new byte[16])),
                Arguments.of("a channel back", message(21, 1, new byte[0])),
                Arguments.of("postcopy", message(28, 1, new byte[0])),
                Arguments.of("a status of nine bits", message(39, 1, TestDriver.u64(0x100))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fatal")
    void withoutAWishForAnAnswerTheConnectionIsClosed(String what, byte[] bytes) throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(2)) {
            try (TestDriver driver = fixture.connect()) {
                driver.sendRaw(bytes);
                driver.expectClosed();
            }
            EndpointFixture.await("the driver is gone", () -> !fixture.endpoint.connected());
            try (TestDriver next = fixture.running(0)) {
                next.offer(0, 0);
                next.awaitUsed(0, 1);
            }
        }
    }

    @Test
    void withAWishForAnAnswerUnknownRequestsAreAnsweredWithAnError() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0)) {
            assertEquals(1, driver.acknowledge(99, new byte[4096]));
            assertEquals(1, driver.acknowledge(22, new byte[40]));
            assertEquals(1, driver.acknowledge(TestDriver.SET_VRING_NUM, TestDriver.u32(5, 16)));
            assertEquals(1, driver.acknowledge(TestDriver.SET_VRING_ENABLE, TestDriver.u32(0, 7)));
            driver.offer(0, 0);
            driver.awaitUsed(0, 1);
        }
    }

    @Test
    void descriptorsThatNobodyAskedForAreClosed() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0)) {
            long before = openDescriptors();
            Fd[] many = new Fd[32];
            Arrays.fill(many, driver.memoryFd());
            for (int i = 0; i < 20; i++) {
                driver.sendRaw(message(99, 9, new byte[0]), many);
                assertEquals(1, driver.answer(99).getLong(0));
            }
            assertTrue(openDescriptors() <= before + 32, "those of the last message may be closed with the next");
        }
    }

    @Test
    void moreDescriptorsThanAnyMessageHasEndTheConnection() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            Fd[] many = new Fd[33];
            Arrays.fill(many, driver.memoryFd());
            driver.sendRaw(message(5, 1, TestDriver.u32(33, 0)), many);
            driver.expectClosed();
        }
    }

    @Test
    void aMessageThatDoesNotEndIsNotWaitedForForEver() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1, Duration.ofMillis(200), Duration.ofSeconds(10))) {
            try (TestDriver half = fixture.connect()) {
                half.sendRaw(new byte[] {1, 0, 0, 0, 1, 0});
                half.expectClosed();
            }
            EndpointFixture.await("the driver is gone", () -> !fixture.endpoint.connected());
            try (TestDriver half = fixture.connect()) {
                half.sendRaw(TestDriver.join(TestDriver.u32(2, 1, 8), new byte[7]));
                half.expectClosed();
            }
            EndpointFixture.await("the driver is gone", () -> !fixture.endpoint.connected());
            try (TestDriver half = fixture.connect()) {
                half.sendRaw(TestDriver.u32(2, 1, 8));
                half.disconnect();
            }
            EndpointFixture.await("the driver is gone", () -> !fixture.endpoint.connected());
            try (TestDriver next = fixture.running(0)) {
                next.offer(0, 0);
                next.awaitUsed(0, 1);
            }
        }
    }

    @Test
    void aDriverMayTakeItsTimeBetweenMessages() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1, Duration.ofMillis(20), Duration.ofSeconds(10));
                TestDriver driver = fixture.connect()) {
            driver.askLong(TestDriver.GET_FEATURES);
            // The timeout runs only while a message is incomplete. Only time passing can show that.
            LockSupport.parkNanos(60_000_000);
            assertEquals(1, driver.askLong(TestDriver.GET_QUEUE_NUM));
        }
    }

    private static long openDescriptors() throws IOException {
        try (var entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.count();
        }
    }
}
