package io.zonewright.frontend.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PDUs as literal bytes over real sockets (TCP Transport 1.1, section 3). */
class ConnectionTest {
    private static final String ICREQ = "00 00 80 00 80000000 0000 00 00 00000000 00*112";
    private static final byte[] NOTHING = {};

    private final Target target = Target.open();

    @AfterEach
    void close() {
        target.close();
    }

    @Test
    void initialization() {
        try (Host host = target.host()) {
            host.send(Bytes.hex(ICREQ));
            // ICResp, PFV 0, CPDA 0, no digests, MAXH2CDATA 1 MiB
            assertEquals(Bytes.text(Bytes.hex("01 00 80 00 80000000 0000 00 00 00001000 00*112")), host.receiveHex());
        }
    }

    @Test
    void bothDigestsAreAgreedTo() {
        try (Host host = target.host()) {
            host.send(Bytes.hex("00 00 80 00 80000000 0000 00 03 00000000 00*112"));
            assertEquals(Bytes.text(Bytes.hex("01 00 80 00 80000000 0000 00 03 00001000 00*112")), host.receiveHex());
        }
    }

    /** FES and FEI of what must not come first. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        unsupported version  | 00 00 80 00 80000000 0100 00 00 00000000 00*112 | 0600 | 08000000
        alignment above 31   | 00 00 80 00 80000000 0000 20 00 00000000 00*112 | 0100 | 0a000000
        header length        | 00 00 7f 00 80000000 0000 00 00 00000000 00*112 | 0100 | 02000000
        PDU length           | 00 00 80 00 81000000 0000 00 00 00000000 00*112 | 0100 | 04000000
        capsule first        | 04 00 48 00 48000000 00*64                      | 0200 | 00000000
        data first           | 06 04 18 18 1c000000 00*20                      | 0200 | 00000000
        ICResp from a host   | 01 00 80 00 80000000 00*120                     | 0100 | 00000000
        unknown type         | 08 00 18 00 18000000 00*16                      | 0100 | 00000000
        """)
    void wrongBeginnings(String what, String pdu, String fes, String fei) {
        try (Host host = target.host()) {
            byte[] sent = Bytes.hex(pdu);
            host.send(sent);
            byte[] answer = host.receive();
            int echo = Math.min(Math.min(sent.length, Math.max(8, sent[2] & 0xFF)), 128);
            byte[] expected = Bytes.join(
                    Bytes.hex("03 00 18 00 00000000 " + fes + " " + fei + " 00*10"), Arrays.copyOf(sent, echo));
            Little.put32(expected, 4, 24 + echo);
            assertEquals(Bytes.text(expected), Bytes.text(answer), what);
            host.expectEnd();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        second ICReq                | 00 00 80 00 80000000 00*120      | 0200 | 00000000
        header digest not agreed    | 04 01 48 00 4c000000 00*68       | 0100 | 01000000
        header length               | 04 00 47 00 48000000 00*64       | 0100 | 02000000
        data before the header ends | 04 00 48 40 58000000 00*80       | 0100 | 03000000
        data not aligned            | 04 00 48 4a 58000000 00*80       | 0100 | 03000000
        shorter than its header     | 04 00 48 00 47000000 00*64       | 0100 | 03000000
        no data where some begins   | 04 00 48 4c 4c000000 00*68       | 0100 | 04000000
        more data than a capsule's  | 04 00 48 48 49200000 00*64       | 0100 | 04000000
        4 GiB                       | 04 00 48 48 ffffffff 00*64       | 0100 | 04000000
        data nobody asked for       | 06 04 18 18 1c000000 0000 0000 00000000 04000000 00*8 | 0100 | 0a000000
        data length                 | 06 04 18 18 1c000000 0000 0000 00000000 05000000 00*8 | 0100 | 10000000
        above MAXH2CDATA            | 06 04 18 18 1c001000 0000 0000 00000000 04001000 00*4 | 0500 | 00000000
        data without data           | 06 04 18 18 18000000 00*16       | 0100 | 04000000
        data flags                  | 06 08 18 18 1c000000 00*20       | 0100 | 01000000
        """)
    void fatalErrors(String what, String pdu, String fes, String fei) {
        try (Host host = target.host()) {
            host.initialize(0, 0, 0);
            host.send(Bytes.hex(pdu));
            byte[] answer = host.receive();
            assertEquals(3, answer[0], what);
            assertEquals(fes, Bytes.text(Arrays.copyOfRange(answer, 8, 10)), what);
            assertEquals(fei, Bytes.text(Arrays.copyOfRange(answer, 10, 14)), what);
            host.expectEnd();
        }
        assertEquals(1, target.count(NvmeTcpCounter.FATAL_ERRORS));
    }

    @Test
    void aWrongHeaderDigestEndsTheConnectionAndIsEchoed() {
        try (Host host = target.host()) {
            host.initialize(1, 0, 0);
            byte[] capsule = host.capsule(Host.sqe(0x18, 9, 0, 0), NOTHING);
            capsule[72] ^= 0x55;
            host.send(capsule);
            byte[] answer = host.receive();
            assertEquals("0300", Bytes.text(Arrays.copyOfRange(answer, 8, 10)));
            assertEquals(
                    Bytes.text(Arrays.copyOfRange(capsule, 72, 76)), Bytes.text(Arrays.copyOfRange(answer, 10, 14)));
            assertEquals(Bytes.text(Arrays.copyOf(capsule, 72)), Bytes.text(Arrays.copyOfRange(answer, 24, 96)));
        }
    }

    @Test
    void hostsThatTerminateAreLetGo() {
        try (Host host = target.host()) {
            host.initialize(0, 0, 0);
            host.send(Bytes.hex("02 00 18 00 18000000 0100 00000000 00*10"));
            host.expectEnd();
        }
    }

    @Test
    void connectAndPropertiesAsBytes() {
        try (Host host = target.host()) {
            host.initialize(0, 0, 0);
            host.send(
                    host.capsule(Host.connectSqe(0x1234, 0, 31, 0, 0), Host.connectData(0xFFFF, Target.NQN, Host.NQN)));
            // CapsuleResp: controller 1, SQHD 1, CID 1234h, success
            assertEquals(
                    "0500180018000000" + "01000000" + "00000000" + "0100" + "0000" + "3412" + "0000",
                    host.receiveHex());
            byte[] vs = host.getProperty(0x08, 0);
            assertEquals(0x00020000, Host.result(vs));
            assertEquals(2, Little.u16(vs, 8)); // SQHD
            assertEquals(0, Host.status(host.setProperty(0x14, 0x00460061)));
            assertEquals(1, Host.result(host.getProperty(0x1C, 0)));
            assertEquals(0x4002, Host.status(host.getProperty(0x00, 0))); // CAP in 4 bytes
            assertEquals(0x4002, Host.status(host.getProperty(0x0C, 0)));
            assertEquals(0x4002, Host.status(host.setProperty(0x08, 1)));
        }
    }

    @Test
    void commandsBeforeConnectAreOutOfSequence() {
        try (Host host = target.host()) {
            host.initialize(0, 0, 0);
            assertEquals(0x400C, Host.status(host.command(Host.sqe(0x18, 1, 0, 0), NOTHING)));
            assertEquals(0x400C, Host.status(host.getProperty(0x08, 0)));
        }
    }

    @Test
    void flowControlOffTellsNoHeadAndImpliesSuccess() {
        try (Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0);
            byte[] done = io.command(Host.connectSqe(7, 1, 15, 4, 0), Host.connectData(id, Target.NQN, Host.NQN));
            assertEquals("0100000000000000ffff000007000000", Bytes.text(done));
            byte[] sqe = Host.sqeTransport(0x02, 0x55, 1, 4096);
            io.send(io.capsule(sqe, NOTHING));
            // C2HData with LAST and SUCCESS, and nothing behind
            byte[] data = io.receive();
            assertEquals(
                    "070c181818100000" + "5500" + "0000" + "00000000" + "00100000" + "00000000",
                    Bytes.text(Arrays.copyOf(data, 24)));
            assertEquals(24 + 4096, data.length);
        }
    }

    @Test
    void writesInTheCapsuleAndReadsBack() {
        try (Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            byte[] data = Bytes.pattern(4096, 3);
            byte[] write = Host.sqe(0x01, 1, 1, 4096);
            assertEquals(0, Host.status(io.command(write, data)));
            assertArrayEquals(data, target.medium.stored(0, 4096));
            io.send(io.capsule(Host.sqeTransport(0x02, 2, 1, 4096), NOTHING));
            byte[] read = io.receive();
            assertEquals("0704181818100000", Bytes.text(Arrays.copyOf(read, 8)));
            assertArrayEquals(data, Arrays.copyOfRange(read, 24, read.length));
            assertEquals("0000000000000000" + "0300" + "0000" + "0200" + "0000", Bytes.text(io.completion()));
        }
    }

    @Test
    void digestsAndAlignmentOfDataToTheHost() {
        try (Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(3, 0, 0).admin(Target.NQN, 0);
            io.initialize(3, 31, 0).queue(Target.NQN, id, 1, 16, 0);
            byte[] data = Bytes.pattern(4096, 5);
            assertEquals(0, Host.status(io.command(Host.sqe(0x01, 1, 1, 4096), data)));
            io.send(io.capsule(Host.sqeTransport(0x02, 2, 1, 4096), NOTHING));
            byte[] read = io.receive();
            // flags HDGST, DDGST, LAST; data at 128
            assertEquals("0707188084100000", Bytes.text(Arrays.copyOf(read, 8)));
            assertEquals(
                    Bytes.text(Bytes.digest(Arrays.copyOf(read, 24))), Bytes.text(Arrays.copyOfRange(read, 24, 28)));
            assertArrayEquals(data, Arrays.copyOfRange(read, 128, 128 + 4096));
            assertEquals(Bytes.text(Bytes.digest(data)), Bytes.text(Arrays.copyOfRange(read, 128 + 4096, read.length)));
            byte[] response = io.receive();
            assertEquals("050118001c000000", Bytes.text(Arrays.copyOf(response, 8)));
            assertEquals(
                    Bytes.text(Bytes.digest(Arrays.copyOf(response, 24))),
                    Bytes.text(Arrays.copyOfRange(response, 24, 28)));
        }
    }

    @Test
    void aWrongDataDigestFailsItsCommandOnly() {
        try (Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(2, 0, 0).admin(Target.NQN, 0);
            io.initialize(2, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            byte[] capsule = io.capsule(Host.sqe(0x01, 1, 1, 4096), Bytes.pattern(4096, 1));
            capsule[100] ^= 1;
            io.send(capsule);
            assertEquals(0x22, Host.status(io.completion()));
            io.send(io.capsule(Host.sqeTransport(0x01, 2, 1, 4096), NOTHING));
            byte[] r2t = io.receive();
            byte[] data = io.h2cData(2, Little.u16(r2t, 10), 0, Bytes.pattern(4096, 1), true);
            data[30] ^= 1;
            io.send(data);
            assertEquals(0x22, Host.status(io.completion()));
            // Neither has written anything.
            assertEquals(0, Host.status(io.command(Host.sqe(0x01, 3, 1, 4096), Bytes.pattern(4096, 2))));
            assertArrayEquals(Bytes.pattern(4096, 2), target.medium.stored(0, 4096));
        }
    }

    @Test
    void dataByR2tInPieces() {
        try (Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            int bytes = 64 << 10;
            byte[] sqe = Host.sqeTransport(0x01, 9, 1, bytes);
            io.send(io.capsule(sqe, NOTHING));
            assertEquals("0900180018000000" + "0900" + "0000" + "00000000" + "00000100" + "00000000", io.receiveHex());
            byte[] data = Bytes.pattern(bytes, 7);
            for (int at = 0; at < bytes; at += 16 << 10) {
                byte[] piece = Arrays.copyOfRange(data, at, at + (16 << 10));
                byte[] pdu = io.h2cData(9, 0, at, piece, at + piece.length == bytes);
                // In two parts, so that headers and data are cut.
                io.send(Arrays.copyOf(pdu, 11));
                io.send(Arrays.copyOfRange(pdu, 11, pdu.length));
            }
            assertEquals(0, Host.status(io.completion()));
            assertArrayEquals(data, target.medium.stored(0, bytes));
        }
    }

    @Test
    void severalR2tsOfOneCommand() {
        try (Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 1).queue(Target.NQN, id, 1, 16, 0);
            int bytes = 768 << 10;
            byte[] sqe = Host.sqeTransport(0x01, 9, 1, bytes);
            io.send(io.capsule(sqe, NOTHING));
            byte[] first = io.receive();
            byte[] second = io.receive();
            assertEquals(0, Little.i32(first, 12));
            assertEquals(256 << 10, Little.i32(first, 16));
            assertEquals(256 << 10, Little.i32(second, 12));
            byte[] data = Bytes.pattern(bytes, 7);
            // The second transfer first.
            io.send(io.h2cData(
                    9, Little.u16(second, 10), 256 << 10, Arrays.copyOfRange(data, 256 << 10, 512 << 10), true));
            byte[] third = io.receive();
            assertEquals(512 << 10, Little.i32(third, 12));
            io.send(io.h2cData(9, Little.u16(third, 10), 512 << 10, Arrays.copyOfRange(data, 512 << 10, bytes), true));
            io.send(io.h2cData(9, Little.u16(first, 10), 0, Arrays.copyOf(data, 256 << 10), true));
            assertEquals(0, Host.status(io.completion()));
            assertArrayEquals(data, target.medium.stored(0, bytes));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        other command      | 8 | 0 | 0    | 4096 | true  | 0100 | 08000000
        other tag          | 9 | 1 | 0    | 4096 | true  | 0100 | 0a000000
        beyond the end     | 9 | 0 | 4096 | 4096 | true  | 0400 | 00000000
        too long           | 9 | 0 | 0    | 8192 | true  | 0400 | 00000000
        not in order       | 9 | 0 | 512  | 512  | false | 0200 | 00000000
        last too early     | 9 | 0 | 0    | 512  | true  | 0200 | 00000000
        last missing       | 9 | 0 | 0    | 4096 | false | 0200 | 00000000
        """)
    void wrongData(String what, int cid, int tag, int offset, int length, boolean last, String fes, String fei) {
        try (Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            io.send(io.capsule(Host.sqeTransport(0x01, 9, 1, 4096), NOTHING));
            io.receive();
            io.send(io.h2cData(cid, tag, offset, new byte[length], last));
            byte[] answer = io.receive();
            assertEquals(3, answer[0], what);
            assertEquals(fes, Bytes.text(Arrays.copyOfRange(answer, 8, 10)), what);
            assertEquals(fei, Bytes.text(Arrays.copyOfRange(answer, 10, 14)), what);
            io.expectEnd();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        offset in the capsule  | 01 | 1 | 4096 | 4016
        too long               | 01 | 0 | 4608 | 400f
        too short              | 01 | 0 | 3584 | 400f
        too short, by R2T      | 5a | 0 | 4095 | 400f
        a segment              | 20 | 0 | 4096 | 4011
        keyed                  | 40 | 0 | 4096 | 4011
        """)
    void wrongDataPointers(String what, String type, int address, int length, String status) {
        try (Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            byte[] sqe = Host.sqe(0x01, 1, 1, length);
            Host.blocks(sqe, 4096);
            sqe[24] = (byte) address;
            sqe[39] = (byte) Integer.parseInt(type, 16);
            assertEquals(status, Integer.toHexString(Host.status(io.command(sqe, new byte[4096]))), what);
            byte[] read = Host.sqe(0x02, 1, 1, 4096);
            assertEquals(0x4002, Host.status(io.command(read, new byte[4096])));
        }
    }

    @Test
    void moreRoomThanDataIsAllowedAndNotUsed() {
        try (Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            // In the capsule: 8 KiB of it, 4 KiB for the command.
            byte[] data = Bytes.pattern(8192, 3);
            byte[] inCapsule = Host.sqe(0x01, 1, 1, 8192);
            Host.blocks(inCapsule, 4096);
            assertEquals(0, Host.status(io.command(inCapsule, data)));
            // By R2T, which asks for no more than is needed.
            byte[] write = Host.sqeTransport(0x01, 2, 1, 4096);
            Little.put64(write, 40, 8);
            Little.put32(write, 32, -1);
            io.send(io.capsule(write, NOTHING));
            assertEquals("0900180018000000" + "0200" + "0000" + "00000000" + "00100000" + "00000000", io.receiveHex());
            io.send(io.h2cData(2, 0, 0, Arrays.copyOfRange(data, 4096, 8192), true));
            assertEquals(0, Host.status(io.completion()));
            // To the host.
            byte[] read = Host.sqeTransport(0x02, 3, 1, 8192);
            Little.put32(read, 32, 8193);
            io.send(io.capsule(read, NOTHING));
            byte[] answer = io.receive();
            assertEquals("0704181818200000", Bytes.text(Arrays.copyOf(answer, 8)));
            assertArrayEquals(data, Arrays.copyOfRange(answer, 24, answer.length));
            assertEquals(0, Host.status(io.completion()));
        }
    }

    @Test
    void moreCommandsThanTheQueueHolds() {
        try (Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 2, 0);
            for (int cid = 1; cid <= 3; cid++) {
                io.send(io.capsule(Host.sqeTransport(0x01, cid, 1, 4096), NOTHING));
            }
            assertEquals(9, io.receive()[0]);
            assertEquals(9, io.receive()[0]);
            byte[] answer = io.receive();
            assertEquals("0200", Bytes.text(Arrays.copyOfRange(answer, 8, 10)));
        }
    }

    @Test
    void halfOpenSessionsAreEnded() {
        try (Host silent = target.host();
                Host initialized = target.host();
                Host connected = target.host()) {
            initialized.initialize(0, 0, 0);
            connected.initialize(0, 0, 0).admin(Target.NQN, 0);
            silent.send(Bytes.hex("00"));
            target.pass(Duration.ofSeconds(9));
            assertEquals(0, Host.status(connected.command(Host.sqe(0x18, 3, 0, 0), NOTHING)));
            target.pass(Duration.ofSeconds(2));
            silent.expectEnd();
            initialized.expectEnd();
            assertEquals(0, Host.status(connected.command(Host.sqe(0x18, 3, 0, 0), NOTHING)));
        }
        assertEquals(2, target.count(NvmeTcpCounter.TIMEOUTS));
    }

    @Test
    void aHostThatOwesDataIsEndedAndItsMemoryComesBack() {
        try (Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            io.send(io.capsule(Host.sqeTransport(0x01, 9, 1, 4096), NOTHING));
            io.receive();
            assertEquals(2, target.lent(), "for the data, and to receive it");
            target.pass(Duration.ofSeconds(1)); // notes the progress
            target.pass(Duration.ofSeconds(29));
            assertEquals(2, target.lent());
            target.pass(Duration.ofSeconds(1));
            io.expectEnd();
            assertEquals(0, target.lent());
        }
    }
}
