package io.zonewright.frontend.virtioblk.command;

import static io.zonewright.frontend.virtioblk.command.Disk.APPEND;
import static io.zonewright.frontend.virtioblk.command.Disk.CLOSE;
import static io.zonewright.frontend.virtioblk.command.Disk.CLOSED;
import static io.zonewright.frontend.virtioblk.command.Disk.EMPTY;
import static io.zonewright.frontend.virtioblk.command.Disk.EOPEN;
import static io.zonewright.frontend.virtioblk.command.Disk.FINISH;
import static io.zonewright.frontend.virtioblk.command.Disk.FULL;
import static io.zonewright.frontend.virtioblk.command.Disk.IN;
import static io.zonewright.frontend.virtioblk.command.Disk.IOPEN;
import static io.zonewright.frontend.virtioblk.command.Disk.NOT_WP;
import static io.zonewright.frontend.virtioblk.command.Disk.OFFLINE;
import static io.zonewright.frontend.virtioblk.command.Disk.OPEN;
import static io.zonewright.frontend.virtioblk.command.Disk.OUT;
import static io.zonewright.frontend.virtioblk.command.Disk.RDONLY;
import static io.zonewright.frontend.virtioblk.command.Disk.REPORT;
import static io.zonewright.frontend.virtioblk.command.Disk.RESET;
import static io.zonewright.frontend.virtioblk.command.Disk.RESET_ALL;
import static io.zonewright.frontend.virtioblk.command.Disk.ZONE;
import static io.zonewright.frontend.virtioblk.command.Disk.bytes;
import static io.zonewright.frontend.virtioblk.command.Disk.start;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.frontend.virtioblk.command.Driver.Reply;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The zoned rules of the virtio specification (1.4, "Block Device"), each by the number of its row in the checklist, on
 * a whole device, byte for byte. D1 to D12 are about features and configuration space and stand with these.
 */
class ZonedChecklistTest {
    private static final int OK = 0;
    private static final int IOERR = 1;
    private static final int UNSUPP = 2;
    private static final int INVALID_CMD = 3;
    private static final int UNALIGNED_WP = 4;
    private static final int OPEN_RESOURCE = 5;
    private static final int ACTIVE_RESOURCE = 6;

    private static final int[] ZONE_ACTIONS = {OPEN, CLOSE, FINISH, RESET};

    private final Disk disk = Disk.hostManaged();

    // Negotiation and types

    @Test
    void d13WithoutZonedAllSevenZoneRequestsAreUnsupported() {
        Disk ordinary = Disk.hostAware(0x1_0000_0a00L);
        assertEquals(UNSUPP, ordinary.append(start(2), 8).status());
        assertEquals(UNSUPP, ordinary.driver.send(REPORT, 0, 128).status());
        for (int action : new int[] {OPEN, CLOSE, FINISH, RESET, RESET_ALL}) {
            assertEquals(UNSUPP, ordinary.act(action, 2), "type " + action);
        }
        assertEquals(OK, ordinary.write(start(2), 8));
    }

    @Test
    void d14ZoneActionsOnAConventionalZoneAreInvalid() {
        for (int action : ZONE_ACTIONS) {
            assertEquals(INVALID_CMD, disk.act(action, 0), "type " + action);
        }
        disk.assertZone(0, NOT_WP, ZONE);
    }

    @Test
    void d15AppendToAZoneThatIsNotSequentialWriteRequiredIsInvalid() {
        assertEquals(INVALID_CMD, disk.append(start(0), 8).status());
        Disk aware = Disk.hostAware(Driver.ZONED_FEATURES);
        assertEquals(INVALID_CMD, aware.append(start(2), 8).status());
        aware.assertZone(2, EMPTY, 0);
    }

    // Transitions

    @Test
    void d16OpenThatCannotReachExplicitlyOpenIsInvalid() {
        for (int state : new int[] {FULL, RDONLY, OFFLINE}) {
            disk.make(3, state, state == FULL ? 8 : 0);
            assertEquals(INVALID_CMD, disk.act(OPEN, 3), "state " + state);
            assertEquals(state, disk.state(3));
        }
    }

    @Test
    void d17OpenWithoutAnOpenResourceChangesNothing() {
        disk.make(2, EOPEN, 0);
        disk.make(3, EOPEN, 8);
        assertEquals(OPEN_RESOURCE, disk.act(OPEN, 4));
        disk.assertZone(4, EMPTY, 0);
        disk.assertZone(2, EOPEN, 0);
        disk.assertZone(3, EOPEN, 8);
    }

    @Test
    void d17OpenWithoutAnActiveResourceChangesNothing() {
        Disk three = Disk.hostManaged(3, 3);
        three.make(2, CLOSED, 8);
        three.make(3, CLOSED, 8);
        three.make(4, CLOSED, 8);
        assertEquals(ACTIVE_RESOURCE, three.act(OPEN, 5));
        three.assertZone(5, EMPTY, 0);
        three.assertZone(2, CLOSED, 8);
        assertEquals(OK, three.act(OPEN, 2), "an active zone needs no further active resource");
    }

    @Test
    void d18CloseThatCannotReachClosedIsInvalid() {
        assertEquals(INVALID_CMD, disk.act(CLOSE, 2));
        disk.assertZone(2, EMPTY, 0);
        for (int state : new int[] {FULL, RDONLY, OFFLINE}) {
            disk.make(3, state, state == FULL ? 8 : 0);
            assertEquals(INVALID_CMD, disk.act(CLOSE, 3), "state " + state);
            assertEquals(state, disk.state(3));
        }
    }

    @Test
    void d19FinishThatCannotReachFullIsInvalid() {
        for (int state : new int[] {RDONLY, OFFLINE}) {
            disk.make(3, state, 0);
            assertEquals(INVALID_CMD, disk.act(FINISH, 3), "state " + state);
            assertEquals(state, disk.state(3));
        }
    }

    @Test
    void d19FinishReachesFullFromEveryConditionThatCanBeWritten() {
        disk.make(2, EMPTY, 0);
        disk.make(3, CLOSED, 8);
        disk.make(4, IOPEN, 8);
        disk.make(5, EOPEN, 8);
        for (int zone = 5; zone >= 2; zone--) {
            assertEquals(OK, disk.act(FINISH, zone), "zone " + zone);
            disk.assertZone(zone, FULL, ZONE);
        }
    }

    @Test
    void d20ResetThatCannotReachEmptyIsInvalid() {
        for (int state : new int[] {RDONLY, OFFLINE}) {
            disk.make(3, state, 0);
            assertEquals(INVALID_CMD, disk.act(RESET, 3), "state " + state);
            assertEquals(state, disk.state(3));
        }
    }

    @Test
    void d21ResetAllEmptiesAllButReadOnlyAndOfflineZones() {
        disk.make(2, FULL, 8);
        disk.make(3, CLOSED, 8);
        disk.make(4, RDONLY, 0);
        disk.make(5, OFFLINE, 0);
        disk.make(6, EOPEN, 8);
        disk.make(7, IOPEN, 16);
        assertEquals(OK, disk.act(RESET_ALL, 0));
        for (int zone : new int[] {2, 3, 6, 7, 8}) {
            disk.assertZone(zone, EMPTY, 0);
        }
        assertEquals(RDONLY, disk.state(4));
        assertEquals(OFFLINE, disk.state(5));
        assertEquals(NOT_WP, disk.state(0));
        assertArrayEquals(new byte[8 * 512], disk.read(start(2), 8).data());
        assertEquals(OK, disk.act(OPEN, 2), "resources were given back");
        assertEquals(OK, disk.act(OPEN, 3));
    }

    @Test
    void d22WritesAndAppendsOpenEmptyAndClosedZonesImplicitly() {
        assertEquals(OK, disk.write(start(2), 8));
        disk.assertZone(2, IOPEN, 8);
        assertEquals(OK, disk.act(CLOSE, 2));
        assertEquals(OK, disk.write(start(2) + 8, 8));
        disk.assertZone(2, IOPEN, 16);
        assertEquals(OK, disk.append(start(3), 8).status());
        disk.assertZone(3, IOPEN, 8);
        assertEquals(OK, disk.act(CLOSE, 3));
        assertEquals(OK, disk.append(start(3), 8).status());
        disk.assertZone(3, IOPEN, 16);
    }

    @Test
    void d22WritesAndAppendsWithoutAnOpenResourceFailWithTheirCode() {
        disk.make(2, EOPEN, 0);
        disk.make(3, EOPEN, 0);
        assertEquals(OPEN_RESOURCE, disk.write(start(4), 8));
        assertEquals(OPEN_RESOURCE, disk.append(start(4), 8).status());
        disk.assertZone(4, EMPTY, 0);
    }

    @Test
    void d22WritesAndAppendsWithoutAnActiveResourceFailWithTheirCode() {
        Disk three = Disk.hostManaged(3, 3);
        for (int zone = 2; zone <= 4; zone++) {
            three.make(zone, CLOSED, 8);
        }
        assertEquals(ACTIVE_RESOURCE, three.write(start(5), 8));
        assertEquals(ACTIVE_RESOURCE, three.append(start(5), 8).status());
        three.assertZone(5, EMPTY, 0);
        assertEquals(OK, three.write(start(2) + 8, 8));
    }

    // Appends

    @Test
    void d23AppendMustNameTheFirstSectorOfAZone() {
        disk.make(2, IOPEN, 8);
        assertEquals(INVALID_CMD, disk.append(start(2) + 8, 8).status());
        assertEquals(INVALID_CMD, disk.append(start(2) + 1, 8).status());
        disk.assertZone(2, IOPEN, 8);
    }

    @Test
    void d24WritesAndAppendsLargerThanTheRemainingCapacityAreInvalid() {
        assertEquals(INVALID_CMD, disk.write(start(2), 104), "capacity is 96");
        disk.assertZone(2, EMPTY, 0);
        disk.make(2, IOPEN, 88);
        assertEquals(INVALID_CMD, disk.write(start(2) + 88, 16));
        assertEquals(INVALID_CMD, disk.append(start(2), 16).status());
        disk.assertZone(2, IOPEN, 88);
        assertEquals(OK, disk.append(start(2), 8).status());
        disk.assertZone(2, FULL, ZONE);
        assertEquals(INVALID_CMD, disk.write(start(2) + 96, 8), "between capacity and size");
        assertEquals(INVALID_CMD, disk.append(start(2), 8).status());
    }

    @Test
    void d24TheSmallerLastZoneHasItsOwnCapacity() {
        assertEquals(OK, disk.write(start(11), 64));
        disk.assertZone(11, FULL, 64);
    }

    @Test
    void d25AppendTellsTheFirstSectorWritten() {
        Reply first = disk.append(start(2), 16);
        assertEquals("0001000000000000" + "00000000000000" + "00", first.hex(0, 16));
        Reply second = disk.append(start(2), 8);
        assertEquals("1001000000000000" + "00000000000000" + "00", second.hex(0, 16));
        disk.assertZone(2, IOPEN, 24);
    }

    @Test
    void d26FailedAppendWritesItsStatusOnly() {
        disk.make(2, FULL, 8);
        assertEquals("ee".repeat(15) + "03", disk.append(start(2), 8).hex(0, 16));
    }

    @Test
    void d27AppendToADeviceWithoutAppendIsUnsupported() {
        Disk none = Disk.hostManaged(new ZoneLimits(2, 3, 0));
        assertEquals(UNSUPP, none.append(start(2), 8).status());
        none.assertZone(2, EMPTY, 0);
    }

    @Test
    void d28AppendAboveTheLimitIsInvalid() {
        assertEquals(INVALID_CMD, disk.append(start(2), 40).status());
        disk.assertZone(2, EMPTY, 0);
        assertEquals(OK, disk.append(start(2), 32).status());
    }

    // Boundaries, alignment, write pointer

    @Test
    void d29AccessesThatSpanZonesAreInvalid() {
        assertEquals(INVALID_CMD, disk.read(start(3) - 1, 2).status(), "IN, both sequential");
        assertEquals(INVALID_CMD, disk.read(start(2) - 1, 2).status(), "IN, conventional and sequential");
        assertEquals(OK, disk.read(start(1) - 1, 2).status(), "IN, both conventional");
        assertEquals(OK, disk.read(start(2), ZONE).status(), "IN, one whole zone");
        assertEquals(INVALID_CMD, disk.write(start(2), ZONE + 8), "OUT, both sequential");
        assertEquals(INVALID_CMD, disk.write(start(2) - 8, 16), "OUT, conventional and sequential");
        assertEquals(OK, disk.write(start(1) - 8, 16), "OUT, both conventional");
        Disk unlimited = Disk.hostManaged(new ZoneLimits(0, 0, 1 << 20));
        assertEquals(INVALID_CMD, unlimited.append(start(2), ZONE + 8).status(), "APPEND");
        unlimited.assertZone(2, EMPTY, 0);
        disk.assertZone(2, EMPTY, 0);
    }

    @Test
    void d29AFailedReadLeavesTheDriversMemoryAlone() {
        Reply reply = disk.read(start(3) - 1, 2);
        byte[] expected = new byte[1024];
        Arrays.fill(expected, Driver.UNTOUCHED);
        assertArrayEquals(expected, reply.data());
        assertEquals(0, reply.used());
    }

    @Test
    void d29ZonesThatAreNotWriteRequiredMayBeSpanned() {
        Disk aware = Disk.hostAware(Driver.ZONED_FEATURES);
        assertEquals(OK, aware.read(start(3) - 1, 2).status());
        assertEquals(OK, aware.read(start(2) - 1, 2).status());
    }

    @Test
    void d29WritesMaySpanZonesThatAreWritePreferred() {
        for (long features : new long[] {0x1_0000_0a00L, Driver.ZONED_FEATURES}) {
            Disk aware = Disk.hostAware(features);
            assertEquals(OK, aware.write(start(3) - 8, 16, 0x33));
            assertArrayEquals(bytes(16, 0x33), aware.read(start(3) - 8, 16).data());
        }
    }

    @Test
    void d30WritesThatAreNotAtTheWritePointerAreUnaligned() {
        assertEquals(UNALIGNED_WP, disk.write(start(2) + 8, 8));
        disk.make(2, IOPEN, 16);
        assertEquals(UNALIGNED_WP, disk.write(start(2) + 8, 8));
        assertEquals(UNALIGNED_WP, disk.write(start(2) + 24, 8));
        disk.assertZone(2, IOPEN, 16);
        assertArrayEquals(bytes(8, 0x77), disk.read(start(2) + 8, 8).data());
    }

    @Test
    void d30SequentialWritePreferredZonesTakeWritesAnywhere() {
        Disk aware = Disk.hostAware(Driver.ZONED_FEATURES);
        assertEquals(OK, aware.write(start(2) + 40, 8, 0x11));
        assertEquals(OK, aware.write(start(2), 8, 0x22));
        assertArrayEquals(bytes(8, 0x11), aware.read(start(2) + 40, 8).data());
        assertArrayEquals(bytes(8, 0x22), aware.read(start(2), 8).data());
    }

    @Test
    void d31S7AnImplicitlyOpenZoneIsClosedToMakeRoom() {
        disk.make(2, IOPEN, 8);
        disk.make(3, IOPEN, 8);
        assertEquals(OK, disk.write(start(4), 8));
        disk.assertZone(4, IOPEN, 8);
        int closed = (disk.state(2) == CLOSED ? 1 : 0) + (disk.state(3) == CLOSED ? 1 : 0);
        assertEquals(1, closed, "one of the two made room");
    }

    // Read-only and offline zones

    @Test
    void d32WritesAndAppendsToAReadOnlyZoneAreInvalid() {
        disk.make(2, RDONLY, 8);
        assertEquals(INVALID_CMD, disk.write(start(2) + 8, 8));
        assertEquals(INVALID_CMD, disk.write(start(2) + 1, 1));
        assertEquals(INVALID_CMD, disk.append(start(2), 8).status());
        assertEquals(RDONLY, disk.state(2));
    }

    @Test
    void d33EveryRequestToAnOfflineZoneIsInvalid() {
        disk.make(2, OFFLINE, 8);
        assertEquals(INVALID_CMD, disk.driver.send(IN, start(2), 512).status());
        assertEquals(
                INVALID_CMD,
                disk.driver.write(OUT, start(2) + 8, bytes(8, 1), 0).status());
        assertEquals(
                INVALID_CMD,
                disk.driver.write(APPEND, start(2), bytes(8, 1), 15).status());
        for (int action : ZONE_ACTIONS) {
            assertEquals(INVALID_CMD, disk.act(action, 2), "type " + action);
        }
        Disk aware = Disk.hostAware(Driver.ZONED_FEATURES);
        aware.make(3, OFFLINE, 0);
        assertEquals(INVALID_CMD, aware.read(start(3) - 1, 2).status(), "in part");
        assertEquals(OK, aware.read(start(3) - 1, 1).status());
    }

    // Unwritten data

    @Test
    void d34D35UnwrittenDataReadsAsZeroes() {
        disk.make(2, IOPEN, 8);
        byte[] expected = new byte[ZONE * 512];
        Arrays.fill(expected, 0, 8 * 512, (byte) 0x77);
        assertArrayEquals(expected, disk.read(start(2), ZONE).data());
        assertEquals(OK, disk.act(FINISH, 2));
        assertArrayEquals(expected, disk.read(start(2), ZONE).data(), "from the old write pointer on, after finish");
    }

    @Test
    void d34DataIsUnwrittenAfterAReset() {
        disk.make(2, IOPEN, 8);
        assertEquals(OK, disk.act(RESET, 2));
        assertArrayEquals(new byte[8 * 512], disk.read(start(2), 8).data());
        assertEquals(OK, disk.write(start(2), 8, 0x11));
        assertEquals(0x11, disk.medium.at(start(2) * 512));
    }

    // General rules

    @Test
    void d39AReadOnlyDeviceTakesNoWritesAndNoZoneActions() {
        Disk readOnly = Disk.readOnly();
        assertEquals(IOERR, readOnly.write(0, 8));
        assertEquals(0, readOnly.medium.at(0));
        assertEquals(IOERR, readOnly.write(start(2), 8));
        assertEquals(IOERR, readOnly.append(start(2), 8).status());
        for (int action : ZONE_ACTIONS) {
            assertEquals(IOERR, readOnly.act(action, 2), "type " + action);
        }
        assertEquals(IOERR, readOnly.act(RESET_ALL, 0));
        readOnly.assertZone(2, EMPTY, 0);
        assertEquals(OK, readOnly.read(0, 8).status());
    }

    @Test
    void d41FlushSucceeds() {
        assertEquals(OK, disk.driver.send(4, 0, 0).status());
    }

    @Test
    void rangesOutsideOfTheDeviceAreIoErrorsForReadsAndWritesAndInvalidForZoneRequests() {
        long end = start(11) + 64;
        assertEquals(IOERR, disk.read(end, 1).status());
        assertEquals(IOERR, disk.read(end - 1, 2).status());
        assertEquals(IOERR, disk.write(end, 8));
        assertEquals(IOERR, disk.write(end - 8, 16));
        assertEquals(IOERR, disk.read((1L << 54) - 1, 8).status());
        assertEquals(IOERR, disk.write((1L << 54) - 1, 8));
        assertEquals(INVALID_CMD, disk.append(end, 8).status());
        assertEquals(INVALID_CMD, disk.driver.send(OPEN, end, 0).status());
        assertEquals(INVALID_CMD, disk.driver.send(REPORT, end, 128).status());
        Disk ordinary = Disk.hostAware(0x1_0000_0a00L);
        assertEquals(IOERR, ordinary.read(end, 1).status());
        assertEquals(IOERR, ordinary.write(end - 8, 16));
    }

    @Test
    void aPartOfASectorIsAnIoError() {
        assertEquals(IOERR, disk.driver.send(IN, 0, 100).status());
        assertEquals(IOERR, disk.driver.write(OUT, 0, new byte[513], 0).status(), "conventional zone");
    }

    // The state machine that drivers rely on

    @Test
    void s1ConventionalZonesHaveNoWritePointerSequentialOnesHave() {
        assertEquals(OK, disk.write(0, 8));
        disk.assertZone(0, NOT_WP, ZONE);
        Reply all = disk.driver.send(REPORT, 0, 64 * 13);
        assertEquals(12, all.le64(0));
        for (int zone = 0; zone < 12; zone++) {
            String expected = zone < 2 ? "0100" : "0201";
            assertEquals(expected, all.hex(64 + 64 * zone + 24, 64 + 64 * zone + 26), "zone " + zone);
        }
    }

    @Test
    void s2CapacityIsAtMostTheSize() {
        Reply all = disk.driver.send(REPORT, 0, 64 * 13);
        long[] capacities = new long[12];
        Arrays.setAll(capacities, zone -> all.le64(64 + 64 * zone));
        assertArrayEquals(new long[] {128, 128, 96, 96, 96, 96, 96, 96, 96, 96, 96, 64}, capacities);
    }

    @Test
    void s3TheWritePointerIsTheEndOfTheZoneWhereItIsUndefined() {
        disk.make(2, FULL, 8);
        disk.make(3, RDONLY, 8);
        disk.make(4, OFFLINE, 8);
        for (int zone : new int[] {0, 2, 3, 4}) {
            assertEquals(ZONE, disk.pointer(zone), "zone " + zone);
        }
    }

    @Test
    void s4ResourceViolationsHaveTheirTwoCodes() {
        disk.make(2, EOPEN, 0);
        disk.make(3, EOPEN, 0);
        assertEquals(OPEN_RESOURCE, disk.act(OPEN, 4));
        assertEquals(OK, disk.act(FINISH, 2));
        assertEquals(OK, disk.act(OPEN, 4), "a full zone gave its resource back");
    }

    @Test
    void s4FinishOfAnEmptyZonePassesThroughOpenAndNeedsItsResources() {
        disk.make(2, CLOSED, 8);
        disk.make(3, CLOSED, 8);
        disk.make(4, CLOSED, 8);
        assertEquals(ACTIVE_RESOURCE, disk.act(FINISH, 5));
        disk.assertZone(5, EMPTY, 0);
    }

    @Test
    void s5BothLimitsAtOnceAreTheActiveLimit() {
        disk.make(2, CLOSED, 8);
        disk.make(3, EOPEN, 0);
        disk.make(4, EOPEN, 0);
        assertEquals(ACTIVE_RESOURCE, disk.act(OPEN, 5));
        assertEquals(ACTIVE_RESOURCE, disk.write(start(5), 8));
        assertEquals(OPEN_RESOURCE, disk.act(OPEN, 2), "active already, so the open limit alone");
        assertEquals(OPEN_RESOURCE, disk.write(start(2) + 8, 8));
    }

    @Test
    void s6ResetOfAnEmptyZoneSucceeds() {
        assertEquals(OK, disk.act(RESET, 2));
        disk.assertZone(2, EMPTY, 0);
    }

    @Test
    void s7ExplicitlyOpenZonesAreNeverClosedToMakeRoom() {
        disk.make(2, EOPEN, 8);
        disk.make(3, IOPEN, 8);
        assertEquals(OK, disk.write(start(4), 8));
        disk.assertZone(2, EOPEN, 8);
        disk.assertZone(3, CLOSED, 8);
        disk.assertZone(4, IOPEN, 8);
    }

    @Test
    void s8CloseOfAnExplicitlyOpenZoneGivesEmptyOrClosed() {
        disk.make(2, EOPEN, 0);
        assertEquals(OK, disk.act(CLOSE, 2));
        disk.assertZone(2, EMPTY, 0);
        disk.make(3, EOPEN, 8);
        assertEquals(OK, disk.act(CLOSE, 3));
        disk.assertZone(3, CLOSED, 8);
    }

    @Test
    void s9OpenOfAnExplicitlyOpenZoneSucceeds() {
        disk.make(2, EOPEN, 0);
        assertEquals(OK, disk.act(OPEN, 2));
        disk.assertZone(2, EOPEN, 0);
    }

    @Test
    void s10CloseOfAClosedZoneSucceeds() {
        disk.make(2, CLOSED, 8);
        assertEquals(OK, disk.act(CLOSE, 2));
        disk.assertZone(2, CLOSED, 8);
    }

    @Test
    void s11FinishOfAFullZoneSucceeds() {
        disk.make(2, FULL, 8);
        assertEquals(OK, disk.act(FINISH, 2));
        disk.assertZone(2, FULL, ZONE);
    }

    @Test
    void s12FullZonesBecomeEmptyByReset() {
        disk.make(2, FULL, 8);
        disk.make(3, FULL, 96);
        assertEquals(OK, disk.act(RESET, 2));
        disk.assertZone(2, EMPTY, 0);
        assertEquals(OK, disk.act(RESET_ALL, 0));
        disk.assertZone(3, EMPTY, 0);
    }

    @Test
    void s13WritesAndAppendsOfNothingDoNotOpenAZone() {
        assertEquals(OK, disk.write(start(2), 0));
        disk.assertZone(2, EMPTY, 0);
        Reply reply = disk.append(start(2), 0);
        assertEquals(OK, reply.status());
        disk.assertZone(2, EMPTY, 0);
        disk.make(3, CLOSED, 8);
        assertEquals(OK, disk.write(start(3) + 8, 0));
        disk.assertZone(3, CLOSED, 8);
    }

    @Test
    void s14WritesThatAreNotAMultipleOfTheWriteGranularityAreUnaligned() {
        assertEquals(UNALIGNED_WP, disk.write(start(2), 1));
        assertEquals(UNALIGNED_WP, disk.write(start(2), 9));
        assertEquals(UNALIGNED_WP, disk.append(start(2), 7).status());
        disk.assertZone(2, EMPTY, 0);
        assertEquals(OK, disk.write(start(1) + 3, 1), "conventional zones take single blocks");
    }

    @Test
    void s15TheReportStartsWithTheZoneThatHoldsTheSector() {
        disk.make(2, IOPEN, 8);
        Reply reply = disk.driver.send(REPORT, start(2) + 77, 64 + 2 * 64);
        String zone2 = "6000000000000000" + "0001000000000000" + "0801000000000000" + "02" + "02" + "00".repeat(38);
        String zone3 = "6000000000000000" + "8001000000000000" + "8001000000000000" + "02" + "01" + "00".repeat(38);
        assertEquals("0200000000000000" + "00".repeat(56) + zone2 + zone3 + "00", reply.hex(0, 193));
        assertEquals(193, reply.used());
    }

    @Test
    void s16ReadOnlyZonesAreReadableAndOfflineIsFinal() {
        disk.make(2, RDONLY, 8);
        assertArrayEquals(bytes(8, 0x77), disk.read(start(2), 8).data());
        disk.make(2, OFFLINE, 0);
        assertEquals(INVALID_CMD, disk.read(start(2), 8).status());
        assertEquals(Cause.ZONE_OFFLINE, disk.administer(Operation.ZONE_SET_READ_ONLY, 2));
        assertEquals(OK, disk.act(RESET_ALL, 0));
        assertEquals(OFFLINE, disk.state(2));
    }

    @Test
    void s17ZoneActionsInTheMiddleOfAZoneAreInvalid() {
        disk.make(2, IOPEN, 8);
        for (int action : ZONE_ACTIONS) {
            assertEquals(INVALID_CMD, disk.driver.send(action, start(2) + 8, 0).status(), "type " + action);
        }
        disk.assertZone(2, IOPEN, 8);
    }
}
