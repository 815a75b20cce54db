package io.zonewright.posix;

import java.lang.foreign.MemorySegment;

/** Refuses, with the remedy, where native calls cannot be made. Links none itself, so it can be asked again. */
final class NativeAccess {
    private NativeAccess() {}

    static void require() {
        String os = System.getProperty("os.name");
        if (!os.equals("Linux") || !(Linux.X86_64 || Linux.AARCH64)) {
            throw new UnsupportedOperationException("Zonewright runs on Linux on x86-64 or aarch64, not on " + os
                    + " on " + System.getProperty("os.arch"));
        }
        try {
            // Needs the permission and does nothing else.
            MemorySegment.NULL.reinterpret(0).byteSize();
        } catch (IllegalCallerException e) {
            String module = NativeAccess.class.getModule().isNamed() ? "io.zonewright.posix" : "ALL-UNNAMED";
            throw new IllegalStateException(
                    "native calls are forbidden here: start Java with --enable-native-access=" + module, e);
        }
    }
}
