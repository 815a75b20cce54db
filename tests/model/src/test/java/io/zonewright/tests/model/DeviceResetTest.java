package io.zonewright.tests.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.RuledBackend;
import io.zonewright.testkit.backend.ScriptedBackend;
import io.zonewright.testkit.backend.Shape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A reset of all zones on a medium with rules of its own is one request, and no write is lost or overtakes it. */
class DeviceResetTest {
    private static final Shape SHAPE = Shape.hostManaged(4, 16).with(new ZoneLimits(0, 0, 4096));
    private static final String ALL = "ZONE_RESET all zones";
    private static final String REPORT = "ZONE_REPORT 0+32768";

    private final RuledBackend disk = new RuledBackend(SHAPE, ZoneRules.ZBC);
    private final ScriptedBackend medium = new ScriptedBackend(disk);
    private final EngineDevice device = EngineDevice.open(DeviceIdentity.of("ruled"), medium, ZoneRules.ZBC);

    private RecordingRequest submit(RecordingRequest request) {
        device.submit(request);
        return request;
    }

    private RecordingRequest write(long block, int blocks) {
        return submit(RecordingRequest.write(block * 512, blocks * 512, 5));
    }

    private RecordingRequest resetAll() {
        return submit(RecordingRequest.all(Operation.ZONE_RESET));
    }

    private String zone(int index) {
        ZoneDescriptor zone = new ZoneDescriptor();
        device.zone(index, zone);
        return zone.condition() + " " + (zone.writePointer() - zone.start()) / 512;
    }

    private void filled() {
        write(0, 4);
        write(16, 16);
        medium.carryOutAll();
    }

    @Test
    void idleZonesAreResetByOneRequestAndAskedFor() {
        filled();
        RecordingRequest reset = resetAll();
        assertEquals(List.of(ALL), medium.waiting());
        medium.carryOut(0);
        assertEquals(List.of(REPORT), medium.waiting());
        assertFalse(reset.completed());
        medium.carryOut(0);
        assertEquals(Set.of(Cause.DONE), reset.result());
        assertEquals("EMPTY 0", zone(0));
        assertEquals("EMPTY 0", zone(1));
        assertEquals(0, device.resourceUse().active());
    }

    @Test
    void itWaitsForWritesInFlightAndWhatComesLaterWaitsForIt() {
        filled();
        RecordingRequest before = write(4, 2);
        RecordingRequest waiting = write(6, 2);
        RecordingRequest reset = resetAll();
        assertEquals(List.of("WRITE 2048+1024", "WRITE 3072+1024"), medium.waiting());
        RecordingRequest sameZone = write(0, 1);
        RecordingRequest idleZone = write(16, 3);
        RecordingRequest untouched = write(32, 1);
        assertEquals(2, medium.held());
        medium.carryOut(0);
        medium.carryOut(0);
        assertEquals(Set.of(Cause.DONE), before.result());
        assertEquals(Set.of(Cause.DONE), waiting.result());
        assertEquals(List.of(ALL), medium.waiting());
        medium.carryOut(0);
        assertEquals(List.of(REPORT), medium.waiting());
        medium.carryOut(0);
        assertEquals(Set.of(Cause.DONE), reset.result());
        assertEquals(3, medium.held());
        medium.carryOutAll();
        assertEquals(Set.of(Cause.DONE), sameZone.result());
        assertEquals(Set.of(Cause.DONE), idleZone.result());
        assertEquals(Set.of(Cause.DONE), untouched.result());
        assertEquals("IMPLICIT_OPEN 1", zone(0));
        assertEquals("IMPLICIT_OPEN 3", zone(1));
        assertEquals("IMPLICIT_OPEN 1", zone(2));
    }

    @Test
    void aSecondOneMeanwhileGoesZoneByZoneAndBothEnd() {
        filled();
        RecordingRequest first = resetAll();
        RecordingRequest second = resetAll();
        assertEquals(List.of(ALL, REPORT), medium.waiting());
        medium.carryOut(1);
        medium.carryOutAll();
        assertEquals(Set.of(Cause.DONE), first.result());
        assertEquals(Set.of(Cause.DONE), second.result());
        assertEquals("EMPTY 0", zone(0));
        resetAll();
        assertEquals(List.of(ALL), medium.waiting());
        medium.carryOutAll();
    }

    @Test
    void aRefusedOneIsDoneZoneByZoneAfterAReport() {
        filled();
        RecordingRequest reset = resetAll();
        RecordingRequest later = write(16, 1);
        medium.fail(0, Cause.UNSUPPORTED, 0);
        assertEquals(List.of(REPORT), medium.waiting());
        medium.carryOut(0);
        assertEquals("IMPLICIT_OPEN 4", zone(0));
        assertEquals("FULL 16", zone(1));
        assertFalse(reset.completed());
        medium.carryOutAll();
        assertEquals(Set.of(Cause.DONE), reset.result());
        assertTrue(later.completed());
        assertEquals("EMPTY 0", zone(0));
        assertEquals("EMPTY 0", zone(1));
    }

    @Test
    void anErrorOfOneZoneIsTold() {
        filled();
        RecordingRequest reset = resetAll();
        medium.fail(0, Cause.MEDIUM_ERROR, 0);
        medium.carryOut(0);
        medium.carryOut(0);
        assertEquals(List.of("ZONE_RESET 0+0"), medium.waiting());
        medium.fail(0, Cause.MEDIUM_ERROR, 0);
        medium.carryOutAll();
        assertEquals(Set.of(Cause.MEDIUM_ERROR), reset.result());
        assertEquals("IMPLICIT_OPEN 4", zone(0));
        assertEquals("EMPTY 0", zone(1));
    }

    @Test
    void withoutTheReportTheResetCountsAllTheSame() {
        filled();
        RecordingRequest before = write(4, 1);
        RecordingRequest reset = resetAll();
        medium.carryOut(0);
        medium.carryOut(0);
        medium.fail(0, Cause.MEDIUM_ERROR, 0);
        assertEquals(Set.of(Cause.DONE), before.result());
        assertEquals(Set.of(Cause.DONE), reset.result());
        assertEquals("EMPTY 0", zone(0));
        assertEquals("EMPTY 0", zone(1));
    }

    @Test
    void zonesThatTheMediumLeftAreAsItSays() {
        filled();
        disk.disk().action(Operation.ZONE_SET_READ_ONLY, 0, false);
        disk.disk().action(Operation.ZONE_SET_OFFLINE, 32 * 512, false);
        RecordingRequest reset = resetAll();
        medium.carryOutAll();
        assertEquals(Set.of(Cause.DONE), reset.result());
        assertTrue(zone(0).startsWith(ZoneCondition.READ_ONLY.name()), zone(0));
        assertEquals("EMPTY 0", zone(1));
        assertTrue(zone(2).startsWith(ZoneCondition.OFFLINE.name()), zone(2));
    }

    @Test
    void aPartOfTheZonesGoesZoneByZone() {
        filled();
        RecordingRequest part = RecordingRequest.plain(Operation.ZONE_RESET, 0, 2 * 16 * 512);
        part.setAllZones(true);
        submit(part);
        assertEquals(List.of(REPORT), medium.waiting());
        medium.carryOutAll();
        assertEquals(Set.of(Cause.DONE), part.result());
    }

    /** Writers that start each zone anew, others that reset all: every request ends once, and the mirror is the disk. */
    @Test
    void underLoadEverythingEndsAndTheMirrorIsTheDisk() throws InterruptedException {
        medium.holding(operation -> false);
        List<RecordingRequest> all = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int number = t;
            threads.add(Thread.ofPlatform().start(() -> {
                Random random = new Random(number);
                for (int i = 0; i < 2000; i++) {
                    boolean reset = number == 0 || random.nextInt(50) == 0;
                    long zone = random.nextInt(4) * 16L * 512;
                    RecordingRequest request = reset
                            ? RecordingRequest.all(Operation.ZONE_RESET)
                            : RecordingRequest.append(zone, 512, number);
                    all.add(request);
                    device.submit(request);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join(Duration.ofSeconds(30));
            assertFalse(thread.isAlive());
        }
        assertTrue(device.close(Duration.ofSeconds(10)));
        for (RecordingRequest request : all) {
            assertEquals(1, request.completions(), request.toString());
        }
        ZoneDescriptor zone = new ZoneDescriptor();
        for (int i = 0; i < 4; i++) {
            disk.disk().describe(i, zone);
            assertEquals(zone.condition() + " " + (zone.writePointer() - zone.start()) / 512, zone(i));
        }
    }
}
