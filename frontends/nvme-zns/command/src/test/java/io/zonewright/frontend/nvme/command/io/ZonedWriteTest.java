package io.zonewright.frontend.nvme.command.io;

import static io.zonewright.frontend.nvme.command.io.Disk.CAPACITY;
import static io.zonewright.frontend.nvme.command.io.Disk.LBA;
import static io.zonewright.frontend.nvme.command.io.Disk.ZONED;
import static io.zonewright.frontend.nvme.command.io.Disk.bytes;
import static io.zonewright.frontend.nvme.command.io.Disk.start;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.frontend.nvme.command.io.Host.Reply;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Write, Zone Append and Read in sequential-write-required zones (ZNS, "Sequential Write Required Zones"). */
class ZonedWriteTest {
    private final Disk disk = new Disk();

    @Test
    void writesAtThePointerOnly() {
        assertEquals(0, disk.write(start(3), 2));
        disk.assertZone(3, Disk.ZSIO, 2);
        Reply below = disk.host.send(Sqe.blocks(Sqe.WRITE, ZONED, start(3) + 1, 1), bytes(1, 1));
        assertEquals(0x41BC, below.status(), "Zone Invalid Write");
        assertEquals(40, below.errorLocation());
        assertEquals(start(3) + 1, below.errorLba());
        assertEquals(0x41BC, disk.write(start(3) + 3, 1), "above");
        assertEquals(0, disk.write(start(3) + 2, 10));
        disk.assertState(3, Disk.ZSF);
        assertArrayEquals(bytes(12, 0x77), disk.memory.stored((2L + 3) * Disk.ZONE * LBA, 12 * LBA));
    }

    @Test
    void afterAControllerResetAWriteMayBeSentAgain() {
        assertEquals(0, disk.write(ZONED, start(3), 2, 0x31));
        assertEquals(0x41BC, disk.write(ZONED, start(3), 2, 0x31));
        disk.host.controller.registers().writeCc(0);
        disk.host.controller.disabledDone();
        disk.host.enable();
        assertEquals(0, disk.write(ZONED, start(3), 2, 0x31));
        assertEquals(0x41BC, disk.write(ZONED, start(3), 2, 0x32), "other data");
        disk.assertZone(3, Disk.ZSIO, 2);
        assertEquals(0, disk.write(ZONED, start(3) + 2, 1, 0x33));
        assertEquals(0x41BC, disk.write(ZONED, start(3), 2, 0x31), "something new was written");
        assertEquals(1, disk.device.replayedWrites());
    }

    @Test
    void endsAtTheCapacity() {
        assertEquals(0, disk.write(start(1), 8));
        assertEquals(0x41B8, disk.write(start(1) + 8, 5), "capacity");
        assertEquals(0x41B8, disk.write(start(1) + 8, 9), "size");
        disk.assertZone(1, Disk.ZSIO, 8);
        assertEquals(0x41BC, disk.write(start(1) + CAPACITY, 1), "in the gap: not at the pointer, as QEMU says");
        assertEquals(0, disk.write(start(1) + 8, 4));
        assertEquals(0x41B9, disk.write(start(1) + CAPACITY, 1), "Zone Is Full");
        assertEquals(0x41B9, disk.write(start(1), 1), "Zone Is Full");
    }

    @Test
    void theStateComesBeforeThePointer() {
        disk.make(0, Disk.ZSRO);
        disk.make(1, Disk.ZSO);
        assertEquals(0x41BA, disk.write(start(0) + 5, 1));
        assertEquals(0x41BB, disk.write(start(1) + 5, 1));
        assertEquals(0x41BA, disk.append(0, 1).status());
        assertEquals(0x41BB, disk.append(1, 1).status());
        assertEquals(0, disk.read(ZONED, start(0), 1).status(), "read-only zones are read");
        assertArrayEquals(bytes(1, 0x77), disk.read(ZONED, start(0), 1).data());
        assertEquals(0x41BB, disk.read(ZONED, start(1), 1).status());
    }

    @Test
    void limitsOnWrites() {
        assertEquals(0, disk.act(Disk.OPEN, 0));
        assertEquals(0, disk.act(Disk.OPEN, 1));
        assertEquals(0x41BE, disk.write(start(2), 1), "Too Many Open Zones");
        assertEquals(0x41BE, disk.append(2, 1).status());
        disk.assertState(2, Disk.ZSE);
        assertEquals(0, disk.act(Disk.CLOSE, 0));
        assertEquals(0, disk.act(Disk.CLOSE, 1));
        assertEquals(0, disk.write(start(2), 1));
        Reply tooMany = disk.host.send(Sqe.blocks(Sqe.WRITE, ZONED, start(3), 1), bytes(1, 1));
        assertEquals(0x41BD, tooMany.status(), "Too Many Active Zones");
        assertEquals(0xFFFF, tooMany.errorLocation(), "no field is wrong");
        assertEquals(0x41BD, disk.append(3, 1).status());
        assertEquals(0x41BC, disk.write(start(3) + 1, 1), "the pointer comes before resources");
        assertEquals(0x41B8, disk.write(start(3), 13), "the boundary comes before resources");
    }

    @Test
    void activeIsToldBeforeOpen() {
        Disk both = new Disk(Disk.Options.USUAL.with(new ZoneLimits(2, 2, 8L * LBA)));
        assertEquals(0, both.act(Disk.OPEN, 0));
        assertEquals(0, both.act(Disk.OPEN, 1));
        assertEquals(0x41BD, both.write(start(2), 1));
        assertEquals(0x41BD, both.append(2, 1).status());
        assertEquals(0x41BD, both.act(Disk.OPEN, 2));
    }

    @Test
    void appendsAtThePointerAndTellsWhere() {
        // opcode 7Dh, NSID 1, ZSLBA 20h, NLB 1
        Reply first = disk.host.send(
                Sqe.hex("7d 00 07 00  01 00 00 00" + "00".repeat(32) + "20 00 00 00 00 00 00 00  01 00 00 00"),
                bytes(2, 0x12));
        assertEquals(0, first.status());
        assertEquals(0x20, first.dw0());
        assertEquals(0, first.dw1());
        Reply second = disk.append(2, 3);
        assertEquals(0x22, second.dw0());
        disk.assertZone(2, Disk.ZSIO, 5);
        assertArrayEquals(bytes(2, 0x12), disk.read(ZONED, 0x20, 2).data());
        assertArrayEquals(bytes(3, 0x77), disk.read(ZONED, 0x22, 3).data());
    }

    @Test
    void anAppendNamesAZonesFirstBlock() {
        Reply reply = disk.host.send(Sqe.blocks(Sqe.APPEND, ZONED, start(2) + 1, 1), bytes(1, 1));
        assertEquals(0x4002, reply.status());
        assertEquals(40, reply.errorLocation());
        disk.make(3, Disk.ZSF);
        assertEquals(
                0x4002,
                disk.host.status(Sqe.blocks(Sqe.APPEND, ZONED, start(3) + 1, 1), bytes(1, 1)),
                "before the zone's state");
        assertEquals(0x41B9, disk.append(3, 1).status());
        assertEquals(0x4080, disk.host.status(Sqe.blocks(Sqe.APPEND, ZONED, 144, 1)));
    }

    @Test
    void anAppendKeepsToZasl() {
        assertEquals(8L * LBA, disk.host.subsystem.io().maxAppendBytes());
        assertEquals(0, disk.append(0, 8).status());
        Reply reply = disk.host.send(Sqe.blocks(Sqe.APPEND, ZONED, start(0), 9));
        assertEquals(0x4002, reply.status());
        assertEquals(48, reply.errorLocation(), "NLB");
        assertEquals(0x41B8, disk.append(0, 5).status(), "Zone Boundary Error: four blocks are left");
        assertEquals(0, disk.append(0, 4).status());
        disk.assertState(0, Disk.ZSF);
    }

    @Test
    void aLimitThatZaslCannotTellIsRoundedDown() {
        Disk odd = new Disk(Disk.Options.USUAL.with(new ZoneLimits(0, 0, 7L * LBA)));
        assertEquals(4L * LBA, odd.host.subsystem.io().maxAppendBytes());
        assertEquals(0, odd.append(0, 4).status());
        assertEquals(0x4002, odd.host.status(Sqe.blocks(Sqe.APPEND, ZONED, 0, 5)));
        Disk tiny = new Disk(Disk.Options.USUAL.with(new ZoneLimits(0, 0, LBA)));
        assertEquals(0, tiny.host.subsystem.io().maxAppendBytes());
        assertEquals(0x4001, tiny.host.status(Sqe.blocks(Sqe.APPEND, ZONED, 0, 1)), "0 would mean MDTS");
    }

    @Test
    void reftagRemappingIsRefused() {
        Reply reply = disk.host.send(Sqe.of(Sqe.APPEND, ZONED, 0, 1 << 25, 0));
        assertEquals(0x4181, reply.status(), "Invalid Protection Information");
        assertEquals(51 | 1 << 8, reply.errorLocation());
    }

    @Test
    void readsAcrossZonesOnlyIfTheNamespaceSaysSo() {
        assertEquals(0, disk.write(start(0), 12));
        Reply across = disk.read(ZONED, 10, 8);
        assertEquals(0, across.status());
        assertArrayEquals(bytes(2, 0x77), Arrays.copyOf(across.data(), 2 * LBA));
        assertArrayEquals(new byte[6 * LBA], Arrays.copyOfRange(across.data(), 2 * LBA, 8 * LBA));

        Disk within = new Disk(Disk.Options.USUAL.within());
        for (int opcode : new int[] {Sqe.READ, Sqe.VERIFY, Sqe.COMPARE}) {
            byte[] data = opcode == Sqe.COMPARE ? new byte[2 * LBA] : new byte[0];
            assertEquals(0x41B8, within.host.status(Sqe.blocks(opcode, ZONED, 15, 2), data));
            assertEquals(0, within.host.status(Sqe.blocks(opcode, ZONED, 14, 2), data), "up to the boundary");
            assertEquals(0, within.host.status(Sqe.blocks(opcode, Disk.ORDINARY, 15, 2), data), "has no zones");
        }
        within.make(1, Disk.ZSO);
        for (int opcode : new int[] {Sqe.READ, Sqe.VERIFY, Sqe.COMPARE}) {
            byte[] data = opcode == Sqe.COMPARE ? new byte[2 * LBA] : new byte[0];
            assertEquals(0x41BB, within.host.status(Sqe.blocks(opcode, ZONED, 15, 2), data), "offline comes first");
        }
    }
}
