package io.zonewright.frontend.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The loops allocate nothing per command once they are warm: reads, with and without digests, at depth 16. */
class AllocationTest {
    private static final int DEPTH = 16;
    private static final int ROUNDS = 2_000;
    private static final int ATTEMPTS = 30;

    private static long allocatedByLoops() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("test-")) {
                sum += threads.getThreadAllocatedBytes(thread.threadId());
            }
        }
        return sum;
    }

    private static void round(OutputStream out, InputStream in, byte[] commands, byte[] answers) throws IOException {
        out.write(commands);
        if (in.readNBytes(answers, 0, answers.length) != answers.length) {
            throw new IOException("the connection ended");
        }
    }

    @Test
    void readsAllocateNothing() throws Exception {
        measure(Target.open(), 0, 4096, 24 + 24);
    }

    @Test
    void norDoDigests() throws Exception {
        measure(Target.open(), 3, 4096, 28 + 4 + 28);
    }

    @Test
    void norDoBorrowedReads() throws Exception {
        measure(Target.lending(), 0, 16 << 10, 24 + 24);
    }

    private static void measure(Target opened, int digests, int bytes, int around) throws Exception {
        int answerBytes = bytes + around;
        try (Target target = opened;
                Host admin = target.host();
                Host io = target.host()) {
            int id = admin.initialize(digests, 0, 0).admin(Target.NQN, 0);
            io.initialize(digests, 0, 0).queue(Target.NQN, id, 1, DEPTH + 1, 0);
            byte[] commands = {};
            for (int cid = 0; cid < DEPTH; cid++) {
                byte[] sqe = Host.sqeTransport(0x02, cid, 1, bytes);
                assertTrue(sqe.length == NvmeCommand.SQE_SIZE);
                commands = Bytes.join(commands, io.capsule(sqe, new byte[0]));
            }
            byte[] answers = new byte[DEPTH * answerBytes];
            OutputStream out = io.socket().getOutputStream();
            InputStream in = io.socket().getInputStream();
            long[] perCommand = new long[ATTEMPTS];
            boolean good = false;
            for (int attempt = 0; attempt < ATTEMPTS && !good; attempt++) {
                long before = allocatedByLoops();
                for (int i = 0; i < ROUNDS; i++) {
                    round(out, in, commands, answers);
                }
                perCommand[attempt] = allocatedByLoops() - before;
                good = perCommand[attempt] < ROUNDS * DEPTH;
            }
            assertTrue(good, () -> "bytes in " + ROUNDS * DEPTH + " commands: " + Arrays.toString(perCommand));
        }
    }
}
