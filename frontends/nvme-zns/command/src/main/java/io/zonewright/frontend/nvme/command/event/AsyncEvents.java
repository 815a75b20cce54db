package io.zonewright.frontend.nvme.command.event;

import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Outstanding Asynchronous Event Requests of one controller, and events that wait for one. An event that was reported
 * is masked until its log page is read with Retain Asynchronous Event cleared; what happens meanwhile is in that page
 * (Base 2.0, "Asynchronous Event Request command"). Thread-safe; commands are ended outside the lock.
 */
public final class AsyncEvents {
    /** Requests that may be outstanding; AERL tells one less. */
    public static final int LIMIT = 4;

    private enum State {
        /** Nothing happened since the page was last read. */
        IDLE,
        /** Happened, and waits for a request. */
        PENDING,
        /** Told; masked until the page is read. */
        REPORTED
    }

    private final ArrayDeque<NvmeCommand> requests = new ArrayDeque<>(LIMIT);
    private final Map<Notice, State> states = new EnumMap<>(Notice.class);
    private final Map<Notice, Integer> parameters = new EnumMap<>(Notice.class);
    private int enabled;
    private long reported;
    private boolean closed;

    /** Takes a request; ends it at once if an event waits. */
    public void request(NvmeCommand command) {
        int status = take(command);
        if (status == NvmeStatus.SUCCESS) {
            deliver();
        } else {
            command.finish(status);
        }
    }

    private synchronized int take(NvmeCommand command) {
        if (closed) {
            return NvmeStatus.ABORTED_SQ_DELETION;
        }
        if (requests.size() == LIMIT) {
            return NvmeStatus.dnr(NvmeStatus.ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED);
        }
        requests.add(command);
        return NvmeStatus.SUCCESS;
    }

    /** Asynchronous Event Configuration: bits of the events that are reported. */
    public void configure(int mask) {
        synchronized (this) {
            enabled = mask;
        }
        deliver();
    }

    /**
     * Something happened. An event that is not enabled is forgotten.
     *
     * @param parameter DW1 of the completion entry: the NSID for a zone, else 0
     */
    public void raise(Notice notice, int parameter) {
        synchronized (this) {
            if (!wanted(notice) || states.getOrDefault(notice, State.IDLE) != State.IDLE) {
                return;
            }
            states.put(notice, State.PENDING);
            parameters.put(notice, parameter);
        }
        deliver();
    }

    /** The host has read this log page and does not want the event retained. */
    public synchronized void pageRead(int logPage) {
        for (Notice notice : Notice.values()) {
            if (notice.logPage() == logPage) {
                states.put(notice, State.IDLE);
            }
        }
    }

    /** Ends the outstanding request with this command identifier, if there is one. */
    public boolean abort(int cid) {
        NvmeCommand found = null;
        synchronized (this) {
            for (NvmeCommand command : requests) {
                if (command.cid() == cid) {
                    found = command;
                }
            }
            if (found != null) {
                requests.remove(found);
            }
        }
        if (found == null) {
            return false;
        }
        found.finish(NvmeStatus.ABORT_REQUESTED);
        return true;
    }

    /** Controller reset: all requests end, all events are forgotten, none is enabled. */
    public void reset() {
        List<NvmeCommand> dropped;
        synchronized (this) {
            dropped = new ArrayList<>(requests);
            requests.clear();
            states.clear();
            enabled = 0;
        }
        dropped.forEach(command -> command.finish(NvmeStatus.ABORTED_SQ_DELETION));
    }

    /** The controller goes: like a reset, and no request is taken any more. */
    public void close() {
        synchronized (this) {
            closed = true;
        }
        reset();
    }

    /** Requests that wait for an event. */
    public synchronized int outstanding() {
        return requests.size();
    }

    /** Events told since the controller was made. */
    public synchronized long reported() {
        return reported;
    }

    private void deliver() {
        for (NvmeCommand command = next(); command != null; command = next()) {
            command.finish(NvmeStatus.SUCCESS);
        }
    }

    /** With the lock held. */
    private boolean wanted(Notice notice) {
        return notice.configBit() == 0 || (enabled & notice.configBit()) != 0;
    }

    private synchronized @Nullable NvmeCommand next() {
        if (requests.isEmpty()) {
            return null;
        }
        for (Notice notice : Notice.values()) {
            if (states.get(notice) == State.PENDING && wanted(notice)) {
                states.put(notice, State.REPORTED);
                reported++;
                NvmeCommand command = requests.remove();
                long parameter = parameters.getOrDefault(notice, 0);
                command.setResult(Integer.toUnsignedLong(notice.dword0()) | (parameter << 32));
                return command;
            }
        }
        return null;
    }
}
