package io.zonewright.frontend.scsi.command;

/**
 * What a carrier may want to tell its initiator by itself. Called on any thread; must not block. An initiator that is
 * never told finds all of it out by unit attentions.
 */
public interface NexusListener {
    /** Wants to hear nothing. */
    NexusListener NONE = new NexusListener() {};

    /** A logical unit was added (virtio: transport reset, rescan; iSCSI: asynchronous message 0 is allowed). */
    default void unitAdded(int lun) {}

    /** A logical unit is gone; its tasks end with LOGICAL UNIT NOT SUPPORTED from now on. */
    default void unitRemoved(int lun) {}

    /** A unit attention is pending on this logical unit (virtio: parameter change; iSCSI: asynchronous event). */
    default void attention(int lun, Sense sense) {}
}
