package io.zonewright.posix.uring;

/** What looks at the kernel's answers. */
@FunctionalInterface
public interface Completions {
    /**
     * An operation ended.
     *
     * @param userData the number that it was given
     * @param result what the system call of the same name would have returned, or the negated errno
     */
    void completed(long userData, int result);
}
