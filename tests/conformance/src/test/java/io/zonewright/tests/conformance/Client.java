package io.zonewright.tests.conformance;

import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneType;
import java.util.List;
import java.util.Set;

/** A client of a device through one protocol. For one thread at a time. */
interface Client extends AutoCloseable {
    /** A request that was sent. */
    interface Ticket {}

    /**
     * What came back.
     *
     * @param code the protocol's own code; 0 is good in every protocol that we know
     * @param data what a read gave; empty if it failed
     * @param placement where an append went, bytes; -1 unless it succeeded
     */
    @SuppressWarnings("ArrayRecordComponent") // payload; nobody compares answers as wholes
    record Answer(int code, byte[] data, long placement) {}

    /** A zone as the protocol tells it; bytes. */
    record ZoneView(ZoneType type, ZoneCondition condition, long start, long capacity, long writePointer) {}

    /** The code that the protocol has for these causes, literally; an empty set stands for done. */
    int expectedCode(Ask ask, Set<Cause> causes);

    /** Sends without waiting. */
    Ticket submit(Ask ask);

    /** Whether the answer is there. */
    boolean answered(Ticket ticket);

    /** Waits for the answer. */
    Answer await(Ticket ticket);

    /** The code of a report from there on. */
    int reportCode(long offset, int zones);

    /** Zones from the one that holds {@code offset} on, at most {@code zones}. */
    List<ZoneView> report(long offset, int zones);

    /** The descriptor extension of the zone that starts at {@code offset}; empty if it has none. */
    default byte[] extension(long offset) {
        throw new IllegalArgumentException("this protocol knows no extensions");
    }

    @Override
    void close();
}
