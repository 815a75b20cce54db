package io.zonewright.tests.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * A story about one device.
 *
 * @param models words of the models it is about; empty for all
 * @param needs properties that shape and medium must have
 */
record Scenario(String name, Set<String> models, Set<String> needs, List<Line> lines) {
    /**
     * One operation.
     *
     * @param number in the file, for messages
     * @param label names a request that is not waited for at once; empty for none
     * @param ask operation and arguments
     * @param expected what stands right of the arrow
     */
    record Line(int number, String label, List<String> ask, List<String> expected) {
        String text() {
            return (label.isEmpty() ? "" : label + ": ") + String.join(" ", ask) + " => " + String.join(" ", expected);
        }
    }

    /** Whether the scenario makes sense for a shape over a medium. */
    boolean suits(Shape shape, Set<String> properties) {
        return (models.isEmpty() || models.contains(shape.modelWord())) && properties.containsAll(needs);
    }

    /** Reads {@code /scenarios/FILE}. */
    static List<Scenario> read(String file) {
        List<String> text;
        try (InputStream in = Objects.requireNonNull(Scenario.class.getResourceAsStream("/scenarios/" + file), file)) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Scenario> scenarios = new ArrayList<>();
        for (int i = 0; i < text.size(); i++) {
            String line = text.get(i).replaceAll("#.*", "").strip();
            if (line.startsWith("scenario ")) {
                scenarios.add(heading(line.substring("scenario ".length())));
            } else if (!line.isEmpty()) {
                scenarios.getLast().lines.add(line(i + 1, line));
            }
        }
        return scenarios;
    }

    private static Scenario heading(String line) {
        String[] parts = line.split("\\|", -1);
        Set<String> models = new TreeSet<>();
        Set<String> needs = new TreeSet<>();
        for (String part : Arrays.asList(parts).subList(1, parts.length)) {
            List<String> words = List.of(part.strip().split("\\s+", -1));
            switch (words.getFirst()) {
                case "on" -> models.addAll(words.subList(1, words.size()));
                case "if" -> needs.addAll(words.subList(1, words.size()));
                default -> throw new IllegalArgumentException("neither on nor if: " + line);
            }
        }
        return new Scenario(parts[0].strip(), models, needs, new ArrayList<>());
    }

    private static Line line(int number, String line) {
        String[] sides = line.split("=>", -1);
        String left = sides[0].strip();
        String label = "";
        int colon = left.indexOf(':');
        if (colon >= 0) {
            label = left.substring(0, colon);
            left = left.substring(colon + 1).strip();
        }
        List<String> expected =
                sides.length == 1 ? List.of() : List.of(sides[1].strip().split("\\s+", -1));
        return new Line(number, label, List.of(left.split("\\s+", -1)), expected);
    }

    @Override
    public String toString() {
        return name;
    }
}
