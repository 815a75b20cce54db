package io.zonewright.frontend.nvme.command.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.ControllerCarrier;
import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeController;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.SubsystemOptions;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.command.Transport;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Plays the host, and the carrier without queues: submission entries and data in, completions and data out. */
final class Host {
    /** What the host's memory holds before the controller writes: shows which bytes it left alone. */
    static final byte UNTOUCHED = (byte) 0xEE;

    static final int MAX_DATA = 64 << 10;

    /** Enabled, all I/O command sets, entries of 64 and 16 bytes. */
    static final int ENABLE = 0x0046_0061;

    final NvmeSubsystem subsystem;
    final NvmeController controller;

    Host(ZonedDevice device) {
        this(new NvmeSubsystem(device, SubsystemOptions.of("nqn.2026-11.io.zonewright:test")));
    }

    Host(NvmeSubsystem subsystem) {
        this(subsystem, MAX_DATA);
    }

    Host(NvmeSubsystem subsystem, int maxDataBytes) {
        this.subsystem = subsystem;
        ControllerTraits traits = new ControllerTraits(
                Transport.PCIE, maxDataBytes, true, true, 0, 0, 64, 4, false, false, "", ControllerTraits.NO_HOST_ID);
        controller = subsystem.newController(traits, new NoCarrier());
        enable();
    }

    void enable() {
        controller.registers().writeCc(ENABLE);
        assertTrue(controller.registers().ready(), "controller enabled");
    }

    /** What came back. */
    static final class Reply {
        private final Sent sent;
        private final byte[] data;

        Reply(Sent sent, byte[] data) {
            this.sent = sent;
            this.data = data;
        }

        int status() {
            return sent.status();
        }

        int dw0() {
            return sent.dw0();
        }

        int dw1() {
            return sent.dw1();
        }

        /** What the controller wrote, or could have. */
        byte[] data() {
            return data;
        }

        int errorLocation() {
            return sent.errorLocation();
        }

        long errorLba() {
            return sent.errorLba();
        }

        String hex(int from, int to) {
            return HexFormat.of().formatHex(data, from, to);
        }

        long le64(int at) {
            return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
        }
    }

    /** A command under way. */
    static final class Sent extends NvmeCommand {
        private final AtomicInteger completions = new AtomicInteger();
        private final Semaphore done = new Semaphore(0);
        private byte[] toHost = new byte[0];

        @Override
        protected void onComplete() {
            completions.incrementAndGet();
            done.release();
        }

        boolean completed() {
            return completions.get() != 0;
        }

        Reply await() {
            try {
                assertTrue(done.tryAcquire(10, TimeUnit.SECONDS), () -> "did not end: " + this);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            assertEquals(1, completions.get(), "completions");
            SpanList spans = data();
            if (toHost.length != 0) {
                spans.copyTo(0, MemorySegment.ofArray(toHost), 0, toHost.length);
            }
            return new Reply(this, toHost);
        }
    }

    /** Sends a command and waits for its end. */
    Reply send(byte[] sqe, byte... data) {
        return start(sqe, data).await();
    }

    /** Status alone. */
    int status(byte[] sqe, byte... data) {
        return send(sqe, data).status();
    }

    /** Sends a command without data to the admin queue. */
    int admin(byte[] sqe) {
        Sent sent = new Sent();
        System.arraycopy(sqe, 0, sent.sqe(), 0, sqe.length);
        if (controller.begin(sent, 0)) {
            controller.execute(sent);
        }
        return sent.await().status();
    }

    /** Sends a command whose data lies in memory that is gone. */
    Reply sendFromNowhere(byte[] sqe) {
        Sent sent = new Sent();
        System.arraycopy(sqe, 0, sent.sqe(), 0, sqe.length);
        assertTrue(controller.begin(sent, 1), "checked");
        try (Arena arena = Arena.ofShared()) {
            sent.data().add(arena.allocate(sent.transferBytes()), 0, sent.transferBytes());
        }
        controller.execute(sent);
        return sent.await();
    }

    /** Sends a command, whose data to the controller must be exactly as long as the controller asks. */
    Sent start(byte[] sqe, byte... data) {
        Sent sent = new Sent();
        System.arraycopy(sqe, 0, sent.sqe(), 0, sqe.length);
        if (!controller.begin(sent, 1)) {
            return sent;
        }
        int length = sent.transferBytes();
        if (sent.transfer() == Transfer.TO_HOST) {
            sent.toHost = new byte[length];
            byte[] before = new byte[length];
            Arrays.fill(before, UNTOUCHED);
            cut(sent.data(), before);
        } else {
            assertEquals(length, data.length, "bytes that the controller takes");
            cut(sent.data(), data);
        }
        controller.execute(sent);
        return sent;
    }

    /** Pieces of odd lengths, each in memory of its own, so that no two of them merge. */
    private static void cut(SpanList list, byte[] bytes) {
        int at = 0;
        for (int length = 40; at < bytes.length; length += 1000) {
            int step = Math.min(length, bytes.length - at);
            MemorySegment piece = Arena.ofAuto().allocate(step + 2L);
            piece.fill(UNTOUCHED);
            MemorySegment.copy(MemorySegment.ofArray(bytes), at, piece, 1, step);
            list.add(piece, 1, step);
            at += step;
        }
    }

    private static final class NoCarrier implements ControllerCarrier {
        @Override
        public void enabled() {}

        @Override
        public void disabled() {}

        @Override
        public void shutdown() {}

        @Override
        public boolean carrierAdmin(NvmeCommand command) {
            return false;
        }

        @Override
        public int grantQueues(int requested) {
            return requested;
        }

        @Override
        public void keepAliveExpired() {}
    }
}
