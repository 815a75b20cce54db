package io.zonewright.tests.model;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.engine.ResourceUse;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.ReferenceModel;
import io.zonewright.testkit.backend.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The engine over a medium in memory, and the model, given the same commands; says where they part. */
final class Lockstep {
    private final Shape shape;
    private final MemoryBackend medium;
    private final EngineDevice engine;
    private final ReferenceModel model;
    private final ZoneDescriptor got = new ZoneDescriptor();
    private final ZoneDescriptor expected = new ZoneDescriptor();

    Lockstep(Shape shape, ZoneRules rules) {
        this(shape, rules, rules);
    }

    /** With a model of other rules, which stands for an engine with a defect. */
    Lockstep(Shape shape, ZoneRules rules, ZoneRules modelRules) {
        this.shape = shape;
        medium = new MemoryBackend(shape);
        engine = EngineDevice.open(DeviceIdentity.of("model"), medium, rules);
        model = new ReferenceModel(shape, modelRules);
    }

    /** Where the model's zone would be written next. */
    long pointer(int zone) {
        model.describe(zone, expected);
        return expected.writePointer();
    }

    /** Gives one command to both; what differs afterwards, or the empty string. */
    String step(Command command) {
        RecordingRequest request = command.request();
        request.setRefuseCrossing(command.fill() % 2 == 0);
        if (command.failAfter() >= 0) {
            // What a failed write leaves behind matters only where reads stop at the write pointer.
            boolean junk = shape.geometry().model() == ZoneModel.HOST_MANAGED && !intoArea(command);
            medium.failNextWrite(command.failAfter(), Cause.MEDIUM_ERROR, junk);
            model.failNextWrite(command.failAfter(), Cause.MEDIUM_ERROR);
        }
        engine.submit(request);
        byte[] read = new byte[command.operation() == Operation.READ ? command.length() : 0];
        Set<Cause> verdict = command.askModel(model, read);
        medium.failNextWrite(-1, Cause.MEDIUM_ERROR, false);
        model.failurePending();
        if (request.completions() != 1) {
            return "completed " + request.completions() + " times";
        }
        if (!request.result().equals(verdict)) {
            return "result " + request.result() + ", expected " + verdict;
        }
        if (request.placement() != model.placement()) {
            return "placement " + request.placement() + ", expected " + model.placement();
        }
        if (command.operation() == Operation.READ
                && verdict.equals(EnumSet.of(Cause.DONE))
                && !Arrays.equals(request.payload(), read)) {
            return "read other bytes, first at " + Arrays.mismatch(request.payload(), read);
        }
        return medium.defect().isEmpty() ? compareState() : medium.defect();
    }

    private boolean intoArea(Command command) {
        long offset = command.offset();
        return offset >= 0
                && offset < shape.geometry().deviceBytes()
                && model.hasArea(shape.geometry().zoneOf(offset));
    }

    private String compareState() {
        for (int zone = 0; zone < shape.geometry().zoneCount(); zone++) {
            engine.zone(zone, got);
            model.describe(zone, expected);
            if (got.condition() != expected.condition()
                    || got.writePointer() != expected.writePointer()
                    || got.type() != expected.type()
                    || got.capacity() != expected.capacity()
                    || got.start() != expected.start()
                    || got.length() != expected.length()
                    || got.extensionValid() != expected.extensionValid()
                    || got.randomWriteArea() != expected.randomWriteArea()) {
                return got + ", expected " + expected;
            }
            if (!Arrays.equals(extension(zone), model.extension(zone))) {
                return "another extension of zone " + zone;
            }
        }
        ResourceUse use = engine.resourceUse();
        ResourceUse counted = new ResourceUse(
                model.count(ZoneCondition.IMPLICIT_OPEN),
                model.count(ZoneCondition.EXPLICIT_OPEN),
                model.count(ZoneCondition.CLOSED));
        if (engine.areasInUse() != model.areas()) {
            return engine.areasInUse() + " areas in use, expected " + model.areas();
        }
        return use.equals(counted) ? "" : use + ", expected " + counted;
    }

    private byte @Nullable [] extension(int zone) {
        byte[] bytes = new byte[shape.features().extensionBytes()];
        return engine.zoneExtension(zone, MemorySegment.ofArray(bytes)) ? bytes : null;
    }

    /** Compares every readable byte; the empty string if all are the same. */
    String compareContents() {
        for (int zone = 0; zone < shape.geometry().zoneCount(); zone++) {
            model.describe(zone, expected);
            if (expected.condition() == ZoneCondition.OFFLINE) {
                continue;
            }
            RecordingRequest read = RecordingRequest.read(expected.start(), (int) expected.length());
            engine.submit(read);
            byte[] bytes = model.contents(expected.start(), (int) expected.length());
            if (!Arrays.equals(read.payload(), bytes)) {
                return "zone " + zone + " reads other bytes from " + Arrays.mismatch(read.payload(), bytes);
            }
        }
        return "";
    }

    /** Runs a script from the start; index of the command at which they part, the size if at the end, or -1 if never. */
    static int run(Supplier<Lockstep> start, List<Command> script) {
        Lockstep pair = start.get();
        for (int i = 0; i < script.size(); i++) {
            if (!pair.step(script.get(i)).isEmpty()) {
                return i;
            }
        }
        return pair.compareContents().isEmpty() ? -1 : script.size();
    }

    /** Leaves out ever smaller parts of a script that fails, as long as it still does. */
    static List<Command> shorten(Supplier<Lockstep> start, List<Command> script) {
        List<Command> best = upToFailure(start, script);
        for (int part = Math.max(1, best.size() / 2); part >= 1; part /= 2) {
            for (int from = 0; from + part <= best.size(); ) {
                List<Command> candidate = new ArrayList<>(best);
                candidate.subList(from, from + part).clear();
                if (run(start, candidate) >= 0) {
                    best = upToFailure(start, candidate);
                } else {
                    from += part;
                }
            }
        }
        return best;
    }

    private static List<Command> upToFailure(Supplier<Lockstep> start, List<Command> script) {
        int failing = run(start, script);
        return failing < 0 ? script : script.subList(0, Math.min(failing + 1, script.size()));
    }
}
