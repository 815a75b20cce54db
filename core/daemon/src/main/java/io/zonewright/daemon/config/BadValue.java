package io.zonewright.daemon.config;

/** A value that does not parse; the reader adds where it stands. */
final class BadValue extends Exception {
    private static final long serialVersionUID = 1;

    private final String fix;

    BadValue(String what, String fix) {
        super(what, null, false, false);
        this.fix = fix;
    }

    String what() {
        return String.valueOf(getMessage());
    }

    String fix() {
        return fix;
    }
}
