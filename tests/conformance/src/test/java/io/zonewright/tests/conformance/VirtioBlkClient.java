package io.zonewright.tests.conformance;

import static io.zonewright.testkit.blk.VirtioBlk.SECTOR;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneType;
import io.zonewright.testkit.blk.BlkDriver;
import io.zonewright.testkit.blk.BlkLayout;
import io.zonewright.testkit.blk.BlkQueue;
import io.zonewright.testkit.blk.BlkRequest;
import io.zonewright.testkit.blk.BlkResult;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.blk.ZoneReport;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * virtio-blk, zoned, with the literal status bytes of the specification. Requests take turns through a list of
 * descriptor layouts, since no answer may depend on one.
 */
final class VirtioBlkClient implements Client {
    /** The order in which a device tells causes: our decision where the text leaves it open. */
    private static final List<Cause> PRECEDENCE = List.of(
            Cause.APPEND_UNSUPPORTED,
            Cause.OUT_OF_RANGE,
            Cause.ZONE_OFFLINE,
            Cause.ZONE_READ_ONLY,
            Cause.WRONG_ZONE_TYPE,
            Cause.NOT_ZONE_START,
            Cause.READ_CROSSES_ZONES,
            Cause.CROSSES_ZONE_BOUNDARY,
            Cause.ZONE_FULL,
            Cause.UNALIGNED_WRITE,
            Cause.NOT_AT_WRITE_POINTER,
            Cause.BEYOND_ZONE_CAPACITY,
            Cause.ACTIVE_LIMIT,
            Cause.OPEN_LIMIT);

    private static final List<BlkLayout> LAYOUTS = List.of(
            BlkLayout.PLAIN,
            BlkLayout.TWO,
            BlkLayout.PLAIN.inTable(),
            BlkLayout.every(509),
            BlkLayout.every(4096).inTable(),
            BlkLayout.random(7));

    private record Sent(Ask ask, BlkQueue.Flight flight) implements Ticket {}

    private final BlkDriver driver;
    private int turn;

    VirtioBlkClient(BlkDriver driver) {
        this.driver = driver;
    }

    @Override
    public int expectedCode(Ask ask, Set<Cause> causes) {
        Cause first = PRECEDENCE.stream()
                .filter(causes::contains)
                .findFirst()
                .orElseGet(() -> causes.stream().findFirst().orElse(Cause.DONE));
        return switch (first) {
            case DONE, ALREADY_SO -> 0;
            // Not a zone's error for a plain read or write; S17 makes it one for the zoned requests.
            case OUT_OF_RANGE, UNALIGNED_BLOCK ->
                ask.operation().zoneAction()
                                || ask.operation() == Operation.APPEND
                                || ask.operation() == Operation.ZONE_REPORT
                        ? 3
                        : 1;
            case ZONE_OFFLINE,
                    ZONE_READ_ONLY,
                    WRONG_ZONE_TYPE,
                    NOT_ZONE_START,
                    READ_CROSSES_ZONES,
                    CROSSES_ZONE_BOUNDARY,
                    ZONE_FULL,
                    BEYOND_ZONE_CAPACITY,
                    APPEND_TOO_LONG,
                    AREA_NOT_APPLICABLE,
                    NO_RANDOM_WRITE_AREA,
                    NOT_APPLICABLE -> 3;
            case UNALIGNED_WRITE, NOT_AT_WRITE_POINTER -> 4;
            case OPEN_LIMIT -> 5;
            case ACTIVE_LIMIT -> 6;
            case APPEND_UNSUPPORTED, UNSUPPORTED -> 2;
            case DEVICE_READ_ONLY, PREDECESSOR_FAILED, NO_SPACE, MEDIUM_ERROR, ABORTED, INTERNAL_ERROR -> 1;
        };
    }

    @Override
    public Ticket submit(Ask ask) {
        BlkLayout layout = LAYOUTS.get(turn++ % LAYOUTS.size());
        return new Sent(ask, driver.submit(request(ask), layout));
    }

    private BlkRequest request(Ask ask) {
        long sector = ask.offset() / SECTOR;
        return switch (ask.operation()) {
            case READ -> BlkRequest.read(sector, ask.length());
            case WRITE -> BlkRequest.write(sector, ask.data());
            case APPEND ->
                turn % 2 == 0 ? BlkRequest.append(sector, ask.data()) : BlkRequest.linuxAppend(sector, ask.data());
            case FLUSH -> BlkRequest.flush();
            case WRITE_ZEROES -> BlkRequest.writeZeroes(sector, ask.length() / SECTOR, 0);
            case DISCARD -> BlkRequest.discard(sector, ask.length() / SECTOR, 0);
            case ZONE_OPEN -> BlkRequest.open(sector);
            case ZONE_CLOSE -> BlkRequest.close(sector);
            case ZONE_FINISH -> BlkRequest.finish(sector);
            case ZONE_RESET -> ask.allZones() ? BlkRequest.resetAll() : BlkRequest.reset(sector);
            case ZONE_REPORT -> BlkRequest.report(sector, ask.length());
            case ZONE_SET_EXTENSION, ZONE_FLUSH_AREA, ZONE_SET_READ_ONLY, ZONE_SET_OFFLINE ->
                throw new IllegalArgumentException("no words for " + ask.operation());
        };
    }

    @Override
    public boolean answered(Ticket ticket) {
        driver.queue(0).collect();
        return ((Sent) ticket).flight.result() != null;
    }

    @Override
    public Answer await(Ticket ticket) {
        Sent sent = (Sent) ticket;
        BlkResult result = driver.await(sent.flight);
        boolean good = result.status() == VirtioBlk.S_OK;
        if (good && result.usedBytes() != expectedUsed(sent.flight.request())) {
            throw new AssertionError("used length " + result.usedBytes() + " of " + sent.flight.request());
        }
        return new Answer(
                result.status(),
                good ? result.in() : new byte[0],
                good && sent.ask.operation() == Operation.APPEND ? result.appendSector() * SECTOR : -1);
    }

    /** Everything writable was written, all of it in one run from the start (section 2.7.8). */
    private static long expectedUsed(BlkRequest request) {
        return request.writableBytes();
    }

    @Override
    public int reportCode(long offset, int zones) {
        return driver.run(BlkRequest.report(offset / SECTOR, zones)).status();
    }

    @Override
    public List<ZoneView> report(long offset, int zones) {
        BlkResult result = driver.run(BlkRequest.report(offset / SECTOR, zones), LAYOUTS.get(turn++ % LAYOUTS.size()));
        if (result.status() != 0) {
            throw new AssertionError("report from byte " + offset + " ended with status " + result.status());
        }
        byte[] in = result.in();
        // Nothing is said about what lies behind the last zone told; the report's own count bounds it.
        return ZoneReport.parse(Arrays.copyOf(in, in.length)).zones().stream()
                .map(VirtioBlkClient::view)
                .toList();
    }

    private static ZoneView view(ZoneReport.Zone zone) {
        return new ZoneView(
                type(zone.type()),
                condition(zone.state()),
                zone.start() * SECTOR,
                zone.capacity() * SECTOR,
                zone.writePointer() * SECTOR);
    }

    private static ZoneType type(int wire) {
        return switch (wire) {
            case 1 -> ZoneType.CONVENTIONAL;
            case 2 -> ZoneType.SEQUENTIAL_WRITE_REQUIRED;
            case 3 -> ZoneType.SEQUENTIAL_WRITE_PREFERRED;
            default -> throw new AssertionError("zone type " + wire);
        };
    }

    private static ZoneCondition condition(int wire) {
        return switch (wire) {
            case 0 -> ZoneCondition.NOT_WRITE_POINTER;
            case 1 -> ZoneCondition.EMPTY;
            case 2 -> ZoneCondition.IMPLICIT_OPEN;
            case 3 -> ZoneCondition.EXPLICIT_OPEN;
            case 4 -> ZoneCondition.CLOSED;
            case 13 -> ZoneCondition.READ_ONLY;
            case 14 -> ZoneCondition.FULL;
            case 15 -> ZoneCondition.OFFLINE;
            default -> throw new AssertionError("zone state " + wire);
        };
    }

    /** The driver underneath, for what only this protocol has. */
    BlkDriver driver() {
        return driver;
    }

    @Override
    public void close() {
        driver.close();
    }
}
