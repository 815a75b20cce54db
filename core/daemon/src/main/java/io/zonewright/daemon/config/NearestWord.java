package io.zonewright.daemon.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that a user probably meant. */
public final class NearestWord {
    /** Longer words are not compared: the table is quadratic, and nobody mistypes a word of this length. */
    private static final int MAX_LENGTH = 64;

    private NearestWord() {}

    /** The candidate closest to {@code word}, if one is close enough to be a typing error. */
    public static Optional<String> of(String word, Collection<String> candidates) {
        if (word.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String typed = word.toLowerCase(Locale.ROOT).replace('_', '-');
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            int distance = distance(typed, candidate.toLowerCase(Locale.ROOT));
            if (distance < bestDistance) {
                bestDistance = distance;
                best = candidate;
            }
        }
        int tolerated = Math.max(1, Math.min(3, typed.length() / 3));
        return best != null && bestDistance <= tolerated ? Optional.of(best) : Optional.empty();
    }

    /** {@code did you mean X?}, or the candidates, or what there is to say when there are none. */
    public static String advice(String word, Collection<String> candidates) {
        return of(word, candidates)
                .map(near -> "did you mean " + near + "?")
                .orElseGet(() -> candidates.isEmpty()
                        ? "there is none at all, zonewright plugins shows why"
                        : "known: " + join(candidates));
    }

    private static String join(Collection<String> candidates) {
        return String.join(", ", candidates.stream().sorted().toList());
    }

    /** Edits between two words: insert, delete, replace, swap neighbours (optimal string alignment). */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replace = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                int best = Math.min(replace, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    best = Math.min(best, d[i - 2][j - 2] + 1);
                }
                d[i][j] = best;
            }
        }
        return d[a.length()][b.length()];
    }
}
