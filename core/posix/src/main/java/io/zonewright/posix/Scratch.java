package io.zonewright.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * Native memory of one thread (a virtual one too): the place where a call leaves errno, and room for the structures of
 * one call. Used only within one method of this package at a time, never across a call back into it. It goes back when
 * the thread is gone and the collector has seen that.
 */
final class Scratch {
    /** Room for the largest use: a message header, a vector and 253 descriptors. */
    static final long SIZE = 2048;

    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final long ERRNO = CAPTURE.byteOffset(PathElement.groupElement("errno"));
    private static final ThreadLocal<Scratch> CURRENT = ThreadLocal.withInitial(Scratch::new);

    /** What a downcall handle takes as its captured state. */
    final MemorySegment captured;

    /** For the structures of one call; holds whatever the last user left. */
    final MemorySegment memory;

    /** A {@code struct timespec}. */
    final MemorySegment timespec;

    private Scratch() {
        Arena arena = Arena.ofAuto();
        timespec = arena.allocate(Layouts.TIMESPEC);
        captured = arena.allocate(CAPTURE);
        memory = arena.allocate(SIZE, 16);
    }

    static Scratch current() {
        return CURRENT.get();
    }

    /** The errno that the last call of this thread left. */
    int errno() {
        return captured.get(ValueLayout.JAVA_INT, ERRNO);
    }
}
