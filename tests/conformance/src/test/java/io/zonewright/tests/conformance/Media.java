package io.zonewright.tests.conformance;

import java.util.List;

/** The back-ends under test. */
final class Media {
    /** Every back-end, for the scenarios that hold on all. */
    static final List<Medium> ALL = List.of(NullZonedMedium.INSTANCE);

    /** Those that do what a scenario tells them. */
    static final List<Medium> SCRIPTED = List.of();

    private Media() {}
}
