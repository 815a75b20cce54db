package io.zonewright.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneType;
import io.zonewright.testkit.nvme.IdentifyNamespace;
import io.zonewright.testkit.nvme.IdentifyZoned;
import io.zonewright.testkit.nvme.Nvme;
import io.zonewright.testkit.nvme.NvmeFlight;
import io.zonewright.testkit.nvme.NvmeHost;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeResult;
import io.zonewright.testkit.nvme.NvmeZoneReport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;

/**
 * NVMe with literal status codes, over any carrier. Everything about the namespaces comes from Identify: namespace 2, if
 * there is one, holds the device's conventional zones, which come first; namespace 1 the rest.
 */
final class NvmeClient implements Client {
    private static final int ZONED = 1;
    private static final int CONVENTIONAL = 2;
    private static final int CSI_ZONED = 2;

    private static final int INVALID_ZONE_OPERATION = 0x1B6;
    private static final int NO_ZRWA_RESOURCES = 0x1B7;
    private static final int NOT_READY = 0x082;

    /**
     * The order in which causes are told. The specification orders only the two limits (ZNS section 2.1.1.4.1); the rest
     * is that of QEMU's ZNS controller, so that a host sees the same behind both.
     */
    private static final List<Cause> PRECEDENCE = List.of(
            Cause.OUT_OF_RANGE,
            Cause.NOT_ZONE_START,
            Cause.APPEND_TOO_LONG,
            Cause.ZONE_OFFLINE,
            Cause.ZONE_READ_ONLY,
            Cause.ZONE_FULL,
            Cause.NOT_AT_WRITE_POINTER,
            Cause.READ_CROSSES_ZONES,
            Cause.CROSSES_ZONE_BOUNDARY,
            Cause.BEYOND_ZONE_CAPACITY,
            Cause.ACTIVE_LIMIT,
            Cause.OPEN_LIMIT);

    private record Sent(Ask ask, int queue, NvmeFlight flight) implements Ticket {}

    private final NvmeHost host;
    private final int blockBytes;
    private final long blocks;
    private final long conventionalBytes;
    private final boolean readAcrossZones;
    private final int extensionBytes;
    private final long zoneBlocks;

    NvmeClient(NvmeHost host) {
        this.host = host;
        IdentifyNamespace first = namespace(ZONED);
        blockBytes = first.blockBytes();
        blocks = first.size();
        conventionalBytes = conventionalBytes();
        NvmeResult zoned = host.admin(NvmeRequest.identify(5, ZONED, CSI_ZONED));
        if (zoned.status() == 0) {
            IdentifyZoned about = new IdentifyZoned(zoned.in());
            readAcrossZones = about.readAcrossZones();
            extensionBytes = about.extensionBytes(first.format());
            zoneBlocks = about.zoneBlocks(first.format());
        } else {
            readAcrossZones = true; // nothing to cross
            extensionBytes = 0;
            zoneBlocks = 0;
        }
    }

    /** CNS 02h: the active namespaces above the one given, 4 bytes each. */
    private long conventionalBytes() {
        byte[] list = host.mustAdmin(NvmeRequest.identify(2, ZONED, 0)).in();
        int next = ByteBuffer.wrap(list).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if (next == 0) {
            return 0;
        }
        assertEquals(CONVENTIONAL, next, "the second namespace");
        IdentifyNamespace second = namespace(CONVENTIONAL);
        return second.size() * second.blockBytes();
    }

    private IdentifyNamespace namespace(int nsid) {
        return new IdentifyNamespace(
                host.mustAdmin(NvmeRequest.identify(0, nsid, 0)).in());
    }

    /** The host underneath, for what only this protocol has. */
    NvmeHost host() {
        return host;
    }

    private int namespaceOf(Ask ask) {
        return ask.allZones() || ask.offset() >= conventionalBytes ? ZONED : CONVENTIONAL;
    }

    @Override
    public int expectedCode(Ask ask, Set<Cause> causes) {
        Cause first = PRECEDENCE.stream()
                .filter(causes::contains)
                .findFirst()
                .orElseGet(() -> causes.stream().findFirst().orElse(Cause.DONE));
        boolean action = ask.operation().zoneAction();
        return switch (first) {
            case DONE, ALREADY_SO -> Nvme.SUCCESS;
            case OUT_OF_RANGE -> Nvme.LBA_OUT_OF_RANGE;
            case ZONE_OFFLINE -> action ? Nvme.INVALID_TRANSITION : Nvme.ZONE_OFFLINE;
            case ZONE_READ_ONLY -> action ? Nvme.INVALID_TRANSITION : Nvme.ZONE_READ_ONLY;
            case NOT_ZONE_START, APPEND_TOO_LONG, WRONG_ZONE_TYPE -> Nvme.INVALID_FIELD;
            case READ_CROSSES_ZONES -> readAcrossZones ? Nvme.SUCCESS : Nvme.ZONE_BOUNDARY;
            case CROSSES_ZONE_BOUNDARY, BEYOND_ZONE_CAPACITY -> Nvme.ZONE_BOUNDARY;
            case ZONE_FULL -> Nvme.ZONE_FULL;
            case NOT_AT_WRITE_POINTER -> Nvme.ZONE_INVALID_WRITE;
            case ACTIVE_LIMIT -> Nvme.TOO_MANY_ACTIVE;
            case OPEN_LIMIT -> Nvme.TOO_MANY_OPEN;
            case NOT_APPLICABLE -> Nvme.INVALID_TRANSITION;
            case AREA_NOT_APPLICABLE ->
                // A flush names a place that is none, which QEMU's controller calls a wrong field.
                ask.operation() == Operation.ZONE_FLUSH_AREA ? Nvme.INVALID_FIELD : INVALID_ZONE_OPERATION;
            case NO_RANDOM_WRITE_AREA -> NO_ZRWA_RESOURCES;
            case PREDECESSOR_FAILED ->
                // An append names no place, so it cannot be at the wrong one.
                ask.operation() == Operation.APPEND ? Nvme.INTERNAL_ERROR : Nvme.ZONE_INVALID_WRITE;
            case NO_SPACE -> Nvme.CAPACITY_EXCEEDED;
            case MEDIUM_ERROR ->
                switch (ask.operation()) {
                    case READ -> Nvme.UNRECOVERED_READ;
                    case WRITE, APPEND, WRITE_ZEROES, DISCARD, FLUSH -> Nvme.WRITE_FAULT;
                    default -> Nvme.INTERNAL_ERROR;
                };
            case ABORTED -> NOT_READY;
            case UNSUPPORTED, APPEND_UNSUPPORTED -> Nvme.INVALID_OPCODE;
            case DEVICE_READ_ONLY -> 0x020; // Namespace is Write Protected
            case UNALIGNED_BLOCK, UNALIGNED_WRITE ->
                throw new IllegalArgumentException("NVMe has no word for " + first);
            case INTERNAL_ERROR -> Nvme.INTERNAL_ERROR;
        };
    }

    @Override
    public Ticket submit(Ask ask) {
        return new Sent(ask, 1, host.submit(1, request(ask)));
    }

    private NvmeRequest request(Ask ask) {
        int nsid = namespaceOf(ask);
        long lba = (ask.offset() - (nsid == ZONED ? conventionalBytes : 0)) / blockBytes;
        int count = ask.length() / blockBytes;
        if (ask.allZones()) {
            return NvmeRequest.zoneSendAll(ZONED, action(ask.operation()));
        }
        return switch (ask.operation()) {
            case READ -> NvmeRequest.read(nsid, lba, count, blockBytes);
            case WRITE -> NvmeRequest.write(nsid, lba, blockBytes, ask.data());
            case APPEND -> NvmeRequest.append(nsid, lba, blockBytes, ask.data());
            case FLUSH -> NvmeRequest.flush(NvmeRequest.ALL_NAMESPACES);
            case WRITE_ZEROES -> NvmeRequest.writeZeroes(nsid, lba, count);
            case DISCARD -> NvmeRequest.deallocate(nsid, lba, count);
            case ZONE_OPEN ->
                ask.area()
                        ? NvmeRequest.openWithRandomWriteArea(nsid, lba)
                        : NvmeRequest.zoneSend(nsid, lba, Nvme.ZSA_OPEN);
            case ZONE_CLOSE, ZONE_FINISH, ZONE_RESET, ZONE_SET_OFFLINE ->
                NvmeRequest.zoneSend(nsid, lba, action(ask.operation()));
            case ZONE_SET_EXTENSION ->
                NvmeRequest.setExtension(nsid, lba, java.util.Arrays.copyOf(ask.data(), extensionBytes));
            case ZONE_FLUSH_AREA -> NvmeRequest.flushRandomWriteArea(nsid, lba + count - 1);
            case ZONE_REPORT, ZONE_SET_READ_ONLY ->
                throw new IllegalArgumentException("no words for " + ask.operation());
        };
    }

    private static int action(Operation operation) {
        return switch (operation) {
            case ZONE_OPEN -> Nvme.ZSA_OPEN;
            case ZONE_CLOSE -> Nvme.ZSA_CLOSE;
            case ZONE_FINISH -> Nvme.ZSA_FINISH;
            case ZONE_RESET -> Nvme.ZSA_RESET;
            case ZONE_SET_OFFLINE -> Nvme.ZSA_OFFLINE;
            default -> throw new IllegalArgumentException("no words for " + operation);
        };
    }

    @Override
    public boolean answered(Ticket ticket) {
        Sent sent = (Sent) ticket;
        host.collect(sent.queue);
        return sent.flight.result() != null;
    }

    @Override
    public Answer await(Ticket ticket) {
        Sent sent = (Sent) ticket;
        NvmeResult result = host.await(sent.queue, sent.flight);
        boolean good = result.status() == 0;
        boolean append = sent.ask.operation() == Operation.APPEND;
        return new Answer(
                result.code(),
                good ? result.in() : new byte[0],
                good && append ? conventionalBytes + result.dw01() * blockBytes : -1);
    }

    @Override
    public int reportCode(long offset, int zones) {
        return reported(offset, zones, 0).code();
    }

    private NvmeResult reported(long offset, int zones, int extension) {
        int bytes = NvmeZoneReport.HEADER_BYTES + zones * (NvmeZoneReport.ZONE_BYTES + extension);
        return host.run(
                NvmeRequest.report(ZONED, (offset - conventionalBytes) / blockBytes, bytes, extension != 0, 0, true));
    }

    @Override
    public List<ZoneView> report(long offset, int zones) {
        NvmeResult result = reported(offset, zones, 0);
        if (result.status() != 0) {
            throw new AssertionError("report from byte " + offset + " ended with " + result);
        }
        NvmeZoneReport report = NvmeZoneReport.parse(result.in(), 0);
        if (report.count() != report.zones().size()) {
            throw new AssertionError("a partial report counts " + report.count() + " zones and shows "
                    + report.zones().size());
        }
        return report.zones().stream().map(this::view).toList();
    }

    @Override
    public byte[] extension(long offset) {
        NvmeResult result = reported(offset, 1, extensionBytes);
        if (result.status() != 0) {
            throw new AssertionError("extended report from byte " + offset + " ended with " + result);
        }
        NvmeZoneReport.Zone zone =
                NvmeZoneReport.parse(result.in(), extensionBytes).zones().getFirst();
        boolean valid = (zone.attributes() & 0x80) != 0;
        return valid ? zone.extension() : new byte[0];
    }

    private ZoneView view(NvmeZoneReport.Zone zone) {
        if (zone.type() != 2 || zone.start() >= blocks) {
            throw new AssertionError("not a zone of the namespace: " + zone);
        }
        ZoneCondition condition = condition(zone.state());
        long pointer = zone.pointer();
        if (!condition.writable()) {
            // ZNS figure 37: not valid; all ones, as QEMU's controller gives it.
            assertEquals(-1L, pointer, "write pointer of a zone that has none");
            pointer = zone.start() + zoneBlocks;
        }
        return new ZoneView(
                ZoneType.SEQUENTIAL_WRITE_REQUIRED,
                condition,
                conventionalBytes + zone.start() * blockBytes,
                zone.capacity() * blockBytes,
                conventionalBytes + pointer * blockBytes);
    }

    private static ZoneCondition condition(int wire) {
        return switch (wire) {
            case Nvme.ZS_EMPTY -> ZoneCondition.EMPTY;
            case Nvme.ZS_IMPLICIT_OPEN -> ZoneCondition.IMPLICIT_OPEN;
            case Nvme.ZS_EXPLICIT_OPEN -> ZoneCondition.EXPLICIT_OPEN;
            case Nvme.ZS_CLOSED -> ZoneCondition.CLOSED;
            case Nvme.ZS_READ_ONLY -> ZoneCondition.READ_ONLY;
            case Nvme.ZS_FULL -> ZoneCondition.FULL;
            case Nvme.ZS_OFFLINE -> ZoneCondition.OFFLINE;
            default -> throw new AssertionError("zone state " + wire);
        };
    }

    @Override
    public void close() {
        host.close();
    }
}
