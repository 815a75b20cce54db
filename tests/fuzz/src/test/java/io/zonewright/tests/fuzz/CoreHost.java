package io.zonewright.tests.fuzz;

import io.zonewright.frontend.nvme.command.ControllerCarrier;
import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeController;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.command.Transport;
import io.zonewright.testkit.nvme.Nvme;
import io.zonewright.testkit.nvme.NvmeFlight;
import io.zonewright.testkit.nvme.NvmeHost;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeResult;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A host with no carrier: byte arrays go straight into the command core, as the carriers do it. It plays the carrier's part
 * of the contract and watches the core's: what a command says it transfers is what the host meant, it ends exactly once,
 * and bytes that nobody asked for stay as they are.
 */
final class CoreHost implements NvmeHost {
    private static final int MAX_DATA = 1 << 20;
    private static final int GUARD_BYTES = 64;
    private static final byte GUARD = (byte) 0xA5;

    private final NvmeController controller;

    CoreHost(NvmeSubsystem subsystem) {
        controller = subsystem.newController(
                new ControllerTraits(
                        Transport.TCP,
                        MAX_DATA,
                        false,
                        true,
                        4,
                        1,
                        128,
                        4,
                        false,
                        true,
                        "nqn.test:host",
                        ControllerTraits.NO_HOST_ID),
                new Carrier());
        controller.registers().writeCc(Nvme.CC_ENABLE);
        if (!controller.registers().ready()) {
            throw new IllegalStateException("the controller is not ready");
        }
    }

    private final class Carrier implements ControllerCarrier {
        @Override
        public void enabled() {}

        @Override
        public void disabled() {
            controller.disabledDone();
        }

        @Override
        public void shutdown() {}

        @Override
        public boolean carrierAdmin(NvmeCommand command) {
            return false;
        }

        @Override
        public int grantQueues(int requested) {
            return 0x0003_0003;
        }

        @Override
        public void keepAliveExpired() {}
    }

    /** A command in the core. */
    private static final class Command extends NvmeCommand {
        private final Flight flight;
        private final AtomicInteger ends = new AtomicInteger();

        Command(Flight flight) {
            this.flight = flight;
        }

        @Override
        protected void onComplete() {
            if (ends.incrementAndGet() > 1) {
                throw new IllegalStateException("ended twice: " + this);
            }
            flight.finish(this);
        }
    }

    /** A command and its memory, with guards on both sides. */
    static final class Flight extends NvmeFlight {
        private byte[] memory = new byte[2 * GUARD_BYTES];
        private byte[] before = memory;
        private volatile boolean executed;

        Flight(NvmeRequest request) {
            super(request);
        }

        /** Whether the core let it pass its first check. */
        boolean executed() {
            return executed;
        }

        private void place(int bytes) {
            memory = new byte[bytes + 2 * GUARD_BYTES];
            Arrays.fill(memory, GUARD);
            System.arraycopy(
                    request().out(),
                    0,
                    memory,
                    GUARD_BYTES,
                    Math.min(bytes, request().out().length));
            before = memory.clone();
        }

        private void finish(NvmeCommand command) {
            int end = memory.length - GUARD_BYTES;
            for (int i = 0; executed && i < GUARD_BYTES; i++) {
                if (memory[i] != GUARD || memory[end + i] != GUARD) {
                    throw new IllegalStateException("the core wrote outside the data of " + command);
                }
            }
            byte[] data = Arrays.copyOfRange(memory, GUARD_BYTES, end);
            if (command.transfer() == Transfer.TO_CONTROLLER && executed && !Arrays.equals(memory, before)) {
                throw new IllegalStateException("the core wrote into the data that it may only read: " + command);
            }
            end(new NvmeResult(command.status(), command.dw0(), command.dw1(), data));
        }
    }

    @Override
    public int ioQueues() {
        return 1;
    }

    @Override
    public Flight submit(int queue, NvmeRequest request) {
        Flight flight = new Flight(request);
        Command command = new Command(flight);
        byte[] sqe = request.sqe().bytes();
        System.arraycopy(sqe, 0, command.sqe(), 0, sqe.length);
        int psdt = sqe[1] & 0xC0;
        if (psdt == 0) {
            command.sqe()[1] = (byte) (sqe[1] | 0x40);
        }
        if (!controller.begin(command, queue)) {
            if (flight.result() == null) {
                throw new IllegalStateException("begin said no without an end: " + command);
            }
            return flight;
        }
        int bytes = command.transferBytes();
        if (bytes < 0 || bytes > MAX_DATA || (bytes == 0) != (command.transfer() == Transfer.NONE)) {
            throw new IllegalStateException("impossible transfer of " + bytes + ": " + command);
        }
        flight.place(bytes);
        if (bytes > 0) {
            // In three pieces, for the core has to take data as it comes.
            MemorySegment memory = MemorySegment.ofArray(flight.memory);
            int first = Math.min(bytes, 100);
            int second = Math.min(bytes - first, 4000);
            add(command, memory, GUARD_BYTES, first);
            add(command, memory, GUARD_BYTES + first, second);
            add(command, memory, GUARD_BYTES + first + second, bytes - first - second);
        }
        flight.executed = true;
        controller.execute(command);
        return flight;
    }

    private static void add(Command command, MemorySegment memory, int at, int length) {
        if (length > 0) {
            command.data().add(memory, at, length);
        }
    }

    @Override
    public int collect(int queue) {
        return 0;
    }

    @Override
    public boolean awaitCompletion(int queue, NvmeFlight flight, int timeoutMillis) {
        long end = System.nanoTime() + timeoutMillis * 1_000_000L;
        while (flight.result() == null) {
            if (System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(20_000);
        }
        return true;
    }

    @Override
    public long property(int offset, int bytes) {
        return switch (offset) {
            case Nvme.CAP -> controller.registers().cap();
            case Nvme.VS -> controller.registers().vs();
            case Nvme.CC -> controller.registers().cc();
            case Nvme.CSTS -> controller.registers().csts();
            default -> throw new IllegalArgumentException("property 0x" + Integer.toHexString(offset));
        };
    }

    @Override
    public void setProperty(int offset, int bytes, long value) {
        if (offset != Nvme.CC) {
            throw new IllegalArgumentException("property 0x" + Integer.toHexString(offset));
        }
        controller.registers().writeCc((int) value);
    }

    @Override
    public void close() {
        controller.close();
    }
}
