/**
 * Linux system calls for the rest of Zonewright, from the bare call to small owner types.
 *
 * <ul>
 *   <li>{@link io.zonewright.posix.Syscalls}: one method per C function, the kernel's convention for results (a
 *       negative errno instead of an exception). {@code LinuxSyscalls} makes the calls;
 *       {@link io.zonewright.posix.fake.ScriptedSyscalls} plays them in tests.
 *   <li>{@link io.zonewright.posix.Posix}: the same calls for people: interrupted calls are made again, failures are
 *       {@link io.zonewright.posix.PosixException}s, "would block" is a value.
 *   <li>{@link io.zonewright.posix.Fd}, {@link io.zonewright.posix.EventFd}, {@link io.zonewright.posix.Epoll},
 *       {@link io.zonewright.posix.UnixListener}, {@link io.zonewright.posix.UnixConnection},
 *       {@link io.zonewright.posix.Mapping}: things with an owner and a {@code close}.
 *   <li>{@link io.zonewright.posix.uring}: io_uring, a ring of requests to the kernel and one of its answers.
 * </ul>
 *
 * <p>Rules of the package. Calls on the data path allocate nothing: the memory that a call needs for itself (errno,
 * small structures) belongs to its thread and is used again. No call is linked as {@code critical}: a critical call
 * keeps the JVM from reaching a safepoint, and nothing here is both certain never to block and called often enough to
 * gain from it. Memory handed to a call stays usable by its owner's rules: closing its arena during the call fails in
 * the closing thread, and using it afterwards fails in the using thread with an {@code IllegalStateException}; neither
 * touches unmapped memory. Where a call gets addresses inside a structure ({@link io.zonewright.posix.IoVecs}, and the
 * messages of {@link io.zonewright.posix.UnixConnection}), memory is checked before the call, and keeping it mapped
 * during the call is the caller's part.
 */
@NullMarked
package io.zonewright.posix;

import org.jspecify.annotations.NullMarked;
