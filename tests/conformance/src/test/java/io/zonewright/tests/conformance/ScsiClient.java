package io.zonewright.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneType;
import io.zonewright.testkit.scsi.Cdb;
import io.zonewright.testkit.scsi.Scsi;
import io.zonewright.testkit.scsi.ScsiCapacity;
import io.zonewright.testkit.scsi.ScsiFlight;
import io.zonewright.testkit.scsi.ScsiHost;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.ScsiResult;
import io.zonewright.testkit.scsi.ScsiSense;
import io.zonewright.testkit.scsi.ScsiZoneReport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * SCSI with literal sense codes, over any carrier. Everything about the unit comes from its own answers: what it is from
 * INQUIRY and READ CAPACITY, which reads and writes it knows from REPORT SUPPORTED OPERATION CODES (they take turns), where
 * gap zones are from REPORT ZONES.
 */
final class ScsiClient implements Client {
    private static final int HOST_MANAGED = 0x14;
    private static final int LARGEST_REPORT = 1 << 20;
    private static final int SIX_LBAS = 1 << 21;
    private static final int SIX_BLOCKS = 256;
    private static final int TEN_BLOCKS = 1 << 16;

    /** SPACE ALLOCATION FAILED WRITE PROTECT. */
    private static final int NO_SPACE = 0x07_2707;
    /** INTERNAL TARGET FAILURE. */
    private static final int INTERNAL = 0x04_4400;

    /**
     * The order in which causes are told: that of scsi_debug's check_zbc_access_params, which sd_zbc is tested with, behind
     * what it does not know.
     */
    private static final List<Cause> PRECEDENCE = List.of(
            Cause.OUT_OF_RANGE,
            Cause.WRONG_ZONE_TYPE,
            Cause.NOT_ZONE_START,
            Cause.ZONE_OFFLINE,
            Cause.ZONE_READ_ONLY,
            Cause.READ_CROSSES_ZONES,
            Cause.CROSSES_ZONE_BOUNDARY,
            Cause.BEYOND_ZONE_CAPACITY,
            Cause.ZONE_FULL,
            Cause.UNALIGNED_WRITE,
            Cause.NOT_AT_WRITE_POINTER,
            Cause.ACTIVE_LIMIT,
            Cause.OPEN_LIMIT);

    private record Sent(Ask ask, ScsiFlight flight) implements Ticket {}

    private final ScsiHost host;
    private final int blockBytes;
    private final boolean hostManaged;
    private final boolean zoned;
    /** {@code opcode << 16 | service action} of each command that the unit has. */
    private final Set<Integer> commands = new TreeSet<>();
    /** Zones and gap zones as they were told at the start; none if there are no zones. */
    private final List<ScsiZoneReport.Zone> layout;

    private int turn;

    ScsiClient(ScsiHost host) {
        this.host = host;
        host.clearAttentions(0);
        int type = host.must(ScsiRequest.inquiry(96)).in()[0] & 0xFF;
        hostManaged = type == HOST_MANAGED;
        assertTrue(hostManaged || type == 0, "peripheral device type " + type);
        ScsiCapacity capacity =
                ScsiCapacity.parse(host.must(ScsiRequest.readCapacity16()).in());
        blockBytes = capacity.blockBytes();
        learnCommands();
        zoned = commands.contains(Scsi.ZBC_IN << 16);
        layout = zoned ? reportFrom(0, LARGEST_REPORT, false).zones() : List.of();
        if (zoned) {
            assertEquals(1, hostManaged ? capacity.basis() : 1, "RC BASIS");
            checkLayout(capacity.lastLba());
        }
    }

    /** REPORT SUPPORTED OPERATION CODES of all commands: be32 length; each be8 opcode, be16 service action at 2, CTDP bit 1 of 5. */
    private void learnCommands() {
        byte[] bytes = host.must(ScsiRequest.supportedOpcodes(0, 0, 0, 8192)).in();
        ByteBuffer b = ByteBuffer.wrap(bytes);
        assertEquals(bytes.length - 4, b.getInt(0), "length of the list of commands");
        for (int at = 4; at < bytes.length; ) {
            commands.add(((bytes[at] & 0xFF) << 16) | (b.getShort(at + 2) & 0xFFFF));
            at += (bytes[at + 5] & 2) != 0 ? 20 : 8;
        }
    }

    /** Zones follow each other without holes up to the device's end; a gap zone has no write pointer. */
    private void checkLayout(long lastLba) {
        long next = 0;
        for (ScsiZoneReport.Zone zone : layout) {
            assertEquals(next, zone.start(), "start of a zone");
            next = zone.start() + zone.length();
            if (zone.type() == Scsi.ZT_GAP) {
                assertEquals(Scsi.ZC_NOT_WRITE_POINTER, zone.condition(), "condition of a gap zone");
                assertEquals(-1, zone.pointer(), "write pointer of a gap zone");
            }
        }
        assertEquals(lastLba + 1, next, "end of the last zone");
    }

    /** The initiator underneath, for what only this protocol has. */
    ScsiHost host() {
        return host;
    }

    // --- codes -------------------------------------------------------------------------------------------------------

    @Override
    public int expectedCode(Ask ask, Set<Cause> causes) {
        Cause first = PRECEDENCE.stream()
                .filter(causes::contains)
                .findFirst()
                .orElseGet(() -> causes.stream().findFirst().orElse(Cause.DONE));
        boolean read = ask.operation() == Operation.READ;
        return switch (first) {
            // ZBC-2 has nothing in a gap zone that could be read, where other protocols find zeroes.
            case DONE -> read && touchesGap(ask) ? Scsi.GAP_ZONE : Scsi.GOOD;
            // Open on Full, close on Empty or Full: good, and nothing changes.
            case ALREADY_SO, NOT_APPLICABLE -> Scsi.GOOD;
            case OUT_OF_RANGE -> Scsi.LBA_OUT_OF_RANGE;
            case WRONG_ZONE_TYPE, NOT_ZONE_START, ZONE_FULL, UNSUPPORTED -> Scsi.INVALID_FIELD_IN_CDB;
            case ZONE_OFFLINE -> Scsi.ZONE_IS_OFFLINE;
            case ZONE_READ_ONLY -> Scsi.ZONE_IS_READ_ONLY;
            case READ_CROSSES_ZONES -> {
                if (touchesGap(ask)) {
                    yield Scsi.GAP_ZONE;
                }
                // With URSWRZ 1 zones of one type may be read across.
                yield typesTouched(ask) > 1 ? Scsi.READ_BOUNDARY_VIOLATION : Scsi.GOOD;
            }
            case CROSSES_ZONE_BOUNDARY, BEYOND_ZONE_CAPACITY ->
                beginsInGap(ask) ? Scsi.GAP_ZONE : Scsi.WRITE_BOUNDARY_VIOLATION;
            case UNALIGNED_WRITE, NOT_AT_WRITE_POINTER, PREDECESSOR_FAILED -> Scsi.UNALIGNED_WRITE;
            case ACTIVE_LIMIT, OPEN_LIMIT -> Scsi.INSUFFICIENT_ZONE_RESOURCES;
            case NO_SPACE -> NO_SPACE;
            case MEDIUM_ERROR -> read ? Scsi.UNRECOVERED_READ_ERROR : Scsi.WRITE_ERROR;
            case DEVICE_READ_ONLY -> Scsi.WRITE_PROTECTED;
            case ABORTED, INTERNAL_ERROR -> INTERNAL;
            case UNALIGNED_BLOCK, APPEND_TOO_LONG, APPEND_UNSUPPORTED, AREA_NOT_APPLICABLE, NO_RANDOM_WRITE_AREA ->
                throw new IllegalArgumentException("SCSI has no word for " + first);
        };
    }

    private long lba(Ask ask) {
        return ask.offset() / blockBytes;
    }

    private int blocks(Ask ask) {
        return ask.length() / blockBytes;
    }

    private List<ScsiZoneReport.Zone> touched(long lba, long count) {
        return layout.stream()
                .filter(zone -> lba < zone.start() + zone.length() && lba + count > zone.start())
                .toList();
    }

    private boolean touchesGap(Ask ask) {
        return touched(lba(ask), blocks(ask)).stream().anyMatch(zone -> zone.type() == Scsi.ZT_GAP);
    }

    private boolean beginsInGap(Ask ask) {
        return touched(lba(ask), 1).stream().anyMatch(zone -> zone.type() == Scsi.ZT_GAP);
    }

    private long typesTouched(Ask ask) {
        return touched(lba(ask), blocks(ask)).stream()
                .map(ScsiZoneReport.Zone::type)
                .distinct()
                .count();
    }

    // --- requests ----------------------------------------------------------------------------------------------------

    @Override
    public Ticket submit(Ask ask) {
        return new Sent(ask, host.submit(0, request(ask)));
    }

    private ScsiRequest request(Ask ask) {
        long lba = lba(ask);
        return switch (ask.operation()) {
            case READ -> ScsiRequest.receiving(transfer(false, lba, blocks(ask)), ask.length());
            case WRITE -> ScsiRequest.sending(transfer(true, lba, blocks(ask)), ask.data());
            case FLUSH -> ScsiRequest.synchronizeCache(0, 0);
            case WRITE_ZEROES -> ScsiRequest.writeZeroes(lba, blocks(ask), false);
            case DISCARD -> ScsiRequest.unmap(lba, blocks(ask));
            case ZONE_OPEN, ZONE_CLOSE, ZONE_FINISH, ZONE_RESET -> {
                int action = action(ask.operation());
                yield ask.allZones() ? ScsiRequest.allZones(action) : ScsiRequest.zone(action, lba);
            }
            case APPEND, ZONE_REPORT, ZONE_SET_READ_ONLY, ZONE_SET_OFFLINE, ZONE_SET_EXTENSION, ZONE_FLUSH_AREA ->
                throw new IllegalArgumentException("no words for " + ask.operation());
        };
    }

    /** The next of the CDBs that can say it and that the unit knows, of 6, 10, 12, 16 and 32 bytes in turn. */
    private Cdb transfer(boolean write, long lba, int blocks) {
        List<Cdb> all = new ArrayList<>();
        if (lba < SIX_LBAS && blocks > 0 && blocks <= SIX_BLOCKS) {
            all.add(new Cdb(write ? Scsi.WRITE_6 : Scsi.READ_6, 6)
                    .u24(1, (int) lba)
                    .u8(4, blocks));
        }
        if (blocks < TEN_BLOCKS) {
            all.add(new Cdb(write ? Scsi.WRITE_10 : Scsi.READ_10, 10)
                    .u32(2, lba)
                    .u16(7, blocks));
        }
        all.add(new Cdb(write ? Scsi.WRITE_12 : Scsi.READ_12, 12).u32(2, lba).u32(6, blocks));
        all.add(new Cdb(write ? Scsi.WRITE_16 : Scsi.READ_16, 16).u64(2, lba).u32(10, blocks));
        all.add(new Cdb(Scsi.VARIABLE_LENGTH, 32)
                .u8(7, 0x18)
                .u16(8, write ? 0x000B : 0x0009)
                .u64(12, lba)
                .u32(28, blocks));
        all.removeIf(cdb -> !commands.contains(name(cdb)));
        return all.get(turn++ % all.size());
    }

    private static int name(Cdb cdb) {
        byte[] bytes = cdb.bytes();
        int serviceAction = cdb.opcode() == Scsi.VARIABLE_LENGTH ? (bytes[8] << 8) | bytes[9] : 0;
        return (cdb.opcode() << 16) | serviceAction;
    }

    private static int action(Operation operation) {
        return switch (operation) {
            case ZONE_OPEN -> Scsi.OPEN_ZONE;
            case ZONE_CLOSE -> Scsi.CLOSE_ZONE;
            case ZONE_FINISH -> Scsi.FINISH_ZONE;
            case ZONE_RESET -> Scsi.RESET_WRITE_POINTER;
            default -> throw new IllegalArgumentException("no words for " + operation);
        };
    }

    @Override
    public boolean answered(Ticket ticket) {
        host.collect(0);
        return ((Sent) ticket).flight.result() != null;
    }

    @Override
    public Answer await(Ticket ticket) {
        Sent sent = (Sent) ticket;
        ScsiResult result = host.await(0, sent.flight);
        if (result.good()) {
            assertEquals(0, result.residual(), "residual of " + sent.flight.request());
        } else if (result.status() == Scsi.CHECK_CONDITION) {
            checkSense(sent.ask, Objects.requireNonNull(result.sense()));
        }
        return new Answer(result.code(), result.good() ? result.in() : new byte[0], -1);
    }

    /** What goes with a code: the field that is wrong (SPC-5 section 4.4.2.4.2), the block that a medium lost. */
    private void checkSense(Ask ask, ScsiSense sense) {
        assertFalse(sense.deferred(), "deferred");
        if (sense.code() == Scsi.INVALID_FIELD_IN_CDB) {
            // SKSV and C/D: a byte of the CDB.
            assertEquals(0xC0_0000, sense.sks() & 0xC0_0000, "which field is invalid");
        }
        boolean moves = ask.operation() == Operation.READ || ask.operation() == Operation.WRITE;
        if (sense.key() == 3 && moves) {
            long block = Objects.requireNonNull(sense.information(), "INFORMATION of a medium error");
            assertTrue(block >= lba(ask) && block < lba(ask) + blocks(ask), "block " + block + " of " + ask);
        }
    }

    // --- reports -----------------------------------------------------------------------------------------------------

    @Override
    public int reportCode(long offset, int zones) {
        return host.run(ScsiRequest.reportZones(offset / blockBytes, room(zones), 0, true))
                .code();
    }

    /** For so many zones with a gap zone behind each. */
    private static int room(int zones) {
        return Math.min(LARGEST_REPORT, ScsiZoneReport.HEADER_BYTES + 2 * zones * ScsiZoneReport.ZONE_BYTES);
    }

    private ScsiZoneReport reportFrom(long lba, int bytes, boolean partial) {
        ScsiResult result = host.run(ScsiRequest.reportZones(lba, bytes, 0, partial));
        if (!result.good()) {
            throw new AssertionError("report from block " + lba + " ended with " + result);
        }
        ScsiZoneReport report = ScsiZoneReport.parse(result.in());
        if (partial && report.count() != report.zones().size()) {
            throw new AssertionError("a partial report counts " + report.count() + " zones and shows "
                    + report.zones().size());
        }
        return report;
    }

    @Override
    public List<ZoneView> report(long offset, int zones) {
        long lba = offset / blockBytes;
        List<ScsiZoneReport.Zone> told = reportFrom(lba, room(zones), true).zones();
        ScsiZoneReport.Zone first = told.getFirst();
        assertTrue(first.start() <= lba && lba < first.start() + first.length(), "the first zone holds the position");
        if (first.type() == Scsi.ZT_GAP) {
            // The rest of a zone of the device: asked again from that zone on.
            return report((first.start() - 1) * blockBytes, zones);
        }
        return told.stream()
                .filter(zone -> zone.type() != Scsi.ZT_GAP)
                .limit(zones)
                .map(this::view)
                .toList();
    }

    private ZoneView view(ScsiZoneReport.Zone zone) {
        ZoneCondition condition = condition(zone.condition());
        long pointer = zone.pointer();
        if (condition == ZoneCondition.FULL) {
            // Not valid by ZBC-2; scsi_debug gives the zone's end. Where a gap follows, ours is the device's zone's
            // end.
            assertEquals(zone.start() + zone.length(), pointer, "write pointer of a full zone");
            pointer = deviceZoneEnd(zone);
        } else if (!condition.writable()) {
            assertEquals(-1, pointer, "write pointer of a zone that has none");
        }
        return new ZoneView(
                type(zone.type()),
                condition,
                zone.start() * blockBytes,
                zone.length() * blockBytes,
                pointer == -1 ? -1 : pointer * blockBytes);
    }

    private long deviceZoneEnd(ScsiZoneReport.Zone zone) {
        long end = zone.start() + zone.length();
        return layout.stream()
                .filter(other -> other.start() == end && other.type() == Scsi.ZT_GAP)
                .findFirst()
                .map(gap -> gap.start() + gap.length())
                .orElse(end);
    }

    private static ZoneType type(int wire) {
        return switch (wire) {
            case Scsi.ZT_CONVENTIONAL -> ZoneType.CONVENTIONAL;
            case Scsi.ZT_SEQUENTIAL_REQUIRED -> ZoneType.SEQUENTIAL_WRITE_REQUIRED;
            case Scsi.ZT_SEQUENTIAL_PREFERRED -> ZoneType.SEQUENTIAL_WRITE_PREFERRED;
            default -> throw new AssertionError("zone type " + wire);
        };
    }

    private static ZoneCondition condition(int wire) {
        return switch (wire) {
            case Scsi.ZC_NOT_WRITE_POINTER -> ZoneCondition.NOT_WRITE_POINTER;
            case Scsi.ZC_EMPTY -> ZoneCondition.EMPTY;
            case Scsi.ZC_IMPLICIT_OPEN -> ZoneCondition.IMPLICIT_OPEN;
            case Scsi.ZC_EXPLICIT_OPEN -> ZoneCondition.EXPLICIT_OPEN;
            case Scsi.ZC_CLOSED -> ZoneCondition.CLOSED;
            case Scsi.ZC_READ_ONLY -> ZoneCondition.READ_ONLY;
            case Scsi.ZC_FULL -> ZoneCondition.FULL;
            case Scsi.ZC_OFFLINE -> ZoneCondition.OFFLINE;
            default -> throw new AssertionError("zone condition " + wire);
        };
    }

    @Override
    public void close() {
        host.close();
    }
}
