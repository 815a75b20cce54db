package io.zonewright.frontend.nvme.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.frontend.nvme.command.Host.Command;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Admin entries of any content: each ends once, none throws, none moves more than MDTS, and the next host is served. */
class RandomAdminTest {
    private static final int ENTRIES = 20_000;
    private static final int[] OPCODES = {0x02, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x18, 0x01, 0x05, 0x7C, 0x7F, 0x80};
    private static final int[] NSIDS = {0, 0, 0, 1, 2, 3, -1, -2};

    @ParameterizedTest
    @ValueSource(longs = {1, 20260101, -7})
    void anyEntry(long seed) {
        Random random = new Random(seed);
        Host pcie = Host.zoned();
        Host tcp = Host.zonedTcp();
        int good = 0;
        for (int i = 0; i < ENTRIES; i++) {
            Host host = random.nextBoolean() ? pcie : tcp;
            byte[] sqe = entry(random, host);
            Command command = host.start(0, sqe, data(sqe));
            if (command.ended == 0) {
                assertEquals(0x0C, sqe[0], "only event requests wait, seed " + seed + " entry " + i);
            } else if (command.status() == 0) {
                good++;
            }
            assertTrue(command.transferBytes() <= host.controller.maxDataBytes());
        }
        assertTrue(good > ENTRIES / 10, "too few good ones to mean anything: " + good);
        assertEquals(0, pcie.io(0x02, 2, 0, 0, 0).status(), "seed " + seed);
        assertEquals(0, tcp.admin(0x06, 0, 1).status(), "seed " + seed);
    }

    private static byte[] entry(Random random, Host host) {
        byte[] sqe = host.sqe(OPCODES[random.nextInt(OPCODES.length)], NSIDS[random.nextInt(NSIDS.length)]);
        for (int i = 40; i < 64; i++) {
            // Mostly zeroes, else nothing is ever good.
            sqe[i] = random.nextInt(4) == 0 ? (byte) random.nextInt() : 0;
        }
        sqe[40] = (byte) random.nextInt(random.nextBoolean() ? 0x20 : 0x100);
        if (random.nextInt(20) == 0) {
            sqe[1] = (byte) random.nextInt();
        }
        return sqe;
    }

    /** What Set Features sends with this entry. */
    private static byte[] data(byte[] sqe) {
        return switch (sqe[40] & 0xFF) {
            case 0x0E -> new byte[8];
            case 0x16 -> new byte[512];
            case 0x81 -> new byte[(sqe[44] & 1) == 0 ? 8 : 16];
            default -> new byte[0];
        };
    }
}
