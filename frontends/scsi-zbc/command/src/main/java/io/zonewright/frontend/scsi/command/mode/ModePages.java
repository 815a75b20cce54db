package io.zonewright.frontend.scsi.command.mode;

/**
 * The mode pages of a logical unit and what can be changed in them (SPC-5, "Control mode page" and "Informational
 * Exceptions Control mode page"; SBC-4, "Caching mode page"). One set for all nexuses; nothing is saved. Read without a
 * lock.
 */
public final class ModePages {
    static final int CACHING = 0x08;
    static final int CONTROL = 0x0A;
    static final int INFORMATIONAL_EXCEPTIONS = 0x1C;

    /** Every page, ascending. */
    static final int[] CODES = {CACHING, CONTROL, INFORMATIONAL_EXCEPTIONS};

    /** PAGE CONTROL. */
    static final int CURRENT = 0;

    static final int CHANGEABLE = 1;
    static final int DEFAULT = 2;
    static final int SAVED = 3;

    private static final int CACHING_SIZE = 20;
    private static final int CONTROL_SIZE = 12;
    private static final int EXCEPTIONS_SIZE = 12;

    private static final int WCE_BYTE = 2;
    private static final int WCE = 1 << 2;
    private static final int D_SENSE_BYTE = 2;
    private static final int D_SENSE = 1 << 2;
    private static final int GLTSD = 1 << 1;
    private static final int QUEUE_ALGORITHM_BYTE = 3;
    private static final int UNRESTRICTED_REORDERING = 1 << 4;
    private static final int SWP_BYTE = 4;
    private static final int SWP = 1 << 3;
    private static final int TAS_BYTE = 5;
    private static final int TAS = 1 << 6;

    /** What an initiator can change. */
    record Values(boolean writeCache, boolean descriptorSense, boolean writeProtect, boolean taskAbortedStatus) {}

    private final boolean cached;
    private final Values defaults;
    private volatile Values values;

    /** @param cached whether the medium has a volatile cache, which can then be switched off */
    public ModePages(boolean cached) {
        this.cached = cached;
        defaults = new Values(cached, false, false, false);
        values = defaults;
    }

    /** WCE: writes are good when they are in the cache. */
    public boolean writeCache() {
        return values.writeCache;
    }

    /** D_SENSE: descriptor format sense data. */
    public boolean descriptorSense() {
        return values.descriptorSense;
    }

    /** SWP: an initiator forbade writes. */
    public boolean writeProtected() {
        return values.writeProtect;
    }

    /** TAS: a nexus whose task another aborted is sent TASK ABORTED. */
    public boolean taskAbortedStatus() {
        return values.taskAbortedStatus;
    }

    /** Back to the default values. */
    public void reset() {
        values = defaults;
    }

    Values values() {
        return values;
    }

    void set(Values next) {
        values = next;
    }

    /** Whether there is such a page. */
    static boolean known(int code) {
        return code == CACHING || code == CONTROL || code == INFORMATIONAL_EXCEPTIONS;
    }

    /** A page as bytes. {@code control} is {@link #CURRENT}, {@link #CHANGEABLE} or {@link #DEFAULT}. */
    byte[] page(int code, int control) {
        byte[] page = new byte[size(code)];
        page[0] = (byte) code;
        page[1] = (byte) (page.length - 2);
        boolean mask = control == CHANGEABLE;
        Values shown = control == DEFAULT ? defaults : values;
        switch (code) {
            case CACHING -> page[WCE_BYTE] |= bit(mask ? cached : shown.writeCache, WCE);
            case CONTROL -> {
                page[D_SENSE_BYTE] |= bit(mask || shown.descriptorSense, D_SENSE);
                page[SWP_BYTE] |= bit(mask || shown.writeProtect, SWP);
                page[TAS_BYTE] |= bit(mask || shown.taskAbortedStatus, TAS);
                if (!mask) {
                    page[D_SENSE_BYTE] |= GLTSD;
                    page[QUEUE_ALGORITHM_BYTE] |= UNRESTRICTED_REORDERING;
                }
            }
            default -> {
                // Informational exceptions: none are ever reported (MRIE 0h), so DEXCPT and the rest stay zero.
            }
        }
        return page;
    }

    /** The values with what a page, that differs from the current one in changeable bits only, says. */
    static Values with(Values before, int code, byte[] list, int at) {
        return switch (code) {
            case CACHING ->
                new Values(
                        (list[at + WCE_BYTE] & WCE) != 0,
                        before.descriptorSense,
                        before.writeProtect,
                        before.taskAbortedStatus);
            case CONTROL ->
                new Values(
                        before.writeCache,
                        (list[at + D_SENSE_BYTE] & D_SENSE) != 0,
                        (list[at + SWP_BYTE] & SWP) != 0,
                        (list[at + TAS_BYTE] & TAS) != 0);
            default -> before;
        };
    }

    private static byte bit(boolean set, int bit) {
        return (byte) (set ? bit : 0);
    }

    private static int size(int code) {
        return switch (code) {
            case CACHING -> CACHING_SIZE;
            case CONTROL -> CONTROL_SIZE;
            default -> EXCEPTIONS_SIZE;
        };
    }
}
