package io.zonewright.frontend.scsi.vhostuser.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.vhostuser.device.Events.Event;
import org.junit.jupiter.api.Test;

class EventsTest {
    private static final long LUN_5 = 0x0100_4005_0000_0000L;
    private int wakes;

    private Events events(long features) {
        Events events = new Events(feature -> (features & feature) != 0);
        events.wakeWith(() -> wakes++);
        return events;
    }

    @Test
    void unitsThatComeAndGoAreTransportResets() {
        Events events = events(1L << 1);
        events.unitAdded(5);
        events.unitRemoved(5);
        assertEquals(2, wakes);
        assertTrue(events.any());
        assertEquals(new Event(1, LUN_5, 1), events.take());
        assertEquals(new Event(1, LUN_5, 2), events.take());
        assertFalse(events.any());
        assertNull(events.take());
    }

    @Test
    void changedParametersTellCodeAndQualifier() {
        Events events = events(1L << 2);
        events.attention(5, Sense.CAPACITY_DATA_HAS_CHANGED);
        events.attention(5, Sense.MODE_PARAMETERS_CHANGED);
        events.attention(5, Sense.INQUIRY_DATA_HAS_CHANGED);
        assertEquals(new Event(3, LUN_5, 0x092A), events.take());
        assertEquals(new Event(3, LUN_5, 0x012A), events.take());
        assertEquals(new Event(3, LUN_5, 0x033F), events.take());
    }

    @Test
    void resetsAreToldByAttentionsAlone() {
        Events events = events(-1);
        events.attention(5, Sense.POWER_ON);
        events.attention(5, Sense.BUS_DEVICE_RESET);
        events.attention(5, Sense.REPORTED_LUNS_DATA_HAS_CHANGED);
        assertFalse(events.any());
        assertEquals(0, wakes);
    }

    @Test
    void whatTheDriverDidNotTakeIsNotTold() {
        Events neither = events(0);
        neither.unitAdded(5);
        neither.attention(5, Sense.CAPACITY_DATA_HAS_CHANGED);
        assertFalse(neither.any());
    }

    @Test
    void equalEventsWaitOnce() {
        Events events = events(1L << 1);
        events.unitAdded(5);
        events.unitAdded(5);
        assertEquals(new Event(1, LUN_5, 1), events.take());
        assertNull(events.take());
    }

    @Test
    void eventsThatWereMissedAreToldByTheNextOne() {
        Events events = events(1L << 1);
        for (int lun = 0; lun < Events.LIMIT + 3; lun++) {
            events.unitAdded(lun);
        }
        assertEquals(3, events.missedCount());
        assertEquals(new Event(0x8000_0001, 0x0100_4000_0000_0000L, 1), events.take());
        assertEquals(new Event(1, 0x0100_4001_0000_0000L, 1), events.take());
    }

    @Test
    void aDriverThatGoesTakesItsEventsAlong() {
        Events events = events(1L << 1);
        events.unitAdded(5);
        events.clear();
        assertFalse(events.any());
        assertNull(events.take());
    }
}
