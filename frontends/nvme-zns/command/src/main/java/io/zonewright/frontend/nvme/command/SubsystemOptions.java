package io.zonewright.frontend.nvme.command;

import java.nio.charset.StandardCharsets;

/**
 * Settings of a subsystem.
 *
 * @param nqn NVMe Qualified Name, at most 223 bytes of UTF-8
 * @param model for Identify: at most 40 ASCII characters
 * @param firmware likewise: at most 8
 */
public record SubsystemOptions(String nqn, String model, String firmware) {
    private static final int MAX_NQN_BYTES = 223;

    public SubsystemOptions {
        if (nqn.isEmpty() || nqn.getBytes(StandardCharsets.UTF_8).length > MAX_NQN_BYTES) {
            throw new IllegalArgumentException("an NQN has 1 to " + MAX_NQN_BYTES + " bytes: " + nqn);
        }
    }

    /** With Zonewright's own model and firmware names. */
    public static SubsystemOptions of(String nqn) {
        return new SubsystemOptions(nqn, "Zonewright", "1");
    }
}
