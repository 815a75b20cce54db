package io.zonewright.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneType;
import io.zonewright.tests.conformance.Client.Answer;
import io.zonewright.tests.conformance.Client.ZoneView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Plays a scenario through one client. After every refused request it checks that no zone of the device changed, and
 * with every read that the bytes are those of the last write; the scenario's lines say the rest.
 */
final class ScenarioRunner {
    private static final long PATIENCE_SECONDS = 10;

    /** Causes after which nobody promises that nothing changed. */
    private static final Set<Cause> MAY_CHANGE = EnumSet.of(
            Cause.DONE, Cause.ALREADY_SO, Cause.MEDIUM_ERROR, Cause.NO_SPACE, Cause.PREDECESSOR_FAILED, Cause.ABORTED);

    private record Pending(Ask ask, Client.Ticket ticket, long write) {}

    private final Shape shape;
    private final Medium.Opened medium;
    private final ZonedDevice device;
    private final Language language;
    private final Client client;
    private final Contents contents;
    private final Map<Long, byte[]> extensions = new HashMap<>();
    private final Map<String, Pending> pending = new HashMap<>();

    ScenarioRunner(Shape shape, Medium.Opened medium, Language language, Client client) {
        this.language = language;
        this.shape = shape;
        this.medium = medium;
        this.device = medium.device().device();
        this.client = client;
        this.contents = new Contents(shape.blockSize());
    }

    void play(Scenario scenario) {
        for (Scenario.Line line : scenario.lines()) {
            try {
                play(line);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("line " + line.number() + ": " + line.text() + ": " + e.getMessage(), e);
            }
        }
        assertTrue(pending.isEmpty(), "the scenario ends with requests that it did not wait for");
        compareAllZones();
    }

    private void play(Scenario.Line line) {
        List<String> ask = line.ask();
        switch (ask.getFirst()) {
            case "zone" -> checkZone(shape.blocks(ask.get(1)), line.expected());
            case "conditions" -> checkConditions(line.expected());
            case "report" -> checkReport(shape.blocks(ask.get(1)), Integer.parseInt(ask.get(2)), line.expected());
            case "medium" -> medium.command(ask.subList(1, ask.size()));
            case "admin-read-only" -> administer(Operation.ZONE_SET_READ_ONLY, shape.blocks(ask.get(1)));
            case "admin-offline" -> administer(Operation.ZONE_SET_OFFLINE, shape.blocks(ask.get(1)));
            case "extension" -> checkExtension(shape.blocks(ask.get(1)), line.expected());
            case "answer" -> answer(ask.get(1), line.expected());
            default -> request(line);
        }
    }

    // --- requests --------------------------------------------------------------------------------------------------

    private void request(Scenario.Line line) {
        long write = contents.nextWrite();
        Ask ask = Ask.parse(line.ask(), shape, blocks -> contents.payload(write, blocks));
        if (ask == null) {
            throw new IllegalArgumentException("unknown operation " + line.ask());
        }
        assertTrue(language.canSay(shape, ask), "this protocol cannot say it: see FrontendUnderTest.canAsk");
        List<String> before = line.label().isEmpty() ? zones() : List.of();
        Pending sent = new Pending(ask, client.submit(ask), write);
        if (line.label().isEmpty()) {
            finish(sent, line.expected(), before);
        } else {
            pending.put(line.label(), sent);
        }
    }

    private void answer(String label, List<String> expected) {
        Pending sent = Objects.requireNonNull(pending.get(label), label);
        if (expected.equals(List.of("PENDING"))) {
            assertFalse(client.answered(sent.ticket), "answered already");
            return;
        }
        pending.remove(label);
        finish(sent, expected, List.of());
    }

    private void finish(Pending sent, List<String> expected, List<String> before) {
        Set<Cause> causes = EnumSet.noneOf(Cause.class);
        int i = 0;
        for (; i < expected.size() && !expected.get(i).equals("at"); i++) {
            if (!expected.get(i).equals("&")) {
                causes.add(Cause.valueOf(expected.get(i)));
            }
        }
        Answer answer = client.await(sent.ticket);
        assertEquals(client.expectedCode(sent.ask, causes), answer.code(), "code on the wire");
        Cause cause = causes.iterator().next();
        if (i < expected.size()) {
            assertEquals(
                    shape.blocks(expected.get(i + 1)) * shape.blockSize(), answer.placement(), "place of the append");
        }
        if (!before.isEmpty() && !MAY_CHANGE.contains(cause)) {
            assertEquals(before, zones(), "a refused request changed a zone");
        }
        remember(sent, cause, answer);
    }

    private void remember(Pending sent, Cause cause, Answer answer) {
        Ask ask = sent.ask;
        long first = ask.offset() / shape.blockSize();
        int count = ask.length() / shape.blockSize();
        boolean good = answer.code() == 0; // the code that was expected: some protocols allow what others refuse
        switch (ask.operation()) {
            case READ -> {
                if (good) {
                    assertEquals(ask.length(), answer.data().length, "bytes read");
                    contents.check(first, answer.data());
                }
            }
            case WRITE -> {
                if (good) {
                    contents.written(first, sent.write, count);
                } else if (MAY_CHANGE.contains(cause)) {
                    contents.unknown(first, count);
                }
            }
            case APPEND -> {
                if (good) {
                    contents.written(answer.placement() / shape.blockSize(), sent.write, count);
                }
            }
            case WRITE_ZEROES, DISCARD -> {
                if (good) {
                    contents.cleared(first, count);
                }
            }
            case ZONE_SET_EXTENSION -> {
                if (good) {
                    extensions.put(first, ask.data());
                }
            }
            case ZONE_RESET -> {
                if (good && ask.allZones()) {
                    resetAll();
                } else if (good) {
                    contents.cleared(first, shape.zoneSize());
                }
            }
            default -> {}
        }
    }

    private void resetAll() {
        ZoneDescriptor zone = new ZoneDescriptor();
        for (int i = 0; i < shape.zones(); i++) {
            device.zone(i, zone);
            if (zone.condition() == ZoneCondition.EMPTY) {
                contents.cleared((long) i * shape.zoneSize(), shape.zoneSize());
            }
        }
    }

    /** What an administrator does to a zone, past all front-ends. */
    private void administer(Operation action, long block) {
        boolean offline = action == Operation.ZONE_SET_OFFLINE;
        int zone = shape.zoneAt(block);
        if (!medium.breakZone(zone, offline)) {
            submit(action, block * shape.blockSize(), 0);
            return;
        }
        // A report does not count for a zone whose last request was answered just now, and is not wound up yet.
        ZoneCondition expected = offline ? ZoneCondition.OFFLINE : ZoneCondition.READ_ONLY;
        ZoneDescriptor found = new ZoneDescriptor();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        do {
            submit(Operation.ZONE_REPORT, 0, device.geometry().deviceBytes());
            device.zone(zone, found);
        } while (found.condition() != expected && System.nanoTime() < end);
        assertEquals(expected, found.condition());
    }

    private void submit(Operation operation, long offset, long length) {
        CountDownLatch done = new CountDownLatch(1);
        DeviceRequest request = new DeviceRequest() {
            @Override
            protected void onComplete() {
                done.countDown();
            }
        };
        request.prepare(operation, offset, length);
        device.submit(request);
        try {
            assertTrue(done.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "no completion");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        assertEquals(Cause.DONE, request.cause());
    }

    // --- zones -----------------------------------------------------------------------------------------------------

    private List<String> zones() {
        List<String> zones = new ArrayList<>();
        if (device.capabilities().ownZoneRules() && pending.isEmpty()) {
            told(); // brings the engine's mirror up to date
        }
        ZoneDescriptor zone = new ZoneDescriptor();
        for (int i = 0; i < shape.zones(); i++) {
            device.zone(i, zone);
            zones.add(zone.toString());
        }
        return zones;
    }

    private void checkZone(long block, List<String> expected) {
        ZoneCondition condition = ZoneCondition.valueOf(expected.getFirst());
        ZoneDescriptor zone = new ZoneDescriptor();
        if (!language.canReport(shape, block)) {
            device.zone(shape.zoneAt(block), zone);
            assertEquals(condition, zone.condition(), "condition in the device");
            return;
        }
        // The report first: where the medium has rules of its own, it brings the engine's mirror up to date.
        ZoneView view = client.report(block * shape.blockSize(), 1).getFirst();
        device.zone(shape.zoneAt(block), zone);
        assertEquals(condition, zone.condition(), "condition in the device");
        assertEquals(condition, view.condition(), "condition on the wire");
        if (expected.size() > 1) {
            long pointer = shape.blocks(expected.get(1)) * shape.blockSize();
            assertEquals(pointer, zone.writePointer(), "write pointer in the device");
            assertEquals(pointer, view.writePointer(), "write pointer on the wire");
        } else if (condition == ZoneCondition.FULL) {
            assertEquals(zone.start() + zone.length(), view.writePointer(), "write pointer of a full zone");
        }
    }

    /** {@code => NONE}, or {@code => SET}: then it is what was set last. */
    private void checkExtension(long block, List<String> expected) {
        byte[] found = client.extension(block * shape.blockSize());
        byte[] set = extensions.getOrDefault(block, new byte[0]);
        byte[] wanted = expected.equals(List.of("NONE")) ? new byte[0] : Arrays.copyOf(set, found.length);
        assertEquals(expected.equals(List.of("NONE")), found.length == 0, "whether there is an extension");
        assertArrayEquals(wanted, found, "descriptor extension");
    }

    private void checkConditions(List<String> expected) {
        Map<ZoneCondition, Integer> wanted = new EnumMap<>(ZoneCondition.class);
        for (int i = 0; i < expected.size(); i += 2) {
            wanted.put(ZoneCondition.valueOf(expected.get(i)), Integer.parseInt(expected.get(i + 1)));
        }
        Map<ZoneCondition, Integer> found = new EnumMap<>(ZoneCondition.class);
        for (ZoneView view : told()) {
            if (view.condition() != ZoneCondition.EMPTY && view.condition() != ZoneCondition.NOT_WRITE_POINTER) {
                found.merge(view.condition(), 1, Integer::sum);
            }
        }
        assertEquals(wanted, found);
    }

    private void checkReport(long block, int count, List<String> expected) {
        long offset = block * shape.blockSize();
        String first = expected.getFirst();
        if (!first.equals("all") && !Character.isDigit(first.charAt(0))) {
            Ask ask = Ask.of(Operation.ZONE_REPORT, offset, count);
            assertEquals(client.expectedCode(ask, EnumSet.of(Cause.valueOf(first))), client.reportCode(offset, count));
            return;
        }
        List<ZoneView> views = client.report(offset, count);
        assertEquals(first.equals("all") ? language.told(shape) : Integer.parseInt(first), views.size(), "zones told");
        compare(shape.zoneAt(block), views);
    }

    private void compareAllZones() {
        if (language.told(shape) > 0) {
            List<ZoneView> views = told();
            assertEquals(language.told(shape), views.size(), "zones told");
            compare(language.firstTold(shape), views);
        }
    }

    /** Every zone that the protocol tells of. */
    private List<ZoneView> told() {
        long first = (long) language.firstTold(shape) * shape.zoneSize() * shape.blockSize();
        return language.told(shape) == 0 ? List.of() : client.report(first, language.told(shape));
    }

    private void compare(int first, List<ZoneView> views) {
        ZoneDescriptor zone = new ZoneDescriptor();
        for (int i = 0; i < views.size(); i++) {
            int index = first + i;
            ZoneView view = views.get(i);
            device.zone(index, zone);
            boolean conventional = index < shape.conventional();
            String name = "zone " + index;
            assertEquals(
                    conventional ? ZoneType.CONVENTIONAL : shape.model().sequentialType(), view.type(), name + " type");
            assertEquals((long) index * shape.zoneSize() * shape.blockSize(), view.start(), name + " start");
            int length = index == shape.zones() - 1 ? shape.lastZone() : shape.zoneSize();
            assertEquals(
                    (long) (conventional ? length : Math.min(length, shape.capacity())) * shape.blockSize(),
                    view.capacity(),
                    name + " capacity");
            assertEquals(zone.condition(), view.condition(), name + " condition");
            if (zone.condition().writable()) {
                assertEquals(zone.writePointer(), view.writePointer(), name + " write pointer");
            }
        }
    }
}
