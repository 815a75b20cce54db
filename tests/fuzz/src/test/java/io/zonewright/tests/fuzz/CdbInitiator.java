package io.zonewright.tests.fuzz;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.scsi.command.InitiatorPort;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.LogicalUnitOptions;
import io.zonewright.frontend.scsi.command.Nexus;
import io.zonewright.frontend.scsi.command.NexusListener;
import io.zonewright.frontend.scsi.command.ScsiTarget;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.TargetPort;
import io.zonewright.frontend.scsi.command.TaskAttribute;
import io.zonewright.frontend.scsi.command.Transfer;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An initiator with no carrier: byte arrays go straight into the command core, as the carriers do it. It plays the carrier's
 * part of the contract and watches the core's: a task ends exactly once, no more is moved than was offered, sense data goes
 * along with CHECK CONDITION only and is well formed, and bytes that nobody asked for stay as they are.
 */
final class CdbInitiator implements AutoCloseable {
    private static final int GUARD_BYTES = 64;
    private static final byte GUARD = (byte) 0xA5;
    private static final long PATIENCE_SECONDS = 20;

    private final LogicalUnit unit;
    private final Nexus nexus;
    private long tags;

    CdbInitiator(ZonedDevice device) {
        unit = new LogicalUnit(device, LogicalUnitOptions.DEFAULT);
        ScsiTarget target = new ScsiTarget(TargetPort.sas(0x3000_0000_0000_0001L));
        target.attach(0, unit);
        nexus = target.connect(InitiatorPort.sas(0x3000_0000_0000_0002L), NexusListener.NONE);
        Result first = run(new byte[6], 0);
        require(first.sense(), "6/29/00");
    }

    /**
     * What became of a command.
     *
     * @param code the status in two digits, or key/ASC/ASCQ of CHECK CONDITION
     * @param data data-in that is valid
     */
    record Result(String code, String sense, byte[] data) {}

    private static final class Task extends ScsiTask {
        private final CountDownLatch done = new CountDownLatch(1);
        private final AtomicInteger ends = new AtomicInteger();

        @Override
        protected void onComplete() {
            if (ends.incrementAndGet() > 1) {
                throw new IllegalStateException("ended twice: " + this);
            }
            done.countDown();
        }
    }

    /** Runs a command to its end. */
    Result run(byte[] cdb, long offeredIn, byte... out) {
        Task task = new Task();
        System.arraycopy(cdb, 0, task.cdb(), 0, cdb.length);
        task.prepare(0, ++tags, TaskAttribute.SIMPLE, cdb.length, offeredIn, out.length);
        byte[] memory = new byte[2 * GUARD_BYTES];
        if (nexus.begin(task)) {
            boolean reads = task.transfer() == Transfer.TO_INITIATOR;
            long most = reads ? offeredIn : out.length;
            int bytes = (int) task.transferBytes();
            check(bytes >= 0 && bytes <= most, "moves " + bytes + " of " + most, task);
            check(task.transfer() != Transfer.NONE || bytes == 0, "moves without a direction", task);
            memory = new byte[bytes + 2 * GUARD_BYTES];
            Arrays.fill(memory, GUARD);
            if (!reads) {
                System.arraycopy(out, 0, memory, GUARD_BYTES, bytes);
            }
            byte[] before = memory.clone();
            place(task, MemorySegment.ofArray(memory), bytes);
            nexus.execute(task);
            await(task);
            int end = memory.length - GUARD_BYTES;
            for (int i = 0; i < GUARD_BYTES; i++) {
                check(memory[i] == GUARD && memory[end + i] == GUARD, "wrote outside its data", task);
            }
            check(reads || Arrays.equals(before, memory), "wrote into data that it may only read", task);
        } else {
            check(task.done.getCount() == 0, "begin said no without an end", task);
        }
        return result(task, memory, offeredIn);
    }

    /** In three pieces, for the core has to take data as it comes. */
    private static void place(Task task, MemorySegment memory, int bytes) {
        int first = Math.min(bytes, 100);
        int second = Math.min(bytes - first, 4000);
        int[] lengths = {first, second, bytes - first - second};
        int at = GUARD_BYTES;
        for (int length : lengths) {
            if (length > 0) {
                task.data().add(memory, at, length);
            }
            at += length;
        }
    }

    private static void await(Task task) {
        try {
            check(task.done.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "does not end", task);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Result result(Task task, byte[] memory, long offeredIn) {
        boolean failed = task.status() == 0x02;
        check(failed == (task.senseLength() > 0), "sense data of " + task.senseLength() + " bytes", task);
        long valid = task.transferred();
        check(valid >= 0 && valid <= offeredIn && valid <= memory.length - 2 * GUARD_BYTES, "valid: " + valid, task);
        byte[] sense = task.sense();
        String bytes = HexFormat.ofDelimiter(" ").formatHex(sense, 0, task.senseLength());
        String code = String.format("%02X", task.status());
        if (failed) {
            check((sense[0] & 0x7F) == 0x70 && task.senseLength() == sense[7] + 8, "malformed sense " + bytes, task);
            code = String.format("%X/%02X/%02X", sense[2], sense[12], sense[13]);
        }
        return new Result(code, code + " " + bytes, Arrays.copyOfRange(memory, GUARD_BYTES, GUARD_BYTES + (int) valid));
    }

    private static void check(boolean holds, String what, ScsiTask task) {
        if (!holds) {
            throw new AssertionError("contract: " + what + ": " + task);
        }
    }

    private static void require(String sense, String code) {
        if (!sense.startsWith(code)) {
            throw new AssertionError("contract: not " + code + " first but " + sense);
        }
    }

    @Override
    public void close() {
        nexus.close();
        unit.close();
    }
}
