package io.zonewright.frontend.scsi.command;

import org.jspecify.annotations.Nullable;

/** One nexus and one logical unit (SAM-5's I_T_L nexus): what is pending for it, and what it holds. Thread-safe. */
public final class UnitNexus {
    private final Nexus nexus;
    private final LogicalUnit unit;
    private final int lun;
    private final Attentions attentions = new Attentions();
    private volatile boolean preventsRemoval;

    UnitNexus(Nexus nexus, LogicalUnit unit, int lun) {
        this.nexus = nexus;
        this.unit = unit;
        this.lun = lun;
        attentions.raise(Sense.POWER_ON);
    }

    public Nexus nexus() {
        return nexus;
    }

    public LogicalUnit unit() {
        return unit;
    }

    /** The unit's number in the nexus's target. */
    public int lun() {
        return lun;
    }

    /** Makes a unit attention pending. */
    public void raise(Sense attention) {
        if (attentions.raise(attention)) {
            nexus.listener().attention(lun, attention);
        }
    }

    /** The unit attention to be told next, which stays pending; null if there is none. */
    public @Nullable Sense pendingAttention() {
        return attentions.peek();
    }

    /** Takes the unit attention to be told next, as REQUEST SENSE does; null if there is none. */
    public @Nullable Sense takeAttention() {
        return attentions.take();
    }

    /** One need not be told any more. */
    public void clearAttention(Sense attention) {
        attentions.clear(attention);
    }

    Attentions attentions() {
        return attentions;
    }

    /** PREVENT ALLOW MEDIUM REMOVAL's last word; the medium cannot be removed anyway. */
    public void setPreventsRemoval(boolean value) {
        preventsRemoval = value;
    }

    public boolean preventsRemoval() {
        return preventsRemoval;
    }

    @Override
    public String toString() {
        return nexus + " LUN " + lun;
    }
}
