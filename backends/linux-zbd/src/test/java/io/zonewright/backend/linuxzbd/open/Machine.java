package io.zonewright.backend.linuxzbd.open;

import io.zonewright.testkit.kernel.FakeKernel;

/** A fake kernel's machine. */
public final class Machine {
    private Machine() {}

    /** As this back-end looks at it. */
    public static Host of(FakeKernel kernel) {
        return new Host(kernel.posix(), kernel.sys(), kernel.proc(), kernel.groups());
    }
}
