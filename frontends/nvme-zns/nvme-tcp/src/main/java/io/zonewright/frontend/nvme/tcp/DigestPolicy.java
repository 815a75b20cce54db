package io.zonewright.frontend.nvme.tcp;

/** Whether digests are used where a host asks for them. */
enum DigestPolicy {
    /** Where the host asks. */
    ALLOW,
    /** Never. */
    OFF;

    /** Whether to agree to a digest that was asked for, not 0. */
    boolean allows(int asked) {
        return this == ALLOW && asked != 0;
    }
}
