package io.zonewright.api.zone;

/** Where the standards' state machines differ, a device follows one of them through all its front-ends. */
public enum ZoneRules {
    /** Closing an explicitly opened zone in which nothing was written gives {@link ZoneCondition#EMPTY}. */
    ZBC,
    /** Closing an explicitly opened zone in which nothing was written gives {@link ZoneCondition#CLOSED}. */
    ZNS
}
