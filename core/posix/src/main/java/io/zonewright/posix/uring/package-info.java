/**
 * io_uring(7): a ring of requests to the kernel and a ring of its answers, in memory that both share. Layouts and numbers
 * are those of {@code linux/io_uring.h}; a test compares them with the C compiler's.
 */
@NullMarked
package io.zonewright.posix.uring;

import org.jspecify.annotations.NullMarked;
