package io.zonewright.vfiouser.message;

import io.zonewright.posix.Errno;

/** A request that is refused: answered with an errno, and the connection goes on. */
public final class RequestException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int errno;

    public RequestException(Errno errno, String reason) {
        this(errno.number(), reason);
    }

    public RequestException(int errno, String reason) {
        super(reason, null, false, false);
        this.errno = errno;
    }

    /** For the reply's error field, positive. */
    public int errno() {
        return errno;
    }

    /** EINVAL, the answer to most of what is wrong. */
    public static RequestException invalid(String reason) {
        return new RequestException(Errno.EINVAL, reason);
    }

    /** ENOTSUP: the protocol knows it, this server does not offer it. */
    public static RequestException notSupported(String reason) {
        return new RequestException(Errno.EOPNOTSUPP, reason);
    }
}
