package io.zonewright.posix;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The owner of one open file descriptor. Closing twice is harmless; using it after that fails with an
 * {@code IllegalStateException} instead of reaching whatever file got the number next.
 *
 * <p>Any thread may close, once. A call that is under way in another thread is not stopped by that, so an owner first
 * gets its users out.
 */
public final class Fd implements AutoCloseable {
    private static final int CLOSED = -1;
    private static final VarHandle NUMBER;

    static {
        try {
            NUMBER = MethodHandles.lookup().findVarHandle(Fd.class, "number", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Posix posix;
    private volatile int number;

    private Fd(Posix posix, int number) {
        this.posix = posix;
        this.number = number;
    }

    /** Takes over an open descriptor that nobody else will close. */
    public static Fd adopt(Posix posix, int number) {
        if (number < 0) {
            throw new IllegalArgumentException("not a file descriptor: " + number);
        }
        return new Fd(posix, number);
    }

    /** The number, for a call or a message; it is valid only as long as this owner is open. */
    public int number() {
        int current = number;
        if (current == CLOSED) {
            throw new IllegalStateException("the file descriptor is closed");
        }
        return current;
    }

    /** Whether neither {@link #close} nor {@link #release} has been called. */
    public boolean isOpen() {
        return number != CLOSED;
    }

    /** A second descriptor for the same open file, close-on-exec. */
    public Fd duplicate() {
        return posix.duplicate(this);
    }

    /** Gives the number away: the caller closes it from now on. */
    public int release() {
        int current = (int) NUMBER.getAndSet(this, CLOSED);
        if (current == CLOSED) {
            throw new IllegalStateException("the file descriptor is closed");
        }
        return current;
    }

    /** Closes the descriptor; see close(2). */
    @Override
    public void close() {
        int current = (int) NUMBER.getAndSet(this, CLOSED);
        if (current != CLOSED) {
            posix.closeNumber(current);
        }
    }

    @Override
    public String toString() {
        int current = number;
        return current == CLOSED ? "closed" : Integer.toString(current);
    }
}
