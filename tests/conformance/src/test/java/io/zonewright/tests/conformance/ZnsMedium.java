package io.zonewright.tests.conformance;

import io.zonewright.testkit.device.TestDevice;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** null-zoned as NVMe knows zones: rules of ZNS, descriptor extensions, two random write areas of 8 granules each. */
final class ZnsMedium implements Medium {
    static final ZnsMedium INSTANCE = new ZnsMedium();

    private static final int AREA_GRANULES = 8;

    private ZnsMedium() {}

    @Override
    public String name() {
        return "null-zoned with areas and extensions";
    }

    @Override
    public boolean comesIn(Shape shape) {
        return shape.granularity() == shape.blockSize() && shape.maxAppend() > 0;
    }

    @Override
    public Set<String> properties(Shape shape) {
        Set<String> words = new TreeSet<>(shape.properties());
        words.add("engine");
        words.add("zns");
        return words;
    }

    @Override
    public Opened open(Shape shape) {
        Map<String, String> settings = new LinkedHashMap<>(shape.nullZonedSettings());
        settings.put("zone-rules", "zns");
        settings.put("zone-descriptor-extension", "128");
        settings.put("random-write-area", Integer.toString(AREA_GRANULES * shape.blockSize()));
        settings.put("random-write-areas", "2");
        settings.put("random-write-flush", Integer.toString(2 * shape.blockSize()));
        TestDevice device = TestDevice.over("null-zoned", settings);
        return new Opened() {
            @Override
            public TestDevice device() {
                return device;
            }

            @Override
            public void close() {
                device.close();
            }
        };
    }
}
