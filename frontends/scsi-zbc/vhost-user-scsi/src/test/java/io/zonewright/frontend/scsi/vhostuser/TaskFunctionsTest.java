package io.zonewright.frontend.scsi.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.testkit.scsi.Scsi;
import io.zonewright.testkit.scsi.ScsiFlight;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.virtio.ChainQueue;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The control queue (virtio 1.3, section 5.6.6.2). */
@Timeout(60)
class TaskFunctionsTest {
    private static final long LUN_0 = VirtioScsi.lun(Scsi.lun(0));
    private static final long LUN_1 = VirtioScsi.lun(Scsi.lun(1));
    private static final int NOT_YET_MILLIS = 50;

    @TempDir
    Path directory;

    private Adapter adapter;
    private VirtioScsiDriver driver;

    @BeforeEach
    void connect() throws IOException {
        adapter = new Adapter(directory, 2, Map.of("queues", "2", "threads", "2"));
        driver = adapter.connect(VirtioScsiDriver.Options.DEFAULT.withQueues(2));
        driver.clearAttentions(0);
        driver.clearAttentions(1);
        driver.must(Adapter.write(0, 4));
        driver.must(Adapter.write(0, 4).to(1));
    }

    @AfterEach
    void close() {
        adapter.media.forEach(medium -> medium.holding(operation -> false));
        adapter.media.forEach(medium -> medium.carryOutAll());
        driver.close();
        adapter.close();
    }

    private ScsiFlight held(int queue, int lun, int nowHeld) {
        adapter.media.get(lun).holding(operation -> true);
        ScsiFlight flight = driver.submit(queue, ScsiRequest.read(0, 1, 512).to(lun));
        awaitHeld(lun, nowHeld);
        return flight;
    }

    private void awaitHeld(int lun, int count) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (adapter.media.get(lun).held() != count) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "held: " + adapter.media.get(lun).waiting());
            }
            Thread.onSpinWait();
        }
    }

    private ChainQueue.Chain begin(int subtype, long lun, long id) {
        return driver.control().send(VirtioScsi.function(subtype, lun, id), 1);
    }

    private int answer(ChainQueue.Chain function) {
        Adapter.await(driver.control(), function);
        assertEquals(1, function.usedBytes());
        return function.in()[0];
    }

    /** It is answered once the medium lets the commands go, and those before it. */
    private void endsAfter(ChainQueue.Chain function, int lun, int response, int queue, ScsiFlight... ended) {
        assertFalse(driver.control().await(function, NOT_YET_MILLIS), "answered before its commands");
        while (adapter.media.get(lun).held() > 0) {
            adapter.media.get(lun).carryOut(0);
        }
        assertEquals(VirtioScsi.S_OK, answer(function));
        driver.collect(queue);
        for (ScsiFlight flight : ended) {
            // In the used ring already: no waiting.
            assertEquals(response, Objects.requireNonNull(flight.result()).response());
            assertEquals(512, Objects.requireNonNull(flight.result()).residual());
        }
    }

    @Test
    void abortTaskEndsOneCommand() {
        ScsiFlight one = held(0, 0, 1);
        ScsiFlight other = held(0, 0, 2);
        ChainQueue.Chain function = begin(VirtioScsi.TMF_ABORT_TASK, LUN_0, one.tag());
        assertFalse(driver.control().await(function, NOT_YET_MILLIS));
        adapter.media.getFirst().carryOut(0);
        assertEquals(VirtioScsi.S_OK, answer(function));
        driver.collect(0);
        assertEquals(VirtioScsi.S_ABORTED, Objects.requireNonNull(one.result()).response());
        assertNull(other.result());
        adapter.media.getFirst().carryOut(0);
        assertEquals(0, driver.await(0, other).code());
    }

    @Test
    void abortTaskOfACommandThatIsNotThereIsComplete() {
        assertEquals(VirtioScsi.S_OK, driver.manage(VirtioScsi.TMF_ABORT_TASK, LUN_0, 99));
    }

    @Test
    void abortTaskSetAndClearTaskSetEndAllOfTheUnit() {
        for (int subtype : new int[] {VirtioScsi.TMF_ABORT_TASK_SET, VirtioScsi.TMF_CLEAR_TASK_SET}) {
            ScsiFlight one = held(0, 0, 1);
            ScsiFlight other = held(0, 0, 2);
            ScsiFlight neighbour = held(0, 1, 1);
            endsAfter(begin(subtype, LUN_0, 0), 0, VirtioScsi.S_ABORTED, 0, one, other);
            assertNull(neighbour.result());
            adapter.media.get(1).carryOut(0);
            assertEquals(0, driver.await(0, neighbour).code());
        }
    }

    @Test
    void aResetOfTheUnitEndsItsCommandsAndTells() {
        ScsiFlight one = held(0, 0, 1);
        endsAfter(begin(VirtioScsi.TMF_LOGICAL_UNIT_RESET, LUN_0, 0), 0, VirtioScsi.S_RESET, 0, one);
        adapter.media.getFirst().holding(operation -> false);
        // 6h/29h/03h BUS DEVICE RESET FUNCTION OCCURRED
        assertEquals(0x06_2903, driver.run(ScsiRequest.testUnitReady()).code());
        assertEquals(0, driver.run(ScsiRequest.testUnitReady()).code());
        assertEquals(0, driver.run(ScsiRequest.testUnitReady().to(1)).code());
    }

    @Test
    void aResetOfTheNexusEndsTheCommandsOfAllUnits() {
        ScsiFlight one = held(0, 0, 1);
        ScsiFlight other = held(0, 1, 1);
        ChainQueue.Chain function = begin(VirtioScsi.TMF_I_T_NEXUS_RESET, LUN_0, 0);
        assertFalse(driver.control().await(function, NOT_YET_MILLIS));
        adapter.media.getFirst().carryOut(0);
        assertFalse(driver.control().await(function, NOT_YET_MILLIS));
        adapter.media.get(1).carryOut(0);
        assertEquals(VirtioScsi.S_OK, answer(function));
        driver.collect(0);
        assertEquals(VirtioScsi.S_RESET, Objects.requireNonNull(one.result()).response());
        assertEquals(VirtioScsi.S_RESET, Objects.requireNonNull(other.result()).response());
        adapter.media.forEach(medium -> medium.holding(operation -> false));
        // 6h/29h/07h I_T NEXUS LOSS OCCURRED
        assertEquals(0x06_2907, driver.run(ScsiRequest.testUnitReady()).code());
        assertEquals(0x06_2907, driver.run(ScsiRequest.testUnitReady().to(1)).code());
    }

    @Test
    void queriesSayWhatIsThere() {
        ScsiFlight one = held(0, 0, 1);
        assertEquals(VirtioScsi.S_FUNCTION_SUCCEEDED, driver.manage(VirtioScsi.TMF_QUERY_TASK, LUN_0, one.tag()));
        assertEquals(VirtioScsi.S_OK, driver.manage(VirtioScsi.TMF_QUERY_TASK, LUN_0, one.tag() + 1));
        assertEquals(VirtioScsi.S_OK, driver.manage(VirtioScsi.TMF_QUERY_TASK, LUN_1, one.tag()));
        assertEquals(VirtioScsi.S_FUNCTION_SUCCEEDED, driver.manage(VirtioScsi.TMF_QUERY_TASK_SET, LUN_0, 0));
        assertEquals(VirtioScsi.S_OK, driver.manage(VirtioScsi.TMF_QUERY_TASK_SET, LUN_1, 0));
        adapter.media.getFirst().carryOut(0);
        assertEquals(0, driver.await(0, one).code());
        assertEquals(VirtioScsi.S_OK, driver.manage(VirtioScsi.TMF_QUERY_TASK_SET, LUN_0, 0));
    }

    /** What is in the ring counts, seen by the device or not, on whatever queue. */
    @Test
    void aFunctionConcernsWhatWasMadeAvailableBeforeIt() {
        adapter.media.getFirst().holding(operation -> true);
        ScsiFlight[] flights = new ScsiFlight[30];
        for (int i = 0; i < flights.length; i++) {
            flights[i] = driver.stage(1, ScsiRequest.read(0, 1, 512));
        }
        // Shown without a kick: the device has not been told.
        driver.requests(1).ring().publish();
        ChainQueue.Chain function = begin(VirtioScsi.TMF_ABORT_TASK_SET, LUN_0, 0);
        awaitHeld(0, flights.length);
        endsAfter(function, 0, VirtioScsi.S_ABORTED, 1, flights);
    }

    @Test
    void whatIsNotThereIsNotManaged() {
        assertEquals(VirtioScsi.S_FUNCTION_REJECTED, driver.manage(VirtioScsi.TMF_CLEAR_ACA, LUN_0, 0));
        assertEquals(VirtioScsi.S_FUNCTION_REJECTED, driver.manage(8, LUN_0, 0));
        assertEquals(VirtioScsi.S_FUNCTION_REJECTED, driver.manage(-1, LUN_0, 0));
        assertEquals(
                VirtioScsi.S_INCORRECT_LUN,
                driver.manage(VirtioScsi.TMF_ABORT_TASK_SET, VirtioScsi.lun(Scsi.lun(2)), 0));
        assertEquals(VirtioScsi.S_BAD_TARGET, driver.manage(VirtioScsi.TMF_LOGICAL_UNIT_RESET, LUN_0 | 1L << 48, 0));
        // type 3
        ChainQueue.Chain unknown = Adapter.ask(driver.control(), "03 00 00 00", 1);
        assertEquals(VirtioScsi.S_FUNCTION_REJECTED, unknown.in()[0]);
    }

    @Test
    void thereAreNoAsynchronousNotifications() {
        for (int type : new int[] {VirtioScsi.T_AN_QUERY, VirtioScsi.T_AN_SUBSCRIBE}) {
            ChainQueue.Chain chain = Adapter.await(
                    driver.control(), driver.control().send(VirtioScsi.notification(type, LUN_0, 0x7E), 5));
            assertEquals("00 00 00 00 00", Adapter.hex(chain, 0, 5));
            assertEquals(5, chain.usedBytes());
            chain = Adapter.await(
                    driver.control(), driver.control().send(VirtioScsi.notification(type, LUN_0 | 1L << 48, 0x7E), 5));
            assertEquals("00 00 00 00 03", Adapter.hex(chain, 0, 5));
        }
    }

    @Test
    void resetsUnderLoadLoseNoCommand() {
        int rounds = 20;
        for (int round = 0; round < rounds; round++) {
            ScsiFlight[] flights = new ScsiFlight[24];
            for (int i = 0; i < flights.length; i++) {
                flights[i] = driver.submit(i % 2, ScsiRequest.read(0, 4, 512).to(i / 2 % 2));
            }
            assertEquals(VirtioScsi.S_OK, driver.manage(VirtioScsi.TMF_LOGICAL_UNIT_RESET, LUN_0, 0));
            for (int i = 0; i < flights.length; i++) {
                int code = driver.await(i % 2, flights[i]).code();
                boolean reset = code == (1 << 31 | VirtioScsi.S_RESET) || code == 0x06_2903;
                assertTrue(
                        code == 0 || (reset && i / 2 % 2 == 0), "LUN " + i / 2 % 2 + " " + Integer.toHexString(code));
            }
            driver.clearAttentions(0);
        }
    }
}
