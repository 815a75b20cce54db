package io.zonewright.api.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.api.result.Cause;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceRequestTest {
    private final List<String> seen = new ArrayList<>();

    private final class Probe extends DeviceRequest {
        @Override
        protected void onComplete() {
            seen.add("front-end " + cause());
        }
    }

    @Test
    void layersSeeTheRequestInReverseOrderEachWithItsContext() {
        Probe request = new Probe();
        request.prepare(Operation.WRITE, 4096, 512);
        request.push((r, context) -> layer("engine", r, context), 1);
        request.push((r, context) -> layer("filter", r, context), 2);
        request.complete();
        assertEquals(List.of("filter 2", "engine 1", "front-end DONE"), seen);
        assertEquals(512, request.transferred());
    }

    private void layer(String name, DeviceRequest request, long context) {
        seen.add(name + " " + context);
        request.complete(request.causes());
    }

    @Test
    void aLayerMayChangeTheResult() {
        Probe request = new Probe();
        request.prepare(Operation.READ, 0, 512);
        request.push((r, context) -> r.complete(Cause.MEDIUM_ERROR), 0);
        request.complete();
        assertEquals(List.of("front-end MEDIUM_ERROR"), seen);
    }

    @Test
    void prepareForgetsTheLifeBefore() {
        Probe request = new Probe();
        request.prepare(Operation.APPEND, 0, 512);
        request.setForceUnitAccess(true);
        request.setAllZones(true);
        request.setRefuseCrossing(true);
        request.setPlacement(77);
        request.setLink(request);
        request.push((r, context) -> seen.add("never"), 0);
        request.prepare(Operation.FLUSH, 0, 0);
        assertEquals(false, request.forceUnitAccess() || request.allZones() || request.refuseCrossing());
        assertEquals(-1, request.placement());
        assertNull(request.link());
        assertEquals(0, request.causes());
        request.complete(Cause.DONE);
        assertEquals(List.of("front-end DONE"), seen);
    }

    @Test
    void thereIsRoomForTwelveLayers() {
        Probe request = new Probe();
        request.prepare(Operation.READ, 0, 512);
        for (int i = 0; i < 12; i++) {
            request.push((r, context) -> r.complete(r.causes()), i);
        }
        assertThrows(IllegalStateException.class, () -> request.push((r, context) -> {}, 12));
    }
}
