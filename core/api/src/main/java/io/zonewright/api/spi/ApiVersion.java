package io.zonewright.api.spi;

/**
 * Version of this API, by semantic versioning: a plugin made for 1.2 runs on every host with 1.2 or a later 1.x. A
 * plugin says what it needs with {@code Plugin-Requires: >=1.0.0 & <2.0.0} in its manifest; the host refuses, by name,
 * a plugin that needs another.
 */
public final class ApiVersion {
    /** The version that this host offers. */
    public static final String CURRENT = "1.0.0";

    private ApiVersion() {}
}
