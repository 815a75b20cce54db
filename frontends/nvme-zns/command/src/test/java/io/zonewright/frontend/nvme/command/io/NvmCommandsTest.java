package io.zonewright.frontend.nvme.command.io;

import static io.zonewright.frontend.nvme.command.io.Disk.LBA;
import static io.zonewright.frontend.nvme.command.io.Disk.ORDINARY;
import static io.zonewright.frontend.nvme.command.io.Disk.ORDINARY_LBAS;
import static io.zonewright.frontend.nvme.command.io.Disk.ZONED;
import static io.zonewright.frontend.nvme.command.io.Disk.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.io.Host.Reply;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The NVM Command Set, mostly on the ordinary namespace. */
class NvmCommandsTest {
    /** 32 bytes that these commands leave to the carrier: CDW2 and 3, MPTR, DPTR. */
    private static final String POINTERS = "00".repeat(32);

    private final Disk disk = new Disk();
    private final Host host = disk.host;

    @Test
    void writesAndReadsBackLiteralEntries() {
        // opcode 01h, CID 1234h, NSID 2, SLBA 5, NLB 1 (two blocks)
        byte[] write = Sqe.hex("01 00 34 12  02 00 00 00" + POINTERS + "05 00 00 00 00 00 00 00  01 00 00 00");
        byte[] data = bytes(2, 0x5A);
        data[LBA] = 0x11;
        Reply written = host.send(write, data);
        assertEquals(0, written.status());
        assertEquals(0, written.dw0());
        assertEquals(0, written.dw1());
        assertArrayEquals(data, disk.memory.stored(5L * LBA, 2 * LBA));

        byte[] read = Sqe.hex("02 00 34 12  02 00 00 00" + POINTERS + "06 00 00 00 00 00 00 00  00 00 00 00");
        Reply reply = host.send(read);
        assertEquals(0, reply.status());
        assertEquals(LBA, reply.data().length);
        assertEquals("115a5a5a", reply.hex(0, 4));
        assertEquals("5a5a5a5a", reply.hex(LBA - 4, LBA));
    }

    @Test
    void whatWasNeverWrittenReadsAsZeroes() {
        assertArrayEquals(new byte[3 * LBA], disk.read(ORDINARY, 7, 3).data());
        assertArrayEquals(new byte[3 * LBA], disk.read(ZONED, 7, 3).data());
    }

    @Test
    void aRangeOutsideTheNamespaceIsRefused() {
        for (int opcode : new int[] {Sqe.READ, Sqe.WRITE, Sqe.COMPARE, Sqe.VERIFY, Sqe.WRITE_ZEROES}) {
            assertRange(opcode, ORDINARY_LBAS, 1);
            assertRange(opcode, ORDINARY_LBAS - 1, 2);
            assertRange(opcode, -1, 1);
            assertRange(opcode, Long.MAX_VALUE, 2);
            assertRange(opcode, Long.MIN_VALUE, 16);
            assertRange(opcode, 1L << 52, 1);
        }
        assertEquals(0, disk.read(ORDINARY, ORDINARY_LBAS - 1, 1).status());
    }

    private void assertRange(int opcode, long slba, int count) {
        Reply reply = host.send(Sqe.blocks(opcode, ORDINARY, slba, count));
        assertEquals(0x4080, reply.status(), "LBA Out of Range");
        assertEquals(40, reply.errorLocation(), "SLBA");
        assertEquals(slba, reply.errorLba());
    }

    @Test
    void theZonedNamespaceEndsBeforeTheSmallerLastZone() {
        assertEquals(0, disk.read(ZONED, 143, 1).status());
        assertEquals(0x4080, disk.read(ZONED, 144, 1).status());
        assertEquals(0x4080, disk.read(ZONED, 143, 2).status());
    }

    @Test
    void moreDataThanMdtsIsAnInvalidField() {
        assertEquals(0, disk.read(ORDINARY, 0, 16).status(), "64 KiB");
        for (int opcode : new int[] {Sqe.READ, Sqe.WRITE, Sqe.COMPARE}) {
            Reply reply = host.send(Sqe.blocks(opcode, ORDINARY, 0, 17));
            assertEquals(0x4002, reply.status());
            assertEquals(48, reply.errorLocation(), "NLB");
        }
        assertEquals(0x4002, host.status(Sqe.blocks(Sqe.READ, ORDINARY, 0, 65536)), "before the range");
        assertEquals(0, host.status(Sqe.blocks(Sqe.VERIFY, ORDINARY, 0, 32)), "no data, no MDTS");
        assertEquals(0, host.status(Sqe.blocks(Sqe.WRITE_ZEROES, ORDINARY, 0, 32)), "no data, no MDTS");
    }

    @Test
    void verifyHasALimitOfItsOwn() {
        assertEquals(8 << 20, host.subsystem.io().maxVerifyBytes());
        assertEquals(0x4080, host.status(Sqe.blocks(Sqe.VERIFY, ORDINARY, 0, 2048)), "8 MiB: only the range is wrong");
        Reply reply = host.send(Sqe.blocks(Sqe.VERIFY, ORDINARY, 0, 2049));
        assertEquals(0x4002, reply.status());
        assertEquals(48, reply.errorLocation());
    }

    @Test
    void protectionFieldsAndHintsMeanNothing() {
        // LR, PRINFO 1111b, STC; DSM hints; all tags set; CDW2 and 3 too
        ByteBuffer write = ByteBuffer.wrap(Sqe.of(Sqe.WRITE, ORDINARY, 3, 0xBD00_0000, 0x0000_00FF))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(8, -1)
                .putLong(56, -1);
        assertEquals(0, host.status(write.array(), bytes(1, 0x21)));
        ByteBuffer read = ByteBuffer.wrap(Sqe.of(Sqe.READ, ORDINARY, 3, 0xBD00_0000, 0x0000_00FF))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(8, -1)
                .putLong(56, -1);
        assertArrayEquals(bytes(1, 0x21), host.send(read.array()).data());
    }

    @Test
    void directivesAreNotEnabled() {
        Reply reply = host.send(Sqe.of(Sqe.WRITE, ORDINARY, 0, 0x0020_0000, 0x0001_0000));
        assertEquals(0x4002, reply.status(), "Data Placement");
        assertEquals(50 | 4 << 8, reply.errorLocation(), "bit 20 of CDW12");
        assertEquals(0x4002, host.status(Sqe.of(Sqe.APPEND, ZONED, 0, 0x0010_0000, 0)), "Streams");
    }

    @Test
    void fusedCommandsAreRefused() {
        byte[] compare = Sqe.blocks(Sqe.COMPARE, ORDINARY, 0, 1);
        compare[1] = 1;
        assertEquals(0x4002, host.status(compare));
        byte[] write = Sqe.blocks(Sqe.WRITE, ORDINARY, 0, 1);
        write[1] = 2;
        assertEquals(0x4002, host.status(write));
        assertArrayEquals(new byte[LBA], disk.memory.stored(0, LBA));
    }

    @Test
    void forceUnitAccessReachesTheMedium() {
        boolean[] seen = new boolean[1];
        Disk watched = new Disk();
        watched.script.holding(operation -> true);
        Host.Sent sent = watched.host.start(Sqe.of(Sqe.WRITE, ORDINARY, 0, Sqe.FUA, 0), bytes(1, 1));
        seen[0] = sent.request().forceUnitAccess();
        watched.script.carryOutAll();
        assertEquals(0, sent.await().status());
        assertTrue(seen[0]);
        Host.Sent plain = watched.host.start(Sqe.blocks(Sqe.WRITE, ORDINARY, 0, 1), bytes(1, 1));
        assertFalse(plain.request().forceUnitAccess());
        watched.script.carryOutAll();
        assertEquals(0, plain.await().status());
    }

    @Test
    void withoutAWriteCacheEveryWriteIsStable() {
        // opcode 09h, FID 06h, WCE 0
        assertEquals(0, host.admin(Sqe.hex("09 00 01 00" + "00".repeat(36) + "06 00 00 00  00 00 00 00")));
        disk.script.holding(operation -> true);
        Host.Sent write = host.start(Sqe.blocks(Sqe.WRITE, ORDINARY, 0, 1), bytes(1, 1));
        Host.Sent append = host.start(Sqe.blocks(Sqe.APPEND, ZONED, 0, 1), bytes(1, 1));
        Host.Sent zeroes = host.start(Sqe.of(Sqe.WRITE_ZEROES, ORDINARY, 5, Sqe.DEAC, 0));
        assertTrue(write.request().forceUnitAccess());
        assertTrue(append.request().forceUnitAccess());
        assertTrue(zeroes.request().forceUnitAccess());
        disk.script.carryOutAll();
        assertEquals(0, write.await().status());
        assertEquals(0, append.await().status());
        assertEquals(0, zeroes.await().status());
    }

    @Test
    void dataThatCannotBeReachedEndsTheCommand() {
        assertEquals(
                0x004,
                host.sendFromNowhere(Sqe.blocks(Sqe.COMPARE, ORDINARY, 0, 1)).status());
        assertEquals(0x004, host.sendFromNowhere(dataset(ORDINARY, 1, 0x4)).status(), "Data Transfer Error");
        assertEquals(
                0x004,
                host.sendFromNowhere(Sqe.of(Sqe.ZONE_RECEIVE, ZONED, 0, 31, 0)).status());
        assertEquals(0, host.status(Sqe.blocks(Sqe.COMPARE, ORDINARY, 0, 1), new byte[LBA]), "the buffer came back");
    }

    @Test
    void aReadWithForceUnitAccessFlushesFirst() {
        Host.Sent sent = disk.host.start(Sqe.of(Sqe.READ, ORDINARY, 4, Sqe.FUA | 1, 0));
        assertEquals(0, sent.await().status());
        assertEquals(List.of("FLUSH 0+0", "READ 16384+8192"), disk.script.log());
        Disk stable = new Disk(Disk.Options.USUAL.with(new Capabilities(false, false, true, true, false, false)));
        assertEquals(0, stable.host.status(Sqe.of(Sqe.READ, ORDINARY, 4, Sqe.FUA, 0)));
        assertEquals(List.of("READ 16384+4096"), stable.script.log());
    }

    @Test
    void flushesOneNamespaceOrAll() {
        assertEquals(0, host.status(Sqe.hex("00 00 01 00  01 00 00 00")));
        assertEquals(0, host.status(Sqe.hex("00 00 01 00  02 00 00 00")));
        assertEquals(0, host.status(Sqe.hex("00 00 01 00  ff ff ff ff")));
        assertEquals(List.of("FLUSH 0+0", "FLUSH 0+0", "FLUSH 0+0"), disk.script.log());
        assertEquals(0x400B, host.status(Sqe.hex("00 00 01 00  03 00 00 00")), "Invalid Namespace");
        assertEquals(0x400B, host.status(Sqe.hex("00 00 01 00  00 00 00 00")), "Invalid Namespace");
        assertEquals(0x400B, host.status(Sqe.blocks(Sqe.READ, -1, 0, 1)), "reads are of one namespace");
    }

    @Test
    void writesZeroes() {
        assertEquals(0, disk.write(ORDINARY, 0, 4, 0x66));
        assertEquals(0, host.status(Sqe.blocks(Sqe.WRITE_ZEROES, ORDINARY, 1, 2)));
        assertArrayEquals(bytes(1, 0x66), disk.memory.stored(0, LBA));
        assertArrayEquals(new byte[2 * LBA], disk.memory.stored(LBA, 2 * LBA));
        assertArrayEquals(bytes(1, 0x66), disk.memory.stored(3L * LBA, LBA));
        assertEquals("WRITE_ZEROES 4096+8192", disk.script.log().getLast());
    }

    @Test
    void writeZeroesWithDeallocateGivesRoomBack() {
        assertEquals(0, host.status(Sqe.of(Sqe.WRITE_ZEROES, ORDINARY, 1, Sqe.DEAC | 1, 0)));
        assertEquals("DISCARD 4096+8192", disk.script.log().getLast());
        assertEquals(0, host.status(Sqe.of(Sqe.WRITE_ZEROES, ORDINARY, 1, Sqe.DEAC | Sqe.FUA | 1, 0)));
        assertEquals("WRITE_ZEROES 4096+8192", disk.script.log().getLast(), "stable zeroes are written");
    }

    @Test
    void zeroesAreWrittenWhereDeallocatedBlocksReadAsAnything() {
        disk.script.discardingAnyhow();
        assertEquals(0, host.status(Sqe.of(Sqe.WRITE_ZEROES, ORDINARY, 1, Sqe.DEAC | 1, 0)));
        assertEquals("WRITE_ZEROES 4096+8192", disk.script.log().getLast());
    }

    @Test
    void theWholeNamespaceIsNotZeroed() {
        Reply reply = host.send(Sqe.of(Sqe.WRITE_ZEROES, ORDINARY, 0, 1 << 23, 0));
        assertEquals(0x4002, reply.status());
        assertEquals(50 | 7 << 8, reply.errorLocation(), "NSZ");
    }

    @Test
    void onAZonedNamespaceWriteZeroesIsAWriteAtThePointer() {
        assertEquals(0, disk.write(0, 2));
        assertEquals(0, host.status(Sqe.of(Sqe.WRITE_ZEROES, ZONED, 2, Sqe.DEAC | 2, 0)));
        disk.assertZone(0, Disk.ZSIO, 5);
        assertEquals(0x41BC, host.status(Sqe.blocks(Sqe.WRITE_ZEROES, ZONED, 2, 1)), "Zone Invalid Write");
        assertEquals(0x41B8, host.status(Sqe.blocks(Sqe.WRITE_ZEROES, ZONED, 5, 8)), "Zone Boundary Error");
        assertEquals(0, host.status(Sqe.blocks(Sqe.WRITE_ZEROES, ZONED, 5, 7)));
        disk.assertState(0, Disk.ZSF);
        assertEquals(0x41B9, host.status(Sqe.blocks(Sqe.WRITE_ZEROES, ZONED, 12, 1)), "Zone Is Full");
    }

    @Test
    void compares() {
        byte[] data = bytes(16, 0x31);
        assertEquals(0, host.status(Sqe.blocks(Sqe.WRITE, ORDINARY, 2, 16), data));
        assertEquals(0, host.status(Sqe.blocks(Sqe.COMPARE, ORDINARY, 2, 16), data));
        data[9 * LBA + 17] = 0;
        Reply reply = host.send(Sqe.blocks(Sqe.COMPARE, ORDINARY, 2, 16), data);
        assertEquals(0x4285, reply.status(), "Compare Failure");
        assertEquals(11, reply.errorLba());
        assertEquals(0xFFFF, reply.errorLocation(), "no field is wrong");
        assertEquals(0, host.status(Sqe.blocks(Sqe.COMPARE, ORDINARY, 2, 9), Arrays.copyOf(data, 9 * LBA)));
        assertEquals(0, host.status(Sqe.blocks(Sqe.COMPARE, ZONED, 3, 1), new byte[LBA]), "above the pointer");
    }

    @Test
    void comparesInPieces() {
        Host large = new Host(host.subsystem, 128 << 10);
        byte[] data = bytes(32, 0x44);
        assertEquals(0, large.status(Sqe.blocks(Sqe.WRITE, ORDINARY, 0, 32), data));
        int before = disk.script.log().size();
        assertEquals(0, large.status(Sqe.blocks(Sqe.COMPARE, ORDINARY, 0, 32), data));
        assertEquals(
                List.of("READ 0+65536", "READ 65536+65536"), disk.script.log().subList(before, before + 2));
        data[31 * LBA + 4095] = 0;
        Reply reply = large.send(Sqe.blocks(Sqe.COMPARE, ORDINARY, 0, 32), data);
        assertEquals(0x4285, reply.status());
        assertEquals(31, reply.errorLba());
        data[0] = 0;
        assertEquals(
                0, large.send(Sqe.blocks(Sqe.COMPARE, ORDINARY, 0, 32), data).errorLba(), "the first that differs");
        assertEquals("READ 0+65536", disk.script.log().getLast(), "nothing is read behind it");
    }

    @Test
    void anOfflineZoneIsNeitherComparedNorVerifiedNorRead() {
        disk.administer(Operation.ZONE_SET_OFFLINE, 4);
        for (int opcode : new int[] {Sqe.COMPARE, Sqe.VERIFY, Sqe.READ}) {
            byte[] data = opcode == Sqe.COMPARE ? new byte[2 * LBA] : new byte[0];
            Reply reply = host.send(Sqe.blocks(opcode, ZONED, Disk.start(4) - 1, 2), data);
            assertEquals(0x41BB, reply.status());
            assertEquals(40, reply.errorLocation());
        }
    }

    /** Range: attributes, length, start. */
    private static byte[] ranges(long... lengthsAndStarts) {
        ByteBuffer buffer = ByteBuffer.allocate(lengthsAndStarts.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < lengthsAndStarts.length; i += 2) {
            buffer.putInt(0xFFFF_FFFF).putInt((int) lengthsAndStarts[i]).putLong(lengthsAndStarts[i + 1]);
        }
        return buffer.array();
    }

    private static byte[] dataset(int nsid, int ranges, int attributes) {
        return ByteBuffer.wrap(Sqe.of(Sqe.DATASET, nsid, 0, 0, 0))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(40, ranges - 1)
                .putInt(44, attributes)
                .array();
    }

    @Test
    void deallocatesRanges() {
        assertEquals(0, disk.write(ORDINARY, 0, 10, 0x66));
        assertEquals(0, host.status(dataset(ORDINARY, 3, 0x4), ranges(2, 1, 0, 999, 1, 8)));
        assertEquals(
                List.of("DISCARD 4096+8192", "DISCARD 32768+4096"),
                disk.script.log().stream()
                        .filter(line -> line.startsWith("DISCARD"))
                        .toList());
        assertArrayEquals(bytes(1, 0x66), disk.read(ORDINARY, 0, 1).data());
        assertArrayEquals(new byte[2 * LBA], disk.read(ORDINARY, 1, 2).data());
        assertArrayEquals(bytes(5, 0x66), disk.read(ORDINARY, 3, 5).data());
        assertArrayEquals(new byte[LBA], disk.read(ORDINARY, 8, 1).data());
    }

    @Test
    void deallocates256Ranges() {
        long[] pairs = new long[512];
        for (int i = 0; i < 256; i++) {
            pairs[2 * i] = 1;
            pairs[2 * i + 1] = i % ORDINARY_LBAS;
        }
        assertEquals(0, host.status(dataset(ORDINARY, 256, 0x4), ranges(pairs)));
        assertEquals(256, disk.script.log().size());
        assertEquals(0, host.status(dataset(ORDINARY, 1, 0x4), ranges(0, 0)), "nothing to do");
        assertEquals(256, disk.script.log().size());
    }

    @Test
    void allRangesAreCheckedBeforeTheFirstIsDeallocated() {
        Reply reply = host.send(dataset(ORDINARY, 2, 0x4), ranges(1, 0, 1, ORDINARY_LBAS));
        assertEquals(0x4080, reply.status());
        assertEquals(ORDINARY_LBAS, reply.errorLba());
        assertEquals(0x4080, host.status(dataset(ORDINARY, 1, 0x4), ranges(0xFFFF_FFFFL, 0)));
        assertEquals(0x4080, host.status(dataset(ORDINARY, 1, 0x4), ranges(1, -1)));
        assertEquals(List.of(), disk.script.log());
    }

    @Test
    void hintsAreTakenAndForgotten() {
        assertEquals(0, host.status(dataset(ORDINARY, 1, 0x3), ranges(1, 12345)));
        assertEquals(List.of(), disk.script.log());
    }

    @Test
    void aZonedNamespaceKeepsItsDataAndItsPointer() {
        assertEquals(0, disk.write(0, 3));
        assertEquals(0, host.status(dataset(ZONED, 1, 0x4), ranges(2, 0)));
        assertArrayEquals(bytes(3, 0x77), disk.read(ZONED, 0, 3).data());
        disk.assertZone(0, Disk.ZSIO, 3);
        disk.administer(Operation.ZONE_SET_OFFLINE, 1);
        Reply reply = host.send(dataset(ZONED, 2, 0x4), ranges(1, 0, 2, 15));
        assertEquals(0x41BB, reply.status(), "Zone Is Offline");
        assertEquals(16, reply.errorLba());
    }

    @Test
    void aReadOnlyDeviceIsWriteProtected() {
        Disk readOnly = new Disk(Disk.Options.USUAL.with(new Capabilities(true, true, true, true, false, false)));
        assertEquals(0x4020, readOnly.write(ORDINARY, 0, 1, 1));
        assertEquals(0x4020, readOnly.write(0, 1));
        assertEquals(0x4020, readOnly.write(3, 1), "before the write pointer");
        assertEquals(0x4020, readOnly.append(0, 1).status());
        assertEquals(0x4020, readOnly.host.status(Sqe.blocks(Sqe.WRITE_ZEROES, ORDINARY, 0, 1)));
        assertEquals(0x4020, readOnly.host.status(dataset(ORDINARY, 1, 0x4), ranges(1, 0)));
        assertEquals(0x4020, readOnly.act(Disk.RESET, 0));
        assertEquals(0x4020, readOnly.act(Disk.RESET | Disk.SELECT_ALL, 0));
        assertEquals(0, readOnly.read(ORDINARY, 0, 1).status());
    }

    @Test
    void whatTheMediumCannotDoIsNotOffered() {
        Disk plain = new Disk(Disk.Options.USUAL.with(Capabilities.PLAIN));
        assertEquals(0x4001, plain.host.status(Sqe.blocks(Sqe.WRITE_ZEROES, ORDINARY, 0, 1)));
        assertEquals(0x4001, plain.host.status(dataset(ORDINARY, 1, 0)));
        assertFalse(plain.host.subsystem.io().handlers().containsKey(NvmeOpcode.DATASET_MANAGEMENT));
        assertEquals(0x4001, host.status(Sqe.blocks(0x04, ORDINARY, 0, 1)), "Write Uncorrectable");
        assertEquals(0x4001, host.status(Sqe.blocks(0x19, ORDINARY, 0, 1)), "Copy");
        assertEquals(0x4001, host.status(Sqe.blocks(Sqe.APPEND, ORDINARY, 0, 1)), "ZNS on an ordinary namespace");
        assertEquals(0x4001, host.status(Sqe.blocks(Sqe.ZONE_RECEIVE, ORDINARY, 0, 1)));
        assertEquals(0x4001, host.status(Sqe.blocks(Sqe.ZONE_SEND, ORDINARY, 0, 1)));
    }
}
