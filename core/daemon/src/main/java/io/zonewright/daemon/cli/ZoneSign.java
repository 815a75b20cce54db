package io.zonewright.daemon.cli;

import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.daemon.control.Words;

/**
 * How a zone's condition is drawn. In the order of how notable it is: where one sign stands for several zones, it shows
 * the last of these that occurs among them.
 */
enum ZoneSign {
    CONVENTIONAL(ZoneCondition.NOT_WRITE_POINTER, 'c', "conventional", 34),
    EMPTY(ZoneCondition.EMPTY, '.', "empty", 90),
    FULL(ZoneCondition.FULL, '#', "full", 36),
    CLOSED(ZoneCondition.CLOSED, 'x', "closed", 33),
    IMPLICIT_OPEN(ZoneCondition.IMPLICIT_OPEN, 'o', "implicitly open", 32),
    EXPLICIT_OPEN(ZoneCondition.EXPLICIT_OPEN, 'O', "explicitly open", 92),
    READ_ONLY(ZoneCondition.READ_ONLY, 'r', "read-only", 35),
    OFFLINE(ZoneCondition.OFFLINE, '!', "offline", 31);

    private final ZoneCondition condition;
    private final char plain;
    private final String meaning;
    private final int colour;

    ZoneSign(ZoneCondition condition, char plain, String meaning, int colour) {
        this.condition = condition;
        this.plain = plain;
        this.meaning = meaning;
        this.colour = colour;
    }

    /** The sign for a condition as the daemon writes it. */
    static ZoneSign of(String word) {
        for (ZoneSign sign : values()) {
            if (Words.of(sign.condition).equals(word)) {
                return sign;
            }
        }
        throw new IllegalArgumentException(
                "the daemon reports the zone condition \"" + word + "\", which is not known");
    }

    char plain() {
        return plain;
    }

    String meaning() {
        return meaning;
    }

    /** The foreground colour's number in ANSI's "select graphic rendition". */
    int colour() {
        return colour;
    }

    boolean open() {
        return condition.open();
    }

    boolean active() {
        return condition.active();
    }

    /** Whether how far the zone is written can be drawn. */
    boolean partlyWritten() {
        return condition.active();
    }
}
