package io.zonewright.frontend.scsi.iscsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What there is beside SCSI commands: order, NOP, text, logout, task management, rejects, sessions, silence. */
class ProtocolTest {
    private static final int NOP_IN = 0x20;
    private static final int RESPONSE = 0x21;
    private static final int MANAGED = 0x22;
    private static final int R2T = 0x31;
    private static final int ASYNC = 0x32;
    private static final int REJECT = 0x3F;
    private static final int READ = 0xC0;
    private static final int WRITE = 0xA0;

    // The order of commands (section 4.2.2.1) ------------------------------------------------------------------------

    @Test
    void commandsOutOfTheWindowArePassedOver() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            // ExpCmdSN is 2, MaxCmdSN 9.
            wire.send(wire.commandPdu(1, 0x80, 0, "00 00*5"));
            wire.send(wire.commandPdu(10, 0x80, 0, "00 00*5"));
            assertEquals(2, wire.command(2, 0x80, 0, "00 00*5").at(16));
            assertEquals(2, target.count(IscsiCounter.OUT_OF_WINDOW));
        }
    }

    @Test
    void laterCommandsWaitForEarlierOnes() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            wire.send(wire.commandPdu(4, 0x80, 0, "00 00*5"));
            wire.send(wire.commandPdu(3, 0x80, 0, "00 00*5"));
            wire.send(wire.commandPdu(3, 0x80, 0, "00 00*5")); // twice: the second one is passed over
            wire.send(wire.commandPdu(2, 0x80, 0, "00 00*5"));
            for (int itt = 2; itt <= 4; itt++) {
                Wire.Got got = wire.expect(RESPONSE);
                assertEquals(itt, got.at(16));
            }
            assertEquals(5, wire.command(5, 0x80, 0, "00 00*5").at(16));
        }
    }

    @Test
    void heldCommandsKeepTheirUnsolicitedData() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn("InitialR2T=No|")) {
            byte[] data = Wire.pattern(1024, 3);
            wire.send(wire.commandPdu(3, 0x20, 1024, Wire.write16(0, 2)));
            wire.send(wire.dataOut(3, -1, 0, 0, true, data));
            wire.send(wire.commandPdu(2, 0x80, 0, "00 00*5"));
            assertEquals(2, wire.expect(RESPONSE).at(16));
            assertEquals("21800000", wire.expect(RESPONSE).hex(0, 4));
            assertArrayEquals(
                    data, wire.command(4, READ, 1024, Wire.read16(0, 2)).data());
        }
    }

    @Test
    void theWindowClosesAndOpens() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            target.script.holding(operation -> operation == Operation.WRITE);
            for (int n = 2; n < 2 + Target.DEPTH; n++) {
                wire.send(wire.commandPdu(n, WRITE, 512, Wire.write16((n - 2) * 8192 % 65536, 1), new byte[512]));
            }
            // MaxCmdSN is 9, and stays: one more is passed over.
            wire.send(wire.commandPdu(10, 0x80, 0, "00 00*5"));
            wire.send(wire.pdu(Wire.hex("40 80 00*14 00000063 ffffffff 0000000a 00*20")));
            Wire.Got pong = wire.expect(NOP_IN);
            assertEquals("0000000a00000009", pong.hex(28, 36));
            target.script.carryOut(0);
            Wire.Got got = wire.expect(RESPONSE);
            assertEquals("0000000a0000000a", got.hex(28, 36));
            target.script.holding(operation -> false);
            target.script.carryOutAll();
        }
    }

    @Test
    void immediateCommandsNeedNoPlace() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            byte[] head = Wire.commandHeader(2, 0x80, 0, "00 00*5");
            head[0] |= 0x40;
            wire.send(wire.pdu(head));
            // ExpCmdSN stays.
            assertEquals("0000000200000009", wire.expect(RESPONSE).hex(28, 36));
            assertEquals("00000003", wire.command(2, 0x80, 0, "00 00*5").hex(28, 32));
        }
    }

    @Test
    void tagsInUse() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            target.script.holding(operation -> operation == Operation.WRITE);
            wire.send(wire.commandPdu(2, WRITE, 512, Wire.write16(0, 1), new byte[512]));
            byte[] again = Wire.commandHeader(3, READ, 512, Wire.read16(0, 1));
            again[19] = 2;
            wire.send(wire.pdu(again));
            Wire.Got rejected = wire.expect(REJECT);
            assertEquals("3f800700 00000030".replace(" ", ""), rejected.hex(0, 8));
            assertEquals(-1, rejected.at(16));
            assertEquals(4, rejected.at(28)); // its number is used up
            assertEquals(Wire.text(again), rejected.data(0, 48));
            target.script.holding(operation -> false);
            target.script.carryOutAll();
            assertEquals(2, wire.expect(RESPONSE).at(16));
        }
    }

    // NOP (sections 11.18, 11.19) ------------------------------------------------------------------------------------

    @Test
    void nopIsAnswered() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn("DataDigest=CRC32C|HeaderDigest=CRC32C|")) {
            byte[] ping = Wire.pattern(1001, 3);
            wire.send(wire.pdu(Wire.hex("00 80 00*14 00000007 ffffffff 00000002 00*20"), ping));
            Wire.Got pong = wire.expect(NOP_IN);
            assertEquals("20800000", pong.hex(0, 4));
            assertEquals("00000007ffffffff00000003000000030000000a", pong.hex(16, 36));
            assertArrayEquals(ping, pong.data());
            // A sign of life needs no answer.
            wire.send(wire.pdu(Wire.hex("40 80 00*14 ffffffff ffffffff 00000003 00*20")));
            assertEquals(3, wire.command(3, 0x80, 0, "00 00*5").at(16));
        }
    }

    @Test
    void longPing() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn("MaxRecvDataSegmentLength=65536|")) {
            byte[] ping = Wire.pattern(100_000, 5);
            wire.send(wire.pdu(Wire.hex("00 80 00*14 00000007 ffffffff 00000002 00*20"), ping));
            // As much of it as we may send.
            assertArrayEquals(Arrays.copyOf(ping, 65536), wire.expect(NOP_IN).data());
        }
    }

    @Test
    void silentInitiatorsAreAskedThenDropped() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            target.pass(Duration.ZERO);
            target.pass(Duration.ofSeconds(16));
            Wire.Got ping = wire.expect(NOP_IN);
            assertEquals(-1, ping.at(16));
            assertEquals(1, ping.at(20));
            assertEquals(3, ping.at(24)); // StatSN does not count
            wire.send(wire.pdu(Wire.hex("40 80 00*14 ffffffff 00000001 00000002 00*20")));
            target.letWork();
            target.pass(Duration.ZERO);
            target.pass(Duration.ofSeconds(16));
            wire.expect(NOP_IN);
            target.pass(Duration.ofSeconds(16));
            wire.expectEnd();
            assertEquals(1, target.count(IscsiCounter.TIMEOUTS));
        }
    }

    @Test
    void loginsDoNotTakeForEver() {
        try (Target target = Target.open();
                Wire wire = target.wire()) {
            wire.send(Arrays.copyOf(Wire.loginHeader(1, 0, 0), 20));
            target.letWork();
            target.pass(Duration.ofSeconds(16));
            wire.expectEnd();
        }
    }

    // Text and logout ------------------------------------------------------------------------------------------------

    @Test
    void sendTargetsInTheFullFeaturePhase() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            wire.send(wire.pdu(
                    Wire.hex("04 80 00*14 00000009 ffffffff 00000002 00*20"),
                    "SendTargets=\0".getBytes(StandardCharsets.US_ASCII)));
            Wire.Got got = wire.expect(0x24);
            assertEquals("24800000", got.hex(0, 4));
            assertEquals("00000009ffffffff", got.hex(16, 24));
            assertEquals("TargetName=" + Target.NAME + "|TargetAddress=" + target.portal.address() + ",1|", got.text());
        }
    }

    @ParameterizedTest
    @CsvSource({"80, 0000, 00", "81, 0000, 00", "81, 0007, 01", "82, 0000, 02"})
    void logout(String reason, String cid, String response) {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            wire.send(wire.pdu(Wire.hex("46 " + reason + " 00*14 00000009 " + cid + " 0000 00000002 00*20")));
            Wire.Got got = wire.expect(0x26);
            assertEquals("2680" + response, got.hex(0, 3));
            if (response.equals("00")) {
                wire.expectEnd();
            } else {
                assertEquals(2, wire.command(2, 0x80, 0, "00 00*5").at(16));
            }
        }
    }

    // Rejects (section 11.17) ----------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "50, 80, 04", // SNACK
        "43, 87, 04", // Login in the full feature phase
        "5f, 80, 05", // no such opcode
        "46, 83, 09", // Logout without a reason that there is
        "00, 80, 04", // NOP without tag that is not immediate
    })
    void rejectedAndGoesOn(String opcode, String flags, String reason) {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            wire.send(wire.pdu(Wire.hex(opcode + " " + flags + " 00*14 ffffffff ffffffff 00000002 00*20")));
            Wire.Got got = wire.expect(REJECT);
            assertEquals("3f80" + reason, got.hex(0, 3));
            assertEquals(opcode + flags, got.data(0, 2));
            int next = got.at(28);
            assertEquals(next, wire.command(next, 0x80, 0, "00 00*5").at(16));
        }
    }

    @Test
    void bothWaysAtOnceIsNotSupported() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            assertEquals("3f8005", wire.command(2, 0xE0, 512, Wire.read16(0, 1)).hex(0, 3));
        }
    }

    @Test
    void segmentsThatAreTooLongEndTheConnection() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            byte[] head = Wire.commandHeader(2, WRITE, 1 << 20, Wire.write16(0, 2048));
            head[5] = 0x04;
            head[7] = 1; // 262145
            wire.send(head);
            assertEquals("3f8004", wire.expect(REJECT).hex(0, 3));
            wire.expectEnd();
            assertEquals(1, target.count(IscsiCounter.PROTOCOL_ERRORS));
        }
    }

    @Test
    void damagedDataIsRejected() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn("DataDigest=CRC32C|InitialR2T=No|")) {
            byte[] good = wire.commandPdu(2, WRITE, 512, Wire.write16(0, 1), Wire.pattern(512, 1));
            byte[] bad = good.clone();
            bad[100] ^= 1;
            wire.send(bad);
            Wire.Got got = wire.expect(REJECT);
            assertEquals("3f8002", got.hex(0, 3));
            assertEquals(2, got.at(28)); // the command did not come, its number neither
            assertEquals("21800000", wire.send(good).expect(RESPONSE).hex(0, 4));
            // Data after an R2T: rejected, and the task ends once all of it has come.
            wire.send(wire.commandPdu(3, WRITE, 1024, Wire.write16(1, 2)));
            int tag = wire.expect(R2T).at(20);
            byte[] damaged = wire.dataOut(3, tag, 0, 0, false, new byte[512]);
            damaged[80] ^= 4;
            wire.send(damaged);
            assertEquals("3f8002", wire.expect(REJECT).hex(0, 3));
            wire.send(wire.dataOut(3, tag, 1, 512, true, new byte[512]));
            Wire.Got end = wire.expect(RESPONSE);
            assertEquals("02", end.hex(3, 4));
            assertEquals("4705", end.data(14, 16));
        }
    }

    @Test
    void damagedHeadersEndTheConnection() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn("HeaderDigest=CRC32C|")) {
            byte[] bad = wire.commandPdu(2, 0x80, 0, "00 00*5");
            bad[20] ^= 1;
            wire.send(bad);
            wire.expectEnd();
            assertEquals(1, target.count(IscsiCounter.DIGEST_ERRORS));
        }
    }

    @Test
    void strangersAreNotAnswered() {
        try (Target target = Target.open();
                Wire wire = target.wire()) {
            wire.send("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: nothing at all\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            wire.expectEnd();
        }
    }

    // Task management (sections 11.5, 11.6) --------------------------------------------------------------------------

    @Test
    void abortTask() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            wire.send(wire.commandPdu(2, WRITE, 512, Wire.write16(0, 1)));
            int tag = wire.expect(R2T).at(20);
            wire.send(wire.manage(1, 0x51, 2, 3, 2));
            Wire.Got got = wire.expect(MANAGED);
            assertEquals("22800000", got.hex(0, 4));
            assertEquals(0x51, got.at(16));
            // What still comes for it is passed over.
            wire.send(wire.dataOut(2, tag, 0, 0, true, new byte[512]));
            assertEquals(3, wire.command(3, 0x80, 0, "00 00*5").at(16));
            target.letWork();
            assertEquals(0, target.lent());
        }
    }

    @Test
    void abortTaskThatRuns() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            target.script.holding(operation -> operation == Operation.WRITE);
            wire.send(wire.commandPdu(2, WRITE, 512, Wire.write16(0, 1), new byte[512]));
            wire.send(wire.manage(1, 0x51, 2, 3, 2));
            target.letWork();
            target.script.holding(operation -> false);
            target.script.carryOutAll();
            // The function is done when the task is, which has no answer of its own.
            assertEquals(0x51, wire.expect(MANAGED).at(16));
            assertEquals(3, wire.command(3, 0x80, 0, "00 00*5").at(16));
        }
    }

    @Test
    void abortTaskThatDidNotCome() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            // In the window and before this: it counts as come.
            wire.send(wire.manage(1, 0x51, 2, 3, 2));
            Wire.Got got = wire.expect(MANAGED);
            assertEquals("228000", got.hex(0, 3));
            assertEquals(3, got.at(28));
            // Long gone.
            wire.send(wire.manage(1, 0x52, 1, 3, 1));
            assertEquals("228001", wire.expect(MANAGED).hex(0, 3));
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 00", "3, 05", "4, 00", "5, 00", "6, 00", "8, 04", "9, 05", "127, 05"})
    void functions(int function, String response) {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            wire.send(wire.manage(function, 0x51, -1, 2, 0));
            assertEquals("2280" + response, wire.expect(MANAGED).hex(0, 3));
        }
    }

    @Test
    void resetEndsTasksOfOthersAndTellsThem() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn();
                Wire other = target.wire()) {
            other.login(0x80_0002, 0, "");
            assertEquals("02", other.command(1, 0x80, 0, "00 00*5").hex(3, 4));
            other.send(other.commandPdu(2, WRITE, 512, Wire.write16(0, 1)));
            other.expect(R2T);
            byte[] unknown = wire.manage(5, 0x50, -1, 2, 0);
            unknown[9] = 5;
            wire.send(unknown);
            assertEquals("228002", wire.expect(MANAGED).hex(0, 3)); // no LUN 5
            wire.send(wire.manage(5, 0x51, -1, 2, 0));
            assertEquals("228000", wire.expect(MANAGED).hex(0, 3));
            Wire.Got attention = other.command(3, 0x80, 0, "00 00*5");
            assertEquals(3, attention.at(16));
            assertEquals("2903", attention.data(14, 16));
        }
    }

    @Test
    void coldResetEndsAllConnections() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn();
                Wire other = target.wire()) {
            other.login(0x80_0002, 0, "");
            wire.send(wire.manage(7, 0x51, -1, 2, 0));
            assertEquals("228000", wire.expect(MANAGED).hex(0, 3));
            wire.expectEnd();
            other.expectEnd();
        }
    }

    // Sessions (section 6.3) -----------------------------------------------------------------------------------------

    @Test
    void aSessionOfTheSameNameTakesThePlace() {
        try (Target target = Target.open();
                Wire before = target.wire().loggedIn();
                Wire wire = target.wire();
                Wire third = target.wire()) {
            before.send(before.commandPdu(2, WRITE, 512, Wire.write16(0, 1)));
            before.expect(R2T);
            assertEquals("0000", wire.login(0x80_0001, 0, "").hex(36, 38));
            before.expectEnd();
            assertEquals("0000", third.login(0x80_0002, 0, "").hex(36, 38));
            assertEquals(2, target.portal.sessions().of(target.target).size());
            // The one that was there goes on.
            assertEquals("02", wire.command(1, 0x80, 0, "00 00*5").hex(3, 4));
            assertEquals("00", wire.command(2, 0x80, 0, "00 00*5").hex(3, 4));
        }
    }

    @Test
    void noSecondConnection() {
        try (Target target = Target.open();
                Wire wire = target.wire();
                Wire second = target.wire();
                Wire stranger = target.wire()) {
            int tsih = wire.login(0x80_0001, 0, "").at(12) & 0xFFFF;
            String text = "InitiatorName=" + Wire.NAME + "\0TargetName=" + Target.NAME + "\0";
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            second.send(second.pdu(Wire.loginHeader(0x80_0001, tsih, 1), bytes));
            assertEquals("0206", second.expect(0x23).hex(36, 38));
            second.expectEnd();
            stranger.send(stranger.pdu(Wire.loginHeader(0x80_0001, tsih + 1, 0), bytes));
            assertEquals("020a", stranger.expect(0x23).hex(36, 38));
            assertEquals("02", wire.command(1, 0x80, 0, "00 00*5").hex(3, 4));
        }
    }

    @Test
    void initiatorsAreAskedToLogOutWhenTheTargetGoes() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            Thread going = Thread.ofVirtual().start(() -> target.portal.leave(target.target, 0, Duration.ofSeconds(5)));
            Wire.Got request = wire.expect(ASYNC);
            // Event 1: log out within a second.
            assertEquals("01000000" + "00000001", request.hex(36, 44));
            assertEquals("08", wire.command(2, 0x80, 0, "00 00*5").hex(3, 4)); // BUSY
            for (int i = 0; i < 3; i++) {
                target.pass(Duration.ZERO);
            }
            assertEquals("03", wire.expect(ASYNC).hex(36, 37));
            wire.expectEnd();
            wire.hangUp();
            join(going);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // Memory ---------------------------------------------------------------------------------------------------------

    @Test
    void aStalledWriterIsDropped() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            wire.send(wire.commandPdu(2, WRITE, 1 << 20, Wire.write16(0, 2048)));
            wire.expect(R2T);
            target.pass(Duration.ZERO);
            target.pass(Duration.ofSeconds(31));
            wire.expectEnd();
            target.letWork();
            assertEquals(0, target.lent());
        }
    }

    @Test
    void aGapThatStaysEndsTheSession() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn()) {
            wire.send(wire.commandPdu(3, 0x80, 0, "00 00*5"));
            target.letWork();
            target.pass(Duration.ZERO);
            target.pass(Duration.ofSeconds(31));
            wire.expectEnd();
            assertEquals(1, target.count(IscsiCounter.TIMEOUTS));
        }
    }

    @Test
    void pingsThatNobodyReadsStopTheReading() {
        try (Target target = Target.open();
                Wire wire = target.wire().loggedIn("MaxRecvDataSegmentLength=262144|")) {
            byte[] ping = wire.pdu(Wire.hex("40 80 00*14 00000007 ffffffff 00000002 00*20"), new byte[262_144]);
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    for (int n = 0; n < 64; n++) {
                        wire.socket().getOutputStream().write(ping);
                    }
                } catch (IOException e) {
                    assertEquals("Socket closed", e.getMessage());
                }
            });
            for (int n = 0; n < 50; n++) {
                target.letWork();
                // Not 16 MiB: what may be echoed, what is read at a time, and the receive buffer.
                assertTrue(target.lent() <= 16, () -> target.lent() + " buffers");
            }
            for (int n = 0; n < 64; n++) {
                assertEquals(262_144, wire.expect(NOP_IN).data().length);
            }
            join(sender);
        }
    }

    @Test
    void unaskedDataWithoutMemoryComesAgain() {
        try (Target target = Target.withLittleMemory();
                Wire hog = target.wire().loggedIn();
                Wire wire = target.wire()) {
            wire.login(0x80_0002, 0, "InitialR2T=No|");
            wire.command(1, 0x80, 0, "00 00*5");
            for (int n = 2; n < 6; n++) {
                hog.send(hog.commandPdu(n, WRITE, 1 << 20, Wire.write16((n - 2) * 8192, 2048)));
            }
            for (int n = 2; n < 5; n++) {
                hog.expect(R2T);
            }
            // Others of another size may be left, but none of 1 MiB.
            try (Wire second = target.wire()) {
                second.login(0x80_0003, 0, "InitialR2T=No|");
                second.command(1, 0x80, 0, "00 00*5");
                second.send(second.commandPdu(2, WRITE, 1 << 20, Wire.write16(5 * 8192, 2048)));
                second.expect(R2T);
                wire.send(wire.commandPdu(2, 0x20, 1 << 20, Wire.write16(6 * 8192, 2048), Wire.pattern(512, 1)));
                wire.send(wire.dataOut(2, -1, 0, 512, true, Wire.pattern(512, 2)));
                Wire.Got got = wire.expect(RESPONSE);
                assertEquals("28", got.hex(3, 4)); // TASK SET FULL
                assertEquals(1, target.count(IscsiCounter.MEMORY_REFUSALS));
            }
        }
    }
}
