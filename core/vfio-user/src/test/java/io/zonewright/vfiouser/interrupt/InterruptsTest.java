package io.zonewright.vfiouser.interrupt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Posix;
import io.zonewright.vfiouser.Bytes;
import io.zonewright.vfiouser.message.IrqInfo;
import io.zonewright.vfiouser.message.IrqSet;
import io.zonewright.vfiouser.message.RequestException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is signalled when, and what stays pending. */
class InterruptsTest {
    private static final String MASKED = "01000000";

    private final Posix posix = Posix.system();
    private final Interrupts interrupts = new Interrupts(70, true);
    private final EventFd first = EventFd.create(posix);
    private final EventFd second = EventFd.create(posix);

    @BeforeEach
    void listen() throws RequestException {
        assign(IrqInfo.MSIX, 0, first);
        assign(IrqInfo.MSIX, 69, second);
        interrupts.setMsix(true, false);
    }

    @AfterEach
    void closeAll() {
        interrupts.close();
        first.close();
        second.close();
    }

    private EventFd copy(EventFd descriptor) {
        return EventFd.adopt(posix, descriptor.fd().duplicate());
    }

    private void assign(int kind, int number, EventFd descriptor) throws RequestException {
        interrupts.set(
                new IrqSet(IrqSet.Data.EVENTFD, IrqSet.Action.TRIGGER, kind, number, 1, i -> true),
                List.of(copy(descriptor)));
    }

    private void act(IrqSet.Action action, int kind, int number) throws RequestException {
        interrupts.set(new IrqSet(IrqSet.Data.NONE, action, kind, number, 1, i -> true), List.of());
    }

    private String pending() {
        ByteBuffer bits = Bytes.zeroed(16);
        interrupts.readPending(0, bits, 16);
        return Bytes.hex(bits, 16);
    }

    private void table(int offset, String hex) {
        ByteBuffer bytes = Bytes.of(hex);
        interrupts.writeTable(offset, bytes, bytes.remaining());
    }

    @Test
    void aVectorThatSomebodyListensToIsSignalled() {
        interrupts.raise(0);
        interrupts.raise(0);
        interrupts.raise(69);
        assertEquals(2, first.drain());
        assertEquals(1, second.drain());
        assertEquals("00".repeat(16), pending());
    }

    @Test
    void oneThatNobodyListensToIsPendingUntilSomebodyDoes() throws RequestException {
        interrupts.raise(1);
        interrupts.raise(64);
        assertEquals("0200000000000000" + "0100000000000000", pending());
        assign(IrqInfo.MSIX, 64, first);
        assertEquals(1, first.drain());
        assertEquals("0200000000000000" + "0000000000000000", pending());
        interrupts.raise(70);
        interrupts.raise(-1);
    }

    @Test
    void theClientsMaskHoldsOneInterruptBack() throws RequestException {
        act(IrqSet.Action.MASK, IrqInfo.MSIX, 0);
        interrupts.raise(0);
        interrupts.raise(0);
        assertEquals(0, first.drain());
        assertEquals("0100000000000000" + "0000000000000000", pending());
        act(IrqSet.Action.UNMASK, IrqInfo.MSIX, 0);
        assertEquals(1, first.drain());
        assertEquals("00".repeat(16), pending());
    }

    /** Hypervisors never write our table, in which all vectors are masked at power-on. */
    @Test
    void theMaskInTheTableCountsOnceItWasWritten() {
        ByteBuffer entry = Bytes.zeroed(16);
        interrupts.readTable(0, entry, 16);
        assertEquals("00000000" + "00000000" + "00000000" + MASKED, Bytes.hex(entry, 16));
        interrupts.raise(0);
        assertEquals(1, first.drain());
        table(0, "0000e0fe" + "00000000" + "21400000" + "ffffffff");
        entry.clear();
        interrupts.readTable(0, entry, 16);
        assertEquals("0000e0fe" + "00000000" + "21400000" + MASKED, Bytes.hex(entry, 16));
        interrupts.raise(0);
        assertEquals(0, first.drain());
        table(12, "00000000");
        assertEquals(1, first.drain());
    }

    @Test
    void anAccessMaySpanEntries() {
        table(12, MASKED + "11223344");
        ByteBuffer bytes = Bytes.zeroed(8);
        interrupts.readTable(12, bytes, 8);
        assertEquals(MASKED + "11223344", Bytes.hex(bytes, 8));
    }

    @Test
    void theFunctionMaskHoldsAllBackAndSwitchingOffForgets() {
        interrupts.setMsix(true, true);
        interrupts.raise(0);
        interrupts.raise(69);
        assertEquals(0, first.drain());
        interrupts.setMsix(true, false);
        assertEquals(1, first.drain());
        assertEquals(1, second.drain());
        interrupts.setMsix(true, true);
        interrupts.raise(0);
        interrupts.setMsix(false, false);
        assertEquals(0, first.drain());
        assertEquals("00".repeat(16), pending());
    }

    @Test
    void thePinMasksItselfAndIsSignalledAgainWhileAsserted() throws RequestException {
        interrupts.setMsix(false, false);
        assign(IrqInfo.INTX, 0, first);
        interrupts.setPin(true);
        interrupts.setPin(true);
        assertEquals(1, first.drain());
        act(IrqSet.Action.UNMASK, IrqInfo.INTX, 0);
        assertEquals(1, first.drain()); // still asserted
        interrupts.setPin(false);
        act(IrqSet.Action.UNMASK, IrqInfo.INTX, 0);
        assertEquals(0, first.drain());
        interrupts.setPinDisabled(true);
        interrupts.setPin(true);
        assertEquals(0, first.drain());
        interrupts.setPinDisabled(false);
        assertEquals(1, first.drain());
    }

    @Test
    void thePinIsSilentWhileMsixIsOn() throws RequestException {
        assign(IrqInfo.INTX, 0, first);
        interrupts.setPin(true);
        assertEquals(0, first.drain());
        assertEquals(true, interrupts.pinAsserted());
        interrupts.setMsix(false, false);
        assertEquals(1, first.drain());
    }

    @Test
    void theClientMayTriggerByItself() throws RequestException {
        act(IrqSet.Action.TRIGGER, IrqInfo.MSIX, 0);
        assertEquals(1, first.drain());
        interrupts.set(
                new IrqSet(IrqSet.Data.BOOL, IrqSet.Action.TRIGGER, IrqInfo.MSIX, 0, 70, i -> i == 69), List.of());
        assertEquals(0, first.drain());
        assertEquals(1, second.drain());
    }

    @Test
    void switchingTheKindOffLeavesNobodyListening() throws RequestException {
        interrupts.set(new IrqSet(IrqSet.Data.NONE, IrqSet.Action.TRIGGER, IrqInfo.MSIX, 0, 0, i -> true), List.of());
        interrupts.raise(0);
        assertEquals(0, first.drain());
        assertEquals("0100000000000000" + "0000000000000000", pending());
    }

    @Test
    void maskingByDescriptorIsNotOffered() {
        IrqSet set = new IrqSet(IrqSet.Data.EVENTFD, IrqSet.Action.UNMASK, IrqInfo.INTX, 0, 1, i -> true);
        EventFd given = copy(first);
        assertEquals(
                95,
                assertThrows(RequestException.class, () -> interrupts.set(set, List.of(given)))
                        .errno());
        assertEquals(false, given.fd().isOpen());
    }

    @Test
    void errorsHaveALineThatOnlyTheClientTriggers() throws RequestException {
        assertEquals(1, interrupts.count(IrqInfo.ERR));
        assertEquals(0, interrupts.count(IrqInfo.MSI));
        assertEquals(0, interrupts.count(IrqInfo.REQ));
        assign(IrqInfo.ERR, 0, first);
        assertEquals(0, first.drain());
        act(IrqSet.Action.TRIGGER, IrqInfo.ERR, 0);
        assertEquals(1, first.drain());
    }

    @Test
    void afterAResetTheListenersStay() {
        interrupts.setMsix(true, true);
        interrupts.raise(0);
        interrupts.reset();
        assertEquals("00".repeat(16), pending());
        interrupts.raise(0);
        assertEquals(1, first.drain());
    }
}
