package io.zonewright.frontend.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.SubsystemOptions;
import io.zonewright.frontend.nvme.tcp.auth.DhchapSecret;
import io.zonewright.frontend.nvme.tcp.auth.HostSecrets;
import io.zonewright.net.ConnectionLimits;
import io.zonewright.net.NetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Connect, access, discovery, keep alive, reset (Base 2.1, sections 3.1.3.3, 3.3.2, 6). */
class FabricsTest {
    private static final byte[] NOTHING = {};
    private static final String OTHER = "nqn.2014-08.org.nvmexpress:uuid:99999999-2222-3333-4444-555555555555";

    static void await(BooleanSupplier what) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!what.getAsBoolean()) {
            assertEquals(true, System.nanoTime() < deadline, "did not happen in time");
            Thread.sleep(1);
        }
    }

    private static String refused(Host host, byte[] sqe, byte[] data) {
        byte[] done = host.command(sqe, data);
        return Integer.toHexString(Host.status(done)) + " " + Integer.toHexString(Little.i32(done, 0));
    }

    @Test
    void connectIsRefusedWithTheParameterAtFault() {
        try (Target target = Target.open();
                Host host = target.host()) {
            host.initialize(0, 0, 0);
            byte[] good = Host.connectData(0xFFFF, Target.NQN, Host.NQN);
            byte[] format = Host.connectSqe(1, 0, 31, 0, 0);
            format[40] = 1;
            assertEquals("4180 0", refused(host, format, good));
            assertEquals("4182 2c", refused(host, Host.connectSqe(1, 0, 0, 0, 0), good));
            assertEquals("4182 2c", refused(host, Host.connectSqe(1, 0, 256, 0, 0), good));
            assertEquals("4182 2e", refused(host, Host.connectSqe(1, 0, 31, 0x10, 0), good));
            byte[] sqe = Host.connectSqe(1, 0, 31, 0, 0);
            assertEquals(
                    "4182 10100",
                    refused(host, sqe, Host.connectData(0xFFFF, "nqn.2026-11.io.zonewright:x", Host.NQN)));
            assertEquals("4182 10100", refused(host, sqe, Host.connectData(0xFFFF, "", Host.NQN)));
            assertEquals("4182 10200", refused(host, sqe, Host.connectData(0xFFFF, Target.NQN, "")));
            assertEquals("4182 10010", refused(host, sqe, Host.connectData(1, Target.NQN, Host.NQN)));
            byte[] noId = good.clone();
            Arrays.fill(noId, 0, 16, (byte) 0);
            assertEquals("4182 10000", refused(host, sqe, noId));
            byte[] endless = good.clone();
            Arrays.fill(endless, 512, 768, (byte) 'x');
            assertEquals("4182 10200", refused(host, sqe, endless));
            assertEquals("0 1", refused(host, sqe, good));
            assertEquals("400c 0", refused(host, sqe, good));
        }
    }

    @Test
    void queuesBelongToTheirController() {
        try (Target target = Target.open();
                Host admin = target.host();
                Host io = target.host();
                Host second = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0);
            byte[] data = Host.connectData(id, Target.NQN, Host.NQN);
            byte[] sqe = Host.connectSqe(1, 1, 31, 0, 0);
            assertEquals("4182 10010", refused(io, sqe, Host.connectData(id + 1, Target.NQN, Host.NQN)));
            assertEquals("4182 10200", refused(io, sqe, Host.connectData(id, Target.NQN, OTHER)));
            byte[] otherId = data.clone();
            otherId[3] ^= 1;
            assertEquals("4182 10000", refused(io, sqe, otherId));
            assertEquals("4182 2a", refused(io, Host.connectSqe(1, 5, 31, 0, 0), data));
            assertEquals("4182 2c", refused(io, Host.connectSqe(1, 1, 128, 0, 0), data));
            assertEquals("0 " + id, refused(io, sqe, data));
            assertEquals("400c 0", refused(second.initialize(0, 0, 0), sqe, data));
            // Properties are the admin queue's.
            assertEquals(0x4001, Host.status(io.getProperty(0x1C, 0)));
        }
    }

    @Test
    void onlyListedHostsConnectAndSee() {
        HostAccess access = new HostAccess(Set.of(OTHER), Map.of(), null);
        try (Target target = Target.open(access);
                Host host = target.host();
                Host discovery = target.host()) {
            host.initialize(0, 0, 0);
            assertEquals(
                    "4184 0",
                    refused(host, Host.connectSqe(1, 0, 31, 0, 0), Host.connectData(0xFFFF, Target.NQN, Host.NQN)));
            assertEquals(
                    "0 1", refused(host, Host.connectSqe(1, 0, 31, 0, 0), Host.connectData(0xFFFF, Target.NQN, OTHER)));
            discovery.initialize(0, 0, 0).admin(DiscoverySubsystem.NQN, 0);
            byte[] log = log(discovery, 1024, 0);
            assertEquals(1, log[8]);
            assertEquals(1, target.count(NvmeTcpCounter.CONNECTS_REFUSED));
        }
    }

    private static byte[] log(Host host, int bytes, long offset) {
        byte[] sqe = Host.sqeTransport(0x02, 5, 0, bytes);
        Little.put32(sqe, 40, 0x70 | (bytes / 4 - 1) << 16);
        Little.put32(sqe, 48, (int) offset);
        host.send(host.capsule(sqe, NOTHING));
        byte[] pdu = host.receive();
        assertEquals(7, pdu[0], () -> Bytes.text(pdu));
        assertEquals(0, Host.status(host.completion()));
        return Arrays.copyOfRange(pdu, 24, pdu.length);
    }

    @Test
    void discoveryTellsWhereTheSubsystemIs() {
        try (Target target = Target.open(
                        HostAccess.ANY, "198.51.100.7:4421", new ConnectionLimits(8, 8), DigestPolicy.ALLOW);
                Host host = target.host()) {
            host.initialize(0, 0, 0).admin(DiscoverySubsystem.NQN, 0);
            byte[] log = log(host, 3072, 0);
            assertEquals("0100000000000000" + "0200000000000000" + "0000", Bytes.text(Arrays.copyOf(log, 18)));
            // Ourselves: TCP, IPv4, current discovery subsystem
            assertEquals("03010306" + "0100" + "ffff" + "2000", Bytes.text(Arrays.copyOfRange(log, 1024, 1034)));
            assertEquals(
                    Integer.toString(target.portal.address().port()),
                    new String(log, 1024 + 32, 32, StandardCharsets.US_ASCII).strip());
            assertEquals("127.0.0.1", new String(log, 1024 + 512, 256, StandardCharsets.US_ASCII).strip());
            assertEquals("03010206" + "0100" + "ffff" + "2000", Bytes.text(Arrays.copyOfRange(log, 2048, 2058)));
            assertEquals("4421", new String(log, 2048 + 32, 32, StandardCharsets.US_ASCII).strip());
            assertEquals("198.51.100.7", new String(log, 2048 + 512, 256, StandardCharsets.US_ASCII).strip());
            assertEquals(Target.NQN, new String(log, 2048 + 256, Target.NQN.length(), StandardCharsets.US_ASCII));
            assertEquals(0, log[2048 + 256 + Target.NQN.length()]);
            assertArrayEquals(Arrays.copyOfRange(log, 2048, 3072), log(host, 1024, 2048));
        }
    }

    @Test
    void discoveryControllerIdentifiesItself() {
        try (Target target = Target.open();
                Host host = target.host()) {
            host.initialize(0, 0, 0).admin(DiscoverySubsystem.NQN, 0);
            byte[] sqe = Host.sqeTransport(0x06, 5, 0, 4096);
            sqe[40] = 1;
            host.send(host.capsule(sqe, NOTHING));
            byte[] data = Arrays.copyOfRange(host.receive(), 24, 24 + 4096);
            assertEquals(0, Host.status(host.completion()));
            assertEquals(2, data[111]); // CNTRLTYPE
            assertEquals(DiscoverySubsystem.NQN, new String(data, 768, 36, StandardCharsets.US_ASCII));
            assertEquals(0x340001, Little.i32(data, 536)); // SGLS
            byte[] unknown = Host.sqeTransport(0x02, 6, 0, 512);
            Little.put32(unknown, 40, 0x02 | 127 << 16);
            assertEquals(0x4109, Host.status(host.command(unknown, NOTHING)));
            assertEquals(0x4001, Host.status(host.command(Host.sqe(0x80, 7, 0, 0), NOTHING)));
        }
    }

    @Test
    void aHostThatWaitsIsToldOfChanges() throws Exception {
        try (Target target = Target.open();
                Host host = target.host()) {
            host.initialize(0, 0, 0).admin(DiscoverySubsystem.NQN, 0);
            byte[] configure = Host.sqe(0x09, 3, 0, 0);
            Little.put32(configure, 40, 0x0B);
            Little.put32(configure, 44, 1 << 31);
            assertEquals(0, Host.status(host.command(configure, NOTHING)));
            host.send(host.capsule(Host.sqe(0x0C, 4, 0, 0), NOTHING));
            // Behind another command, so that the request has arrived.
            assertEquals(0, Host.status(host.command(Host.sqe(0x18, 5, 0, 0), NOTHING)));
            target.portal.remove(target.subsystem, Duration.ofSeconds(1));
            byte[] event = host.completion();
            assertEquals(0x70F002, Little.i32(event, 0));
            assertEquals(4, Little.u16(event, 12));
            assertEquals(1, log(host, 1024, 0)[8]);
        }
    }

    @Test
    void aSilentHostIsDroppedWithItsQueues() throws InterruptedException {
        try (Target target = Target.open();
                Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 1_000);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            assertEquals(0, Host.status(admin.command(Host.sqe(0x18, 1, 0, 0), NOTHING)));
            target.tick(System.nanoTime() + Duration.ofSeconds(60).toNanos());
            admin.expectEnd();
            io.expectEnd();
            await(() -> target.subsystem.associations().isEmpty()); // right after the socket is closed
        }
    }

    @Test
    void resetClosesQueuesAndWaitsForWhatIsInFlight() throws Exception {
        try (Target target = Target.open();
                Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            target.script.holding(operation -> operation == Operation.WRITE);
            io.send(io.capsule(Host.sqe(0x01, 1, 1, 4096), new byte[4096]));
            await(() -> target.script.held() == 1);
            admin.setProperty(0x14, 0);
            io.expectEnd();
            assertEquals(1, Host.result(admin.getProperty(0x1C, 0)) & 1);
            target.script.carryOutAll();
            await(() -> (Host.result(admin.getProperty(0x1C, 0)) & 1) == 0);
            assertEquals(0, Host.status(admin.setProperty(0x14, 0x00460061)));
            try (Host again = target.host()) {
                again.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
                again.send(again.capsule(Host.sqeTransport(0x02, 2, 1, 4096), NOTHING));
                assertEquals(7, again.receive()[0]);
            }
        }
    }

    /** A host that does not wait for its reset, and asks for another. */
    @Test
    void aSecondResetWaitsForWhatTheFirstLeftInFlight() throws Exception {
        try (Target target = Target.open();
                Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            target.script.holding(operation -> operation == Operation.WRITE);
            io.send(io.capsule(Host.sqe(0x01, 1, 1, 4096), new byte[4096]));
            await(() -> target.script.held() == 1);
            admin.setProperty(0x14, 0);
            io.expectEnd();
            admin.setProperty(0x14, 0x00460061);
            admin.setProperty(0x14, 0);
            assertEquals(1, Host.result(admin.getProperty(0x1C, 0)) & 1);
            target.script.carryOutAll();
            await(() -> Host.result(admin.getProperty(0x1C, 0)) == 0);
        }
    }

    /** What the medium still reads from is nobody else's until it is done, although the host is gone. */
    @Test
    void aWriteInFlightKeepsItsMemoryWhenItsHostGoes() throws Exception {
        try (Target target = Target.open();
                Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            target.script.holding(operation -> operation == Operation.WRITE);
            byte[] data = Bytes.pattern(8192, 4);
            byte[] byR2t = Host.sqeTransport(0x01, 1, 1, 4096);
            io.send(io.capsule(byR2t, NOTHING));
            byte[] r2t = io.receive();
            io.send(io.h2cData(1, Little.u16(r2t, 10), 0, Arrays.copyOf(data, 4096), true));
            byte[] inCapsule = Host.sqe(0x01, 2, 1, 4096);
            Little.put64(inCapsule, 40, 8);
            io.send(io.capsule(inCapsule, Arrays.copyOfRange(data, 4096, 8192)));
            await(() -> target.script.held() == 2);
            io.hangUp();
            await(() -> target.portal.server().open() == 1);
            assertEquals(2, target.lent());
            // Others use the pool meanwhile.
            try (Host again = target.host()) {
                again.initialize(0, 0, 0).queue(Target.NQN, id, 2, 16, 0);
                for (int i = 0; i < 8; i++) {
                    again.send(again.capsule(Host.sqeTransport(0x02, i, 1, 4096), NOTHING));
                    again.receive();
                    assertEquals(0, Host.status(again.completion()));
                }
            }
            target.script.carryOutAll();
            await(() -> target.lent() == 0);
            assertArrayEquals(data, target.medium.stored(0, 8192));
        }
    }

    @Test
    void stoppingAnswersTheWritesInFlight() throws Exception {
        try (Target target = Target.open();
                Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            target.script.holding(operation -> operation == Operation.WRITE);
            io.send(io.capsule(Host.sqe(0x01, 1, 1, 4096), Bytes.pattern(4096, 6)));
            await(() -> target.script.held() == 1);
            Thread stop =
                    Thread.ofPlatform().start(() -> target.portal.remove(target.subsystem, Duration.ofSeconds(10)));
            await(() -> target.portal.isEmpty());
            try (Host late = target.host()) {
                late.initialize(0, 0, 0);
                byte[] data = Host.connectData(0xFFFF, Target.NQN, Host.NQN);
                assertEquals("4182 10100", refused(late, Host.connectSqe(1, 0, 31, 0, 0), data));
            }
            target.script.carryOutAll();
            assertEquals(0, Host.status(io.completion()));
            io.expectEnd();
            admin.expectEnd();
            stop.join(10_000);
            assertEquals(false, stop.isAlive());
            assertArrayEquals(Bytes.pattern(4096, 6), target.medium.stored(0, 4096));
            assertEquals(0, target.lent());
        }
    }

    /** A Connect that found the subsystem just before it was taken away. */
    @Test
    void nobodyEntersASubsystemThatIsGoing() {
        try (Target target = Target.open();
                Host admin = target.host();
                Host io = target.host();
                Host other = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            target.subsystem.end().forEach(Association::seal);
            byte[] queue = Host.connectSqe(1, 1, 31, 0, 0);
            assertEquals("400c 0", refused(io.initialize(0, 0, 0), queue, Host.connectData(id, Target.NQN, Host.NQN)));
            byte[] data = Host.connectData(0xFFFF, Target.NQN, Host.NQN);
            assertEquals("181 0", refused(other.initialize(0, 0, 0), Host.connectSqe(1, 0, 31, 0, 0), data));
            assertEquals(1, target.subsystem.associations().size());
        }
    }

    @Test
    void twoSubsystemsShareAPortalAndGoOneByOne() throws Exception {
        try (Target target = Target.open();
                Host first = target.host();
                Host second = target.host()) {
            NvmeSubsystem core = new NvmeSubsystem(target.device, SubsystemOptions.of(Target.NQN + "2"));
            NvmSubsystem beside = new NvmSubsystem(core, HostAccess.ANY, NetAddress.parse("0.0.0.0:0"), 4, 128, 2);
            target.portal.add(beside);
            assertEquals(1, first.initialize(0, 0, 0).admin(Target.NQN, 0));
            assertEquals(1, second.initialize(0, 0, 0).admin(Target.NQN + "2", 0));
            target.portal.remove(target.subsystem, Duration.ofSeconds(5));
            first.expectEnd();
            assertEquals(0, Host.status(second.command(Host.sqe(0x18, 3, 0, 0), NOTHING)));
            target.portal.remove(beside, Duration.ofSeconds(5));
            second.expectEnd();
            core.close();
            target.portal.close(); // and once more at the end, as two devices may that stop at the same time
        }
    }

    @Test
    void theAdminConnectionTakesTheControllerAlong() throws Exception {
        try (Target target = Target.open();
                Host io = target.host()) {
            try (Host admin = target.host()) {
                int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
                io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
                admin.send(admin.capsule(Host.sqe(0x0C, 1, 0, 0), NOTHING));
            }
            io.expectEnd();
            await(() -> target.subsystem.associations().isEmpty());
            await(() -> target.portal.server().open() == 0);
            assertEquals(0, target.lent());
        }
    }

    @Test
    void disconnectEndsAQueueButNotTheAdminQueue() {
        try (Target target = Target.open();
                Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            byte[] disconnect = Host.sqe(0x7F, 1, 0, 0);
            disconnect[4] = 8;
            assertEquals(0x4185, Host.status(admin.command(disconnect, NOTHING)));
            assertEquals(0, Host.status(io.command(disconnect, NOTHING)));
            assertEquals(0x400C, Host.status(io.command(Host.sqe(0x00, 1, 1, 0), NOTHING)));
        }
    }

    @Test
    void connectionsAreLimited() throws Exception {
        try (Target target = Target.open(HostAccess.ANY, "0.0.0.0:0", new ConnectionLimits(8, 2), DigestPolicy.OFF);
                Host first = target.host();
                Host second = target.host()) {
            first.initialize(0, 0, 0);
            second.initialize(0, 0, 0);
            try (Host third = target.host()) {
                third.expectEnd();
            }
            second.hangUp();
            await(() -> target.portal.server().open() == 1);
            try (Host third = target.host()) {
                third.send(Bytes.hex("00 00 80 00 80000000 0000 00 03 00000000 00*112"));
                assertEquals(0, third.receive()[11]); // no digests here
            }
            assertEquals(1, target.portal.server().refused());
        }
    }

    @Test
    void withSecretsNothingGoesBeforeAuthentication() {
        HostSecrets secrets = new HostSecrets(
                DhchapSecret.parse("DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:"), null);
        try (Target target = Target.open(new HostAccess(Set.of(), Map.of(Host.NQN, secrets), null));
                Host host = target.host()) {
            host.initialize(0, 0, 0);
            assertEquals(
                    "4184 0",
                    refused(host, Host.connectSqe(1, 0, 31, 0, 0), Host.connectData(0xFFFF, Target.NQN, OTHER)));
            assertEquals(
                    "0 20001",
                    refused(host, Host.connectSqe(1, 0, 31, 0, 0), Host.connectData(0xFFFF, Target.NQN, Host.NQN)));
            assertEquals(0x4191, Host.status(host.getProperty(0x08, 0)));
            assertEquals(0x4191, Host.status(host.command(Host.sqe(0x18, 3, 0, 0), NOTHING)));
            byte[] negotiate = new byte[72];
            System.arraycopy(Bytes.hex("0000 0000 3412 00 01 01 00 01 01 01"), 0, negotiate, 0, 13);
            assertEquals(0, Host.status(host.command(authentication(5, 72), negotiate)));
            byte[] receive = authentication(6, 4096);
            receive[39] = 0x5A;
            host.send(host.capsule(receive, NOTHING));
            byte[] challenge = Arrays.copyOfRange(host.receive(), 24, 24 + 4096);
            assertEquals(0, Host.status(host.completion()));
            assertEquals("0101000034122000010000", Bytes.text(Arrays.copyOf(challenge, 11)));
            byte[] reply = new byte[16 + 64];
            System.arraycopy(Bytes.hex("0102 0000 3412 20 00 00 00 0000 00000000"), 0, reply, 0, 16);
            System.arraycopy(proof(challenge), 0, reply, 16, 32);
            assertEquals(0, Host.status(host.command(authentication(5, reply.length), reply)));
            assertEquals(0x00020000, Host.result(host.getProperty(0x08, 0)));
        }
    }

    private static byte[] authentication(int type, int length) {
        byte[] sqe = Host.sqe(0x7F, 3, 0, length);
        sqe[4] = (byte) type;
        sqe[41] = 1;
        sqe[42] = 1;
        sqe[43] = (byte) 0xE9;
        Little.put32(sqe, 44, length);
        return sqe;
    }

    /** With the key that Python made of the secret (see DhchapTest). */
    private static byte[] proof(byte[] challenge) {
        byte[] tail = ("HostHost" + Host.NQN + "\0" + Target.NQN).getBytes(StandardCharsets.US_ASCII);
        return io.zonewright.frontend.nvme.tcp.auth.HashAlgorithm.SHA256.hmac(
                Bytes.hex("6ce1e4ea31e8331a4fe5826bfde17a5cd386b8f0338748919e279ba6c55bf727"),
                Arrays.copyOfRange(challenge, 16, 48),
                Arrays.copyOfRange(challenge, 12, 16),
                Bytes.hex("3412 00"),
                tail);
    }

    /** A host that does not read holds a bounded part of our memory, and no other host up. */
    @Test
    void aHostThatDoesNotReadStallsOnlyItself() {
        try (Target target = Target.open();
                Host admin = target.host();
                Host lazy = target.host();
                Host busy = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            lazy.initialize(0, 0, 0).queue(Target.NQN, id, 1, 128, 0);
            busy.initialize(0, 0, 0).queue(Target.NQN, id, 2, 16, 0);
            List<byte[]> reads = new ArrayList<>();
            for (int cid = 0; cid < 100; cid++) {
                reads.add(lazy.capsule(Host.sqeTransport(0x02, cid, 1, 1 << 20), NOTHING));
            }
            lazy.send(reads.toArray(byte[][]::new));
            for (int i = 0; i < 50; i++) {
                busy.send(busy.capsule(Host.sqeTransport(0x02, i, 1, 4096), NOTHING));
                assertEquals(24 + 4096, busy.receive().length);
                assertEquals(0, Host.status(busy.completion()));
            }
            assertEquals(true, target.lent() <= 4, () -> target.lent() + " buffers");
            // It reads after all: everything comes.
            for (int i = 0; i < 100; i++) {
                assertEquals(24 + (1 << 20), lazy.receive().length);
                assertEquals(0, Host.status(lazy.completion()));
            }
        }
    }
}
