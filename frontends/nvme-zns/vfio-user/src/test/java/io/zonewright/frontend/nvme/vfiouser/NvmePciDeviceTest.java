package io.zonewright.frontend.nvme.vfiouser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.frontend.nvme.vfiouser.Host.Pair;
import io.zonewright.frontend.nvme.vfiouser.Host.Rest;
import io.zonewright.frontend.nvme.vfiouser.queue.CompletionQueue;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.runtime.memory.GuestRegion;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The controller from its BAR and its queues, one step at a time. Statuses are DW3 bits 31:17: 4000h is "do not retry". */
class NvmePciDeviceTest {
    private static final int READ = 0x02;
    private static final int WRITE = 0x01;
    private static final int FLUSH = 0x00;
    private static final int IDENTIFY = 0x06;

    private Host host = new Host();

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void capabilitiesInWordsAndHalves() {
        // MQES 63, CQR, TO 20, CSS bits 37 and 43, CRMS
        assertEquals(0x0800_0820_1401_003FL, host.read64(0));
        assertEquals(0x1401_003F, host.read32(0));
        assertEquals(0x0800_0820, host.read32(4));
        ByteBuffer odd = ByteBuffer.allocate(3);
        host.device.read(0, 1, odd);
        assertArrayEquals(new byte[] {0x00, 0x01, 0x14}, odd.array());
    }

    @Test
    void becomesReadyAndBack() {
        assertEquals(0, host.csts());
        host.enable();
        assertEquals(1, host.csts());
        host.disable();
        assertEquals(0, host.csts());
        host.enable();
        assertEquals(1, host.csts());
    }

    @Test
    void adminQueuesOutsideOfMemoryAreFatal() {
        host.write32(0x24, 0x000F_000F);
        host.write64(0x28, Guest.END);
        host.write64(0x30, Host.ADMIN_CQ);
        host.write32(0x14, Host.CC_ENABLE);
        host.step();
        assertEquals(2, host.csts(), "CFS without RDY");
        assertEquals(List.of("the admin queues are not in the guest's memory"), host.guest.reasons());
    }

    @Test
    void aCompletionEntryByteForByte() {
        host.enable();
        host.admin.put(IDENTIFY, 0, Host.DATA, 0, 1);
        host.admin.put(0xC0, 0, 0, 0);
        host.admin.ringTail();
        host.step();
        // SQ head 1, SQ 0; command 0, phase 1, success
        assertArrayEquals(new int[] {0, 0, 0x0000_0001, 0x0001_0000}, host.admin.take());
        // SQ head 2; command 1, phase 1, Invalid Command Opcode, do not retry
        assertArrayEquals(new int[] {0, 0, 0x0000_0002, 0x8003_0001}, host.admin.take());
        assertFalse(host.admin.hasEntry());
        assertEquals(List.of(0), host.guest.takeInterrupts(), "one interrupt for the batch");
        assertEquals(0x57, host.guest.getByte(Host.DATA), "VID");
        assertEquals(0x5A, host.guest.getByte(Host.DATA + 1));
    }

    @Test
    void thePhaseTurnsWithEachRound() {
        host.enable();
        for (int i = 0; i < 3 * Host.ADMIN_ENTRIES; i++) {
            assertEquals(0, host.admin.run(IDENTIFY, 0, Host.DATA, 0, 1), "command " + i);
        }
        assertEquals(0, host.admin.phase);
    }

    @Test
    void writesAndReadsBack() {
        host.enable();
        Pair pair = host.pair(1, 16);
        host.guest.fill(Host.DATA, 0x1000, 0xA5);
        assertEquals(0, pair.run(WRITE, 1, Host.DATA, 0, 0, 0, 7));
        assertEquals(
                List.of(1),
                host.guest.takeInterrupts().stream()
                        .distinct()
                        .filter(v -> v != 0)
                        .toList());
        // Split by the seam of two regions.
        assertEquals(0, pair.run(READ, 1, Guest.SEAM - 0x1000 + 0x800, Guest.SEAM, 0, 0, 7));
        assertEquals(0xA5, host.guest.getByte(Guest.SEAM - 1));
        assertEquals(0xA5, host.guest.getByte(Guest.SEAM + 0x7FF));
    }

    @Test
    void writesThroughAnSgl() {
        host.enable();
        Pair pair = host.pair(1, 16);
        host.guest.fill(Host.DATA, 0x200, 0x5A);
        pair.putFlagged(WRITE, 0x40, 1, Host.DATA, 0x200, 0, 0, 0);
        pair.ringTail();
        host.step();
        assertEquals(0, pair.take()[3] >>> 17);
        pair.putFlagged(WRITE, 0x40, 1, Host.DATA, 0x1FF, 1, 0, 0);
        pair.ringTail();
        host.step();
        assertEquals(0x400F, pair.take()[3] >>> 17, "Data SGL Length Invalid");
    }

    @Test
    void dataThatCannotBeReachedIsRefused() {
        host.enable();
        Pair pair = host.pair(1, 16);
        assertEquals(0x4004, pair.run(READ, 1, Guest.END, 0, 0, 0, 0), "Data Transfer Error");
        assertEquals(0x4013, pair.run(READ, 1, Host.DATA + 1, 0, 0, 0, 0), "PRP Offset Invalid");
        assertEquals(0x4004, pair.run(READ, 1, Guest.READ_ONLY, 0, 0, 0, 0), "memory for reading only");
        assertEquals(0, pair.run(READ, 1, Host.DATA, 0, 0, 0, 0));
    }

    @Test
    void queueCreationIsChecked() {
        host.enable();
        long ring = 0x30000;
        // opcode, PRP1, CDW10, CDW11 -> status
        long[][] table = {
            {0x05, ring, 0x000F_0000, 0x0001_0003, 0x4101}, // CQ 0: Invalid Queue Identifier
            {0x05, ring, 0x000F_0005, 0x0001_0003, 0x4101}, // CQ 5 of 4
            {0x05, ring, 0x0000_0001, 0x0001_0003, 0x4102}, // one entry: Invalid Queue Size
            {0x05, ring, 0x0040_0001, 0x0001_0003, 0x4102}, // 65 entries
            {0x05, ring, 0x000F_0001, 0x0005_0003, 0x4108}, // vector 5: Invalid Interrupt Vector
            {0x05, ring, 0x000F_0001, 0x0001_0002, 0x4002}, // PC 0: Invalid Field
            {0x05, ring + 0x800, 0x000F_0001, 0x0001_0003, 0x4013}, // PRP Offset Invalid
            {0x05, Guest.END, 0x000F_0001, 0x0001_0003, 0x4004}, // Data Transfer Error
            {0x05, Guest.READ_ONLY, 0x000F_0001, 0x0001_0003, 0x4004},
            {0x05, ring, 0x000F_0001, 0x0001_0003, 0}, // CQ 1
            {0x05, ring, 0x000F_0001, 0x0001_0003, 0x4101}, // exists
            {0x01, ring, 0x000F_0000, 0x0001_0001, 0x4101}, // SQ 0
            {0x01, ring, 0x000F_0005, 0x0001_0001, 0x4101}, // SQ 5 of 4
            {0x01, ring, 0x000F_0001, 0x0000_0001, 0x4101}, // the admin completion queue
            {0x01, ring, 0x000F_0001, 0x0005_0001, 0x4101}, // CQ 5 of 4
            {0x01, ring, 0x000F_0001, 0x0002_0001, 0x4100}, // no CQ 2: Completion Queue Invalid
            {0x01, ring, 0x0000_0001, 0x0001_0001, 0x4102},
            {0x01, ring, 0x000F_0001, 0x0001_0000, 0x4002},
            {0x01, ring + 4, 0x000F_0001, 0x0001_0001, 0x4013},
            {0x01, Guest.END, 0x000F_0001, 0x0001_0001, 0x4004},
            {0x01, Guest.READ_ONLY, 0x000F_0001, 0x0001_0001, 0}, // may be read
            {0x01, ring, 0x000F_0001, 0x0001_0001, 0x4101},
            {0x04, 0, 0x0000_0001, 0, 0x410C}, // CQ in use: Invalid Queue Deletion
            {0x04, 0, 0x0000_0002, 0, 0x4101},
            {0x00, 0, 0x0000_0000, 0, 0x4101},
            {0x00, 0, 0x0000_0002, 0, 0x4101},
            {0x00, 0, 0x0000_0001, 0, 0},
            {0x04, 0, 0x0000_0001, 0, 0},
            {0x04, 0, 0x0000_0001, 0, 0x4101},
        };
        for (int i = 0; i < table.length; i++) {
            long[] row = table[i];
            int status = host.admin.run((int) row[0], 0, row[1], 0, (int) row[2], (int) row[3]);
            assertEquals(Long.toHexString(row[4]), Integer.toHexString(status), "row " + i);
        }
    }

    @Test
    void severalSubmissionQueuesShareACompletionQueue() {
        host.enable();
        Pair first = host.pair(1, 16);
        assertEquals(0, host.admin.run(0x01, 0, 0x30000, 0, 15 << 16 | 2, 1 << 16 | 1));
        Pair second = host.new Pair(2, 16, 0x30000, first.completions);
        first.put(READ, 1, Host.DATA, 0, 0, 0, 0);
        second.put(READ, 1, Host.DATA, 0, 0, 0, 0);
        first.ringTail();
        second.ringTail();
        host.step();
        List<Integer> submissions = List.of(first.take()[2] >>> 16, first.take()[2] >>> 16);
        assertEquals(List.of(1, 2), submissions.stream().sorted().toList());
    }

    @Test
    void aFullCompletionQueueHoldsCommandsBack() {
        host.enable();
        Pair pair = host.pair(1, 16);
        assertEquals(0, host.admin.run(0x05, 0, 0x32000, 0, 3 << 16 | 2, 2 << 16 | 3));
        assertEquals(0, host.admin.run(0x01, 0, 0x30000, 0, 15 << 16 | 2, 2 << 16 | 1));
        Pair narrow = host.new Pair(2, 4, 0x30000, 0x32000);
        host.guest.fill(0x32000, 0x1000, 0);
        for (int i = 0; i < 10; i++) {
            host.guest.fill(0x30000 + i * 64L, 64, 0);
            host.guest.putInt(0x30000 + i * 64L, READ | i << 16);
            host.guest.putInt(0x30000 + i * 64L + 4, 1);
            host.guest.putLong(0x30000 + i * 64L + 24, Host.DATA);
        }
        host.write32(0x1010, 10);
        host.step();
        int answered = 0;
        for (int round = 0; round < 10 && answered < 10; round++) {
            int before = answered;
            while (narrow.hasEntry()) {
                int[] entry = narrow.take();
                assertEquals(answered, entry[3] & 0xFFFF, "in order");
                answered++;
            }
            assertTrue(answered - before <= 3, "three entries fit");
            narrow.ringHead();
            host.step();
        }
        assertEquals(10, answered);
        assertEquals(0, pair.run(FLUSH, 1, 0, 0));
    }

    @Test
    void doorbellValuesThatCannotBe() {
        host.enable();
        Pair pair = host.pair(1, 16);
        host.write32(0x1008, 16);
        host.write32(0x1008, -1);
        host.write32(0x100C, 1);
        host.step();
        assertEquals(0, pair.run(READ, 1, Host.DATA, 0, 0, 0, 0), "the queue lives on");
        host.write32(0x1010, 1);
        host.write32(0x1FFC, 1);
        host.device.write(0, 0x1000, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN));
        assertEquals(5L, host.carrier.counters().get("wrong-doorbells"));
    }

    @Test
    void wrongDoorbellsAreEvents() {
        host.enable();
        host.admin.put(0x0C, 0, 0, 0);
        host.admin.put(0x0C, 0, 0, 0);
        host.admin.ringTail();
        host.step();
        assertFalse(host.admin.hasEntry());
        host.write32(0x1010, 1);
        host.step();
        assertEquals(0x0001_0000, host.admin.take()[0], "error, invalid doorbell register, page 01h");
        host.pair(1, 16);
        host.write32(0x1008, 16);
        host.step();
        assertEquals(0x0001_0100, host.admin.take()[0], "error, invalid doorbell write value, page 01h");
    }

    @Test
    void memoryThatIsCutShortStopsTheController() {
        Posix posix = Posix.system();
        Fd file = posix.memfd("guest", 0);
        posix.ftruncate(file, 1 << 20);
        try (Mapping mapping = Mapping.ofFile(posix, file, 0, 1 << 20, true)) {
            GuestMemory lent = new GuestMemory(List.of(new GuestRegion(0x40_0000, 0x40_0000, mapping.segment())));
            host.guest.setMemory(lent);
            host.device.memoryChanged(lent, new Rest());
            host.write32(0x24, 0x000F_000F);
            host.write64(0x28, 0x40_0000);
            host.write64(0x30, 0x40_1000);
            host.write32(0x14, Host.CC_ENABLE);
            host.step();
            assertEquals(1, host.csts());
            posix.ftruncate(mapping.fd(), 0);
            host.write32(0x1000, 1);
            host.step();
            assertEquals(3, host.csts(), "RDY, CFS");
            assertEquals(List.of("the guest's memory went away"), host.guest.reasons());
            host.guest.setMemory(host.guest.all());
            Rest rest = new Rest();
            host.device.reset(rest);
            host.device.memoryChanged(host.guest.all(), rest);
            host.step();
            assertEquals(2, rest.reached);
        }
        host.enable();
        assertEquals(0, host.admin.run(IDENTIFY, 0, Host.DATA, 0, 1), "good again after the reset");
    }

    @Test
    void shadowDoorbells() {
        host.enable();
        Pair pair = host.pair(1, 16);
        assertEquals(0, pair.run(READ, 1, Host.DATA, 0, 0, 0, 0));
        assertEquals(0x4002, host.admin.run(0x7C, 0, 0x50800, 0x51000), "shadow not at a page");
        assertEquals(0x4002, host.admin.run(0x7C, 0, 0x50000, 0x51800), "event indexes not at a page");
        assertEquals(0x4004, host.admin.run(0x7C, 0, Guest.END, 0x51000));
        host.guest.fill(0x50000, 0x2000, 0xEE);
        assertEquals(0, host.admin.run(0x7C, 0, 0x50000, 0x51000));
        assertEquals(1, host.cell(0x50000, 2).read(), "tail as it was");
        assertEquals(1, host.cell(0x51000, 2).read());
        assertEquals(1, host.cell(0x50000, 3).read(), "head as it was");
        pair.put(READ, 1, Host.DATA, 0, 0, 0, 0);
        host.cell(0x50000, 2).write(pair.tail);
        host.step();
        assertEquals(0, pair.take()[3] >>> 17, "without a message");
        assertEquals(0, host.admin.run(IDENTIFY, 0, Host.DATA, 0, 1), "the admin queue is rung as before");
        Pair later = host.pair(2, 16);
        assertEquals(0, host.cell(0x50000, 4).read(), "a new queue starts at 0");
        later.put(FLUSH, 1, 0, 0);
        host.cell(0x50000, 4).write(1);
        host.step();
        assertEquals(0, later.take()[3] >>> 17);
    }

    @Test
    void mappedDoorbells() {
        host.close();
        host = new Host(1, true).enable();
        Pair pair = host.pair(1, 16);
        pair.put(READ, 1, Host.DATA, 0, 0, 0, 0);
        new io.zonewright.frontend.nvme.vfiouser.queue.Cell(host.guest.shared(0), 0x1008).write(1);
        host.step();
        assertEquals(0, pair.take()[3] >>> 17);
        assertEquals(0x4001, host.admin.run(0x7C, 0, 0x50000, 0x51000), "no shadow doorbells beside");
    }

    @Test
    void interruptsWaitForTheThreshold() {
        host.enable();
        Pair pair = host.pair(1, 16);
        // Interrupt Coalescing: 3 entries, 25.5 ms
        assertEquals(0, host.admin.run(0x09, 0, 0, 0, 0x08, 0xFF02));
        host.guest.takeInterrupts();
        host.medium.holding(operation -> operation == Operation.WRITE);
        for (int i = 0; i < 5; i++) {
            host.guest.takeInterrupts();
            pair.put(WRITE, 1, Host.DATA, 0, i, 0, 0);
        }
        pair.ringTail();
        host.step();
        assertEquals(5, host.medium.held());
        host.medium.carryOut(0);
        host.step();
        host.medium.carryOut(0);
        host.step();
        assertEquals(List.of(), host.guest.takeInterrupts());
        host.medium.carryOut(0);
        host.step();
        assertEquals(List.of(1), host.guest.takeInterrupts(), "the third");
        host.medium.carryOut(0);
        host.step();
        host.nanos.addAndGet(25_499_999);
        host.step();
        assertEquals(List.of(), host.guest.takeInterrupts());
        host.medium.carryOut(0);
        host.step();
        assertEquals(List.of(1), host.guest.takeInterrupts(), "nothing is left to wait for");
        // Interrupt Vector Configuration: vector 1 without coalescing
        assertEquals(0, host.admin.run(0x09, 0, 0, 0, 0x09, 0x0001_0001));
        host.guest.takeInterrupts();
        pair.put(WRITE, 1, Host.DATA, 0, 5, 0, 0);
        pair.put(WRITE, 1, Host.DATA, 0, 6, 0, 0);
        pair.ringTail();
        host.step();
        host.medium.carryOut(0);
        host.step();
        assertEquals(List.of(1), host.guest.takeInterrupts());
        host.medium.carryOut(0);
    }

    @Test
    void interruptsWaitForTheTimeAtMost() {
        host.enable();
        Pair pair = host.pair(1, 16);
        assertEquals(0, host.admin.run(0x09, 0, 0, 0, 0x08, 0xFF02));
        host.medium.holding(operation -> operation == Operation.WRITE);
        for (int i = 0; i < 3; i++) {
            pair.put(WRITE, 1, Host.DATA, 0, i, 0, 0);
        }
        pair.ringTail();
        host.step();
        host.guest.takeInterrupts();
        host.medium.carryOut(0);
        host.step();
        host.nanos.addAndGet(25_499_999);
        host.step();
        assertEquals(List.of(), host.guest.takeInterrupts());
        host.nanos.incrementAndGet();
        host.step();
        assertEquals(List.of(1), host.guest.takeInterrupts(), "25.5 ms after the first entry");
        host.nanos.addAndGet(100_000_000);
        host.medium.carryOut(0);
        host.step();
        assertEquals(List.of(), host.guest.takeInterrupts(), "the time begins anew");
        host.medium.carryOut(0);
    }

    @Test
    void thePinIsALevelWithAMask() {
        host.guest.setMsix(false);
        host.enable();
        host.admin.put(IDENTIFY, 0, Host.DATA, 0, 1);
        host.admin.ringTail();
        host.step();
        assertTrue(host.guest.pin());
        host.write32(0x0C, 1);
        assertFalse(host.guest.pin(), "masked by INTMS");
        assertEquals(1, host.read32(0x10));
        host.write32(0x10, 1);
        assertTrue(host.guest.pin());
        host.admin.take();
        host.admin.ringHead();
        host.step();
        assertFalse(host.guest.pin(), "all taken");
        assertEquals(List.of(), host.guest.takeInterrupts());
        assertEquals(0x4108, host.admin.run(0x05, 0, 0x30000, 0, 15 << 16 | 1, 1 << 16 | 3), "vector 0 alone");
    }

    /** The loop may be in the middle of a round when the control thread disables the controller. */
    @Test
    void aPinRaisedWhileTheControllerIsDisabledIsLowered() {
        host.guest.setMsix(false);
        host.enable();
        host.write32(0x14, Host.CC_ENABLE & ~1);
        host.carrier.interrupt(new CompletionQueue(0, Host.ADMIN_CQ, Host.ADMIN_ENTRIES, 0, true));
        assertTrue(host.guest.pin());
        host.step();
        assertFalse(host.guest.pin());
        assertEquals(0, host.csts());
    }

    @Test
    void aFloodOfWrongDoorbellsIsOneTaskForTheLoop() {
        host.enable();
        for (int i = 0; i < 1000; i++) {
            host.write32(0x1000 + 8 * 60, i);
        }
        assertEquals(1, host.stepOnce(), "tasks");
        assertEquals(1000L, host.carrier.counters().get("wrong-doorbells"));
    }

    @Test
    void aResetWaitsForCommandsInFlightAndDropsTheirAnswers() {
        host.enable();
        Pair pair = host.pair(1, 16);
        host.medium.holding(operation -> operation == Operation.WRITE);
        pair.put(WRITE, 1, Host.DATA, 0, 0, 0, 0);
        pair.ringTail();
        host.step();
        assertEquals(List.of("WRITE 0+512"), host.medium.waiting());
        host.disable();
        assertEquals(1, host.csts(), "still ready: the write may touch memory");
        host.medium.carryOut(0);
        host.step();
        assertEquals(0, host.csts());
        assertFalse(pair.hasEntry());
        host.enable();
        Pair again = host.pair(1, 16);
        assertEquals(0, again.run(READ, 1, Host.DATA, 0, 0, 0, 0));
    }

    @Test
    void functionResetAndDepartureWaitTheSame() {
        host.enable();
        Pair pair = host.pair(1, 16);
        host.medium.holding(operation -> operation == Operation.WRITE);
        pair.put(WRITE, 1, Host.DATA, 0, 0, 0, 0);
        pair.ringTail();
        host.admin.put(0x0C, 0, 0, 0); // an event request waits for ever
        host.admin.ringTail();
        host.step();
        Rest rest = new Rest();
        host.device.reset(rest);
        host.step();
        assertEquals(0, rest.reached);
        assertEquals(0, host.read32(0x24), "registers at once");
        host.medium.carryOut(0);
        host.step();
        assertEquals(1, rest.reached);
        assertEquals(0, host.csts());
    }

    @Test
    void memoryIsLeftWhenWhatIsInFlightHasEnded() {
        host.enable();
        Pair pair = host.pair(1, 16);
        host.medium.holding(operation -> operation == Operation.WRITE);
        pair.put(WRITE, 1, Host.DATA, 0, 0, 0, 0);
        pair.ringTail();
        host.step();
        Rest rest = new Rest();
        host.device.memoryChanged(host.guest.aboveSeam(), rest);
        host.step();
        assertEquals(0, rest.reached);
        host.medium.carryOut(0);
        host.step();
        assertEquals(1, rest.reached);
        assertFalse(pair.hasEntry(), "the ring is gone");
        Rest back = new Rest();
        host.device.memoryChanged(host.guest.all(), back);
        host.step();
        assertEquals(1, back.reached);
        assertEquals(0, pair.take()[3] >>> 17, "and here again, with the answer");
        assertEquals(1, host.csts());
    }

    @Test
    void moreMemoryDoesNotWaitForWhatIsInFlight() {
        host.enable();
        Pair pair = host.pair(1, 16);
        Rest less = new Rest();
        host.device.memoryChanged(host.guest.belowSeam(), less);
        host.step();
        assertEquals(1, less.reached);
        assertEquals(0x4004, pair.run(WRITE, 1, Guest.SEAM, 0, 0, 0, 0), "not there");
        host.medium.holding(operation -> operation == Operation.WRITE);
        pair.put(WRITE, 1, Host.DATA, 0, 0, 0, 0);
        pair.ringTail();
        host.step();
        Rest more = new Rest();
        host.device.memoryAdded(host.guest.all(), more);
        host.step();
        assertEquals(1, more.reached, "the write is still with the medium");
        assertEquals(1, host.medium.held());
        Rest without = new Rest();
        host.device.memoryChanged(host.guest.belowSeam(), without);
        host.step();
        assertEquals(0, without.reached, "but memory that goes does wait");
        host.device.memoryAdded(host.guest.all(), more);
        host.step();
        assertEquals(2, more.reached);
        host.medium.carryOut(0);
        host.step();
        assertEquals(1, without.reached);
        assertEquals(0, pair.take()[3] >>> 17);
        pair.ringHead();
        host.medium.holding(operation -> false);
        assertEquals(0, pair.run(WRITE, 1, Guest.SEAM, 0, 1, 0, 0), "there now");
    }

    @Test
    void memoryThatIsAddedBringsQueuesBack() {
        host.enable();
        Pair pair = host.pair(1, 16);
        host.device.memoryChanged(host.guest.aboveSeam(), new Rest());
        pair.put(WRITE, 1, Host.DATA, 0, 0, 0, 0);
        pair.ringTail();
        host.step();
        assertFalse(pair.hasEntry());
        host.device.memoryAdded(host.guest.all(), new Rest());
        host.step();
        assertEquals(0, pair.take()[3] >>> 17);
    }

    /** Where a guest with a virtual IOMMU puts what it writes to a disk; the other way it is refused, and nothing faults. */
    @Test
    void memoryForReadingOnlyIsReadAndNeverWritten() {
        host.enable();
        Pair pair = host.pair(1, 16);
        assertEquals(0, pair.run(WRITE, 1, Guest.READ_ONLY, 0, 0, 0, 0));
        assertEquals(0x4004, pair.run(READ, 1, Guest.READ_ONLY, 0, 0, 0, 0), "Data Transfer Error, do not retry");
        assertEquals(0x4004, host.admin.run(IDENTIFY, 0, Guest.READ_ONLY, 0, 1));
        assertEquals(1, host.csts(), "no fault");
        assertEquals(List.of(), host.guest.reasons());
        assertEquals(0, pair.run(READ, 1, Host.DATA, 0, 0, 0, 0));
    }

    @Test
    void withoutBusMasteringNothingIsTaken() {
        host.enable();
        host.device.memoryChanged(GuestMemory.EMPTY, new Rest());
        host.admin.put(IDENTIFY, 0, Host.DATA, 0, 1);
        host.admin.ringTail();
        host.step();
        assertFalse(host.admin.hasEntry());
        host.device.memoryChanged(host.guest.all(), new Rest());
        host.step();
        assertEquals(0, host.admin.take()[3] >>> 17);
    }

    @Test
    void deletingAQueueWaitsForItsCommands() {
        host.enable();
        Pair pair = host.pair(1, 16);
        host.medium.holding(operation -> operation == Operation.WRITE);
        pair.put(WRITE, 1, Host.DATA, 0, 0, 0, 0);
        pair.ringTail();
        host.step();
        host.admin.put(0x00, 0, 0, 0, 1);
        host.admin.ringTail();
        host.step();
        assertFalse(host.admin.hasEntry());
        host.admin.put(0x00, 0, 0, 0, 1);
        host.admin.put(0x04, 0, 0, 0, 1);
        host.admin.ringTail();
        host.step();
        assertEquals(0x4101, host.admin.take()[3] >>> 17, "deleted already");
        assertEquals(0x410C, host.admin.take()[3] >>> 17, "still in use");
        host.medium.carryOut(0);
        host.step();
        assertEquals(0, pair.take()[3] >>> 17);
        assertEquals(0, host.admin.take()[3] >>> 17);
        assertEquals(0, host.admin.run(0x04, 0, 0, 0, 1));
    }

    @Test
    void queuesOnSeveralLoops() {
        host.close();
        host = new Host(3, false).enable();
        for (int id = 1; id <= 4; id++) {
            Pair pair = host.pair(id, 8);
            for (int i = 0; i < 20; i++) {
                assertEquals(0, pair.run(READ, 1, Host.DATA, 0, 0, 0, 0));
            }
        }
        for (int id = 1; id <= 4; id++) {
            assertEquals(0, host.admin.run(0x00, 0, 0, 0, id));
            assertEquals(0, host.admin.run(0x04, 0, 0, 0, id));
        }
        host.disable();
        assertEquals(0, host.csts());
    }

    @Test
    void aRingOverOtherRingsHarmsNobodyButItsOwner() {
        host.enable();
        // Submission and completion entries in the same place: each answer overwrites the next command.
        assertEquals(0, host.admin.run(0x05, 0, 0x30000, 0, 15 << 16 | 1, 1 << 16 | 3));
        assertEquals(0, host.admin.run(0x01, 0, 0x30000, 0, 15 << 16 | 1, 1 << 16 | 1));
        host.guest.fill(0x30000, 0x1000, 0xFF);
        host.write32(0x1008, 15);
        host.step();
        assertEquals(1, host.csts());
        assertEquals(0, host.admin.run(IDENTIFY, 0, Host.DATA, 0, 1));
    }

    @Test
    void grantsNoMoreQueuesThanThereAre() {
        host.enable();
        host.admin.put(0x09, 0, 0, 0, 0x07, 0x00FF_0001);
        host.admin.ringTail();
        host.step();
        int[] entry = host.admin.take();
        assertEquals(0, entry[3] >>> 17);
        assertEquals(0x0003_0001, entry[0]);
    }

    @Test
    void shutdownIsAcknowledged() {
        host.enable();
        host.write32(0x14, Host.CC_ENABLE | 1 << 14);
        host.step();
        assertEquals(0x9, host.csts(), "RDY, SHST 2");
        assertEquals(1L, host.carrier.counters().get("shutdowns"));
    }
}
