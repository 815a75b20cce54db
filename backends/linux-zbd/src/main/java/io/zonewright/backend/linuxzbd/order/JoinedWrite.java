package io.zonewright.backend.linuxzbd.order;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Several adjacent writes of one zone as one. Used again and again by one zone at a time; goes to the data path like any
 * other request, and comes back by {@link WriteTarget} instead of completing.
 */
final class JoinedWrite extends DeviceRequest {
    /** The first of the writes, the others by their links; null while not in use. */
    @Nullable
    DeviceRequest first;

    /** How many they are. */
    int count;

    /** Makes it the write of {@code members} adjacent requests from {@code head} on, {@code bytes} together. */
    void join(DeviceRequest head, int members, long bytes) {
        prepare(Operation.WRITE, head.offset(), bytes);
        setForceUnitAccess(head.forceUnitAccess());
        data().clear();
        DeviceRequest member = head;
        for (int i = 0; i < members && member != null; i++) {
            data().addSlice(member.data(), 0, member.length());
            member = member.link();
        }
        first = head;
        count = members;
    }

    /** Lets go of the writes and of their memory. */
    void part() {
        data().clear();
        first = null;
        count = 0;
    }

    @Override
    protected void onComplete() {
        throw new IllegalStateException("a joined write is not completed by itself: " + this);
    }
}
