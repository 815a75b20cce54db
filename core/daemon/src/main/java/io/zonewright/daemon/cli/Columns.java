package io.zonewright.daemon.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** A table of text: columns as wide as their widest cell. */
final class Columns {
    private final boolean numbersToTheRight;
    private final List<String[]> rows = new ArrayList<>();

    /** A table to compare rows in: a cell that begins with a digit stands to the right. */
    Columns() {
        this(true);
    }

    private Columns(boolean numbersToTheRight) {
        this.numbersToTheRight = numbersToTheRight;
    }

    /** Names and what they stand for, all to the left. */
    static Columns ofFacts() {
        return new Columns(false);
    }

    /** Adds a row. */
    void row(String... cells) {
        rows.add(cells);
    }

    void print(PrintWriter out) {
        int columns = rows.stream().mapToInt(row -> row.length).max().orElse(0);
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                String pad = " ".repeat(widths[i] - row[i].length());
                boolean number = numbersToTheRight && !row[i].isEmpty() && Character.isDigit(row[i].charAt(0));
                line.append(i == 0 ? "" : "  ").append(number ? pad + row[i] : row[i] + pad);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
