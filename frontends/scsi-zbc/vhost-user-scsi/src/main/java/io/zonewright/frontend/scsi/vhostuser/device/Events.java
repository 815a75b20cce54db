package io.zonewright.frontend.scsi.vhostuser.device;

import io.zonewright.frontend.scsi.command.NexusListener;
import io.zonewright.frontend.scsi.command.Sense;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Events that wait for a buffer of the driver (virtio 1.3, section 5.6.6.3). Those that are equal wait once; where too many
 * wait, the driver is told that some were missed. Any thread.
 */
final class Events implements NexusListener {
    /** Nothing but the news that events were missed. */
    static final int NO_EVENT = 0;

    static final int TRANSPORT_RESET = 1;
    static final int PARAM_CHANGE = 3;
    static final int MISSED = 1 << 31;

    static final int RESCAN = 1;
    static final int REMOVED = 2;

    /** More than a driver that reads its events leaves waiting. */
    static final int LIMIT = 64;

    /**
     * As the driver sees it, before its bytes.
     *
     * @param lun the field
     */
    record Event(int type, long lun, int reason) {}

    private final LongPredicate wanted;
    private final Deque<Event> waiting = new ArrayDeque<>();
    private boolean missed;
    private long missedCount;

    /** Written under the lock. */
    private volatile boolean any;

    private volatile @Nullable Runnable wake;

    /** @param wanted whether the driver took one of these features */
    Events(LongPredicate wanted) {
        this.wanted = wanted;
    }

    /** Called for each event, so that the event queue's loop looks. */
    void wakeWith(Runnable look) {
        wake = look;
    }

    @Override
    public void unitAdded(int lun) {
        add(ScsiFeatures.HOTPLUG, new Event(TRANSPORT_RESET, VirtioLun.encode(lun), RESCAN));
    }

    @Override
    public void unitRemoved(int lun) {
        add(ScsiFeatures.HOTPLUG, new Event(TRANSPORT_RESET, VirtioLun.encode(lun), REMOVED));
    }

    /** The reason is the code in the lower byte and its qualifier in the upper one. */
    @Override
    public void attention(int lun, Sense sense) {
        switch (sense) {
            case CAPACITY_DATA_HAS_CHANGED, MODE_PARAMETERS_CHANGED, INQUIRY_DATA_HAS_CHANGED ->
                add(
                        ScsiFeatures.CHANGE,
                        new Event(PARAM_CHANGE, VirtioLun.encode(lun), sense.code() | sense.qualifier() << Byte.SIZE));
            default -> {}
        }
    }

    /** Whether one waits. */
    boolean any() {
        return any;
    }

    /** How many were dropped. */
    synchronized long missedCount() {
        return missedCount;
    }

    /** The oldest; null if none waits. */
    synchronized @Nullable Event take() {
        Event event = waiting.poll();
        if (event == null && missed) {
            event = new Event(NO_EVENT, 0, 0);
        }
        if (event != null && missed) {
            missed = false;
            event = new Event(event.type() | MISSED, event.lun(), event.reason());
        }
        any = missed || !waiting.isEmpty();
        return event;
    }

    /** The driver has gone. */
    synchronized void clear() {
        waiting.clear();
        missed = false;
        any = false;
    }

    private void add(long feature, Event event) {
        if (!wanted.test(feature)) {
            return;
        }
        synchronized (this) {
            if (waiting.contains(event)) {
                return;
            }
            if (waiting.size() < LIMIT) {
                waiting.add(event);
            } else {
                missed = true;
                missedCount++;
            }
            any = true;
        }
        Runnable look = wake;
        if (look != null) {
            look.run();
        }
    }
}
