package io.zonewright.frontend.scsi.iscsi;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The loops allocate nothing per command once they are warm: reads at depth 8, and writes with their data. */
class AllocationTest {
    private static final int DEPTH = Target.DEPTH;
    private static final int ROUNDS = 2_000;
    private static final int ATTEMPTS = 30;
    private static final int READ = 0xC0;
    private static final int WRITE = 0xA0;

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

    @Test
    void readsAllocateNothing() throws Exception {
        measure(Target.open(), "", READ, Wire.read16(0, 8), 4096, 4096 + 48);
    }

    @Test
    void norDoDigests() throws Exception {
        measure(Target.open(), "HeaderDigest=CRC32C|DataDigest=CRC32C|", READ, Wire.read16(0, 8), 4096, 4096 + 48 + 8);
    }

    @Test
    void norDoLentReadsInSegments() throws Exception {
        measure(Target.lending(), "", READ, Wire.read16(0, 32), 16 << 10, (16 << 10) + 2 * 48);
    }

    /** Writes that the zone refuses, whose way through the carrier is the same. */
    @Test
    void norDoWrites() throws Exception {
        measure(Target.open(), "", WRITE, Wire.write16(4096, 8), 4096, 48 + 20);
    }

    private static void measure(Target opened, String keys, int flags, String cdb, int bytes, int answerBytes)
            throws Exception {
        try (Target target = opened;
                Wire wire = target.wire().loggedIn(keys)) {
            byte[] data = new byte[flags == WRITE ? bytes : 0];
            int size = wire.commandPdu(2, flags, bytes, cdb, data).length;
            ByteBuffer commands = ByteBuffer.allocate(DEPTH * size);
            byte[] answers = new byte[DEPTH * answerBytes];
            OutputStream out = wire.socket().getOutputStream();
            InputStream in = wire.socket().getInputStream();
            long[] perCommand = new long[ATTEMPTS];
            boolean good = false;
            int cmdSn = 2;
            for (int attempt = 0; attempt < ATTEMPTS && !good; attempt++) {
                long before = allocatedByLoops();
                for (int i = 0; i < ROUNDS; i++) {
                    commands.clear();
                    for (int n = 0; n < DEPTH; n++) {
                        commands.put(wire.commandPdu(cmdSn++, flags, bytes, cdb, data));
                    }
                    round(out, in, commands.array(), answers);
                }
                perCommand[attempt] = allocatedByLoops() - before;
                good = perCommand[attempt] < ROUNDS * DEPTH;
            }
            assertTrue(good, () -> "bytes in " + ROUNDS * DEPTH + " commands: " + Arrays.toString(perCommand));
        }
    }

    private static void round(OutputStream out, InputStream in, byte[] commands, byte[] answers) throws IOException {
        out.write(commands);
        if (in.readNBytes(answers, 0, answers.length) != answers.length) {
            throw new IOException("the connection ended");
        }
    }
}
