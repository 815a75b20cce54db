package io.zonewright.backend.linuxzbd.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.backend.linuxzbd.data.DataPathOptions.Mode;
import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.Syscalls;
import io.zonewright.posix.fake.ScriptedSyscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a kernel answers on bad days, by script. */
class ThreadsDataPathTest {
    private static final DataPathOptions OPTIONS = DataPathOptions.of(512, "test")
            .withMode(Mode.THREADS)
            .withQueue(1, 1)
            .withBounce(1, 8192);

    private final ScriptedSyscalls script = ScriptedSyscalls.over(Syscalls.system());
    private final Posix posix = new Posix(script);

    /** One request over descriptor 7, which exists only in the script. */
    private Asked run(DataPathOptions options, Asked asked) throws Exception {
        script.answer("close", 0);
        try (Fd seven = Fd.adopt(posix, 7);
                DataPath path = DataPaths.open(posix, seven, options, Asked::done)) {
            assertEquals("threads", path.counters().mode());
            path.submit(asked);
            asked.await();
        }
        return asked;
    }

    private List<String> calls(String name) {
        return script.log().stream().filter(line -> line.startsWith(name)).toList();
    }

    @Test
    void aShortTransferIsContinuedWhereItStopped() throws Exception {
        script.answer("pwritev2", 512).answer("pwritev2", 2048).answer("pwritev2", 1536);
        try (Arena arena = Arena.ofShared()) {
            Asked write = Asked.of(Operation.WRITE, 8192, arena.allocate(2048, 4096), arena.allocate(2048, 4096));
            assertEquals("4096 bytes, errno 0", run(OPTIONS, write).result());
        }
        assertEquals(
                List.of(
                        "pwritev2(7, 4096 bytes, 2, 8192, 0)",
                        "pwritev2(7, 4096 bytes, 2, 8704, 0)",
                        "pwritev2(7, 4096 bytes, 1, 10752, 0)"),
                calls("pwritev2"));
    }

    @Test
    void anErrorAfterAShortTransferTellsWhatWasMoved() throws Exception {
        script.answer("preadv2", 1024).fail("preadv2", Errno.EREMOTEIO);
        try (Arena arena = Arena.ofShared()) {
            Asked read = Asked.of(Operation.READ, 0, arena.allocate(4096, 4096));
            assertEquals("1024 bytes, errno 121", run(OPTIONS, read).result());
        }
    }

    @Test
    void interruptedCallsAreMadeAgainButNotForEver() throws Exception {
        script.fail("preadv2", Errno.EINTR).fail("preadv2", Errno.EAGAIN).answer("preadv2", 4096);
        try (Arena arena = Arena.ofShared()) {
            Asked read = Asked.of(Operation.READ, 0, arena.allocate(4096, 4096));
            assertEquals("4096 bytes, errno 0", run(OPTIONS, read).result());
            script.failAlways("preadv2", Errno.EAGAIN);
            Asked never = Asked.of(Operation.READ, 0, arena.allocate(4096, 4096));
            assertEquals("0 bytes, errno 11", run(OPTIONS, never).result());
        }
        assertEquals(3 + 17, script.count("preadv2"));
    }

    @Test
    void memoryThatTheKernelRefusesIsBounced() throws Exception {
        // The second call of pwritev2 fills the buffer, by the kernel; the others are the write itself.
        script.fail("pwritev2", Errno.EINVAL).pass("pwritev2").answer("pwritev2", 4096);
        try (Arena arena = Arena.ofShared()) {
            Asked write = Asked.of(Operation.WRITE, 512, arena.allocate(4096, 4096));
            assertEquals("4096 bytes, errno 0", run(OPTIONS, write).result());
        }
        List<String> calls = calls("pwritev2");
        assertEquals(3, calls.size());
        assertEquals("pwritev2(7, 4096 bytes, 1, 512, 0)", calls.get(0));
        assertTrue(calls.get(1).endsWith(", 4096 bytes, 1, 0, 0)"), calls.get(1));
        assertEquals("pwritev2(7, 4096 bytes, 1, 512, 0)", calls.get(2));
    }

    @Test
    void memoryThatIsRefusedTwiceIsAnError() throws Exception {
        script.fail("preadv2", Errno.EINVAL).fail("preadv2", Errno.EINVAL);
        try (Arena arena = Arena.ofShared()) {
            Asked read = Asked.of(Operation.READ, 0, arena.allocate(4096, 4096));
            assertEquals("0 bytes, errno 22", run(OPTIONS, read).result());
        }
    }

    @Test
    void stableWritesAndFlushes() throws Exception {
        script.answer("pwritev2", 512).answer("pwritev2", 512).answer("pwritev2", 512);
        script.answer("fdatasync", 0).fail("fdatasync", Errno.EIO);
        DataPathOptions stable = OPTIONS.withVolatileCache(false);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(512, 512);
            Asked plain = Asked.of(Operation.WRITE, 0, memory);
            Asked forced = Asked.of(Operation.WRITE, 512, memory);
            forced.setForceUnitAccess(true);
            Asked forcedWithoutCache = Asked.of(Operation.WRITE, 1024, memory);
            forcedWithoutCache.setForceUnitAccess(true);
            run(OPTIONS, plain);
            run(OPTIONS, forced);
            run(stable, forcedWithoutCache);
        }
        assertEquals(
                List.of(
                        "pwritev2(7, 4096 bytes, 1, 0, 0)",
                        "pwritev2(7, 4096 bytes, 1, 512, 2)",
                        "pwritev2(7, 4096 bytes, 1, 1024, 0)"),
                calls("pwritev2"));
        assertEquals(
                "0 bytes, errno 0", run(OPTIONS, Asked.of(Operation.FLUSH, 0)).result());
        assertEquals(
                "0 bytes, errno 5", run(OPTIONS, Asked.of(Operation.FLUSH, 0)).result());
        assertEquals(
                "0 bytes, errno 0", run(stable, Asked.of(Operation.FLUSH, 0)).result());
        assertEquals(2, script.count("fdatasync"));
    }
}
