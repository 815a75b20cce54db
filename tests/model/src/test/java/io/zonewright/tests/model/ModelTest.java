package io.zonewright.tests.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.zonewright.api.request.Operation;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.testkit.backend.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random commands to engine and model in lockstep: every result with all its causes, every placement, the whole zone
 * table after each command, every byte read. {@code -Dzonewright.model.commands=N} sets how many (default: a smoke
 * test), {@code -Dzonewright.model.seed=S} which; a failure prints the seed and a script cut down to what matters.
 */
class ModelTest {
    private static final int EPISODE = 400;

    @Test
    void engineDoesWhatTheModelDoes() {
        long commands = Long.getLong("zonewright.model.commands", 1_000_000);
        long seed = Long.getLong("zonewright.model.seed", System.nanoTime());
        System.out.println("model test: " + commands + " commands, -Dzonewright.model.seed=" + seed);
        Random random = new Random(seed);
        for (long done = 0; done < commands; done += EPISODE) {
            Shape shape = Shapes.ALL.get(random.nextInt(Shapes.ALL.size()));
            ZoneRules rules = random.nextBoolean() ? ZoneRules.ZBC : ZoneRules.ZNS;
            episode(shape, rules, new Random(random.nextLong()), seed);
        }
    }

    private static void episode(Shape shape, ZoneRules rules, Random random, long seed) {
        Lockstep pair = new Lockstep(shape, rules);
        List<Command> script = new ArrayList<>(EPISODE);
        for (int i = 0; i < EPISODE; i++) {
            Command command = Command.random(random, shape, pair::pointer);
            script.add(command);
            if (!pair.step(command).isEmpty()) {
                explain(shape, rules, script, seed);
            }
        }
        if (!pair.compareContents().isEmpty()) {
            explain(shape, rules, script, seed);
        }
    }

    private static void explain(Shape shape, ZoneRules rules, List<Command> script, long seed) {
        List<Command> cut = Lockstep.shorten(() -> new Lockstep(shape, rules), script);
        Lockstep pair = new Lockstep(shape, rules);
        StringBuilder text = new StringBuilder("engine and model part on a device of shape \"")
                .append(shape.name())
                .append("\" by ")
                .append(rules)
                .append(" rules, seed ")
                .append(seed)
                .append(":\n");
        for (Command command : cut) {
            String difference = pair.step(command);
            text.append("  ").append(command).append(difference.isEmpty() ? "" : "  <-- " + difference);
            text.append('\n');
        }
        fail(text.append(pair.compareContents()).toString());
    }

    /** An engine that follows the other standard stands for one with a defect. */
    @Test
    void defectIsFoundAndTheScriptCutDown() {
        Shape shape = Shapes.ALL.get(0);
        Lockstep pointers = new Lockstep(shape, ZoneRules.ZBC);
        Random random = new Random(1);
        List<Command> script = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            Command command = Command.random(random, shape, pointers::pointer);
            pointers.step(command);
            script.add(command);
        }
        List<Command> cut = Lockstep.shorten(() -> new Lockstep(shape, ZoneRules.ZBC, ZoneRules.ZNS), script);
        assertEquals(
                List.of(Operation.ZONE_OPEN, Operation.ZONE_CLOSE),
                cut.stream().map(Command::operation).toList(),
                "the shortest way to a zone closed without being written");
    }
}
