package io.zonewright.vfiouser.interrupt;

/**
 * INTA#, a level. It masks itself when it is signalled (VFIO_IRQ_INFO_AUTOMASKED); the client unmasks it when the guest has
 * dealt with it, and is signalled again if it is still asserted.
 */
final class Pin extends Line {
    private boolean asserted;
    private boolean disabled;
    private boolean msix;

    synchronized void set(boolean value) {
        asserted = value;
        deliver();
    }

    synchronized boolean asserted() {
        return asserted;
    }

    synchronized void setDisabled(boolean value) {
        disabled = value;
        deliver();
    }

    synchronized void setMsix(boolean enabled) {
        msix = enabled;
        deliver();
    }

    @Override
    protected boolean ready() {
        return asserted && !disabled && !msix;
    }

    @Override
    protected void delivered() {
        maskSelf();
    }
}
