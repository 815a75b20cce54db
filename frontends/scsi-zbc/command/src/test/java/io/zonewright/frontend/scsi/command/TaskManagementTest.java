package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.Initiator.Sent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads and writes are held by the medium until the test lets them go. */
class TaskManagementTest {
    private static final String READ = "28 00 00 00 00 00 00 00 01 00";
    private static final String WRITE = "2A 00 00 00 00 00 00 00 01 00";
    private static final String COMPARE_AND_WRITE = "89 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00";

    private final Disk disk = Disk.ordinary();
    private final Initiator a = disk.initiator;
    private final Initiator b = new Initiator(disk.target, 2).ready();
    private final List<String> answers = new ArrayList<>();

    @BeforeEach
    void hold() {
        disk.script.holding(operation -> operation == Operation.READ || operation == Operation.WRITE);
    }

    private void manage(Initiator by, TaskManagement function, long tag) {
        by.nexus.manage(
                function,
                0,
                tag,
                (result, information) -> answers.add(result + " " + Integer.toHexString(information)));
    }

    private void assertAnswers(String... expected) {
        assertEquals(List.of(expected), answers);
    }

    @Test
    void abortTaskWaitsForTheDevice() {
        Sent one = a.send(READ);
        Sent two = a.send(READ);
        manage(a, TaskManagement.QUERY_TASK, one.tag());
        manage(a, TaskManagement.QUERY_TASK, 0x777);
        manage(a, TaskManagement.ABORT_TASK, one.tag());
        assertAnswers("SUCCEEDED 0", "COMPLETE 0");
        disk.script.carryOut(1);
        assertEquals("00", two.result());
        assertEquals(2, answers.size());
        disk.script.carryOut(0);
        assertEquals("40", one.result());
        assertFalse(one.answered());
        assertEquals(0, one.transferred());
        assertEquals(3, answers.size());
        manage(a, TaskManagement.ABORT_TASK, one.tag());
        assertEquals("COMPLETE 0", answers.get(3));
    }

    @Test
    void aTaskThatGathersItsDataIsToldToStop() {
        Sent write = a.prepare(0, WRITE, TaskAttribute.SIMPLE, 0, 512);
        assertTrue(a.nexus.begin(write));
        manage(a, TaskManagement.ABORT_TASK_SET, 0);
        assertTrue(write.toldAborted());
        assertFalse(write.completed());
        assertAnswers();
        a.nexus.execute(write);
        assertEquals("40", write.result());
        assertAnswers("COMPLETE 0");
        assertEquals(List.of(), disk.script.waiting());
    }

    @Test
    void clearTaskSetTellsOthers() {
        Sent mine = a.send(READ);
        Sent theirs = b.send(READ);
        manage(a, TaskManagement.CLEAR_TASK_SET, 0);
        disk.script.carryOutAll();
        assertEquals("40", mine.result());
        assertEquals("40", theirs.result());
        assertFalse(theirs.answered());
        assertAnswers("COMPLETE 0");
        assertEquals("02 70 00 06 00 00 00 00 0A 00 00 00 00 2F 00 00 00 00 00", b.ask("00 00 00 00 00 00"));
        assertEquals("00", a.ask("00 00 00 00 00 00"));
    }

    @Test
    void withTasOthersAreSentTheStatus() {
        assertEquals(
                "00", a.ask("15 10 00 00 10 00", Initiator.bytes("00 00 00 00 0A 0A 02 10 00 40 00 00 00 00 00 00")));
        assertEquals(Sense.MODE_PARAMETERS_CHANGED, b.sense("00 00 00 00 00 00"));
        Sent theirs = b.send(READ);
        manage(a, TaskManagement.CLEAR_TASK_SET, 0);
        disk.script.carryOutAll();
        assertEquals("40", theirs.result());
        assertTrue(theirs.answered());
        assertEquals("00", b.ask("00 00 00 00 00 00"));
    }

    @Test
    void resetsAndWhatTheyTell() {
        Sent theirs = b.send(READ);
        assertEquals("00", a.ask("16 00 00 00 00 00"));
        manage(a, TaskManagement.LOGICAL_UNIT_RESET, 0);
        disk.script.carryOutAll();
        assertEquals("40", theirs.result());
        assertAnswers("COMPLETE 0");
        String reset = "02 70 00 06 00 00 00 00 0A 00 00 00 00 29 03 00 00 00 00";
        manage(b, TaskManagement.QUERY_ASYNCHRONOUS_EVENT, 0);
        assertEquals("SUCCEEDED 62903", answers.get(1));
        assertEquals(reset, b.ask("00 00 00 00 00 00"));
        // The reservation is gone.
        assertEquals("00", b.ask("00 00 00 00 00 00"));
        manage(a, TaskManagement.TARGET_RESET, 0);
        assertEquals(reset, b.ask("00 00 00 00 00 00"));
        assertEquals(reset, a.ask("00 00 00 00 00 00"));
        manage(a, TaskManagement.I_T_NEXUS_RESET, 0);
        assertEquals("02 70 00 06 00 00 00 00 0A 00 00 00 00 29 07 00 00 00 00", a.ask("00 00 00 00 00 00"));
        assertEquals("00", b.ask("00 00 00 00 00 00"));
    }

    @Test
    void whatIsNotThere() {
        a.nexus.manage(TaskManagement.ABORT_TASK_SET, Lun.encode(5), 0, (result, i) -> answers.add(result.toString()));
        manage(a, TaskManagement.CLEAR_ACA, 0);
        manage(a, TaskManagement.QUERY_TASK_SET, 0);
        manage(a, TaskManagement.QUERY_ASYNCHRONOUS_EVENT, 0);
        assertAnswers("INCORRECT_LOGICAL_UNIT", "REJECTED 0", "COMPLETE 0", "COMPLETE 0");
        assertEquals(Sense.INVALID_MESSAGE, Initiator.senseOf(a.send(TaskAttribute.ACA, "00 00 00 00 00 00")));
    }

    @Test
    void orderedTasksWaitForOlderOnesAndHoldYoungerOnes() {
        Sent older = a.send(READ);
        Sent ordered = a.send(TaskAttribute.ORDERED, READ);
        Sent younger = b.send(READ);
        assertEquals(List.of("READ 0+512"), disk.script.waiting());
        Sent head = b.send(TaskAttribute.HEAD_OF_QUEUE, READ);
        assertEquals(2, disk.script.held());
        disk.script.carryOut(0);
        assertEquals("00", older.result());
        assertEquals(1, disk.script.held());
        disk.script.carryOut(0);
        assertEquals("00", head.result());
        assertEquals(1, disk.script.held());
        assertFalse(ordered.completed());
        disk.script.carryOut(0);
        assertEquals("00", ordered.result());
        assertEquals(1, disk.script.held());
        disk.script.carryOut(0);
        assertEquals("00", younger.result());
        assertTrue(a.send(READ).phase() == ScsiTask.RUNNING);
    }

    @Test
    void compareAndWriteIsAlone() {
        Sent compare = a.send(COMPARE_AND_WRITE, new byte[1024]);
        Sent write = b.send(WRITE, Initiator.filled(512, 1));
        Sent second = b.send(COMPARE_AND_WRITE, new byte[1024]);
        assertEquals(List.of("READ 0+512"), disk.script.waiting());
        disk.script.carryOut(0);
        assertEquals(List.of("WRITE 0+512"), disk.script.waiting());
        assertFalse(compare.completed());
        disk.script.carryOut(0);
        assertEquals("00", compare.result());
        assertEquals(List.of("WRITE 0+512"), disk.script.waiting());
        disk.script.carryOut(0);
        assertEquals("00", write.result());
        disk.script.carryOut(0);
        assertEquals(Sense.MISCOMPARE, Initiator.senseOf(second));
    }

    @Test
    void aWaitingTaskIsAbortedAtOnce() {
        Sent older = a.send(READ);
        Sent ordered = a.send(TaskAttribute.ORDERED, READ);
        Sent younger = a.send(READ);
        manage(a, TaskManagement.ABORT_TASK, ordered.tag());
        assertEquals("40", ordered.result());
        assertAnswers("COMPLETE 0");
        assertEquals(2, disk.script.held());
        disk.script.carryOutAll();
        assertEquals("00", older.result());
        assertEquals("00", younger.result());
    }

    @Test
    void aClosedNexusEndsItsTasks() {
        Sent read = a.send(READ);
        a.nexus.close();
        assertFalse(read.completed());
        disk.script.carryOutAll();
        assertEquals("40", read.result());
        assertFalse(read.answered());
        assertEquals("40", a.ask("00 00 00 00 00 00"));
        assertEquals(1, disk.target.nexusCount());
        assertEquals(1, disk.unit.unitNexuses().size());
    }

    @Test
    void aRefusedTaskHasTheCarriersSense() {
        Sent write = a.prepare(0, WRITE, TaskAttribute.SIMPLE, 0, 512);
        assertTrue(a.nexus.begin(write));
        a.nexus.refuse(write, Sense.PROTOCOL_SERVICE_CRC_ERROR);
        assertEquals("02 70 00 0B 00 00 00 00 0A 00 00 00 00 47 05 00 00 00 00", write.result());
    }
}
