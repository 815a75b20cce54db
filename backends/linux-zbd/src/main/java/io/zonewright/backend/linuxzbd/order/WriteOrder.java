package io.zonewright.backend.linuxzbd.order;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneGeometry;
import org.jspecify.annotations.Nullable;

/**
 * Sends the writes of each sequential zone to the kernel one at a time, in the order they came, and different zones at
 * once.
 *
 * <p><b>Joining.</b> Writes that wait and are adjacent go as one, as far as they fit into one request of the device: so a
 * zone is written at the device's speed although one write is in flight. A write never waits for others to be joined.
 *
 * <p><b>Failure.</b> The device is asked for the zone before anything else of that zone goes, which also makes a kernel
 * go on that stops a zone until somebody asks. Then what waits goes as before and gets the device's own verdict. Writes
 * that were joined to one of which nothing was moved are done again one by one; behind the first of them that fails by
 * itself or was moved in part, the others end with {@link Cause#PREDECESSOR_FAILED}: they are not at the write pointer.
 *
 * <p><b>Threads.</b> Any. Locks are held for a few loads and stores; nothing is started or completed under them. Nothing
 * is allocated once a zone's line has been in use.
 */
public final class WriteOrder {
    private static final int STRIPES = 64;
    /** Most writes in one: what comes back together is completed together. */
    private static final int MAX_JOINED = 64;

    private final ZoneGeometry geometry;
    private final WriteTarget target;
    private final long maxBytes;
    private final int maxSpans;
    private final @Nullable ZoneWrites[] lines;
    private final Stripe[] stripes = new Stripe[STRIPES];

    /** A lock for some zones, and lines that none of them uses. */
    private static final class Stripe {
        @Nullable
        ZoneWrites free;
    }

    /**
     * @param maxBytes longest write that joining makes
     * @param maxSpans most pieces of memory in one
     */
    public WriteOrder(ZoneGeometry geometry, WriteTarget target, long maxBytes, int maxSpans) {
        this.geometry = geometry;
        this.target = target;
        this.maxBytes = maxBytes;
        this.maxSpans = maxSpans;
        lines = new @Nullable ZoneWrites[geometry.zoneCount()];
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    /** Takes over a {@code WRITE} or {@code WRITE_ZEROES} of one sequential zone. */
    public void enter(DeviceRequest request) {
        int zone = geometry.zoneOf(request.offset());
        Stripe stripe = stripe(zone);
        synchronized (stripe) {
            line(stripe, zone).append(request);
        }
        pump(stripe, zone);
    }

    /** What {@link WriteTarget#start} began is over. */
    public void done(DeviceRequest request, long bytesMoved, int errno) {
        int zone = geometry.zoneOf(request.offset());
        Stripe stripe = stripe(zone);
        boolean succeeded = errno == 0 && bytesMoved == request.length();
        if (request instanceof JoinedWrite joined) {
            joinedDone(joined, zone, stripe, bytesMoved, errno, succeeded);
            return;
        }
        DeviceRequest abandoned = null;
        synchronized (stripe) {
            ZoneWrites line = line(stripe, zone);
            line.busy = false;
            if (succeeded) {
                line.oneByOne = Math.max(0, line.oneByOne - 1);
            } else {
                if (line.oneByOne > 1) {
                    abandoned = line.takeFirst(line.oneByOne - 1);
                }
                line.oneByOne = 0;
                line.refresh = line.head != null;
            }
        }
        target.finish(request, bytesMoved, errno);
        refuseAll(abandoned);
        pump(stripe, zone);
    }

    private void joinedDone(
            JoinedWrite joined, int zone, Stripe stripe, long bytesMoved, int errno, boolean succeeded) {
        DeviceRequest finished = joined.first;
        if (finished == null) {
            throw new IllegalStateException("a joined write is done twice");
        }
        int whole = succeeded ? joined.count : wholeMembers(finished, bytesMoved, joined.count);
        DeviceRequest rest = whole == joined.count ? null : cut(finished, whole);
        long part = succeeded || rest == null ? 0 : bytesMoved - (rest.offset() - joined.offset());
        DeviceRequest abandoned = null;
        synchronized (stripe) {
            int left = joined.count - whole;
            joined.part();
            ZoneWrites line = line(stripe, zone);
            line.busy = false;
            if (part > 0) {
                // The error is in this one or behind it; as a whole it cannot be done again.
                abandoned = rest;
                line.refresh = line.head != null;
            } else if (rest != null) {
                line.putBack(rest);
                line.oneByOne = left;
                line.refresh = true;
            }
        }
        finishAll(whole == 0 ? null : finished);
        if (abandoned != null) {
            DeviceRequest behind = abandoned.link();
            abandoned.setLink(null);
            target.finish(abandoned, part, errno);
            refuseAll(behind);
        }
        pump(stripe, zone);
    }

    private void finishAll(@Nullable DeviceRequest first) {
        DeviceRequest member = first;
        while (member != null) {
            DeviceRequest following = member.link();
            member.setLink(null);
            target.finish(member, member.length(), 0);
            member = following;
        }
    }

    /** How many of the first {@code count} requests lie wholly within so many bytes. */
    private static int wholeMembers(DeviceRequest first, long bytes, int count) {
        int whole = 0;
        long left = bytes;
        for (DeviceRequest member = first; member != null && left >= member.length(); member = member.link()) {
            left -= member.length();
            whole++;
        }
        // All moved and yet an error: the last one bears it.
        return Math.min(whole, count - 1);
    }

    /** Cuts a list after {@code count} requests and returns what was behind. */
    private static @Nullable DeviceRequest cut(DeviceRequest first, int count) {
        if (count == 0) {
            return first;
        }
        DeviceRequest last = first;
        for (int i = 1; i < count; i++) {
            DeviceRequest following = last.link();
            if (following == null) {
                return null;
            }
            last = following;
        }
        DeviceRequest rest = last.link();
        last.setLink(null);
        return rest;
    }

    /** What {@link WriteTarget#refresh} began is over. */
    public void refreshed(int zone) {
        Stripe stripe = stripe(zone);
        synchronized (stripe) {
            line(stripe, zone).busy = false;
        }
        pump(stripe, zone);
    }

    /** Whether a request that comes back is one of this order's own making. */
    public static boolean made(DeviceRequest request) {
        return request instanceof JoinedWrite;
    }

    private void refuseAll(@Nullable DeviceRequest first) {
        DeviceRequest member = first;
        while (member != null) {
            DeviceRequest following = member.link();
            member.setLink(null);
            target.refuse(member, Cause.PREDECESSOR_FAILED);
            member = following;
        }
    }

    /** Starts what is next in a zone, until something is at the kernel or nothing waits. */
    private void pump(Stripe stripe, int zone) {
        boolean mine = false;
        while (true) {
            DeviceRequest next;
            synchronized (stripe) {
                ZoneWrites line = lines[zone];
                if (line == null || (line.pumping && !mine)) {
                    return;
                }
                mine = true;
                line.pumping = true;
                if (line.busy) {
                    line.pumping = false;
                    return;
                }
                if (line.head == null) {
                    release(stripe, zone, line);
                    return;
                }
                line.busy = true;
                next = line.refresh ? null : next(line);
                line.refresh = false;
            }
            if (next == null) {
                target.refresh(zone);
            } else {
                target.start(next);
            }
        }
    }

    /** The first in line, joined with those behind it that are adjacent. */
    private DeviceRequest next(ZoneWrites line) {
        DeviceRequest first = line.head;
        if (first == null) {
            throw new IllegalStateException("nothing is in line");
        }
        int count = line.oneByOne > 0 ? 1 : adjacent(first);
        if (count == 1) {
            return line.takeFirst(1);
        }
        long bytes = 0;
        DeviceRequest member = first;
        for (int i = 0; i < count && member != null; i++) {
            bytes += member.length();
            member = member.link();
        }
        line.takeFirst(count);
        line.joined.join(first, count, bytes);
        return line.joined;
    }

    private int adjacent(DeviceRequest first) {
        if (first.operation() != Operation.WRITE) {
            return 1;
        }
        int count = 1;
        long bytes = first.length();
        int spans = first.data().count();
        for (DeviceRequest next = first.link(); next != null && count < MAX_JOINED; next = next.link()) {
            bytes += next.length();
            spans += next.data().count();
            boolean fits = next.operation() == Operation.WRITE
                    && next.offset() == first.offset() + bytes - next.length()
                    && next.forceUnitAccess() == first.forceUnitAccess()
                    && bytes <= maxBytes
                    && spans <= maxSpans;
            if (!fits) {
                break;
            }
            count++;
        }
        return count;
    }

    private Stripe stripe(int zone) {
        return stripes[zone % STRIPES];
    }

    /** The zone's line; to be called under the stripe's lock. */
    private ZoneWrites line(Stripe stripe, int zone) {
        ZoneWrites line = lines[zone];
        if (line == null) {
            line = stripe.free;
            if (line == null) {
                line = new ZoneWrites();
            } else {
                stripe.free = line.next;
                line.next = null;
            }
            lines[zone] = line;
        }
        return line;
    }

    private void release(Stripe stripe, int zone, ZoneWrites line) {
        line.pumping = false;
        line.oneByOne = 0;
        line.next = stripe.free;
        stripe.free = line;
        lines[zone] = null;
    }
}
