package io.zonewright.tests.conformance;

import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.RuledBackend;
import io.zonewright.testkit.backend.ScriptedBackend;
import io.zonewright.testkit.device.TestDevice;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Media that keep requests back.
 *
 * @param nativeAppend whether it places appends itself
 * @param ownRules whether it decides about zones itself, and the engine mirrors it
 * @param late whether another thread completes everything, later and in any order; else what is kept back waits for the
 *     scenario's commands, and the rest completes at once
 */
record ScriptedMedium(String name, boolean nativeAppend, boolean ownRules, boolean late) implements Medium {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long STEP_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    @Override
    public boolean comesIn(Shape shape) {
        return shape.model().zoned() || !ownRules; // without zones there is nothing to rule
    }

    @Override
    public Set<String> properties(Shape shape) {
        Set<String> words = new TreeSet<>(shape.properties());
        words.add(ownRules ? "own" : "engine");
        if (nativeAppend) {
            words.add("native");
        }
        if (!ownRules) {
            words.add("discard");
            words.add("zeroes");
        }
        return words;
    }

    @Override
    public Opened open(Shape shape) {
        io.zonewright.testkit.backend.Shape theirs = new io.zonewright.testkit.backend.Shape(
                shape.name(),
                shape.geometry(),
                shape.limits(),
                (long) shape.capacity() * shape.blockSize(),
                shape.conventional(),
                new Capabilities(false, true, !ownRules, !ownRules, nativeAppend, ownRules));
        ZonedBackend memory = ownRules ? new RuledBackend(theirs, ZoneRules.ZBC) : new MemoryBackend(theirs);
        ScriptedBackend script = new ScriptedBackend(memory).holding(operation -> late);
        return new Scripted(script, memory, late);
    }

    @Override
    public String toString() {
        return name;
    }

    /** One open medium. */
    private static final class Scripted implements Opened {
        private final ScriptedBackend script;
        private final ZonedBackend memory;
        private final TestDevice device;
        private final @Nullable Thread pump;
        private volatile boolean closing;

        Scripted(ScriptedBackend script, ZonedBackend memory, boolean late) {
            this.script = script;
            this.memory = memory;
            device = TestDevice.over(script, ZoneRules.ZBC);
            pump = late ? Thread.ofPlatform().name("late medium").start(this::pump) : null;
        }

        /** Completes what is held, in any order. */
        private void pump() {
            Random random = new Random(1);
            while (!closing) {
                int held = script.held();
                if (held == 0) {
                    LockSupport.parkNanos(STEP_NANOS);
                } else {
                    script.carryOut(random.nextInt(held));
                }
            }
        }

        @Override
        public TestDevice device() {
            return device;
        }

        @Override
        public void command(List<String> words) {
            switch (words.getFirst()) {
                case "hold" -> script.holding(operation -> true);
                case "pass" -> script.holding(operation -> false);
                case "await" -> awaitHeld(Integer.parseInt(words.get(1)));
                case "carry" -> script.carryOut(Integer.parseInt(words.get(1)));
                case "fail" ->
                    script.fail(Integer.parseInt(words.get(1)), Cause.valueOf(words.get(2)), bytes(words.get(3)));
                case "short" -> script.shorten(Integer.parseInt(words.get(1)), bytes(words.get(2)));
                default -> throw new IllegalArgumentException("unknown command " + words);
            }
        }

        private long bytes(String blocks) {
            return Long.parseLong(blocks) * device.device().geometry().blockSize();
        }

        private void awaitHeld(int count) {
            long end = System.nanoTime() + PATIENCE_NANOS;
            while (script.held() < count) {
                if (System.nanoTime() > end) {
                    throw new AssertionError("only " + script.waiting() + " reached the medium");
                }
                LockSupport.parkNanos(STEP_NANOS);
            }
        }

        @Override
        public void close() {
            script.holding(operation -> false);
            if (pump == null) {
                script.carryOutAll();
            }
            device.close();
            closing = true;
            if (memory instanceof MemoryBackend plain && !plain.defect().isEmpty()) {
                throw new AssertionError("the engine broke a promise to its medium: " + plain.defect());
            }
        }
    }
}
