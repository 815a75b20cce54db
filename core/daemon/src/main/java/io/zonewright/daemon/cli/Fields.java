package io.zonewright.daemon.cli;

import java.util.Map;

/** Fields of a daemon's answer. */
final class Fields {
    private Fields() {}

    /** A number; 0 if it is not there. */
    static long number(Map<?, ?> map, String field) {
        return map.get(field) instanceof Number number ? number.longValue() : 0;
    }

    /** A text; empty if it is not there. */
    static String text(Map<?, ?> map, String field) {
        Object value = map.get(field);
        return value == null ? "" : value.toString();
    }
}
