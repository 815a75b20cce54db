package io.zonewright.frontend.scsi.iscsi;

import org.jspecify.annotations.Nullable;

/** The tasks of one connection by Initiator Task Tag: open addressing, allocates only to grow. On the loop's thread. */
final class TaskTable {
    private static final int FIRST_SIZE = 64;
    private static final int SCATTER = 0x9E37_79B9;

    private @Nullable IscsiTask[] slots = new @Nullable IscsiTask[0];
    private int shift;
    private int size;

    private int home(int tag) {
        return (tag * SCATTER) >>> shift;
    }

    /** The task with this tag, or null. */
    @Nullable
    IscsiTask get(int tag) {
        if (size == 0) {
            return null;
        }
        int mask = slots.length - 1;
        for (int i = home(tag); ; i = i + 1 & mask) {
            IscsiTask task = slots[i];
            if (task == null || task.itt == tag) {
                return task;
            }
        }
    }

    /** Adds a task whose tag is not there. */
    void add(IscsiTask task) {
        if (2 * (size + 1) > slots.length) {
            grow();
        }
        put(task);
        size++;
    }

    private void put(IscsiTask task) {
        int mask = slots.length - 1;
        int i = home(task.itt);
        while (slots[i] != null) {
            i = i + 1 & mask;
        }
        slots[i] = task;
    }

    /** Removes a task if it is there. */
    void remove(IscsiTask task) {
        if (size == 0) {
            return;
        }
        int mask = slots.length - 1;
        int i = home(task.itt);
        while (slots[i] != task) {
            if (slots[i] == null) {
                return;
            }
            i = i + 1 & mask;
        }
        size--;
        // Close the gap: what follows and could stand here moves up.
        int gap = i;
        slots[gap] = null;
        for (int j = gap + 1 & mask; ; j = j + 1 & mask) {
            IscsiTask next = slots[j];
            if (next == null) {
                return;
            }
            if ((j - home(next.itt) & mask) >= (j - gap & mask)) {
                slots[gap] = next;
                slots[j] = null;
                gap = j;
            }
        }
    }

    int size() {
        return size;
    }

    /** Some task; null if there is none. */
    @Nullable
    IscsiTask any() {
        if (size > 0) {
            for (IscsiTask task : slots) {
                if (task != null) {
                    return task;
                }
            }
        }
        return null;
    }

    private void grow() {
        @Nullable IscsiTask[] old = slots;
        int length = Math.max(FIRST_SIZE, old.length * 2);
        slots = new @Nullable IscsiTask[length];
        shift = Integer.SIZE - Integer.numberOfTrailingZeros(length);
        for (IscsiTask task : old) {
            if (task != null) {
                put(task);
            }
        }
    }
}
