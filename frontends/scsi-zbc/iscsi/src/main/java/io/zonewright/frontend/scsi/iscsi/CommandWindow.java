package io.zonewright.frontend.scsi.iscsi;

import org.jspecify.annotations.Nullable;

/**
 * The order of one session's commands (RFC 7143, section 4.2.2.1): ExpCmdSN and MaxCmdSN, and commands that came before
 * those that go first. Numbers are compared as RFC 1982 says. On the loop's thread; allocates nothing for commands that
 * come in order.
 */
final class CommandWindow {
    /** What a number of a command means. */
    enum Verdict {
        /** It is its turn. */
        NEXT,
        /** Others go first. */
        LATER,
        /** Outside the window, or there already: it is ignored. */
        IGNORED
    }

    private int depth = 1;
    private int expected;
    private int max;
    private int inFlight;
    private @Nullable IscsiTask[] held = new @Nullable IscsiTask[0];
    private boolean[] empty = new boolean[0];
    private int heldCount;

    /** The first number that counts. One command may come, until {@link #open}. */
    void start(int cmdSn) {
        expected = cmdSn;
        max = cmdSn;
    }

    /** @param commands how many may be under way, at least 1 */
    void open(int commands) {
        depth = commands;
    }

    /** ExpCmdSN. */
    int expected() {
        return expected;
    }

    /** MaxCmdSN, which never goes back. */
    int max() {
        int now = expected - 1 + depth - inFlight;
        if (now - max > 0) {
            max = now;
        }
        return max;
    }

    /** Commands that were taken and not answered. */
    int inFlight() {
        return inFlight;
    }

    /** A command was taken. */
    void enter() {
        inFlight++;
    }

    /** A command is being answered: another one may come. */
    void leave() {
        inFlight--;
    }

    /** What to do with a command of this number. */
    Verdict judge(int cmdSn) {
        if (cmdSn - expected < 0 || cmdSn - max() > 0) {
            return Verdict.IGNORED;
        }
        if (cmdSn == expected) {
            return Verdict.NEXT;
        }
        if (held.length == 0) {
            return Verdict.LATER;
        }
        int place = place(cmdSn);
        return held[place] != null || empty[place] ? Verdict.IGNORED : Verdict.LATER;
    }

    private int place(int cmdSn) {
        return cmdSn & held.length - 1;
    }

    /** The command whose turn it was goes on. */
    void advance() {
        expected++;
    }

    /** Keeps a command that {@link #judge} said LATER of. */
    void hold(int cmdSn, IscsiTask task) {
        makeRoom();
        held[place(cmdSn)] = task;
        heldCount++;
    }

    /** Whether a number lies in the window and nothing came with it; from now on it counts as come. */
    boolean fill(int cmdSn) {
        if (cmdSn == expected) {
            expected++;
            return true;
        }
        if (judge(cmdSn) != Verdict.LATER) {
            return false;
        }
        makeRoom();
        empty[place(cmdSn)] = true;
        heldCount++;
        return true;
    }

    /** The held command whose turn it is now; null if there is none. */
    @Nullable
    IscsiTask next() {
        while (heldCount > 0) {
            int place = place(expected);
            IscsiTask task = held[place];
            if (task == null && !empty[place]) {
                return null;
            }
            held[place] = null;
            empty[place] = false;
            heldCount--;
            expected++;
            if (task != null) {
                return task;
            }
        }
        return null;
    }

    /** Whether commands wait for one that has not come. */
    boolean holds() {
        return heldCount > 0;
    }

    /** Takes out any held command; null if there is none left. */
    @Nullable
    IscsiTask takeAny() {
        for (int i = 0; i < held.length && heldCount > 0; i++) {
            IscsiTask task = held[i];
            if (task != null) {
                held[i] = null;
                heldCount--;
                return task;
            }
        }
        return null;
    }

    private void makeRoom() {
        if (held.length == 0) {
            int size = 2 * Integer.highestOneBit(depth);
            held = new @Nullable IscsiTask[size];
            empty = new boolean[size];
        }
    }
}
