package io.zonewright.vfiouser.config;

/** What a write to configuration space sets off; on the control thread, after the bytes have changed. */
public interface ConfigListener {
    /** The device may access memory from now on, or may not any more. */
    void busMasterChanged(boolean enabled);

    /** The driver switched INTA# off or on (command register, bit 10). */
    void pinDisabledChanged(boolean disabled);

    /** MSI-X was switched on or off, or all its vectors were masked or unmasked. */
    void msixChanged(boolean enabled, boolean masked);

    /** Function-level reset: the device and configuration space go back to their state at power-on. */
    void functionReset();
}
