package io.zonewright.vfiouser;

import io.zonewright.posix.Posix;
import io.zonewright.runtime.LoopGroup;
import io.zonewright.runtime.PollLoop;
import io.zonewright.vfiouser.interrupt.Interrupts;
import io.zonewright.vfiouser.virtio.VirtioPciDevice;
import io.zonewright.virtio.TestDevice;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Objects;

/**
 * A JVM of its own for {@link BarAccessTest}: does what a driver does for hours until it is compiled, then what it does at
 * its end for the first time, and prints what came of it. Compiled code leaves through a trap there.
 */
final class BarAccessHammer {
    private static final int ROUNDS = 20_000;
    private static final long STATUS = 20;
    private static final long DEVICE = 0x2000;
    private static final long NOTIFY = 0x3000;

    private final BarAccess access;
    private final PciBar bar;
    private final ByteBuffer payload =
            Arena.ofAuto().allocate(1024, 8).asSlice(16, 512).asByteBuffer().order(ByteOrder.nativeOrder());

    private BarAccessHammer() {
        VirtioPciDevice device =
                new VirtioPciDevice(new TestDevice(2), 2, 0x018000, false, LoopGroup.of(PollLoop.byHand("loop")), 0);
        PciFunction function = device.function();
        Interrupts interrupts = new Interrupts(function.vectors(), function.pin());
        access = new BarAccess(device, function, interrupts, new SharedBars(Posix.system(), function));
        bar = Objects.requireNonNull(function.bar(0));
    }

    public static void main(String[] args) {
        BarAccessHammer hammer = new BarAccessHammer();
        hammer.write(STATUS, "01");
        hammer.write(STATUS, "03");
        for (int i = 0; i < ROUNDS; i++) {
            hammer.write(NOTIFY, 2);
        }
        hammer.write(STATUS, "00");
        System.out.println("status " + hammer.read(STATUS, 1));
        hammer.write(STATUS, "01");
        for (int i = 0; i < ROUNDS; i++) {
            hammer.readInto(NOTIFY, 2);
        }
        System.out.println("status " + hammer.read(STATUS, 1));
        System.out.println("across " + hammer.read(DEVICE - 4, 8));
    }

    private void write(long offset, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        payload.put(16, bytes);
        write(offset, bytes.length);
    }

    /** As {@link Client} does it. */
    private void write(long offset, int count) {
        ByteBuffer data = payload.slice(16, count);
        access.write(bar, offset, data);
    }

    private void readInto(long offset, int count) {
        ByteBuffer data = payload.slice(16, count);
        access.read(bar, offset, data);
    }

    private String read(long offset, int count) {
        readInto(offset, count);
        byte[] bytes = new byte[count];
        payload.get(16, bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
