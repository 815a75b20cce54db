package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.zone.ZoneModel;
import io.zonewright.frontend.scsi.command.Initiator.Sent;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the CDB and the data: one completion, a status there is, sense data that says something, data within bounds. */
class RandomCommandsTest {
    private static final int ROUNDS = 10_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void everyTaskEndsOnceAndWithinBounds(long seed) {
        Random random = new Random(seed);
        Disk disk = seed % 2 == 0
                ? Disk.ordinary()
                : Disk.zoned(ZoneModel.HOST_MANAGED, seed == 1 ? 48 : 64, LogicalUnitOptions.DEFAULT);
        ScsiOpcode[] opcodes = ScsiOpcode.values();
        Initiator[] initiators = {disk.initiator, new Initiator(disk.target, 2)};
        for (int i = 0; i < ROUNDS; i++) {
            Initiator initiator = initiators[random.nextInt(initiators.length)];
            int offered = random.nextInt(10) == 0 ? 0 : random.nextInt(4097);
            Sent sent = initiator.prepare(0, "00", TaskAttribute.SIMPLE, offered, offered);
            ScsiOpcode opcode = opcodes[random.nextInt(opcodes.length)];
            int length = random.nextInt(20) == 0 ? 6 : 32;
            fill(random, opcode, sent.cdb());
            sent.prepare(Lun.encode(0), i, attribute(random), length, offered, offered);
            byte[] data = new byte[offered];
            if (random.nextBoolean()) {
                random.nextBytes(data);
            }
            initiator.go(sent, data);
            check(sent, offered, seed, i);
        }
        assertEquals("", disk.memory.defect());
    }

    /** Mostly bits that the command knows, and small addresses and lengths, so that much of it is carried out. */
    private static void fill(Random random, ScsiOpcode opcode, byte[] cdb) {
        byte[] usage = opcode.usage();
        boolean wild = random.nextInt(10) == 0;
        for (int i = 1; i < usage.length; i++) {
            int bits = random.nextInt(3) == 0 ? random.nextInt(256) : random.nextInt(4);
            cdb[i] = (byte) (wild ? bits : bits & usage[i] & (random.nextInt(4) == 0 ? 0xFF : 0x03));
        }
        cdb[0] = usage[0];
        if (opcode.code() == ScsiOpcode.VARIABLE_LENGTH) {
            System.arraycopy(usage, 7, cdb, 7, 3);
        } else if (opcode.serviceAction() != ScsiOpcode.NO_SERVICE_ACTION) {
            cdb[1] = usage[1];
        }
    }

    private static TaskAttribute attribute(Random random) {
        TaskAttribute[] all = TaskAttribute.values();
        return random.nextInt(4) == 0 ? all[random.nextInt(all.length)] : TaskAttribute.SIMPLE;
    }

    private static void check(Sent sent, int offered, long seed, int round) {
        String where = "seed " + seed + " round " + round + ": " + sent;
        assertTrue(sent.completed(), where);
        String result = sent.result();
        assertTrue(
                result.equals("00") || result.equals("18") || result.startsWith("02 7") || result.startsWith("02 F"),
                where + " " + result);
        assertTrue(sent.transferBytes() <= offered, where);
        assertTrue(sent.transferred() <= sent.transferBytes(), where);
        assertTrue(sent.transferred() <= sent.wantedBytes(), where);
        if (sent.status() == ScsiStatus.CHECK_CONDITION) {
            int key = sent.sense()[(sent.sense()[0] & 0x7F) == 0x70 ? 2 : 1];
            assertTrue(key == 0x5 || key == 0x6 || key == 0x7 || key == 0xE, where + " " + result);
        }
    }
}
