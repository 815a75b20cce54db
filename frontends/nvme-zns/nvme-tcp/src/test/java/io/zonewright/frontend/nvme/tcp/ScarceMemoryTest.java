package io.zonewright.frontend.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hosts that keep memory others wait for: they are ended first, and soon. */
class ScarceMemoryTest {
    private static final byte[] NOTHING = {};
    private static final int MIB = 1 << 20;
    private static final int SLOW_HOSTS = 8;
    private static final Duration TICK = Duration.ofMillis(500);

    /** Reads of 1 MiB that hosts take a few bytes at a time: never stalled, and yet never done. */
    @Test
    void slowReadersGiveWayToANeighbour() throws Exception {
        try (Target target = Target.withLittleMemory();
                Host admin = target.host();
                Host neighbour = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            neighbour.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            List<Host> slow = slowHosts(target);
            for (Host host : slow) {
                for (int cid = 0; cid < 16; cid++) {
                    host.send(host.capsule(Host.sqeTransport(0x02, cid, 1, MIB), NOTHING));
                }
            }
            // All four buffers are theirs, filled, and their sockets take no more.
            FabricsTest.await(() -> target.lent() == 4 && target.count(NvmeTcpCounter.MEMORY_WAITS) >= SLOW_HOSTS);
            untilTheyTakeNoMore(target);
            neighbour.send(neighbour.capsule(Host.sqeTransport(0x02, 1, 1, MIB), NOTHING));
            untilServed(target, neighbour, slow);
            assertEquals(24 + MIB, neighbour.receive().length);
            assertEquals(0, Host.status(neighbour.completion()));
            assertTrue(target.count(NvmeTcpCounter.TIMEOUTS) >= 1);
            assertEquals(0, Host.status(admin.command(Host.sqe(0x18, 3, 0, 0), NOTHING)));
            slow.forEach(Host::hangUp);
        }
    }

    /** Writes whose hosts were asked for data and send none. */
    @Test
    void slowWritersGiveWayToANeighbour() throws Exception {
        try (Target target = Target.withLittleMemory();
                Host admin = target.host();
                Host neighbour = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            neighbour.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            List<Host> slow = slowHosts(target);
            for (Host host : slow) {
                host.send(host.capsule(Host.sqeTransport(0x01, 1, 1, MIB), NOTHING));
            }
            // Each has a buffer to receive into, and four have one for the data.
            FabricsTest.await(() ->
                    target.lent() == SLOW_HOSTS + 4 && target.count(NvmeTcpCounter.MEMORY_WAITS) == SLOW_HOSTS - 4);
            neighbour.send(neighbour.capsule(Host.sqeTransport(0x02, 1, 1, MIB), NOTHING));
            FabricsTest.await(() -> target.count(NvmeTcpCounter.MEMORY_WAITS) == SLOW_HOSTS - 3);
            // Scarce from the first tick on, which the server may just have done by itself; ended 2 s later, and those
            // who came after them another 2 s later.
            target.tick(target.now.get());
            for (int i = 0; i < 3; i++) {
                target.pass(TICK);
            }
            assertEquals(0, target.count(NvmeTcpCounter.TIMEOUTS));
            untilServed(target, neighbour, List.of());
            assertEquals(24 + MIB, neighbour.receive().length);
            assertEquals(0, Host.status(neighbour.completion()));
            long ended = target.count(NvmeTcpCounter.TIMEOUTS);
            assertTrue(ended >= 4 && ended <= SLOW_HOSTS, () -> ended + " ended");
            slow.forEach(Host::hangUp);
        }
    }

    /** Honest hosts that were asked for more data than there is memory are heard all the same: nobody waits for a time-out. */
    @Test
    void whoWasAskedForDataIsHeard() throws Exception {
        int bytes = 64 << 10;
        int writes = 40;
        try (Target target = Target.withLittleMemory();
                Host admin = target.host();
                Host first = target.host();
                Host second = target.host();
                Host third = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            first.initialize(0, 0, 0).queue(Target.NQN, id, 1, 64, 0);
            second.initialize(0, 0, 0).queue(Target.NQN, id, 2, 64, 0);
            third.initialize(0, 0, 0).queue(Target.NQN, id, 3, 64, 0);
            ask(first, writes, bytes);
            List<byte[]> asked = new ArrayList<>();
            for (int i = 0; i < writes; i++) {
                asked.add(first.receive());
            }
            ask(second, writes, bytes); // up to what one connection may hold
            ask(third, writes, bytes);
            // 48 + 12 + 4 buffers can take 64 KiB.
            FabricsTest.await(() -> target.lent() == 64 && target.count(NvmeTcpCounter.MEMORY_WAITS) > 0);
            for (byte[] transfer : asked) {
                answer(first, transfer, bytes);
            }
            for (int i = 0; i < writes; i++) {
                first.completion();
            }
            answerAll(second, writes, bytes);
            answerAll(third, writes, bytes);
            assertEquals(0, target.count(NvmeTcpCounter.TIMEOUTS));
            FabricsTest.await(() -> target.lent() == 0);
        }
    }

    private static void answerAll(Host host, int writes, int bytes) {
        for (int done = 0; done < writes; ) {
            byte[] pdu = host.receive();
            if (pdu[0] == 9) {
                answer(host, pdu, bytes);
            } else {
                assertEquals(5, pdu[0]);
                done++;
            }
        }
    }

    private static void ask(Host host, int writes, int bytes) {
        byte[][] capsules = new byte[writes][];
        for (int cid = 0; cid < writes; cid++) {
            capsules[cid] = host.capsule(Host.sqeTransport(0x01, cid, 1, bytes), NOTHING);
        }
        host.send(capsules);
    }

    private static void answer(Host host, byte[] transfer, int bytes) {
        assertEquals(9, transfer[0]);
        host.send(host.h2cData(Little.u16(transfer, 8), Little.u16(transfer, 10), 0, Bytes.pattern(bytes, 1), true));
    }

    /** With memory for all, slowness is nobody's business for 30 s. */
    @Test
    void slowHostsThatNobodyWaitsForAreLeftAlone() throws Exception {
        try (Target target = Target.withLittleMemory();
                Host admin = target.host();
                Host slow = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            slow.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            slow.send(slow.capsule(Host.sqeTransport(0x01, 1, 1, MIB), NOTHING));
            assertEquals(24, slow.receive().length); // R2T
            for (int i = 0; i < 20; i++) {
                target.pass(TICK);
            }
            slow.send(slow.h2cData(1, 0, 0, Bytes.pattern(MIB, 1), true));
            assertEquals(0, Host.status(slow.completion()));
        }
    }

    /** The kernel takes some MiB for each connection; until then their buffers still go round. */
    private static void untilTheyTakeNoMore(Target target) throws InterruptedException {
        long before = -1;
        for (long now = sent(target); now != before; now = sent(target)) {
            before = now;
            Thread.sleep(300);
        }
    }

    private static long sent(Target target) {
        target.letWork();
        return target.count(NvmeTcpCounter.BYTES_TO_HOSTS) + target.count(NvmeTcpCounter.MEMORY_WAITS);
    }

    private static List<Host> slowHosts(Target target) {
        List<Host> hosts = new ArrayList<>();
        for (int i = 0; i < SLOW_HOSTS; i += 2) {
            Host admin = target.host();
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            hosts.add(target.host().initialize(0, 0, 0).queue(Target.NQN, id, 1, 32, 0));
            hosts.add(target.host().initialize(0, 0, 0).queue(Target.NQN, id, 2, 32, 0));
        }
        return hosts;
    }

    /** Lets time pass until the neighbour has an answer: 20 s at most, that is, less than the 30 s of a plain stall. */
    private static void untilServed(Target target, Host neighbour, List<Host> slow) throws IOException {
        for (int passed = 0; neighbour.socket().getInputStream().available() == 0; passed++) {
            assertTrue(passed < 40, "not within 20 s");
            trickle(slow);
            target.pass(TICK);
            target.letWork();
        }
    }

    private static void trickle(List<Host> hosts) {
        for (Host host : hosts) {
            try {
                if (host.socket().getInputStream().available() > 0) {
                    host.socket().getInputStream().readNBytes(64);
                }
            } catch (IOException e) {
                assertTrue(e instanceof SocketException, e::toString); // ended
            }
        }
    }
}
