package io.zonewright.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Every scenario through every front-end over every back-end, in every shape that it suits. */
@Timeout(300)
class ScenariosTest {
    private static final List<Scenario> ZONED = Scenario.read("zoned.txt");
    private static final List<Scenario> NVME = Scenario.read("nvme.txt");
    private static final List<Scenario> FAULTS = Scenario.read("faults.txt");

    @TestFactory
    Stream<DynamicContainer> zoned() {
        return tests(ZONED, Media.ALL);
    }

    @TestFactory
    Stream<DynamicContainer> nvme() {
        return tests(NVME, List.of(ZnsMedium.INSTANCE));
    }

    @TestFactory
    Stream<DynamicContainer> faults() {
        return tests(FAULTS, Media.SCRIPTED);
    }

    /** A scenario that suits no shape would never be run, and nobody would notice. */
    @Test
    void everyScenarioIsRunSomewhere() {
        Set<String> never = new TreeSet<>();
        for (Scenario scenario : ZONED) {
            never.add(scenario.name());
        }
        for (Scenario scenario : NVME) {
            never.add(scenario.name());
        }
        for (Scenario scenario : FAULTS) {
            never.add(scenario.name());
        }
        for (Shape shape : Shape.ALL) {
            ZONED.stream().filter(s -> suits(s, shape, Media.ALL)).forEach(s -> never.remove(s.name()));
            NVME.stream()
                    .filter(s -> suits(s, shape, List.of(ZnsMedium.INSTANCE)))
                    .forEach(s -> never.remove(s.name()));
            FAULTS.stream().filter(s -> suits(s, shape, Media.SCRIPTED)).forEach(s -> never.remove(s.name()));
        }
        assertTrue(never.isEmpty(), "never run: " + never);
    }

    private static boolean suits(Scenario scenario, Shape shape, List<Medium> media) {
        return media.stream().anyMatch(medium -> suits(scenario, shape, medium));
    }

    private static boolean suits(Scenario scenario, Shape shape, Medium medium) {
        return medium.comesIn(shape) && scenario.suits(shape, medium.properties(shape));
    }

    private static Stream<DynamicContainer> tests(List<Scenario> scenarios, List<Medium> media) {
        List<DynamicContainer> all = new ArrayList<>();
        for (FrontendUnderTest frontend : FrontendUnderTest.ALL) {
            for (Medium medium : media) {
                if (!frontend.media().contains(medium)) {
                    continue;
                }
                for (Shape shape : Shape.ALL) {
                    List<DynamicTest> tests = scenarios.stream()
                            .filter(scenario -> suits(scenario, shape, medium) && frontend.canAsk(scenario, shape))
                            .map(scenario -> DynamicTest.dynamicTest(
                                    scenario.name(), () -> play(frontend, medium, shape, scenario)))
                            .toList();
                    if (!tests.isEmpty()) {
                        all.add(DynamicContainer.dynamicContainer(
                                frontend + " over " + medium.name() + ", " + shape, tests));
                    }
                }
            }
        }
        return all.stream();
    }

    private static void play(FrontendUnderTest frontend, Medium medium, Shape shape, Scenario scenario) {
        try (Medium.Opened opened = medium.open(shape);
                Client client = frontend.attach().attach(opened.device())) {
            new ScenarioRunner(shape, opened, frontend.language(), client).play(scenario);
        }
    }
}
