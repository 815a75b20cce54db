package io.zonewright.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.fake.ScriptedSyscalls;
import org.junit.jupiter.api.Test;

class FdTest {
    private final ScriptedSyscalls script = ScriptedSyscalls.alone().always("close", 0);
    private final Posix posix = new Posix(script);

    @Test
    void closesOnceAndIsOfNoUseAfterwards() {
        Fd fd = Fd.adopt(posix, 5);
        assertTrue(fd.isOpen());
        assertEquals(5, fd.number());
        fd.close();
        fd.close();
        assertEquals(1, script.count("close"));
        assertFalse(fd.isOpen());
        assertEquals("closed", fd.toString());
        assertEquals(
                "the file descriptor is closed",
                assertThrows(IllegalStateException.class, fd::number).getMessage());
    }

    @Test
    void aReleasedNumberIsNotClosed() {
        Fd fd = Fd.adopt(posix, 5);
        assertEquals(5, fd.release());
        fd.close();
        assertEquals(0, script.count("close"));
        assertThrows(IllegalStateException.class, fd::release);
    }

    @Test
    void aNegativeNumberIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Fd.adopt(posix, -1));
    }

    @Test
    void duplicatesAreCloseOnExecAndIndependent() {
        Posix real = Posix.system();
        try (Fd first = real.memfd("zw-test", 0)) {
            Fd second = first.duplicate();
            assertNotEquals(first.number(), second.number());
            assertTrue(real.fstat(first).sameFile(real.fstat(second)));
            second.close();
            assertEquals(0, real.fileSize(first));
        }
    }

    @Test
    void aBatchClosesWhatNobodyTook() {
        FdBatch batch = new FdBatch(posix, 3);
        batch.add(10);
        batch.add(11);
        assertEquals(2, batch.size());
        assertEquals(1, batch.remaining());
        Fd taken = batch.take(0);
        assertEquals(10, taken.number());
        assertEquals(
                "descriptor 0 is already taken",
                assertThrows(IllegalStateException.class, () -> batch.take(0)).getMessage());
        assertThrows(IndexOutOfBoundsException.class, () -> batch.take(2));
        batch.close();
        assertEquals(java.util.List.of("close(11)"), script.log());
        assertEquals(0, batch.size());
        assertEquals(3, batch.remaining());
    }

    @Test
    void aBatchClosesOneTooManyAtOnce() {
        FdBatch batch = new FdBatch(posix, 1);
        batch.add(10);
        batch.add(11);
        assertEquals(1, batch.size());
        assertEquals(java.util.List.of("close(11)"), script.log());
    }

    @Test
    void aBatchIsBounded() {
        assertThrows(IllegalArgumentException.class, () -> new FdBatch(posix, 254));
        assertThrows(IllegalArgumentException.class, () -> new FdBatch(posix, -1));
    }
}
