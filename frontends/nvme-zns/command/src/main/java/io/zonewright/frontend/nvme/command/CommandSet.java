package io.zonewright.frontend.nvme.command;

/**
 * The command sets that Zonewright speaks. The numbers are Command Set Identifiers (Base 2.0, "Command Set
 * Identifiers"): NVM 00h, Zoned Namespace 02h; the Admin Command Set has none.
 */
public enum CommandSet {
    ADMIN(-1),
    NVM(0),
    ZNS(2);

    private final int csi;

    CommandSet(int csi) {
        this.csi = csi;
    }

    /** Command Set Identifier; -1 for the Admin Command Set. */
    public int csi() {
        return csi;
    }
}
