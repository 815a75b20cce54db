package io.zonewright.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.tests.conformance.Client.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One device behind every protocol and carrier at once: one zone state, whoever looks and whoever acts. */
@Timeout(60)
class SeveralProtocolsTest {
    private static final Shape SHAPE = Shape.ALL.getFirst();
    private static final int BLOCK = 512;
    private static final int ZONE = 256 * BLOCK;

    private static byte[] block(int seed) {
        byte[] bytes = new byte[BLOCK];
        Arrays.fill(bytes, (byte) seed);
        return bytes;
    }

    private static Answer run(Client client, Operation operation, long offset, int length, byte[] data) {
        return client.await(client.submit(new Ask(operation, false, false, offset, length, data)));
    }

    private static void checkAll(List<Client> clients, ZoneCondition condition, long pointer) {
        for (Client client : clients) {
            Client.ZoneView view = client.report(0, 1).getFirst();
            assertEquals(condition, view.condition());
            assertEquals(pointer, view.writePointer());
        }
    }

    @Test
    void oneZoneStateThroughEveryProtocol() {
        try (TestDevice device = NullZonedMedium.device(SHAPE)) {
            List<Client> clients = new ArrayList<>();
            try {
                for (FrontendUnderTest frontend : FrontendUnderTest.ALL) {
                    clients.add(frontend.attach().attach(device));
                }
                // Each writes a block where the one before it stopped, then each that can appends one.
                long pointer = 0;
                for (Client client : clients) {
                    byte[] data = block(1 + (int) (pointer / BLOCK));
                    assertEquals(
                            0,
                            run(client, Operation.WRITE, pointer, BLOCK, data).code());
                    pointer += BLOCK;
                    checkAll(clients, ZoneCondition.IMPLICIT_OPEN, pointer);
                }
                for (int i = 0; i < clients.size(); i++) {
                    byte[] data = block(1 + (int) (pointer / BLOCK));
                    Ask append = new Ask(Operation.APPEND, false, false, 0, BLOCK, data);
                    if (!FrontendUnderTest.ALL.get(i).language().canSay(SHAPE, append)) {
                        continue;
                    }
                    Client client = clients.get(i);
                    Answer appended = client.await(client.submit(append));
                    assertEquals(0, appended.code());
                    assertEquals(pointer, appended.placement());
                    pointer += BLOCK;
                    checkAll(clients, ZoneCondition.IMPLICIT_OPEN, pointer);
                }
                assertEquals(13 * BLOCK, pointer, "eight wrote, five appended");
                for (Client client : clients) {
                    for (int i = 0; i < pointer / BLOCK; i++) {
                        Answer read = run(client, Operation.READ, (long) i * BLOCK, BLOCK, Ask.NO_DATA);
                        assertArrayEquals(block(1 + i), read.data());
                    }
                }
                // Who writes where another one has been hears so in words of its own: virtio-blk ZONE_UNALIGNED_WP,
                // NVMe Zone Invalid Write, SCSI UNALIGNED WRITE COMMAND.
                List<Integer> codes = new ArrayList<>();
                for (Client client : clients) {
                    codes.add(run(client, Operation.WRITE, 0, BLOCK, block(9)).code());
                }
                assertEquals(List.of(4, 4, 4, 0x1BC, 0x1BC, 0x05_2104, 0x05_2104, 0x05_2104), codes);
                assertEquals(
                        0,
                        run(clients.getLast(), Operation.ZONE_FINISH, 0, 0, Ask.NO_DATA)
                                .code());
                checkAll(clients, ZoneCondition.FULL, ZONE);
                assertEquals(
                        0,
                        run(clients.getFirst(), Operation.ZONE_RESET, 0, 0, Ask.NO_DATA)
                                .code());
                checkAll(clients, ZoneCondition.EMPTY, 0);
            } finally {
                clients.forEach(Client::close);
            }
        }
    }
}
