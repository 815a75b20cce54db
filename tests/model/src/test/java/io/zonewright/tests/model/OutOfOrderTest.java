package io.zonewright.tests.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.ReferenceModel;
import io.zonewright.testkit.backend.ScriptedBackend;
import io.zonewright.testkit.backend.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A medium that completes in any order must not be noticed: many requests in flight, completed at random, come out as
 * if each had been carried out when it was submitted. Devices without limits, since limits tie zones together.
 */
class OutOfOrderTest {
    private static final int COMMANDS = 250;

    private record Asked(Command command, RecordingRequest request, Set<Cause> verdict, long placement) {}

    @Test
    void likeOneAfterTheOther() {
        long episodes = Long.getLong("zonewright.model.commands", 200_000) / COMMANDS;
        long seed = Long.getLong("zonewright.model.seed", System.nanoTime());
        System.out.println("out of order: " + episodes + " episodes, -Dzonewright.model.seed=" + seed);
        Random random = new Random(seed);
        for (long i = 0; i < episodes; i++) {
            Shape shape = Shapes.UNLIMITED.get(random.nextInt(Shapes.UNLIMITED.size()));
            episode(shape, new Random(random.nextLong()), "seed " + seed + ", episode " + i);
        }
    }

    private static void episode(Shape shape, Random random, String name) {
        ScriptedBackend medium = new ScriptedBackend(new MemoryBackend(shape));
        EngineDevice engine = EngineDevice.open(DeviceIdentity.of("order"), medium, ZoneRules.ZBC);
        ReferenceModel model = new ReferenceModel(shape, ZoneRules.ZBC);
        ZoneDescriptor zone = new ZoneDescriptor();
        List<Asked> all = new ArrayList<>();
        while (all.size() < COMMANDS) {
            if (medium.held() > 0 && random.nextInt(5) < 2) {
                medium.carryOut(random.nextInt(medium.held()));
                continue;
            }
            Command command = Command.random(random, shape, index -> {
                model.describe(index, zone);
                return zone.writePointer();
            });
            // An empty write is judged as it comes: it has no place among the others.
            boolean emptyWrite = command.length() == 0 && !command.operation().zoneAction();
            if (command.all() || emptyWrite || command.operation() == Operation.READ) {
                continue;
            }
            all.add(ask(command, engine, model));
        }
        while (medium.held() > 0) {
            medium.carryOut(random.nextInt(medium.held()));
        }
        for (Asked asked : all) {
            String what = name + ": " + asked.command;
            Set<Cause> result = asked.request.result();
            boolean success = asked.verdict.contains(Cause.DONE) || asked.verdict.contains(Cause.ALREADY_SO);
            // Which of several causes a refusal has may depend on what is still in flight; that it is one may not.
            if (success || result.contains(Cause.DONE)) {
                assertEquals(asked.verdict, result, what);
            }
            assertEquals(asked.placement, asked.request.placement(), what);
        }
        compare(shape, engine, model, medium, name);
    }

    private static Asked ask(Command command, EngineDevice engine, ReferenceModel model) {
        RecordingRequest request = command.request();
        Set<Cause> verdict = command.askModel(model, new byte[0]);
        engine.submit(request);
        return new Asked(command, request, verdict, model.placement());
    }

    private static void compare(
            Shape shape, EngineDevice engine, ReferenceModel model, ScriptedBackend medium, String name) {
        medium.holding(operation -> false);
        ZoneDescriptor got = new ZoneDescriptor();
        ZoneDescriptor expected = new ZoneDescriptor();
        for (int i = shape.conventionalZones(); i < shape.geometry().zoneCount(); i++) {
            engine.zone(i, got);
            model.describe(i, expected);
            assertEquals(expected.toString(), got.toString(), name);
            RecordingRequest read = RecordingRequest.read(got.start(), (int) got.length());
            engine.submit(read);
            if (read.result().contains(Cause.DONE)) {
                assertArrayEquals(model.contents(got.start(), (int) got.length()), read.payload(), name + " zone " + i);
            }
        }
        assertEquals(0, engine.inFlight(), name);
    }
}
