package io.zonewright.posixprobe;

import io.zonewright.posix.Posix;

/** Makes one call, in a JVM of its own and from outside the package: see NativeAccessTest. */
public final class NativeProbe {
    private NativeProbe() {}

    /** Prints the process number, or why there is none. */
    public static void main(String[] arguments) {
        try {
            System.out.println("pid " + Posix.system().pid());
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
    }
}
