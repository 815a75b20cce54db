package io.zonewright.backend.linuxzbd;

import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;
import java.util.BitSet;

/** The zones as they were when the device was opened. Which of them are sequential stays so; the rest is told once. */
final class ZoneMap implements ZoneSink {
    private final BitSet sequential;
    private final byte[] types;
    private final byte[] conditions;
    private final long[] capacities;
    private final long[] pointers;

    ZoneMap(ZoneGeometry geometry) {
        int zones = geometry.zoneCount();
        sequential = new BitSet(zones);
        types = new byte[zones];
        conditions = new byte[zones];
        capacities = new long[zones];
        pointers = new long[zones];
    }

    @Override
    public void zone(int index, ZoneType type, ZoneCondition condition, long capacity, long writePointer) {
        sequential.set(index, type.sequential());
        types[index] = (byte) type.ordinal();
        conditions[index] = (byte) condition.ordinal();
        capacities[index] = capacity;
        pointers[index] = writePointer;
    }

    /** Which zones have a write pointer. */
    BitSet sequential() {
        return sequential;
    }

    void tell(ZoneSink sink) {
        ZoneType[] allTypes = ZoneType.values();
        ZoneCondition[] allConditions = ZoneCondition.values();
        for (int zone = 0; zone < types.length; zone++) {
            sink.zone(zone, allTypes[types[zone]], allConditions[conditions[zone]], capacities[zone], pointers[zone]);
        }
    }
}
