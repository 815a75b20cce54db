package io.zonewright.daemon.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The zones of a device drawn as one sign each, or as one sign for a group where there are too many, in rows as wide as
 * the terminal, with a legend. Pure: zones in, lines out.
 */
final class ZonePicture {
    /** More rows than this do not help anybody; beyond, signs stand for groups. */
    private static final int MAX_ROWS = 32;

    private static final String[] LEVELS = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

    private final List<ZoneSign> signs = new ArrayList<>();
    private final List<Integer> levels = new ArrayList<>();
    private final int first;
    private final int width;
    private final boolean coloured;
    private final boolean unicode;

    /**
     * An empty picture.
     *
     * @param first number of the first zone that will be added
     * @param width columns of the terminal
     * @param coloured whether to use ANSI colours
     * @param unicode whether to draw how far a zone is written with block characters; only with colours, which then
     *     tell the condition
     */
    ZonePicture(int first, int width, boolean coloured, boolean unicode) {
        this.first = first;
        this.width = width;
        this.coloured = coloured;
        this.unicode = unicode && coloured;
    }

    /**
     * Adds the next zone.
     *
     * @param written bytes from the zone's start to its write pointer
     * @param capacity writable bytes
     */
    void add(ZoneSign sign, long written, long capacity) {
        signs.add(sign);
        double part = capacity == 0 ? 0 : Math.clamp((double) written / capacity, 0, 1);
        levels.add((int) Math.min(LEVELS.length - 1, part * LEVELS.length));
    }

    int open() {
        return (int) signs.stream().filter(ZoneSign::open).count();
    }

    int active() {
        return (int) signs.stream().filter(ZoneSign::active).count();
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        int labelWidth = Integer.toString(first + signs.size()).length();
        int columns = Integer.highestOneBit(Math.max(8, width - labelWidth - 1));
        int group = 1;
        while ((signs.size() - 1) / group >= columns * MAX_ROWS) {
            group *= 2;
        }
        for (int start = 0; start < signs.size(); start += columns * group) {
            StringBuilder line = new StringBuilder();
            String label = Integer.toString(first + start);
            line.append(" ".repeat(labelWidth - label.length())).append(label).append(' ');
            int end = (int) Math.min(signs.size(), (long) start + (long) columns * group);
            drawRow(line, start, end, group);
            lines.add(line.toString());
        }
        if (group > 1) {
            lines.add("each sign stands for " + group + " zones and shows the most notable of them");
        }
        lines.addAll(legend());
        return lines;
    }

    /** Colour is switched only where it changes: a picture of thousands of zones stays a few kilobytes. */
    private void drawRow(StringBuilder line, int start, int end, int group) {
        int colour = 0;
        for (int at = start; at < end; at += group) {
            int shown = mostNotable(at, Math.min(end, at + group));
            ZoneSign sign = signs.get(shown);
            if (coloured && sign.colour() != colour) {
                colour = sign.colour();
                line.append("\u001b[").append(colour).append('m');
            }
            line.append(draw(sign, levels.get(shown)));
        }
        if (coloured) {
            line.append("\u001b[0m");
        }
    }

    private int mostNotable(int from, int to) {
        int best = from;
        for (int i = from + 1; i < to; i++) {
            if (signs.get(i).compareTo(signs.get(best)) > 0) {
                best = i;
            }
        }
        return best;
    }

    private String draw(ZoneSign sign, int level) {
        return unicode && sign.partlyWritten() ? LEVELS[level] : String.valueOf(sign.plain());
    }

    private List<String> legend() {
        Map<ZoneSign, Integer> counts = new EnumMap<>(ZoneSign.class);
        signs.forEach(sign -> counts.merge(sign, 1, Integer::sum));
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        int used = 0;
        for (Map.Entry<ZoneSign, Integer> entry : counts.entrySet()) {
            ZoneSign sign = entry.getKey();
            String shown = unicode && sign.partlyWritten() ? "▁▄█" : String.valueOf(sign.plain());
            String text = " " + sign.meaning() + " " + entry.getValue();
            int length = shown.length() + text.length();
            if (used > 0 && used + 3 + length > width) {
                lines.add(line.toString());
                line.setLength(0);
                used = 0;
            }
            line.append(used > 0 ? "   " : "");
            used += (used > 0 ? 3 : 0) + length;
            line.append(coloured ? "\u001b[" + sign.colour() + "m" + shown + "\u001b[0m" : shown)
                    .append(text);
        }
        if (used > 0) {
            lines.add(line.toString());
        }
        return lines;
    }
}
