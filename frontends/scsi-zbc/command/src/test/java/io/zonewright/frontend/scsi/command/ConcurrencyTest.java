package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Many threads in one task set. */
class ConcurrencyTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 2_000;

    private static final ValueLayout.OfLong BE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final class Task extends ScsiTask {
        private final Semaphore done = new Semaphore(0);
        private final MemorySegment memory = Arena.ofAuto().allocate(1024);

        @Override
        protected void onComplete() {
            done.release();
        }

        private int run(Nexus nexus, TaskAttribute attribute, String cdb, long tag) throws InterruptedException {
            byte[] bytes = Initiator.bytes(cdb);
            System.arraycopy(bytes, 0, cdb(), 0, bytes.length);
            prepare(0, tag, attribute, bytes.length, 512, 1024);
            if (nexus.begin(this)) {
                data().add(memory, 0, transferBytes());
                nexus.execute(this);
            }
            if (!done.tryAcquire(10, TimeUnit.SECONDS)) {
                throw new AssertionError("did not end: " + this);
            }
            return status();
        }
    }

    /** Each thread adds to one number by COMPARE AND WRITE; others read and write elsewhere, some in order. */
    @Test
    void compareAndWriteLosesNothing() throws Exception {
        Disk disk = Disk.ordinary();
        AtomicLong added = new AtomicLong();
        try (ExecutorService threads = Executors.newFixedThreadPool(2 * THREADS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Initiator initiator = new Initiator(disk.target, 10 + i).ready();
                all.add(threads.submit(() -> {
                    Task task = new Task();
                    for (int round = 0; round < ROUNDS / 10; round++) {
                        boolean stored = false;
                        for (int attempt = 0; !stored; attempt++) {
                            String read = "28 00 00 00 00 00 00 00 01 00";
                            assertEquals(0, task.run(initiator.nexus, TaskAttribute.SIMPLE, read, round));
                            assertTrue(attempt < 100_000, task::toString);
                            task.memory.asSlice(512, 512).copyFrom(task.memory.asSlice(0, 512));
                            task.memory.set(BE64, 512, task.memory.get(BE64, 0) + 1);
                            // With an offer of twice the blocks exactly.
                            stored = compareAndWrite(task, initiator.nexus) == 0;
                        }
                        added.incrementAndGet();
                    }
                    return null;
                }));
                all.add(threads.submit(() -> {
                    Task task = new Task();
                    for (int round = 0; round < ROUNDS; round++) {
                        TaskAttribute attribute = round % 50 == 0 ? TaskAttribute.ORDERED : TaskAttribute.SIMPLE;
                        assertEquals(0, task.run(initiator.nexus, attribute, "2A 00 00 00 00 10 00 00 01 00", round));
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        }
        Task task = new Task();
        task.run(disk.initiator.nexus, TaskAttribute.SIMPLE, "28 00 00 00 00 00 00 00 01 00", 1);
        assertEquals(THREADS * ROUNDS / 10, added.get());
        assertEquals(added.get(), task.memory.get(BE64, 0));
    }

    private static int compareAndWrite(Task task, Nexus nexus) throws InterruptedException {
        return task.run(nexus, TaskAttribute.SIMPLE, "89 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00", 1);
    }

    /** Aborts hit tasks in every phase; each ends once, and each function is answered. */
    @Test
    void abortsNeverLoseATask() throws Exception {
        Disk disk = Disk.ordinary();
        Initiator initiator = disk.initiator;
        Semaphore answered = new Semaphore(0);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<?> worker = threads.submit(() -> {
                Task task = new Task();
                for (int round = 0; round < ROUNDS; round++) {
                    TaskAttribute attribute = round % 7 == 0 ? TaskAttribute.ORDERED : TaskAttribute.SIMPLE;
                    int status = task.run(initiator.nexus, attribute, "28 00 00 00 00 00 00 00 01 00", 5);
                    assertEquals(status == ScsiStatus.TASK_ABORTED ? 0x40 : 0x00, status);
                }
                return null;
            });
            Future<?> aborter = threads.submit(() -> {
                for (int round = 0; round < ROUNDS; round++) {
                    initiator.nexus.manage(
                            TaskManagement.ABORT_TASK, 0, 5, (result, information) -> answered.release());
                }
                return null;
            });
            worker.get(60, TimeUnit.SECONDS);
            aborter.get(60, TimeUnit.SECONDS);
        }
        assertEquals(ROUNDS, answered.availablePermits());
    }
}
