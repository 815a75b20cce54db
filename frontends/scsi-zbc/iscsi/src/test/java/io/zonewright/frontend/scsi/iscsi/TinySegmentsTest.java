package io.zonewright.frontend.scsi.iscsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Initiators that take 512 bytes at a time and read megabytes: data becomes PDUs as earlier ones leave. */
class TinySegmentsTest {
    private static final int RESPONSE = 0x21;
    private static final int NOP_IN = 0x20;
    private static final int MANAGED = 0x22;
    private static final int DATA_IN = 0x25;
    private static final int LOGOUT = 0x26;
    private static final int READ = 0xC0;
    private static final int SEGMENT = 512;
    private static final int BYTES = 2 << 20;
    private static final int BLOCKS = BYTES / 512;
    private static final String KEYS = "MaxRecvDataSegmentLength=512|MaxBurstLength=2048|";

    private static Target open(boolean lending) {
        return lending ? Target.lending() : Target.open();
    }

    /** Packets of all loops that are on their way. */
    private static int packetsOut(Target target) {
        return target.portal.loops().stream()
                .mapToInt(LoopResources::packetsOut)
                .sum();
    }

    private static void readAll(Target target, Wire wire, int count) {
        for (int n = 0; n < count; n++) {
            wire.send(wire.commandPdu(2 + n, READ, BYTES, Wire.read16(0, BLOCKS)));
        }
        target.letWork();
    }

    /** The initiator does not read: as much as may be queued is. */
    private static void awaitFullSocket(Target target) {
        for (int i = 0; i < 10_000 && packetsOut(target) < DataIn.MAX_QUEUED; i++) {
            target.letWork();
        }
        assertEquals(DataIn.MAX_QUEUED, packetsOut(target));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fewPdusExistAtATime(boolean lending) {
        try (Target target = open(lending);
                Wire wire = target.wire().loggedIn(KEYS)) {
            readAll(target, wire, Target.DEPTH);
            awaitFullSocket(target);
            byte[] header = new byte[48];
            int[] next = new int[2 + Target.DEPTH];
            for (int left = Target.DEPTH; left > 0; ) {
                Wire.Got got = wire.expect(DATA_IN);
                int itt = got.at(16);
                int n = next[itt]++;
                boolean last = n == BYTES / SEGMENT - 1;
                assertEquals(n, got.at(36));
                assertEquals(n * SEGMENT, got.at(40));
                // F ends each sequence of 2048 bytes.
                assertEquals(last ? "2581" : n % 4 == 3 ? "2580" : "2500", got.hex(0, 2));
                assertEquals(SEGMENT, got.data().length);
                header = got.header();
                left -= last ? 1 : 0;
                if (n % 1024 == 0) {
                    int packets = packetsOut(target);
                    assertTrue(packets <= DataIn.MAX_QUEUED, () -> packets + " packets");
                }
            }
            assertEquals(0x81, header[1] & 0xFF);
            assertEquals(
                    2 + Target.DEPTH,
                    wire.command(2 + Target.DEPTH, 0x80, 0, "00 00*5").at(16));
            target.letWork();
            assertEquals(0, packetsOut(target));
            assertEquals(0, target.lent());
        }
    }

    @Test
    void contentsAreRight() {
        try (Target target = Target.lending();
                Wire writer = target.wire().loggedIn();
                Wire wire = target.wire()) {
            byte[] data = Wire.pattern(64 << 10, 5);
            assertEquals(
                    RESPONSE,
                    writer.command(2, 0xA0, data.length, Wire.write16(0, 128), data)
                            .opcode());
            wire.login(0x80_0002, 0, KEYS);
            wire.command(1, 0x80, 0, "00 00*5");
            wire.send(wire.commandPdu(2, READ, data.length, Wire.read16(0, 128)));
            byte[] all = new byte[data.length];
            for (int at = 0; at < all.length; at += SEGMENT) {
                System.arraycopy(wire.expect(DATA_IN).data(), 0, all, at, SEGMENT);
            }
            assertArrayEquals(data, all);
        }
    }

    /** Answers of tasks that ended before go first: an aborted task set is silent (RFC 7143, section 4.2.3.3). */
    @Test
    void taskManagementIsAnsweredBehindTheDataOfTasksThatEnded() {
        try (Target target = Target.lending();
                Wire wire = target.wire().loggedIn(KEYS)) {
            readAll(target, wire, 2);
            wire.send(wire.manage(2, 0x51, -1, 4, 0));
            int ended = 0;
            Wire.Got got = wire.receive();
            for (; got.opcode() == DATA_IN; got = wire.receive()) {
                ended += got.header()[1] & 1;
            }
            assertEquals(2, ended);
            assertEquals(MANAGED, got.opcode());
            assertEquals(0x51, got.at(16));
        }
    }

    /** What is formed still leaves, from memory that is theirs; nothing comes behind the answer. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void logoutCutsDataShort(boolean lending) {
        try (Target target = open(lending);
                Wire wire = target.wire().loggedIn(KEYS)) {
            readAll(target, wire, Target.DEPTH);
            awaitFullSocket(target);
            wire.send(wire.pdu(Wire.hex("46 80 00*14 00000063 00000000 00000002 00*20")));
            Wire.Got got = wire.receive();
            int[] next = new int[2 + Target.DEPTH];
            int ended = 0;
            for (; got.opcode() == DATA_IN; got = wire.receive()) {
                assertEquals(next[got.at(16)]++ * SEGMENT, got.at(40));
                ended += got.header()[1] & 1;
            }
            assertTrue(ended < Target.DEPTH);
            assertEquals(LOGOUT, got.opcode());
            wire.expectEnd();
            target.letWork();
            assertEquals(0, packetsOut(target));
            assertEquals(0, target.lent());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void hangingUpLetsGoOfEverything(boolean lending) throws IOException {
        try (Target target = open(lending);
                Wire wire = target.wire().loggedIn(KEYS)) {
            readAll(target, wire, Target.DEPTH);
            awaitFullSocket(target);
            byte[] some = wire.socket().getInputStream().readNBytes(100_000);
            assertEquals("2500", Wire.text(Arrays.copyOf(some, 2)));
            wire.hangUp();
            for (int i = 0;
                    i < 1000 && !target.portal.sessions().of(target.target).isEmpty();
                    i++) {
                target.letWork();
            }
            assertEquals(0, packetsOut(target));
            assertEquals(0, target.lent());
            try (Wire next = target.wire().loggedIn()) {
                assertEquals(
                        NOP_IN,
                        next.send(next.pdu(Wire.hex("40 80 00*14 00000063 ffffffff 00000002 00*20")))
                                .receive()
                                .opcode());
            }
        }
    }
}
