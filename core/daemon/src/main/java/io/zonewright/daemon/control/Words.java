package io.zonewright.daemon.control;

import java.util.Locale;

/** Names of enum constants as programs and people read them. */
public final class Words {
    private Words() {}

    /** {@code IMPLICIT_OPEN} is {@code implicit-open}. */
    public static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
