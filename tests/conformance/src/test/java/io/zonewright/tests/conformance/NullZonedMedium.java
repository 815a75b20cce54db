package io.zonewright.tests.conformance;

import io.zonewright.testkit.device.TestDevice;
import java.util.Set;
import java.util.TreeSet;

/** The null-zoned back-end, as its plugin makes it from settings. */
final class NullZonedMedium implements Medium {
    static final NullZonedMedium INSTANCE = new NullZonedMedium();

    private NullZonedMedium() {}

    @Override
    public String name() {
        return "null-zoned";
    }

    @Override
    public Set<String> properties(Shape shape) {
        Set<String> words = new TreeSet<>(shape.properties());
        words.add("engine");
        words.add("discard");
        words.add("zeroes");
        return words;
    }

    /** A device of this shape. */
    static TestDevice device(Shape shape) {
        return TestDevice.over("null-zoned", shape.nullZonedSettings());
    }

    @Override
    public Opened open(Shape shape) {
        TestDevice device = device(shape);
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
