package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.buffer.SpanList;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Plays an initiator and a carrier without wires: CDBs and data in, status, sense and data out, all as hexadecimal text. */
final class Initiator {
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ").withUpperCase();

    final Nexus nexus;
    final List<String> heard = new ArrayList<>();
    private long tags;

    Initiator(ScsiTarget target, int number) {
        InitiatorPort port = InitiatorPort.iscsi("iqn.2026-11.io.zonewright:i" + number, number);
        nexus = target.connect(port, new NexusListener() {
            @Override
            public void unitAdded(int lun) {
                heard.add("added " + lun);
            }

            @Override
            public void unitRemoved(int lun) {
                heard.add("removed " + lun);
            }
        });
    }

    /** A task, and what became of it. */
    static final class Sent extends ScsiTask {
        private final AtomicInteger completions = new AtomicInteger();
        private boolean toldAborted;

        @Override
        protected void onComplete() {
            completions.incrementAndGet();
        }

        @Override
        protected void onAborted() {
            toldAborted = true;
        }

        boolean completed() {
            return completions.get() != 0;
        }

        boolean toldAborted() {
            return toldAborted;
        }

        /** "00", "18", or "02 key/asc/ascq", with the rest of the sense data if there is any. */
        String result() {
            assertEquals(1, completions.get(), "completions");
            if (status() != ScsiStatus.CHECK_CONDITION) {
                assertEquals(0, senseLength());
                return String.format("%02X", status());
            }
            byte[] bytes = Arrays.copyOf(sense(), senseLength());
            return "02 " + HEX.formatHex(bytes);
        }

        byte[] received() {
            return received(transferred());
        }

        byte[] received(long length) {
            byte[] bytes = new byte[(int) length];
            spans().copyTo(0, MemorySegment.ofArray(bytes), 0, length);
            return bytes;
        }

        SpanList spans() {
            return super.request().data();
        }

        String hex() {
            return HEX.formatHex(received());
        }

        String hex(int from, int to) {
            return HEX.formatHex(received(), from, to);
        }
    }

    /** Takes the unit attention that every nexus begins with. */
    Initiator ready() {
        assertEquals(Sense.POWER_ON, senseOf(send("00 00 00 00 00 00")));
        return this;
    }

    static Sense senseOf(Sent sent) {
        for (Sense sense : Sense.values()) {
            if (sent.result().startsWith("02 ")
                    && (sent.sense()[0] & 0x7F) == 0x70
                    && sent.sense()[2] == sense.key()
                    && (sent.sense()[12] & 0xFF) == sense.code()
                    && sent.sense()[13] == sense.qualifier()) {
                return sense;
            }
        }
        throw new AssertionError("no sense: " + sent.result());
    }

    Sent send(String cdb, byte... out) {
        return send(0, cdb, 1 << 20, out);
    }

    Sent send(int lun, String cdb, long offeredIn, byte... out) {
        Sent sent = prepare(lun, cdb, TaskAttribute.SIMPLE, offeredIn, out.length);
        return go(sent, out);
    }

    Sent send(TaskAttribute attribute, String cdb, byte... out) {
        return go(prepare(0, cdb, attribute, 1 << 20, out.length), out);
    }

    Sent prepare(int lun, String cdb, TaskAttribute attribute, long offeredIn, long offeredOut) {
        Sent sent = new Sent();
        byte[] bytes = HEX.parseHex(cdb);
        System.arraycopy(bytes, 0, sent.cdb(), 0, bytes.length);
        sent.prepare(Lun.encode(lun), ++tags, attribute, bytes.length, offeredIn, offeredOut);
        return sent;
    }

    Sent go(Sent sent, byte... out) {
        if (!nexus.begin(sent)) {
            return sent;
        }
        int length = (int) sent.transferBytes();
        byte[] bytes = new byte[length];
        if (sent.transfer() == Transfer.TO_TARGET) {
            assertTrue(length <= out.length, "takes no more than was offered");
            System.arraycopy(out, 0, bytes, 0, length);
        }
        cut(sent.spans(), bytes);
        nexus.execute(sent);
        return sent;
    }

    /** Pieces of odd lengths, each in memory of its own, so that no two of them merge. */
    private static void cut(SpanList list, byte[] bytes) {
        int at = 0;
        for (int length = 40; at < bytes.length; length += 1000) {
            int step = Math.min(length, bytes.length - at);
            MemorySegment piece = Arena.ofAuto().allocate(step + 2L);
            MemorySegment.copy(MemorySegment.ofArray(bytes), at, piece, 1, step);
            list.add(piece, 1, step);
            at += step;
        }
    }

    /** Result of a command without data-out. */
    String ask(String cdb, byte... out) {
        return send(cdb, out).result();
    }

    Sense sense(String cdb, byte... out) {
        return senseOf(send(cdb, out));
    }

    static byte[] bytes(String hex) {
        return HEX.parseHex(hex);
    }

    static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
