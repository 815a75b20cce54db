package io.zonewright.backend.linuxzbd.order;

import io.zonewright.api.request.DeviceRequest;
import org.jspecify.annotations.Nullable;

/** The writes of one zone that has any: one at the kernel, the others in line. Guarded by its stripe of {@link WriteOrder}. */
final class ZoneWrites {
    final JoinedWrite joined = new JoinedWrite();

    @Nullable
    DeviceRequest head;

    private @Nullable DeviceRequest tail;

    /** Something of this zone is at the kernel, or the zone is being asked for. */
    boolean busy;

    /** A thread is at work on this line, and looks again before it leaves. */
    boolean pumping;

    /** A write failed with others behind it, so the zone has to be asked for before they go. */
    boolean refresh;

    /** So many at the front were joined in a write that failed: they go one by one. */
    int oneByOne;

    /** The next free one in a stripe's list. */
    @Nullable
    ZoneWrites next;

    void append(DeviceRequest request) {
        request.setLink(null);
        if (tail == null) {
            head = request;
        } else {
            tail.setLink(request);
        }
        tail = request;
    }

    /** Takes {@code count} requests from the front; the last one's link is null. */
    DeviceRequest takeFirst(int count) {
        DeviceRequest first = head;
        if (first == null) {
            throw new IllegalStateException("nothing is in line");
        }
        DeviceRequest last = first;
        for (int i = 1; i < count; i++) {
            DeviceRequest following = last.link();
            if (following == null) {
                throw new IllegalStateException("fewer than " + count + " are in line");
            }
            last = following;
        }
        head = last.link();
        if (head == null) {
            tail = null;
        }
        last.setLink(null);
        return first;
    }

    /** Puts a list back to the front of the line. */
    void putBack(DeviceRequest first) {
        DeviceRequest last = first;
        for (DeviceRequest following = last.link(); following != null; following = last.link()) {
            last = following;
        }
        last.setLink(head);
        if (head == null) {
            tail = last;
        }
        head = first;
    }
}
