package io.zonewright.backend.nullzoned;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.config.Key;
import io.zonewright.api.spi.BackendPlan;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsReaderTest {
    private static List<String> problems(String... words) {
        MapSettings settings = MapSettings.of(words);
        BackendPlan plan = new NullZonedExtension().plan(settings, DeviceIdentity.of("test"));
        if (!settings.problems().isEmpty()) {
            assertEquals(Optional.empty(), plan.geometry());
            assertEquals(Optional.empty(), plan.limits());
            assertThrows(IllegalStateException.class, plan::open);
        }
        return settings.problems();
    }

    @Test
    void aTypeAloneIsADevice() {
        NullZonedConfig config = Backends.config();

        assertEquals(new ZoneGeometry(ZoneModel.HOST_MANAGED, 64L << 30, 4096, 4096, 256 << 20), config.geometry());
        assertEquals(new ZoneLimits(0, 0, 1 << 20), config.limits());
        assertEquals(new ZoneFeatures(64, 0, 0, 0), config.features());
        assertEquals(Optional.empty(), config.zoneRules());
        assertEquals(256 << 20, config.zoneCapacity());
        assertEquals(0, config.conventionalZones());
        assertFalse(config.readOnly());
        assertTrue(config.keep());
        assertTrue(config.hugePages());
        assertEquals(Long.MAX_VALUE, config.maxMemoryBytes());
        assertFalse(config.latencies().any());
    }

    @Test
    void everyKeyIsRead() {
        NullZonedConfig config = Backends.config(
                "model=host-managed",
                "size=1032MiB",
                "zone-size=64MiB",
                "zone-capacity=48MiB",
                "conventional-zones=3",
                "block-size=512",
                "write-granularity=4KiB",
                "max-open=14",
                "max-active=28",
                "max-append=128KiB",
                "zone-descriptor-extension=4KiB",
                "random-write-area=128KiB",
                "random-write-areas=5",
                "random-write-flush=16KiB",
                "zone-rules=zns",
                "read-only=true",
                "initial-zones.full=3",
                "initial-zones.read-only=4,5",
                "initial-zones.offline=6-8",
                "initial-zones.closed=16",
                "initial-zones.closed-bytes=12KiB",
                "max-memory=32MiB",
                "huge-pages=false",
                "latency.read=80us",
                "latency.write=20us",
                "latency.flush=1ms",
                "latency.discard=2ms",
                "latency.reset=3ms",
                "latency.finish=1s");

        assertEquals(new ZoneGeometry(ZoneModel.HOST_MANAGED, 1032L << 20, 512, 4096, 64 << 20), config.geometry());
        assertEquals(17, config.geometry().zoneCount());
        assertEquals(8 << 20, config.geometry().zoneLength(16));
        assertEquals(new ZoneLimits(14, 28, 128 << 10), config.limits());
        assertEquals(new ZoneFeatures(4096, 5, 128 << 10, 16 << 10), config.features());
        assertEquals(Optional.of(ZoneRules.ZNS), config.zoneRules());
        assertEquals(48 << 20, config.zoneCapacity());
        assertEquals(3, config.conventionalZones());
        assertTrue(config.readOnly());
        assertEquals("{3}", config.initialZones().full().toString());
        assertEquals("{4, 5}", config.initialZones().readOnly().toString());
        assertEquals("{6, 7, 8}", config.initialZones().offline().toString());
        assertEquals("{16}", config.initialZones().closed().toString());
        assertEquals(12 << 10, config.initialZones().closedBytes());
        assertEquals(32 << 20, config.maxMemoryBytes());
        assertFalse(config.hugePages());
        assertEquals(
                "{READ=80000, WRITE=20000, FLUSH=1000000, DISCARD=2000000, RESET=3000000, FINISH=1000000000}",
                config.latencies().toString());
    }

    @Test
    void otherModels() {
        assertEquals(ZoneLimits.NONE, Backends.config("model=none", "size=1GiB").limits());
        assertEquals(
                ZoneGeometry.unzoned(1 << 30, 512),
                Backends.config("model=none", "size=1GiB", "block-size=512").geometry());
        NullZonedConfig aware = Backends.config("model=host-aware", "max-open=8", "zone-rules=zbc");
        assertEquals(ZoneModel.HOST_AWARE, aware.geometry().model());
        assertEquals(new ZoneLimits(8, 0, 0), aware.limits());
        assertEquals(ZoneFeatures.NONE, aware.features());
        assertEquals(ZoneFeatures.NONE, Backends.config("model=none").features());
        assertEquals(Optional.of(ZoneRules.ZBC), aware.zoneRules());
    }

    @Test
    void areasThatNothingElseIsSaidOf() {
        String[] small = {"size=64MiB", "zone-size=1MiB", "conventional-zones=4", "random-write-area=64KiB"};
        assertEquals(
                new ZoneFeatures(64, 60, 64 << 10, 4096), Backends.config(small).features());
        String[] limited = Arrays.copyOf(small, 5);
        limited[4] = "max-active=7";
        assertEquals(7, Backends.config(limited).features().areas());
    }

    @Test
    void aMillionZonesHaveExtensionsAndMoreHaveNone() {
        String[] million = {"data=discard", "size=1TiB", "zone-size=1MiB"};
        assertEquals(64, Backends.config(million).features().extensionBytes());
        String[] more = {"data=discard", "size=1025GiB", "zone-size=1MiB"};
        assertEquals(0, Backends.config(more).features().extensionBytes());
    }

    @Test
    void anAppendIsNotLongerThanASmallZone() {
        assertEquals(
                96 << 10,
                Backends.config("size=1MiB", "zone-size=128KiB", "zone-capacity=96KiB")
                        .limits()
                        .maxAppendBytes());
        assertEquals(0, Backends.config("max-append=0").limits().maxAppendBytes());
    }

    @Test
    void areasThatDoNotFit() {
        assertEquals(
                List.of(
                        "random-write-flush: a flush granularity of 10KiB is not a multiple of write-granularity, 4KiB, "
                                + "that divides the zone capacity, 960KiB: the nearest below is 8KiB"),
                problems(
                        "size=64MiB",
                        "zone-size=1MiB",
                        "zone-capacity=960KiB",
                        "random-write-area=64KiB",
                        "random-write-flush=10KiB"));
        assertEquals(
                List.of(
                        "random-write-areas: 0 random write areas cannot be had with a 'random-write-area': the nearest is 1"),
                problems("random-write-area=64KiB", "random-write-areas=0"));
        assertEquals(
                List.of(
                        "random-write-areas: 9 random write areas are more than zones that can be active: the nearest is 8"),
                problems("random-write-area=64KiB", "random-write-areas=9", "max-active=8"));
        assertEquals(
                List.of(
                        "zone-descriptor-extension: extensions of 4KiB for 65536 zones are more than 64MiB: the nearest is 1KiB"),
                problems("size=64GiB", "zone-size=1MiB", "zone-descriptor-extension=4KiB"));
        assertEquals(
                List.of(
                        "random-write-area: the zones of a host-aware device have nothing of the kind: the nearest is 0; or set 'model: host-managed'"),
                problems("model=host-aware", "random-write-area=64KiB"));
    }

    /** One wrong setting, one problem, word for word. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
        zone-descriptor-extension=100   | zone-descriptor-extension: an extension of 100B is not a multiple of 64B up to 16320B: the nearest is 128B
        zone-descriptor-extension=16KiB | zone-descriptor-extension: an extension of 16KiB is not a multiple of 64B up to 16320B: the nearest is 16320B
        random-write-area=6KiB | random-write-area: a random write area of 6KiB is not a multiple of random-write-flush, 4KiB, up to 262140KiB: the nearest is 8KiB
        random-write-area=1GiB | random-write-area: a random write area of 1GiB is not a multiple of random-write-flush, 4KiB, up to 262140KiB: the nearest is 262140KiB
        random-write-areas=4   | random-write-areas: 'random-write-areas' says nothing without 'random-write-area': remove it, or set 'random-write-area'
        random-write-flush=4KiB| random-write-flush: 'random-write-flush' says nothing without 'random-write-area': remove it, or set 'random-write-area'
        block-size=0      | block-size: a block of 0B is neither 512B nor 4KiB: the nearest is 512B
        block-size=1KiB   | block-size: a block of 1KiB is neither 512B nor 4KiB: the nearest is 512B
        block-size=3KiB   | block-size: a block of 3KiB is neither 512B nor 4KiB: the nearest is 4KiB
        block-size=1PiB   | block-size: a block of 1PiB is neither 512B nor 4KiB: the nearest is 4KiB
        write-granularity=0    | write-granularity: a write granularity of 0B is not a power of two from the block size, 4KiB, to 1MiB: the nearest is 4KiB
        write-granularity=512  | write-granularity: a write granularity of 512B is not a power of two from the block size, 4KiB, to 1MiB: the nearest is 4KiB
        write-granularity=12KiB| write-granularity: a write granularity of 12KiB is not a power of two from the block size, 4KiB, to 1MiB: the nearest is 16KiB
        write-granularity=11KiB| write-granularity: a write granularity of 11KiB is not a power of two from the block size, 4KiB, to 1MiB: the nearest is 8KiB
        write-granularity=2MiB | write-granularity: a write granularity of 2MiB is not a power of two from the block size, 4KiB, to 1MiB: the nearest is 1MiB
        size=0            | size: the size is 0: the nearest is 256MiB
        size=0 model=none | size: the size is 0: the nearest is 4KiB
        size=1073741825   | size: the size 1073741825B is not a multiple of write-granularity, 4KiB: the nearest is 1GiB
        size=1073745000   | size: the size 1073745000B is not a multiple of write-granularity, 4KiB: the nearest is 1048580KiB
        size=65TiB        | size: a device of 65TiB does not fit into the address space: the nearest is 64TiB; or set 'data: discard'
        size=9223372036854775807 data=discard zone-size=4TiB| size: the size 9223372036854775807B is not a multiple of write-granularity, 4KiB: the nearest is 9007199254740988KiB
        zone-size=0       | zone-size: the zone size is 0: the nearest is 4KiB
        zone-size=1000001 | zone-size: the zone size 1000001B is not a multiple of write-granularity, 4KiB: the nearest is 976KiB
        zone-size=65GiB   | zone-size: a zone of 65GiB is larger than the device, 64GiB: the nearest is 64GiB
        zone-size=8TiB size=16TiB | zone-size: a zone of 8TiB is longer than 2147483647 blocks: the nearest is 8589934588KiB
        zone-size=4KiB size=16TiB | zone-size: zones of 4KiB would be 4294967296 in number, and a device has at most 16777216: the nearest is 1MiB
        zone-capacity=0        | zone-capacity: the zone capacity is 0: the nearest is 4KiB
        zone-capacity=257MiB   | zone-capacity: a zone capacity of 257MiB is more than the zone size, 256MiB: the nearest is 256MiB
        zone-capacity=10000000 | zone-capacity: the zone capacity 10000000B is not a multiple of write-granularity, 4KiB: the nearest is 9764KiB
        conventional-zones=256 | conventional-zones: 256 conventional zones leave no sequential zone: the device has 256 zones: the nearest is 255
        conventional-zones=1 size=256MiB | conventional-zones: 1 conventional zones leave no sequential zone: the device has 1 zone: the nearest is 0
        max-open=15 max-active=14 | max-open: max-open 15 is above max-active 14, and open zones are active: the nearest is 14; or raise 'max-active' to 15, or to 0 for no limit
        max-open=16777217   | max-open: 16777217 is more zones than a device can have, 16777216: the nearest is 16777216; 0 means no limit
        max-active=99999999 | max-active: 99999999 is more zones than a device can have, 16777216: the nearest is 16777216; 0 means no limit
        max-append=257MiB   | max-append: an append of 257MiB does not fit into a zone's capacity, 256MiB: the nearest is 256MiB
        max-append=5000     | max-append: the longest append 5000B is not a multiple of write-granularity, 4KiB: the nearest is 4KiB
        model=host-aware max-append=4KiB | max-append: the zones of a host-aware device take no appends: the nearest is 0; or set 'model: host-managed'
        max-memory=1MiB     | max-memory: 1MiB is less than the smallest piece of memory, 2MiB: the nearest is 2MiB
        max-memory=1GiB data=discard | max-memory: a device with 'data: discard' uses no memory for data: remove 'max-memory', or set 'data: keep'
        latency.reset=3601s | latency.reset: a latency of 3601s is more than an hour: the nearest is 1h
        initial-zones.full=255-257     | initial-zones.full: the device has no zone 256 (and 1 more): the last zone is 255
        initial-zones.offline=1000     | initial-zones.offline: the device has no zone 1000: the last zone is 255
        conventional-zones=4 initial-zones.read-only=2-5 | initial-zones.read-only: zone 2 (and 1 more) is conventional and always ready: the first sequential zone is 4
        initial-zones.full=7-9 initial-zones.offline=9-12 | initial-zones.offline: zone 9 is in 'full' too: name each zone in one list
        initial-zones.read-only=7-9 initial-zones.closed=8-12 | initial-zones.closed: zone 8 (and 1 more) is in 'read-only' too: name each zone in one list
        initial-zones.closed=7-9 max-active=2 | initial-zones.closed: 3 closed zones are more than max-active, 2: name at most 2, or raise 'max-active'
        initial-zones.closed=7 initial-zones.closed-bytes=0 | initial-zones.closed-bytes: 0B written is not a multiple of write-granularity, 4KiB, below the capacity 256MiB: the nearest is 4KiB
        initial-zones.closed=7 initial-zones.closed-bytes=256MiB | initial-zones.closed-bytes: 256MiB written is not a multiple of write-granularity, 4KiB, below the capacity 256MiB: the nearest is 262140KiB
        initial-zones.closed=16 initial-zones.closed-bytes=16MiB size=1032MiB zone-size=64MiB | initial-zones.closed-bytes: 16MiB written is not a multiple of write-granularity, 4KiB, below the capacity 8MiB: the nearest is 8188KiB
        initial-zones.closed=7 zone-capacity=4KiB | initial-zones.closed: a zone with room for one write of 4KiB is empty or full, never closed: remove 'closed', or make the zone larger
        model=none size=4095 | size: the size 4095B is not a multiple of block-size, 4KiB: the nearest is 4KiB
        model=none zone-size=1MiB | zone-size: 'zone-size' says nothing about a device with 'model: none': remove it, or set 'model: host-managed'
        """)
    void aWrongSettingIsNamedWithTheNearestRightOne(String words, String expected) {
        assertEquals(List.of(expected), problems(words.split(" ", -1)));
    }

    @Test
    void aDeviceThatNoZoneSizeCanServe() {
        assertEquals(
                Optional.empty(),
                SettingsReader.read(MapSettings.of("size=9223372036854771712", "data=discard"), "test"));
        // 2^24 zones of just under 1 TiB end a block short of 16 EiB for 4 KiB blocks, and of 1 TiB * 2^24 for 512.
        assertEquals(
                List.of(
                        "zone-size: zones of 256MiB would be 34359738368 in number, and a device has at most 16777216: the nearest is 512GiB"),
                problems("size=9223372036854771712", "data=discard"));
    }

    @Test
    void allProblemsAreReportedAtOnce() {
        assertEquals(
                List.of(
                        "block-size: a block of 1KiB is neither 512B nor 4KiB: the nearest is 512B",
                        "latency.read: a latency of 9999s is more than an hour: the nearest is 1h",
                        "max-memory: 1KiB is less than the smallest piece of memory, 2MiB: the nearest is 2MiB",
                        "zone-size: the zone size 1000B is not a multiple of write-granularity, 512B: the nearest is 1KiB",
                        "zone-capacity: a zone capacity of 2KiB is more than the zone size, 1KiB: the nearest is 1KiB",
                        "conventional-zones: 1024 conventional zones leave no sequential zone: the device has 1024 zones: the nearest is 1023",
                        "max-open: max-open 3 is above max-active 2, and open zones are active: the nearest is 2; or raise 'max-active' to 3, or to 0 for no limit",
                        "max-append: an append of 2KiB does not fit into a zone's capacity, 1KiB: the nearest is 1KiB",
                        "initial-zones.full: the device has no zone 2000: the last zone is 1023"),
                problems(
                        "block-size=1KiB",
                        "latency.read=9999s",
                        "max-memory=1KiB",
                        "size=1MiB",
                        "zone-size=1000",
                        "zone-capacity=2KiB",
                        "conventional-zones=1024",
                        "max-open=3",
                        "max-active=2",
                        "max-append=2KiB",
                        "initial-zones.full=2000"));
    }

    @Test
    void everyZonedKeyIsRefusedWithoutZones() {
        List<String> problems = problems(
                "model=none",
                "zone-size=1MiB",
                "zone-capacity=1MiB",
                "conventional-zones=0",
                "write-granularity=4KiB",
                "max-open=0",
                "max-active=0",
                "max-append=0",
                "zone-rules=auto",
                "initial-zones.full=0");
        assertEquals(
                List.of(
                        "zone-size",
                        "zone-capacity",
                        "conventional-zones",
                        "write-granularity",
                        "max-open",
                        "max-active",
                        "max-append",
                        "zone-rules",
                        "initial-zones"),
                problems.stream()
                        .map(problem -> problem.substring(0, problem.indexOf(':')))
                        .toList());
    }

    @Test
    void keysTeach() {
        for (Key key : NullZonedKeys.ALL) {
            assertTrue(key.summary().endsWith("."), key.name());
            assertTrue(key.kind() == Key.Kind.SECTION || !key.example().isEmpty(), key.name());
        }
    }
}
