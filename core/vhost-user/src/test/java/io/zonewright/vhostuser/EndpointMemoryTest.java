package io.zonewright.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.MappedFile;
import io.zonewright.posix.Mapping;
import io.zonewright.virtio.TestDevice;
import io.zonewright.virtio.queue.DriverRing;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory that comes, changes and goes while queues run. */
@Timeout(60)
class EndpointMemoryTest {
    private static byte[] single(byte[] region) {
        return TestDriver.join(TestDriver.u64(0), region);
    }

    @Test
    void theTableIsReplacedUnderLoadAndNoRequestIsLost() throws IOException, InterruptedException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0)) {
            DriverRing ring = driver.makeQueue(0).ring();
            EventFd kick = driver.makeQueue(0).kick();
            AtomicInteger swaps = new AtomicInteger();
            AtomicInteger requests = new AtomicInteger();
            Thread guest = Thread.ofPlatform().start(() -> {
                ring.descriptor(0, TestDriver.GUEST + TestDriver.dataAt(0), 16, DriverRing.NEXT, 1);
                ring.descriptor(1, TestDriver.GUEST + TestDriver.dataAt(0) + 16, 8, DriverRing.WRITE, 0);
                for (int i = 0; i < 20_000 || swaps.get() <= 10; i++) {
                    driver.memory.segment().set(ValueLayout.JAVA_BYTE, TestDriver.dataAt(0) + 23, (byte) 0);
                    ring.offer(0);
                    kick.signal();
                    driver.awaitUsed(0, i + 1 & 0xFFFF);
                    if (driver.memory.segment().get(ValueLayout.JAVA_BYTE, TestDriver.dataAt(0) + 23)
                            != TestDevice.ANSWER) {
                        throw new AssertionError("answer " + i + " went elsewhere");
                    }
                    requests.incrementAndGet();
                }
            });
            byte[] table = TestDriver.join(TestDriver.u32(1, 0), driver.wholeRegion());
            while (guest.isAlive()) {
                assertEquals(0, driver.acknowledge(TestDriver.SET_MEM_TABLE, table, driver.memoryFd()));
                swaps.incrementAndGet();
            }
            guest.join(TimeUnit.SECONDS.toMillis(20));
            assertTrue(requests.get() >= 20_000, requests + " requests");
            assertEquals(requests.get() & 0xFFFF, ring.usedIndex());
            assertEquals(0, fixture.stat("ring-failures"));
        }
    }

    @Test
    void aRegionIsNotRemovedBeforeTheRequestsInItAreFinished() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0);
                Mapping more = MappedFile.inMemory(fixture.posix, "more", 1 << 16)) {
            byte[] second = TestDriver.region(TestDriver.GUEST + (1L << 30), 1 << 16, TestDriver.USER + (1L << 30), 0);
            Fd moreFd = Objects.requireNonNull(more.fd());
            assertEquals(0, driver.acknowledge(TestDriver.ADD_MEM_REG, single(second), moreFd));
            fixture.device.hold = true;
            DriverRing ring = driver.makeQueue(0).ring();
            ring.descriptor(0, TestDriver.GUEST + (1L << 30), 8, DriverRing.WRITE, 0);
            ring.offer(0);
            driver.makeQueue(0).kick().signal();
            EndpointFixture.await("it is taken", () -> fixture.device.held.size() == 1);

            driver.sendRaw(TestDriver.join(
                    TestDriver.u32(TestDriver.REM_MEM_REG, 1 | TestDriver.NEED_REPLY, 40), single(second)));
            EndpointFixture.await("the message is read", () -> fixture.stat("messages") >= 12);
            // The control thread now waits: a second driver is turned away in the meantime, which shows that it does.
            try (TestDriver other = fixture.connect()) {
                other.expectClosed();
            }
            assertEquals(0, ring.usedIndex());
            assertTrue(fixture.device.releaseOne());
            assertEquals(0, driver.answer(TestDriver.REM_MEM_REG).getLong(0));
            assertEquals(1, ring.usedIndex());
            assertEquals(TestDevice.ANSWER, more.segment().get(ValueLayout.JAVA_BYTE, 7));

            // The queue goes on, without that region.
            fixture.device.hold = false;
            driver.offer(0, 2);
            driver.awaitUsed(0, 2);
            ring.offer(0);
            driver.makeQueue(0).kick().signal();
            assertTrue(driver.awaitSignal(driver.makeQueue(0).error()));
            assertEquals(
                    "test queue 0: descriptor 0 names 8 bytes at 0x80000000, outside of the memory",
                    fixture.endpoint.stats().get("stopped-because"));
        }
    }

    @Test
    void aRemovedRegionIsUnmapped() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0);
                Mapping more = MappedFile.inMemory(fixture.posix, "zonewright-test-region", 1 << 16)) {
            byte[] second = TestDriver.region(TestDriver.GUEST + (1L << 30), 1 << 16, TestDriver.USER + (1L << 30), 0);
            Fd moreFd = Objects.requireNonNull(more.fd());
            assertEquals(1, mappings());
            assertEquals(0, driver.acknowledge(TestDriver.ADD_MEM_REG, single(second), moreFd));
            assertEquals(2, mappings());
            // Some drivers send a descriptor along; it is closed unused. The offset does not count.
            byte[] sameElsewhere =
                    TestDriver.region(TestDriver.GUEST + (1L << 30), 1 << 16, TestDriver.USER + (1L << 30), 4096);
            assertEquals(0, driver.acknowledge(TestDriver.REM_MEM_REG, single(sameElsewhere), moreFd));
            assertEquals(1, mappings());
            assertEquals(1, driver.acknowledge(TestDriver.REM_MEM_REG, single(second)), "it is gone");
        }
    }

    private static long mappings() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("zonewright-test-region")).count();
        }
    }

    @Test
    void aRingWhoseMemoryGoesRestsUntilItComesBack() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0)) {
            driver.offer(0, 0);
            driver.awaitUsed(0, 1);
            assertEquals(0, driver.acknowledge(TestDriver.REM_MEM_REG, single(driver.wholeRegion())));
            driver.offer(0, 2);
            assertEquals(0, driver.shareMemory());
            driver.awaitUsed(0, 2);
        }
    }

    @Test
    void regionsThatCannotBeAreRefusedAndChangeNothing() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0);
                EventFd notMemory = EventFd.create(fixture.posix)) {
            long far = TestDriver.GUEST + (1L << 40);
            long farUser = TestDriver.USER + (1L << 40);
            Fd file = driver.memoryFd();
            int size = TestDriver.MEMORY_BYTES;
            byte[][] wrong = {
                TestDriver.region(far, size + 1L, farUser, 0), // past the end of the file
                TestDriver.region(far, size, farUser, 4096), // likewise
                TestDriver.region(far, 0, farUser, 0),
                TestDriver.region(far, -4096, farUser, 0),
                TestDriver.region(-4096, 4096, farUser, 0),
                TestDriver.region(far, 4096, -4096, 0),
                TestDriver.region(far, 4096, farUser, -4096),
                TestDriver.region(Long.MAX_VALUE - 4095, 4096, farUser, 0),
                TestDriver.region(TestDriver.GUEST + 4096, 4096, farUser, 0), // overlaps
                TestDriver.region(far, 4096, TestDriver.USER + size - 1, 0), // overlaps
            };
            for (byte[] region : wrong) {
                assertEquals(1, driver.acknowledge(TestDriver.ADD_MEM_REG, single(region), file));
            }
            byte[] good = TestDriver.region(far, 4096, farUser, 0);
            assertEquals(1, driver.acknowledge(TestDriver.ADD_MEM_REG, single(good), notMemory.fd()));
            assertEquals(1, driver.acknowledge(TestDriver.ADD_MEM_REG, single(good)), "no descriptor");
            assertEquals(
                    1,
                    driver.acknowledge(
                            TestDriver.SET_MEM_TABLE,
                            TestDriver.join(TestDriver.u32(2, 0), good, TestDriver.region(far, 4096, farUser, 0)),
                            file,
                            file),
                    "overlaps itself");
            driver.offer(0, 0);
            driver.awaitUsed(0, 1);
        }
    }

    @Test
    void regionsNeedNoPageAlignmentInTheFile() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            driver.negotiate(TestDriver.VIRTIO);
            byte[] table = TestDriver.join(
                    TestDriver.u32(2, 0),
                    TestDriver.region(TestDriver.GUEST, 0x1_0000, TestDriver.USER, 0),
                    TestDriver.region(
                            TestDriver.GUEST + 0x1_0000,
                            TestDriver.MEMORY_BYTES - 0x1_0000 - 512,
                            TestDriver.USER + 0x1_0000,
                            0x1_0000));
            assertEquals(0, driver.acknowledge(TestDriver.SET_MEM_TABLE, table, driver.memoryFd(), driver.memoryFd()));
            byte[] odd = TestDriver.region(
                    TestDriver.GUEST + TestDriver.MEMORY_BYTES - 512,
                    512,
                    TestDriver.USER + TestDriver.MEMORY_BYTES - 512,
                    TestDriver.MEMORY_BYTES - 512);
            assertEquals(0, driver.acknowledge(TestDriver.ADD_MEM_REG, single(odd), driver.memoryFd()));
            DriverRing ring = driver.startQueue(0, 0).ring();
            ring.descriptor(0, TestDriver.GUEST + TestDriver.MEMORY_BYTES - 520, 520, DriverRing.WRITE, 0);
            ring.offer(0);
            driver.makeQueue(0).kick().signal();
            driver.awaitUsed(0, 1);
            assertEquals(
                    TestDevice.ANSWER,
                    driver.memory.segment().get(ValueLayout.JAVA_BYTE, TestDriver.MEMORY_BYTES - 1L));
        }
    }

    @Test
    void thereAre509SlotsAndNoMore() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            driver.negotiate(TestDriver.VIRTIO);
            fixture.posix.addSeals(driver.memoryFd(), Linux.F_SEAL_SHRINK);
            for (int i = 0; i < 509; i++) {
                byte[] region = TestDriver.region(0x10_0000L * i, 4096, 0x10_0000L * i, 0);
                assertEquals(0, driver.acknowledge(TestDriver.ADD_MEM_REG, single(region), driver.memoryFd()));
            }
            byte[] region = TestDriver.region(0x10_0000L * 509, 4096, 0x10_0000L * 509, 0);
            assertEquals(1, driver.acknowledge(TestDriver.ADD_MEM_REG, single(region), driver.memoryFd()));
        }
    }

    @Test
    void memoryThatIsCutShortEndsTheConnectionAndNothingElse() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1)) {
            TestDriver driver = fixture.running(0);
            driver.offer(0, 0);
            driver.awaitUsed(0, 1);
            fixture.posix.ftruncate(driver.memoryFd(), 0);
            driver.send(TestDriver.GET_FEATURES, new byte[0]);
            driver.expectClosed();
            EndpointFixture.await("the driver is gone", () -> !fixture.endpoint.connected());
            fixture.posix.ftruncate(driver.memoryFd(), TestDriver.MEMORY_BYTES);
            driver.close();
            try (TestDriver next = fixture.running(0)) {
                next.offer(0, 0);
                next.awaitUsed(0, 1);
            }
        }
    }

    @Test
    void aFaultInMemoryThatWasCutShortIsBlamedOnItsQueue() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(2, Duration.ofSeconds(5), Duration.ofMillis(50))) {
            TestDriver driver = fixture.running(0);
            driver.offer(0, 0);
            driver.awaitUsed(0, 1);
            // The ring stays, the data goes: the answer of the next request faults.
            fixture.posix.ftruncate(driver.memoryFd(), TestDriver.dataAt(0));
            EventFd kick = driver.makeQueue(0).kick();
            DriverRing ring = driver.makeQueue(0).ring();
            ring.offer(0);
            kick.signal();
            assertTrue(driver.awaitSignal(driver.makeQueue(0).error()));
            assertEquals(
                    "test queue 0: the driver's memory went away",
                    fixture.endpoint.stats().get("stopped-because"));
            driver.disconnect();
            fixture.posix.ftruncate(driver.memoryFd(), TestDriver.MEMORY_BYTES);
            driver.close();
        }
    }

    @Test
    void ringDescriptorsMustBeEventfds() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0)) {
            for (int request :
                    new int[] {TestDriver.SET_VRING_KICK, TestDriver.SET_VRING_CALL, TestDriver.SET_VRING_ERR}) {
                assertEquals(1, driver.acknowledge(request, TestDriver.u64(0), driver.memoryFd()));
                assertEquals(1, driver.acknowledge(request, TestDriver.u64(0)), "none, and not said so");
            }
            driver.offer(0, 0);
            driver.awaitUsed(0, 1);
            ByteBuffer base = driver.ask(TestDriver.GET_VRING_BASE, TestDriver.u32(0, 0));
            assertEquals(1, base.getInt(4));
        }
    }

    @Test
    void aRegionAtAnOffsetThatMisalignsItsRingsIsRefused() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            driver.negotiate(TestDriver.VIRTIO);
            byte[] askew = TestDriver.region(TestDriver.GUEST, 1 << 16, TestDriver.USER, 1);
            driver.startQueue(0, 0);
            assertEquals(1, driver.acknowledge(TestDriver.ADD_MEM_REG, single(askew), driver.memoryFd()));
            byte[] table = TestDriver.join(TestDriver.u32(1, 0), askew);
            assertEquals(1, driver.acknowledge(TestDriver.SET_MEM_TABLE, table, driver.memoryFd()));
            assertEquals(0, driver.shareMemory());
            driver.offer(0, 0);
            driver.awaitUsed(0, 1);
        }
    }

    /** The driver shares the call descriptor, so it can make it block again, and fill it. */
    @Test
    void aCallDescriptorThatBlocksDoesNotHoldUpTheEndOfTheEndpoint() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1, Duration.ofMillis(100), Duration.ofMillis(100));
                TestDriver driver = fixture.running(0)) {
            EventFd call = driver.makeQueue(0).call();
            fixture.posix.setNonBlocking(call.fd(), false);
            fixture.posix.write(call.fd(), Arena.ofAuto().allocateFrom(ValueLayout.JAVA_LONG, -2L), 0, Long.BYTES);
            driver.offer(0, 0);
            driver.awaitUsed(0, 1);
            try {
                long began = System.nanoTime();
                assertFalse(fixture.endpoint.close(Duration.ofMillis(100)));
                assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(8));
                assertFalse(Files.exists(fixture.socket));
            } finally {
                call.drain();
            }
        }
    }
}
