package io.zonewright.frontend.nvme.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A host with one controller over a whole small device, engine and all: bytes in, bytes out. The usual device has eight
 * zones of 128 blocks of 512 bytes: 0 and 1 conventional, 2 to 7 sequential with 96 writable blocks.
 */
final class Host {
    static final UUID DEVICE_UUID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    static final UUID HOST_ID = UUID.fromString("a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf");
    static final String NQN = "nqn.2026-11.io.zonewright:test";

    /** CC: enabled, all command sets, 64- and 16-byte entries. */
    static final int ENABLE_ALL = 0x00460061;
    /** CC: enabled, NVM Command Set only. */
    static final int ENABLE_NVM = 0x00460001;

    final AtomicLong nanos = new AtomicLong(1_000_000_000L);
    final EngineDevice device;
    final NvmeSubsystem subsystem;
    final Carrier carrier = new Carrier();
    final NvmeController controller;

    /** What a completion entry would hold. */
    static final class Reply {
        private final NvmeCommand command;
        private final byte[] data;

        Reply(NvmeCommand command, byte[] data) {
            this.command = command;
            this.data = data;
        }

        int status() {
            return command.status();
        }

        int dw0() {
            return command.dw0();
        }

        int dw1() {
            return command.dw1();
        }

        byte[] data() {
            return data;
        }

        int u8(int offset) {
            return data[offset] & 0xFF;
        }

        int u16(int offset) {
            return little().getShort(offset) & 0xFFFF;
        }

        int u32(int offset) {
            return little().getInt(offset);
        }

        long u64(int offset) {
            return little().getLong(offset);
        }

        String hex(int offset, int length) {
            return HexFormat.of().formatHex(data, offset, offset + length);
        }

        private ByteBuffer little() {
            return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /** Remembers what the core asked for. */
    static final class Carrier implements ControllerCarrier {
        final List<String> calls = new ArrayList<>();
        boolean slowReset;

        @Nullable
        NvmeController controller;

        @Override
        public void enabled() {
            calls.add("enabled");
        }

        @Override
        public void disabled() {
            calls.add("disabled");
            if (!slowReset && controller != null) {
                controller.disabledDone();
            }
        }

        @Override
        public void shutdown() {
            calls.add("shutdown");
        }

        @Override
        public boolean carrierAdmin(NvmeCommand command) {
            calls.add("admin " + Integer.toHexString(command.opcode()));
            if (command.opcode() == 0x7C) {
                return false;
            }
            command.finish(0);
            return true;
        }

        @Override
        public int grantQueues(int requested) {
            calls.add("queues " + Integer.toHexString(requested));
            return 0x0003_0003;
        }

        @Override
        public void setInterruptCoalescing(int threshold, int time) {
            calls.add("coalescing " + threshold + " " + time);
        }

        @Override
        public void setInterruptVector(int vector, boolean coalescingDisabled) {
            calls.add("vector " + vector + " " + coalescingDisabled);
        }

        @Override
        public void keepAliveExpired() {
            calls.add("expired");
        }
    }

    /** A command as a carrier makes it; fails on a second end. */
    static final class Command extends NvmeCommand {
        int ended;

        @Override
        protected void onComplete() {
            ended++;
            assertEquals(1, ended, "ended more than once");
        }

        Reply reply(byte[] data) {
            assertEquals(1, ended, "not ended: " + this);
            return new Reply(this, data);
        }
    }

    Host(ZonedBackend backend, ControllerTraits traits) {
        device = EngineDevice.open(new DeviceIdentity("test", DEVICE_UUID), backend, ZoneRules.ZNS);
        subsystem = new NvmeSubsystem(device, new SubsystemOptions(NQN, "Zonewright", "1"), nanos::get);
        controller = subsystem.newController(traits, carrier);
        carrier.controller = controller;
    }

    static Shape shape() {
        return Shape.hostManaged(8, 128)
                .withConventional(2)
                .withCapacity(96 * 512)
                .with(new ZoneLimits(2, 3, 32 * 1024));
    }

    static ControllerTraits pcie() {
        return new ControllerTraits(
                Transport.PCIE, 128 * 1024, true, true, 0, 0, 1024, 8, false, false, "", ControllerTraits.NO_HOST_ID);
    }

    static ControllerTraits tcp() {
        return new ControllerTraits(
                Transport.TCP,
                1 << 20,
                false,
                true,
                516,
                1,
                128,
                8,
                false,
                true,
                "nqn.2014-08.org.nvmexpress:uuid:h",
                HOST_ID);
    }

    /** Disabled still. */
    static Host raw(ControllerTraits traits) {
        return new Host(new MemoryBackend(shape()), traits);
    }

    static Host over(Shape shape, ControllerTraits traits) {
        Host host = new Host(new MemoryBackend(shape), traits);
        host.controller.registers().writeCc(ENABLE_ALL);
        return host;
    }

    static Host zoned() {
        return over(shape(), pcie());
    }

    static Host zonedTcp() {
        return over(shape(), tcp());
    }

    static Host with(Capabilities capabilities) {
        return over(shape().with(capabilities), pcie());
    }

    /** 64 bytes: opcode, NSID, then CDW10 and on. PSDT by the transport. */
    byte[] sqe(int opcode, int nsid, int... cdw10) {
        ByteBuffer sqe = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        sqe.put(0, (byte) opcode);
        sqe.put(1, (byte) (controller.traits().prp() ? 0x00 : 0x40));
        sqe.putShort(2, (short) 0x1234);
        sqe.putInt(4, nsid);
        for (int i = 0; i < cdw10.length; i++) {
            sqe.putInt(40 + 4 * i, cdw10[i]);
        }
        return sqe.array();
    }

    /** An admin command. */
    Reply admin(int opcode, int nsid, int... cdw10) {
        return run(0, sqe(opcode, nsid, cdw10), new byte[0]);
    }

    /** An I/O command on queue 1. */
    Reply io(int opcode, int nsid, int... cdw10) {
        return run(1, sqe(opcode, nsid, cdw10), new byte[0]);
    }

    Reply io(byte[] data, int opcode, int nsid, int... cdw10) {
        return run(1, sqe(opcode, nsid, cdw10), data);
    }

    Reply run(int sqid, byte[] sqe, byte[] toController) {
        Command command = start(sqid, sqe, toController);
        if (command.ended == 0) {
            throw new AssertionError("still in flight: " + command);
        }
        return command.reply(held);
    }

    private byte[] held = new byte[0];

    /** Begins a command and carries it out; it may stay in flight. */
    Command start(int sqid, byte[] sqe, byte[] toController) {
        Command command = new Command();
        System.arraycopy(sqe, 0, command.sqe(), 0, 64);
        held = new byte[0];
        if (!controller.begin(command, sqid)) {
            assertEquals(1, command.ended, "refused, but not ended");
            return command;
        }
        held = command.transfer() == Transfer.TO_CONTROLLER ? toController : new byte[command.transferBytes()];
        assertEquals(command.transferBytes(), held.length, "length of data");
        assertEquals(command.transferBytes() == 0, command.transfer() == Transfer.NONE);
        if (held.length > 0) {
            // Two pieces, so that nobody relies on one.
            MemorySegment memory = MemorySegment.ofArray(held);
            command.data().add(memory, 0, 3);
            command.data().add(MemorySegment.ofArray(held), 3, held.length - 3);
        }
        controller.execute(command);
        return command;
    }

    /** What an administrator does to a zone of the device. */
    void administer(Operation action, int zone) {
        Cause[] result = new Cause[1];
        DeviceRequest request = new DeviceRequest() {
            @Override
            protected void onComplete() {
                result[0] = cause();
            }
        };
        request.prepare(action, device.geometry().zoneStart(zone), 0);
        device.submit(request);
        assertEquals(Cause.DONE, result[0]);
    }

    /** Checks that a command ends like this and leaves an error log entry that says so. */
    void assertFails(int status, int sqid, byte[] sqe) {
        Command command = new Command();
        System.arraycopy(sqe, 0, command.sqe(), 0, 64);
        assertFalse(controller.begin(command, sqid), "accepted: " + command);
        assertEquals(Integer.toHexString(status), Integer.toHexString(command.status()));
    }
}
