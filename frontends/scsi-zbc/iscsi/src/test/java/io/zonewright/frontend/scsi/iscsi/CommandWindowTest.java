package io.zonewright.frontend.scsi.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.frontend.scsi.iscsi.CommandWindow.Verdict;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Numbers of commands across their wrap (RFC 1982), and tasks by their tags. */
class CommandWindowTest {
    private static IscsiTask task() {
        return new IscsiTask(Arena.ofAuto().allocate(IscsiTask.SCRATCH_BYTES));
    }

    private static CommandWindow at(int first, int depth) {
        CommandWindow window = new CommandWindow();
        window.start(first);
        window.open(depth);
        return window;
    }

    @Test
    void heldAcrossTheWrap() {
        CommandWindow window = at(0xFFFF_FFFE, 5);
        assertEquals(2, window.max());
        assertEquals(Verdict.IGNORED, window.judge(0xFFFF_FFFD));
        assertEquals(Verdict.IGNORED, window.judge(3));
        IscsiTask second = task();
        IscsiTask last = task();
        assertEquals(Verdict.LATER, window.judge(2));
        window.hold(2, last);
        assertEquals(Verdict.IGNORED, window.judge(2));
        window.hold(0xFFFF_FFFF, second);
        assertNull(window.next());
        assertEquals(Verdict.NEXT, window.judge(0xFFFF_FFFE));
        window.advance();
        assertSame(second, window.next());
        assertNull(window.next());
        assertTrue(window.fill(1)); // 0 is still missing
        assertFalse(window.fill(1));
        assertTrue(window.fill(0));
        assertSame(last, window.next());
        assertEquals(3, window.expected());
        assertNull(window.takeAny());
    }

    @Test
    void theWindowNeverShrinks() {
        CommandWindow window = at(1, 3);
        assertEquals(3, window.max());
        for (int n = 1; n <= 3; n++) {
            window.advance();
            window.enter();
            assertEquals(3, window.max());
        }
        assertEquals(Verdict.IGNORED, window.judge(4));
        window.leave();
        assertEquals(4, window.max());
        assertEquals(Verdict.NEXT, window.judge(4));
    }

    @Test
    void tasksByTheirTags() {
        Random random = new Random(42);
        TaskTable table = new TaskTable();
        Map<Integer, IscsiTask> model = new HashMap<>();
        for (int round = 0; round < 20_000; round++) {
            int tag = random.nextInt(400) * 0x0100_0001;
            IscsiTask known = model.get(tag);
            assertSame(known, table.get(tag));
            if (known == null) {
                IscsiTask fresh = task();
                fresh.itt = tag;
                table.add(fresh);
                model.put(tag, fresh);
            } else {
                table.remove(known);
                table.remove(known);
                model.remove(tag);
            }
            assertEquals(model.size(), table.size());
        }
        while (table.size() > 0) {
            IscsiTask some = table.any();
            assertSame(some, model.remove(some == null ? 0 : some.itt));
            table.remove(some == null ? task() : some);
        }
        assertNull(table.any());
    }
}
