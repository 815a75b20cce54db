package io.zonewright.backend.linuxzbd.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.backend.linuxzbd.open.Machine;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.kernel.FakeDisk;
import io.zonewright.testkit.kernel.FakeKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZoneReaderTest {
    private static final long ZONE = 4096;
    private static final Path PATH = Path.of("/dev/fake");

    private final FakeKernel kernel;
    private final List<String> told = new ArrayList<>();
    private final ZoneSink sink = (index, type, condition, capacity, pointer) ->
            told.add(index + " " + condition + " " + capacity + " " + (pointer - index * ZONE));

    ZoneReaderTest(@TempDir Path directory) {
        kernel = new FakeKernel(directory);
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    private ZoneReader reader(long bytes) {
        return reader(bytes, ZONE);
    }

    private ZoneReader reader(long bytes, long zoneBytes) {
        Posix posix = Machine.of(kernel).posix();
        Fd fd = posix.open(PATH, 0, 0);
        return new ZoneReader(
                new BlockCalls(posix, fd), new ZoneGeometry(ZoneModel.HOST_MANAGED, bytes, 512, 512, zoneBytes));
    }

    @Test
    void aHundredThousandZonesComeInOnePassOfBatches() throws IOException {
        FakeDisk disk = kernel.zoned("/dev/fake", 100_000, ZONE, ZONE, 0);
        int[] count = new int[1];
        reader(100_000 * ZONE).read(0, 100_000 * ZONE, (index, type, condition, capacity, pointer) -> {
            assertEquals(count[0], index);
            count[0]++;
        });
        assertEquals(100_000, count[0]);
        assertEquals(25, disk.log().size());
        assertEquals("BLKREPORTZONE 0 zones 4096", disk.log().getFirst());
        assertEquals("BLKREPORTZONE 402653184 zones 1696", disk.log().getLast());
    }

    @Test
    void aDriverThatGivesFewZonesAtATimeIsAskedAgain() throws IOException {
        FakeDisk disk = kernel.zoned("/dev/fake", 10, ZONE, ZONE, 0).reportsAtMost(4);
        reader(10 * ZONE).read(ZONE, 7 * ZONE, sink);
        assertEquals(7, told.size());
        assertEquals(List.of("BLKREPORTZONE 4096 zones 7", "BLKREPORTZONE 20480 zones 3"), disk.log());
    }

    @Test
    void conditionsAndPointersArePutInOrder() throws IOException {
        FakeDisk disk = kernel.add("/dev/fake", 8 * ZONE + 2048, ZONE, 3072, 1);
        disk.movePointer(2, 1024);
        disk.movePointer(3, 3072);
        disk.breakZone(4, FakeDisk.READ_ONLY);
        disk.breakZone(5, FakeDisk.OFFLINE);
        reader(8 * ZONE + 2048).read(0, 8 * ZONE + 2048, sink);
        assertEquals(
                List.of(
                        "0 NOT_WRITE_POINTER 4096 4096",
                        "1 EMPTY 3072 0",
                        "2 IMPLICIT_OPEN 3072 1024",
                        "3 FULL 3072 3072",
                        "4 READ_ONLY 3072 3072",
                        "5 OFFLINE 3072 3072",
                        "6 EMPTY 3072 0",
                        "7 EMPTY 3072 0",
                        "8 EMPTY 2048 0"),
                told);
    }

    @Test
    void zonesNeedNoPowerOfTwo() throws IOException {
        kernel.zoned("/dev/fake", 5, 3072, 2560, 1);
        List<Long> capacities = new ArrayList<>();
        reader(5 * 3072, 3072)
                .read(0, 5 * 3072, (index, type, condition, capacity, pointer) -> capacities.add(capacity));
        assertEquals(List.of(3072L, 2560L, 2560L, 2560L, 2560L), capacities);
    }

    @Test
    void aCachedReportAsksTheDiskForActiveZonesAlone() throws IOException {
        FakeDisk disk = kernel.zoned("/dev/fake", 10, ZONE, ZONE, 0);
        disk.movePointer(3, 512);
        disk.movePointer(4, 1024);
        disk.movePointer(7, 512);
        reader(10 * ZONE).readCached(0, 10 * ZONE, sink);
        assertEquals(
                List.of("BLKREPORTZONEV2 0 zones 10", "BLKREPORTZONE 12288 zones 2", "BLKREPORTZONE 28672 zones 1"),
                disk.log());
        assertEquals("3 IMPLICIT_OPEN 4096 512", told.get(3));
        assertEquals("4 IMPLICIT_OPEN 4096 1024", told.get(4));
        assertEquals("7 IMPLICIT_OPEN 4096 512", told.get(7));
        assertEquals("9 EMPTY 4096 0", told.get(9));
        assertEquals(10, told.size());
    }

    @Test
    void aKernelWithoutCachedReportsIsAskedForThemOnce() throws IOException {
        FakeDisk disk = kernel.zoned("/dev/fake", 2, ZONE, ZONE, 0).withoutCachedReports();
        ZoneReader reader = reader(2 * ZONE);
        reader.readCached(0, 2 * ZONE, sink);
        reader.readCached(0, 2 * ZONE, sink);
        assertEquals(
                List.of("BLKREPORTZONEV2 0 zones 2", "BLKREPORTZONE 0 zones 2", "BLKREPORTZONE 0 zones 2"), disk.log());
        assertEquals(4, told.size());
    }

    @Test
    void aZoneThatIsNotWhereItWasIsAnError() {
        kernel.zoned("/dev/fake", 4, 2 * ZONE, ZONE, 0);
        ZoneReader reader = reader(8 * ZONE);
        IOException e = assertThrows(IOException.class, () -> reader.read(0, 8 * ZONE, sink));
        assertEquals("zone 0 is at byte 0 with 8192 bytes, where 4096 bytes at 0 were expected", e.getMessage());
    }

    @Test
    void aPointerOutsideOfAnOpenZoneIsAnError() {
        FakeDisk disk = kernel.zoned("/dev/fake", 2, ZONE, 2048, 0);
        disk.movePointer(1, 3072);
        ZoneReader reader = reader(2 * ZONE);
        IOException e = assertThrows(IOException.class, () -> reader.read(0, 2 * ZONE, sink));
        assertEquals(
                "zone 1 is IMPLICIT_OPEN with its write pointer at byte 7168, outside of 4096 to 6144", e.getMessage());
    }
}
