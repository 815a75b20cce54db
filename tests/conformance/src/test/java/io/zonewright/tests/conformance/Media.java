package io.zonewright.tests.conformance;

import java.util.List;

/** The back-ends under test. */
final class Media {
    static final Medium INLINE = new ScriptedMedium("memory", false, false, false);
    static final Medium LATE = new ScriptedMedium("memory late", false, false, true);
    static final Medium NATIVE = new ScriptedMedium("memory with native append", true, false, false);
    static final Medium NATIVE_LATE = new ScriptedMedium("memory late with native append", true, false, true);
    static final Medium OWN = new ScriptedMedium("disk with rules of its own", false, true, false);
    static final Medium OWN_LATE = new ScriptedMedium("late disk with rules of its own", false, true, true);
    static final Medium OWN_NATIVE = new ScriptedMedium("disk with rules and appends of its own", true, true, false);

    /** Every back-end, for the scenarios that hold on all. */
    static final List<Medium> ALL = List.of(
            NullZonedMedium.INSTANCE,
            LinuxZbdMedium.INSTANCE,
            INLINE,
            LATE,
            NATIVE,
            NATIVE_LATE,
            OWN,
            OWN_LATE,
            OWN_NATIVE);

    /** Those that do what a scenario tells them. */
    static final List<Medium> SCRIPTED = List.of(INLINE, OWN);

    private Media() {}
}
