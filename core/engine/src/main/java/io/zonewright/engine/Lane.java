package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything in flight or waiting in one zone. Guarded by the zone's lock. Exists only while a zone has more than one
 * request, or needs to be held.
 *
 * <p>A ring holds what needs an order, in the order of arrival: its front part was admitted (ordered writes, or one
 * zone action), its back part waits. Unordered writes only count once they are admitted. So the ring never holds more
 * than the requests that the callers have in flight in this zone.
 *
 * <p>Slots are numbered by an {@code int} that wraps: compare by difference only.
 */
final class Lane {
    /** Not admitted. */
    static final byte WAITING = 0;
    /** At the medium. */
    static final byte RUNNING = 1;
    /** Back from the medium as asked. */
    static final byte DONE = 2;
    /** Back from the medium failed or short. */
    static final byte FAILED = 3;
    /** Handed up out of turn; keeps its place only. */
    static final byte GONE = 4;
    /** Was compared with the medium and has its result. */
    static final byte JUDGED = 5;
    /** Was compared with the medium, which now has to say itself whether it takes the write. */
    static final byte AGAIN = 6;
    /** Was compared with the medium, which has its first part; the rest is to be written. */
    static final byte TORN = 7;

    private static final int FIRST_SIZE = 8;

    /** Position in the pool, also in the zone's word. */
    final int number;

    /** On a medium with zone rules of its own: asks it for this zone after a failure. */
    final @Nullable LaneReport report;

    private @Nullable DeviceRequest[] requests = new @Nullable DeviceRequest[FIRST_SIZE];
    private byte[] states = new byte[FIRST_SIZE];
    private byte[] runs = new byte[FIRST_SIZE];
    /** How often each was placed anew after a failure. */
    private byte[] tries = new byte[FIRST_SIZE];

    private int head;
    private int boundary;
    private int tail;

    /** Unordered requests that failed on a medium with rules of its own and wait for its report, linked. */
    private @Nullable DeviceRequest held;

    private int running;
    private int runningKind;

    /** A thread is handing up and starting requests of this lane; it looks again before it leaves. */
    boolean pumping;
    /** A write failed: nothing is admitted until all admitted ones are back and handed up. */
    boolean failed;
    /** What comes back now was admitted behind a failed write. */
    boolean poisoned;
    /** A medium with rules of its own is being asked. */
    boolean reporting;
    /** It was asked after the last failure. */
    boolean reported;
    /** And it answered. */
    boolean told;
    /** Blocks written before it was asked, as they were known then. */
    int known;
    /** It was asked for the sake of the first waiting request, which would be refused otherwise. */
    boolean asked;

    Lane(int number, @Nullable LaneReport report) {
        this.number = number;
        this.report = report;
    }

    /** Adds a request that waits; what kind of run it is shows when it starts. */
    void wait(DeviceRequest request) {
        add(request, WAITING, ZoneWord.RUN_NONE);
    }

    /**
     * Counts a request as being at the medium, which nothing waiting stands before.
     *
     * @return its slot, or 0 for an unordered one, which needs none
     */
    int start(int run) {
        running++;
        runningKind = run;
        if (run == ZoneWord.RUN_UNORDERED) {
            return 0;
        }
        boundary++;
        return add(null, RUNNING, run);
    }

    /** Counts the first waiting request, which was just admitted as such a run, as being at the medium; gives its slot like {@link #start}. */
    int startWaiting(int run) {
        int i = index(boundary);
        runs[i] = (byte) run;
        running++;
        runningKind = run;
        asked = false;
        requests[i] = null;
        if (run == ZoneWord.RUN_UNORDERED) {
            states[i] = GONE;
            boundary++;
            return 0;
        }
        states[i] = RUNNING;
        return boundary++;
    }

    /** Forgets the first waiting request, which needs nothing from the medium. */
    void dropWaiting() {
        int i = index(boundary);
        states[i] = GONE;
        requests[i] = null;
        boundary++;
        asked = false;
    }

    /** A request with a slot came back. */
    void back(int slot, DeviceRequest request, boolean succeeded) {
        int i = index(slot);
        requests[i] = request;
        states[i] = succeeded ? DONE : FAILED;
        running--;
    }

    /** Forgets what was at the medium without a request. */
    void dropStarted(int slot) {
        states[index(slot)] = GONE;
        running--;
    }

    /** A request with a slot was compared with the medium: {@link #JUDGED}, {@link #AGAIN} or {@link #TORN}. */
    void compared(int slot, DeviceRequest request, byte state) {
        back(slot, request, true);
        states[index(slot)] = state;
    }

    /** Takes the first admitted request, which is back, and counts it as an ordered write at the medium once more. */
    DeviceRequest startAgain() {
        DeviceRequest request = takeFirst();
        head--;
        int i = index(head);
        states[i] = RUNNING;
        runs[i] = ZoneWord.RUN_ORDERED;
        tries[i]++;
        running++;
        runningKind = ZoneWord.RUN_ORDERED;
        return request;
    }

    /** The first admitted request, which is back, has its result. */
    void judged() {
        states[index(head)] = JUDGED;
    }

    /** The first admitted request, which is back. */
    DeviceRequest first() {
        return Objects.requireNonNull(requests[index(head)]);
    }

    /** How often the first admitted request was given to the medium by {@link #startAgain}. */
    int firstTries() {
        return tries[index(head)];
    }

    /** Slot of the first admitted request. */
    int firstSlot() {
        return head;
    }

    /** A request without a slot came back. */
    void unorderedBack() {
        running--;
    }

    /** Keeps a failed request without a slot until the medium has reported. */
    void hold(DeviceRequest request) {
        request.setLink(held);
        held = request;
    }

    /** One of the requests kept by {@link #hold}, or null. */
    @Nullable
    DeviceRequest takeHeld() {
        DeviceRequest first = held;
        if (first != null) {
            held = first.link();
            first.setLink(null);
        }
        return first;
    }

    /** Frees the places at the front that are spent. */
    void skipGone() {
        while (head != boundary && states[index(head)] == GONE) {
            head++;
        }
    }

    /** State of the first admitted request with a slot, or {@link #WAITING} if there is none. */
    byte firstState() {
        return head == boundary ? WAITING : states[index(head)];
    }

    int firstRun() {
        return runs[index(head)];
    }

    /** Takes the first admitted request, which is back. */
    DeviceRequest takeFirst() {
        int i = index(head);
        DeviceRequest request = requests[i];
        if (request == null) {
            throw new IllegalStateException("the first request is not back");
        }
        requests[i] = null;
        head++;
        return request;
    }

    boolean anyWaiting() {
        return boundary != tail;
    }

    DeviceRequest firstWaiting() {
        DeviceRequest request = requests[index(boundary)];
        if (request == null) {
            throw new IllegalStateException("nothing waits");
        }
        return request;
    }

    /** Whether a request of kind {@code run} may be admitted now, given that none waits before it. */
    boolean mayStart(int run) {
        if (failed || reporting) {
            return false;
        }
        return drained() || (run != ZoneWord.RUN_BARRIER && run == runningKind);
    }

    /** Whether nothing is at the medium. */
    boolean allBack() {
        return running == 0;
    }

    /** Whether all that was admitted came back and was handed up. */
    boolean drained() {
        return head == boundary && running == 0 && held == null;
    }

    /** Ready for another zone. */
    void reset() {
        head = 0;
        boundary = 0;
        tail = 0;
        pumping = false;
        clearFailure();
        reporting = false;
        asked = false;
    }

    void clearFailure() {
        failed = false;
        poisoned = false;
        reported = false;
        told = false;
    }

    private int add(@Nullable DeviceRequest request, byte state, int run) {
        if (tail - head == states.length) {
            grow();
        }
        int i = index(tail);
        requests[i] = request;
        states[i] = state;
        runs[i] = (byte) run;
        tries[i] = 0;
        return tail++;
    }

    private int index(int slot) {
        return slot & (states.length - 1);
    }

    private void grow() {
        int size = states.length;
        @Nullable DeviceRequest[] newRequests = new @Nullable DeviceRequest[size * 2];
        byte[] newStates = Arrays.copyOf(states, size * 2);
        byte[] newRuns = Arrays.copyOf(runs, size * 2);
        byte[] newTries = Arrays.copyOf(tries, size * 2);
        for (int slot = head; slot != tail; slot++) {
            int from = slot & (size - 1);
            int to = slot & (size * 2 - 1);
            newRequests[to] = requests[from];
            newStates[to] = states[from];
            newRuns[to] = runs[from];
            newTries[to] = tries[from];
        }
        requests = newRequests;
        states = newStates;
        runs = newRuns;
        tries = newTries;
    }
}
