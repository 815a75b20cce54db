package io.zonewright.vfiouser;

/** What a device answers, once, when it was told to come to rest; from any thread, also before the call returned. */
public interface Quiescence {
    /** Nothing of the device touches guest memory that it was told to leave, now or later. */
    void reached();

    /** Requests were lost that may still touch the memory: it stays mapped for ever. To be logged by the device. */
    void abandoned();
}
