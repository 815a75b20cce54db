package io.zonewright.posix;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A system call failed in a way that its caller does not expect in normal operation. The message names the call, its
 * arguments and the error: {@code pwrite(fd=7, length=4096, offset=8192): ENOSPC (28): No space left on device}.
 *
 * <p>Unchecked: most callers can only pass it on to the one place that owns the connection or device, and a checked
 * exception would have to be tunnelled through every poll loop and lambda on the way there.
 */
public class PosixException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final String arguments;
    private final int errno;

    /**
     * @param call the C function's name
     * @param arguments its arguments as {@code name=value, ...}
     * @param errno the positive error number
     * @param hint what the reader can do about it, as a sentence, or null
     */
    public PosixException(String call, String arguments, int errno, @Nullable String hint) {
        super(message(call, arguments, errno, hint));
        this.call = call;
        this.arguments = arguments;
        this.errno = errno;
    }

    private static String message(String call, String arguments, int errno, @Nullable String hint) {
        Errno known = Errno.of(errno);
        String text = call + "(" + arguments + "): "
                + (known == null ? "errno " + errno : known.name() + " (" + errno + "): " + known.description());
        return hint == null ? text : text + ". " + hint;
    }

    @Override
    public final String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** The C function's name. */
    public final String call() {
        return call;
    }

    /** Its arguments, as in the message. */
    public final String arguments() {
        return arguments;
    }

    /** The positive error number. */
    public final int errno() {
        return errno;
    }

    /** Whether this is the given error. */
    public final boolean is(Errno candidate) {
        return errno == candidate.number();
    }
}
