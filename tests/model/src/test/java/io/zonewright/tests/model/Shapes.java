package io.zonewright.tests.model;

import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.testkit.backend.Shape;
import java.util.List;

/** Small devices of every kind: a few zones of a few blocks, so that random commands meet. */
final class Shapes {
    private static final Shape PLAIN = Shape.hostManaged(6, 16);

    /** Without limits: what one zone does never depends on another. */
    static final List<Shape> UNLIMITED = List.of(
            PLAIN,
            PLAIN.withCapacity(11 * 512L).withConventional(2).named("capacity 11 of 16, 2 conventional"),
            PLAIN.with(new ZoneGeometry(ZoneModel.HOST_MANAGED, 5 * 8192 + 3 * 512, 512, 512, 8192))
                    .named("smaller last zone"));

    static final List<Shape> ALL = List.of(
            PLAIN,
            UNLIMITED.get(1),
            UNLIMITED.get(2),
            PLAIN.with(new ZoneLimits(2, 4, 3 * 512)).named("2 open, 4 active"),
            PLAIN.with(new ZoneLimits(3, 3, 0)).withCapacity(9 * 512L).named("3 open, 3 active, no append"),
            PLAIN.with(new ZoneLimits(0, 2, 8192)).withConventional(1).named("2 active"),
            PLAIN.with(new ZoneLimits(1, 0, 8192)).named("1 open"),
            PLAIN.with(new ZoneGeometry(ZoneModel.HOST_MANAGED, 6 * 16384 + 4096, 512, 4096, 16384))
                    .withCapacity(12288)
                    .with(new ZoneLimits(3, 4, 8192))
                    .named("granularity 4096 over 512, smaller last zone"),
            PLAIN.with(new ZoneGeometry(ZoneModel.HOST_MANAGED, 6 * 12 * 512, 512, 512, 12 * 512))
                    .with(new ZoneLimits(2, 3, 4096))
                    .named("zone size no power of two"),
            PLAIN.withCapacity(13 * 512L)
                    .with(new ZoneLimits(2, 4, 3 * 512))
                    .with(new ZoneFeatures(64, 2, 4 * 512, 2 * 512))
                    .named("2 areas of 4 by 2, capacity 13, extensions, 2 open, 4 active"),
            PLAIN.with(new ZoneGeometry(ZoneModel.HOST_MANAGED, 6 * 16384 + 4096, 512, 4096, 16384))
                    .with(new ZoneLimits(3, 0, 8192))
                    .with(new ZoneFeatures(128, 6, 4096, 4096))
                    .named("6 areas of one granule of 4096, smaller last zone, extensions, 3 open"),
            PLAIN.with(new ZoneFeatures(0, 1, 8 * 512, 512)).named("one area of 8 by 1"),
            PLAIN.with(new ZoneGeometry(ZoneModel.HOST_AWARE, 6 * 8192, 512, 512, 8192))
                    .withConventional(1)
                    .named("host-aware"),
            PLAIN.with(new ZoneGeometry(ZoneModel.HOST_AWARE, 5 * 8192 + 1024, 512, 4096, 8192))
                    .with(new ZoneLimits(2, 0, 0))
                    .named("host-aware, 2 open, granularity 4096"));

    private Shapes() {}
}
