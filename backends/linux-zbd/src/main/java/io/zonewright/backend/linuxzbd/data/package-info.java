/**
 * Moves bytes between a request's memory and an open block device or file, by io_uring or by threads that call preadv2
 * and pwritev2. Knows offsets, alignment and errno; knows no zones and decides no causes.
 *
 * <p>Guest memory is touched by the kernel alone, never from Java: where memory was cut away under a mapping, the kernel
 * answers {@code EFAULT}, and no error is raised in a thread. That holds for bounce buffers too: what goes through one is
 * copied by the kernel between the guest's memory and a file in memory, whose mapping the buffer is.
 */
@NullMarked
package io.zonewright.backend.linuxzbd.data;

import org.jspecify.annotations.NullMarked;
