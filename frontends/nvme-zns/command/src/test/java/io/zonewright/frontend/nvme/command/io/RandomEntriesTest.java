package io.zonewright.frontend.nvme.command.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.frontend.nvme.command.io.Host.Reply;
import io.zonewright.frontend.nvme.command.io.Host.Sent;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a hostile host puts into a submission entry: the command ends once, with a status that can be. */
class RandomEntriesTest {
    private static final int COMMANDS = 20_000;

    private static final int[] OPCODES = {0x00, 0x01, 0x02, 0x05, 0x08, 0x09, 0x0C, 0x79, 0x7A, 0x7D};

    /** Every status that I/O commands can have here, all with Do Not Retry. */
    private static final Set<Integer> POSSIBLE = Set.of(
            0x000, 0x4001, 0x4002, 0x400B, 0x4080, 0x4181, 0x4285, 0x41B6, 0x41B7, 0x41B8, 0x41B9, 0x41BC, 0x41BD,
            0x41BE, 0x41BF);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void endOnceWithAPossibleStatus(long seed) {
        Random random = new Random(seed);
        Disk disk = new Disk(Disk.Options.USUAL
                .with(new ZoneLimits(3, 5, 8L * Disk.LBA))
                .with(new ZoneFeatures(64, 1, 4L * Disk.LBA, 2L * Disk.LBA)));
        Set<Integer> seen = new TreeSet<>();
        for (int i = 0; i < COMMANDS; i++) {
            byte[] sqe = entry(random);
            int status = send(disk.host, sqe, random).status();
            assertTrue(
                    POSSIBLE.contains(status),
                    () -> "seed " + seed + " status " + Integer.toHexString(status) + " for "
                            + HexFormat.of().formatHex(sqe));
            seen.add(status);
        }
        assertEquals(new TreeSet<>(POSSIBLE), seen, "each was met");
        assertEquals("", disk.memory.defect());
        assertEquals(0, disk.device.inFlight());
    }

    private static Reply send(Host host, byte[] sqe, Random random) {
        Sent sent = new Sent();
        System.arraycopy(sqe, 0, sent.sqe(), 0, sqe.length);
        if (host.controller.begin(sent, 1)) {
            byte[] data = new byte[sent.transferBytes()];
            if (random.nextBoolean()) {
                random.nextBytes(data);
            }
            sent.data().add(MemorySegment.ofArray(data), 0, data.length);
            host.controller.execute(sent);
        }
        return sent.await();
    }

    /** Mostly sensible, since what is refused at once shows little; sometimes one word of anything. */
    private static byte[] entry(Random random) {
        int opcode = OPCODES[random.nextInt(OPCODES.length)];
        int nsid = random.nextInt(20) == 0 ? random.nextInt(5) - 1 : 1 + random.nextInt(2);
        long zone = random.nextInt(9) * (long) Disk.ZONE;
        long slba =
                random.nextInt(3) == 0 ? random.nextInt(150) : zone + (random.nextBoolean() ? 0 : random.nextInt(6));
        int cdw12 = opcode == 0x7A ? random.nextInt(300) : random.nextInt(5);
        int cdw13 = opcode == 0x79
                ? new int[] {1, 2, 3, 4, 4, 5, 0x10, 0x11, 0x203, 0x203, 0x210}[random.nextInt(11)]
                : random.nextInt(4) == 0 ? random.nextInt(0x2_0000) : 0;
        if (opcode == 0x79 && (cdw13 == 5 || random.nextInt(10) == 0)) {
            cdw13 |= 0x100;
        }
        if (opcode == 0x7D && random.nextInt(50) == 0) {
            cdw12 |= 1 << 25;
        }
        byte[] sqe = Sqe.of(opcode, nsid, slba, cdw12, cdw13);
        if (opcode == 0x09) {
            sqe[44] = (byte) (random.nextBoolean() ? 4 : 0);
        }
        if (random.nextInt(10) == 0) {
            int at = random.nextInt(16);
            for (int i = 0; i < 4; i++) {
                sqe[at * 4 + i] = (byte) random.nextInt();
            }
        }
        return sqe;
    }
}
