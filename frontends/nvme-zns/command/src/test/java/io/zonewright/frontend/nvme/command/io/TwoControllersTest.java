package io.zonewright.frontend.nvme.command.io;

import static io.zonewright.frontend.nvme.command.io.Disk.LBA;
import static io.zonewright.frontend.nvme.command.io.Disk.ZONED;
import static io.zonewright.frontend.nvme.command.io.Disk.bytes;
import static io.zonewright.frontend.nvme.command.io.Disk.start;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.frontend.nvme.command.io.Host.Reply;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Two hosts, each with a controller of its own, share one namespace and see one zone state. */
class TwoControllersTest {
    private final Disk disk = new Disk(Disk.Options.USUAL.with(new ZoneLimits(0, 0, 8L * LBA)));
    private final Host one = disk.host;
    private final Host other = new Host(disk.host.subsystem);

    @Test
    void oneSeesWhatTheOtherDid() {
        assertEquals(0, one.status(Sqe.blocks(Sqe.WRITE, ZONED, start(2), 2), bytes(2, 9)));
        assertArrayEquals(
                bytes(2, 9),
                other.send(Sqe.blocks(Sqe.READ, ZONED, start(2), 2)).data());
        assertEquals(0x41BC, other.status(Sqe.blocks(Sqe.WRITE, ZONED, start(2), 1), bytes(1, 1)));
        Reply appended = other.send(Sqe.blocks(Sqe.APPEND, ZONED, start(2), 1), bytes(1, 8));
        assertEquals(start(2) + 2, appended.dw0());
        assertEquals(0, other.status(Sqe.of(Sqe.ZONE_SEND, ZONED, start(2), 0, Disk.RESET)));
        disk.assertZone(2, Disk.ZSE, 0);
    }

    @Test
    void aControllerThatGoesLeavesTheOther() {
        other.controller.registers().writeCc(0);
        other.controller.disabledDone();
        assertEquals(0x400C, other.status(Sqe.blocks(Sqe.READ, ZONED, 0, 1)), "Command Sequence Error");
        assertEquals(0, one.status(Sqe.blocks(Sqe.READ, ZONED, 0, 1)));
    }

    @Test
    void appendsOfBothNeverShareABlock() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 200; round++) {
                List<Future<List<Integer>>> placed = new ArrayList<>();
                for (Host host : List.of(one, other)) {
                    Callable<List<Integer>> appends = () -> appendUntilFull(host);
                    placed.add(threads.submit(appends));
                }
                BitSet taken = new BitSet();
                for (Future<List<Integer>> future : placed) {
                    for (int lba : future.get(30, TimeUnit.SECONDS)) {
                        assertTrue(lba >= start(5) && lba < start(5) + Disk.CAPACITY, "in the zone: " + lba);
                        assertTrue(!taken.get(lba), "twice: " + lba);
                        taken.set(lba);
                    }
                }
                assertEquals(Disk.CAPACITY, taken.cardinality());
                disk.assertState(5, Disk.ZSF);
                assertEquals(0, one.status(Sqe.of(Sqe.ZONE_SEND, ZONED, start(5), 0, Disk.RESET)));
            }
        }
    }

    private static List<Integer> appendUntilFull(Host host) {
        List<Integer> placed = new ArrayList<>();
        while (true) {
            Reply reply = host.send(Sqe.blocks(Sqe.APPEND, ZONED, start(5), 1), bytes(1, placed.size()));
            if (reply.status() != 0) {
                assertEquals(0x41B9, reply.status(), "Zone Is Full");
                return placed;
            }
            placed.add(reply.dw0());
        }
    }

    @Test
    void writesOfBothToOneZoneSucceedOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 100; round++) {
                List<Future<Integer>> written = new ArrayList<>();
                for (Host host : List.of(one, other)) {
                    written.add(threads.submit(() -> {
                        int good = 0;
                        for (int lba = 0; lba < Disk.CAPACITY; lba++) {
                            int status = host.status(Sqe.blocks(Sqe.WRITE, ZONED, start(6) + lba, 1), bytes(1, 1));
                            assertTrue(
                                    status == 0 || status == 0x41BC || status == 0x41B9, Integer.toHexString(status));
                            good += status == 0 ? 1 : 0;
                        }
                        return good;
                    }));
                }
                int good = 0;
                for (Future<Integer> future : written) {
                    good += future.get(30, TimeUnit.SECONDS);
                }
                int state = disk.state(6);
                long pointer = state == Disk.ZSF ? Disk.CAPACITY : disk.pointer(6);
                assertEquals(pointer, good, "each block of the zone was written by one of them");
                assertEquals(0, one.status(Sqe.of(Sqe.ZONE_SEND, ZONED, start(6), 0, Disk.RESET)));
            }
        }
    }
}
