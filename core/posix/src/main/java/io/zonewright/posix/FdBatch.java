package io.zonewright.posix;

import java.util.Arrays;

/**
 * The file descriptors that came with messages, bounded in number, until somebody takes each of them. What nobody took
 * is closed with the batch, so a peer cannot make us keep descriptors by sending ones that we did not ask for.
 *
 * <p>For one thread at a time.
 */
public final class FdBatch implements AutoCloseable {
    /** The most that the kernel passes in one message (SCM_MAX_FD in include/net/scm.h). */
    public static final int MAX_CAPACITY = 253;

    private static final int TAKEN = -1;

    private final Posix posix;
    private final int[] numbers;
    private int size;

    /** An empty batch that takes at most {@code capacity} descriptors, 0 to {@value #MAX_CAPACITY}. */
    public FdBatch(Posix posix, int capacity) {
        if (capacity < 0 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("capacity " + capacity + " is not within 0.." + MAX_CAPACITY);
        }
        this.posix = posix;
        this.numbers = new int[capacity];
        Arrays.fill(numbers, TAKEN);
    }

    /** How many descriptors fit. */
    public int capacity() {
        return numbers.length;
    }

    /** How many arrived since the last {@link #close}, taken ones included. */
    public int size() {
        return size;
    }

    /** How many more fit. */
    public int remaining() {
        return numbers.length - size;
    }

    /** Makes the caller the owner of the descriptor at {@code index}; each can be taken once. */
    public Fd take(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("descriptor " + index + " of " + size);
        }
        int number = numbers[index];
        if (number == TAKEN) {
            throw new IllegalStateException("descriptor " + index + " is already taken");
        }
        numbers[index] = TAKEN;
        return Fd.adopt(posix, number);
    }

    /** Closes what was not taken and empties the batch, which can then be used again. */
    @Override
    public void close() {
        closeFrom(0);
    }

    /** Closes what was not taken of the descriptors from {@code first} on, and forgets those. */
    void closeFrom(int first) {
        int end = size;
        size = first;
        for (int i = first; i < end; i++) {
            int number = numbers[i];
            numbers[i] = TAKEN;
            if (number != TAKEN) {
                posix.closeNumber(number);
            }
        }
    }

    /** Takes over a descriptor that just arrived; one too many is closed at once. */
    void add(int number) {
        if (size == numbers.length) {
            posix.closeNumber(number);
        } else {
            numbers[size++] = number;
        }
    }
}
