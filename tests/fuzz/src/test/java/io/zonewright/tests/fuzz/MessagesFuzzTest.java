package io.zonewright.tests.fuzz;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.vhostuser.DeviceRefusedException;
import io.zonewright.testkit.vhostuser.VhostUser;
import io.zonewright.testkit.vhostuser.VhostUserDriver;
import io.zonewright.testkit.vhostuser.VhostUserMessage;
import io.zonewright.testkit.virtio.SplitRing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Sequences of vhost-user messages with descriptors: a valid start, cut off anywhere, then messages that are valid, out
 * of order, mutated in a field, or noise. Afterwards the device serves a well-behaved driver, its neighbour was served
 * all the time, and no descriptor and no mapping is left.
 */
@Timeout(900)
class MessagesFuzzTest {
    private static final int MOST_MESSAGES = 30;
    private static final int ANSWER_MILLIS = 2;
    private static final long NOT_OFFERED =
            VirtioBlk.F_MQ | VirtioBlk.F_DISCARD | VirtioBlk.F_WRITE_ZEROES | VirtioBlk.F_RO;
    private static final long[] ODD = {
        0,
        1,
        2,
        3,
        7,
        8,
        12,
        255,
        256,
        257,
        4095,
        4096,
        32768,
        32769,
        65535,
        65536,
        0x7FFF_FFFFL,
        0x8000_0000L,
        0xFFFF_FFFFL,
        1L << 32,
        1L << 47,
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -4096,
        -8
    };

    private final Posix posix = Posix.system();

    @Test
    void messages() {
        try (Surprises surprises = Surprises.watch();
                Target target = new Target()) {
            target.checkAttacked();
            target.checkNeighbour();
            Leaks leaks = Leaks.watch();
            FuzzRun.run("vhost-user messages", random -> {
                attack(target, random);
                target.checkNeighbour();
                target.checkAttacked();
                surprises.check();
                leaks.check();
            });
        }
    }

    private void attack(Target target, Random random) {
        try (GuestMemory memory = new GuestMemory(posix, 1 << 16, 1 << 16);
                VhostUserDriver driver = VhostUserDriver.connect(posix, target.socket())) {
            List<Letter> letters = letters(memory, random);
            try {
                for (Letter letter : letters) {
                    driver.sendRaw(letter.bytes, letter.fds);
                    if (random.nextInt(4) == 0) {
                        driver.awaitHangUp(random.nextInt(ANSWER_MILLIS + 1));
                    }
                }
                driver.awaitHangUp(ANSWER_MILLIS);
            } catch (PosixException | DeviceRefusedException e) {
                return; // hanging up on us is the device's right
            } finally {
                letters.forEach(Letter::close);
            }
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // bytes for the wire
    private record Letter(byte[] bytes, Fd[] fds) {
        void close() {
            Arrays.stream(fds).forEach(Fd::close);
        }
    }

    private List<Letter> letters(GuestMemory memory, Random random) {
        SplitRing ring = new SplitRing(memory, 0, 16, 0, false);
        List<Letter> valid = handshake(memory, ring, random);
        List<Letter> letters = new ArrayList<>();
        int prefix = random.nextInt(valid.size() + 1);
        for (int i = 0; i < valid.size(); i++) {
            if (i < prefix) {
                letters.add(valid.get(i));
            } else {
                valid.get(i).close();
            }
        }
        int more = random.nextInt(MOST_MESSAGES);
        for (int i = 0; i < more; i++) {
            letters.add(oddLetter(memory, ring, random));
        }
        return letters;
    }

    private List<Letter> handshake(GuestMemory memory, SplitRing ring, Random random) {
        List<Letter> valid = new ArrayList<>();
        valid.add(letter(VhostUser.GET_FEATURES, new byte[0]));
        valid.add(letter(VhostUser.GET_PROTOCOL_FEATURES, new byte[0]));
        valid.add(letter(VhostUser.SET_PROTOCOL_FEATURES, VhostUserMessage.u64(DriverOptions.ALL_PROTOCOL_FEATURES)));
        valid.add(letter(VhostUser.SET_OWNER, new byte[0]));
        valid.add(letter(
                VhostUser.SET_FEATURES,
                VhostUserMessage.u64(
                        random.nextInt(8) == 0
                                ? random.nextLong()
                                : (DriverOptions.ALL_FEATURES & ~NOT_OFFERED) | VhostUser.F_PROTOCOL_FEATURES)));
        valid.add(memoryTable(memory, random));
        valid.add(letter(VhostUser.SET_VRING_NUM, VhostUserMessage.vringState(0, 16)));
        valid.add(letter(VhostUser.SET_VRING_BASE, VhostUserMessage.vringState(0, 0)));
        valid.add(letter(VhostUser.SET_VRING_ADDR, VhostUserDriver.vringAddress(0, ring, memory)));
        valid.add(letter(VhostUser.SET_VRING_CALL, VhostUserMessage.u64(0), eventFd()));
        valid.add(letter(VhostUser.SET_VRING_KICK, VhostUserMessage.u64(0), eventFd()));
        valid.add(letter(VhostUser.SET_VRING_ENABLE, VhostUserMessage.vringState(0, 1)));
        return valid;
    }

    private static Letter letter(int request, byte[] payload, Fd... fds) {
        return new Letter(new VhostUserMessage(request, VhostUser.VERSION, payload).bytes(), fds);
    }

    private Letter memoryTable(GuestMemory memory, Random random) {
        List<GuestMemory.Region> regions = memory.regions();
        byte[] payload = new byte[8 + 32 * regions.size()];
        ByteBuffer table = ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder());
        table.putInt(regions.size()).putInt(0);
        for (GuestMemory.Region region : regions) {
            table.putLong(region.guestAddress())
                    .putLong(region.bytes())
                    .putLong(region.userAddress())
                    .putLong(region.fileOffset());
        }
        Letter letter = letter(
                VhostUser.SET_MEM_TABLE,
                payload,
                regions.stream().map(region -> region.fd().duplicate()).toArray(Fd[]::new));
        if (random.nextInt(8) == 0) {
            mutate(letter.bytes, random);
        }
        return letter;
    }

    /** Any message, some valid, most with a field or two gone wrong. */
    private Letter oddLetter(GuestMemory memory, SplitRing ring, Random random) {
        int request = random.nextInt(12) == 0 ? (int) odd(random) : random.nextInt(VhostUser.LAST + 2);
        byte[] payload = payload(request, memory, ring, random);
        Fd[] fds = fds(request, memory, random);
        int flags = VhostUser.VERSION | (random.nextInt(3) == 0 ? VhostUser.FLAG_NEED_REPLY : 0);
        byte[] bytes = new VhostUserMessage(request, flags, payload).bytes();
        if (random.nextInt(3) == 0) {
            mutate(bytes, random);
        }
        if (random.nextInt(20) == 0) {
            bytes = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));
        }
        return new Letter(bytes, fds);
    }

    private static byte[] payload(int request, GuestMemory memory, SplitRing ring, Random random) {
        int index = random.nextInt(4) == 0 ? (int) odd(random) : 0;
        return switch (request) {
            case VhostUser.SET_FEATURES,
                    VhostUser.SET_PROTOCOL_FEATURES,
                    VhostUser.SET_STATUS,
                    VhostUser.SET_VRING_KICK,
                    VhostUser.SET_VRING_CALL,
                    VhostUser.SET_VRING_ERR -> VhostUserMessage.u64(random.nextBoolean() ? index : odd(random));
            case VhostUser.SET_VRING_NUM,
                    VhostUser.SET_VRING_BASE,
                    VhostUser.GET_VRING_BASE,
                    VhostUser.SET_VRING_ENABLE ->
                VhostUserMessage.vringState(index, random.nextBoolean() ? 1 : (int) odd(random));
            case VhostUser.SET_VRING_ADDR -> {
                byte[] address = VhostUserDriver.vringAddress(index, ring, memory);
                if (random.nextBoolean()) {
                    int field = 8 * (1 + random.nextInt(4));
                    ByteBuffer.wrap(address).order(ByteOrder.nativeOrder()).putLong(field, odd(random));
                }
                yield address;
            }
            case VhostUser.ADD_MEM_REG, VhostUser.REM_MEM_REG -> {
                byte[] region = VhostUserDriver.singleRegion(
                        memory.regions().get(random.nextInt(memory.regions().size())));
                if (random.nextBoolean()) {
                    int field = 8 * (1 + random.nextInt(4));
                    ByteBuffer.wrap(region).order(ByteOrder.nativeOrder()).putLong(field, odd(random));
                }
                yield region;
            }
            case VhostUser.GET_CONFIG, VhostUser.SET_CONFIG -> {
                int size = random.nextInt(300);
                byte[] bytes = new byte[12 + size];
                ByteBuffer config = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
                config.putInt(random.nextBoolean() ? random.nextInt(100) : (int) odd(random));
                config.putInt(random.nextBoolean() ? size : (int) odd(random));
                yield bytes;
            }
            case VhostUser.SET_MEM_TABLE -> {
                int regions = random.nextInt(10);
                byte[] table = new byte[8 + 32 * regions];
                ByteBuffer buffer = ByteBuffer.wrap(table).order(ByteOrder.nativeOrder());
                buffer.putInt(random.nextBoolean() ? regions : (int) odd(random))
                        .putInt(0);
                for (int i = 0; i < 4 * regions; i++) {
                    buffer.putLong(random.nextBoolean() ? 4096L * random.nextInt(40) : odd(random));
                }
                yield table;
            }
            default -> {
                byte[] noise = new byte[random.nextInt(64)];
                random.nextBytes(noise);
                yield random.nextBoolean() ? new byte[0] : noise;
            }
        };
    }

    private Fd[] fds(int request, GuestMemory memory, Random random) {
        int wanted = switch (request) {
            case VhostUser.SET_VRING_KICK, VhostUser.SET_VRING_CALL, VhostUser.SET_VRING_ERR -> 1;
            case VhostUser.ADD_MEM_REG, VhostUser.REM_MEM_REG -> 1;
            case VhostUser.SET_MEM_TABLE -> random.nextInt(10);
            default -> 0;
        };
        int count = random.nextInt(6) == 0 ? random.nextInt(14) : wanted;
        Fd[] fds = new Fd[count];
        for (int i = 0; i < count; i++) {
            fds[i] = oddFd(memory, random);
        }
        return fds;
    }

    /** An eventfd, guest memory, memory that is too short, a socket, a directory, a file that cannot be written. */
    private Fd oddFd(GuestMemory memory, Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> memory.regions().getFirst().fd().duplicate();
            case 1 -> posix.memfd("testkit-empty", Linux.MFD_ALLOW_SEALING);
            case 2 -> posix.open(Path.of("/"), Linux.O_RDONLY | Linux.O_DIRECTORY, 0);
            case 3 -> posix.open(Path.of("/dev/null"), Linux.O_RDONLY, 0);
            default -> eventFd();
        };
    }

    private Fd eventFd() {
        try (EventFd event = EventFd.create(posix)) {
            return event.fd().duplicate();
        }
    }

    /** Overwrites a field of the header or of the payload. */
    private static void mutate(byte[] bytes, Random random) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        switch (random.nextInt(4)) {
            case 0 -> buffer.putInt(4, (int) odd(random));
            case 1 -> buffer.putInt(8, (int) odd(random));
            case 2 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            default -> {
                int at = random.nextInt(Math.max(1, bytes.length - 7));
                if (at + 8 <= bytes.length) {
                    buffer.putLong(at, odd(random));
                }
            }
        }
    }

    private static long odd(Random random) {
        long value = ODD[random.nextInt(ODD.length)];
        return random.nextInt(4) == 0 ? value + random.nextInt(17) - 8 : value;
    }
}
