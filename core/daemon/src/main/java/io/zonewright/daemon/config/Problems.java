package io.zonewright.daemon.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what is wrong, so that a user sees all of it at once. For one thread. */
public final class Problems {
    /** A file that is not YAML of ours at all must not bury the terminal. */
    static final int MAX_SHOWN = 100;

    private final Set<Problem> found = new LinkedHashSet<>();

    /** Notes a problem; the same one twice counts once. */
    public void add(Position position, String key, String what, String fix) {
        found.add(new Problem(position, key, what, fix));
    }

    public boolean none() {
        return found.isEmpty();
    }

    /** How many there are; a caller compares two counts to see whether a step added any. */
    public int count() {
        return found.size();
    }

    /** All problems in the order of the file. */
    public List<Problem> sorted() {
        List<Problem> result = new ArrayList<>(found);
        result.sort(Comparator.comparing(Problem::position));
        return result;
    }

    /** The lines to show: one for each problem, at most {@link #MAX_SHOWN} and then how many more there are. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Problem problem : sorted()) {
            if (lines.size() == MAX_SHOWN) {
                lines.add("… and " + (found.size() - MAX_SHOWN) + " more problems");
                break;
            }
            lines.add(problem.toString());
        }
        return lines;
    }
}
