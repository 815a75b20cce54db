package io.zonewright.tests.conformance;

import io.zonewright.testkit.device.TestDevice;
import java.util.List;
import java.util.Set;

/** A back-end under test, with the engine over it. */
interface Medium {
    /** For the names of tests. */
    String name();

    /** Whether there are such media in this shape. */
    default boolean comesIn(Shape shape) {
        return true;
    }

    /** What shape and medium can do, in the words of the scenarios. */
    Set<String> properties(Shape shape);

    /** Opens a fresh device. */
    Opened open(Shape shape);

    /** A device, and the hands on its medium. */
    interface Opened extends AutoCloseable {
        TestDevice device();

        /** A line {@code medium WORDS…} of a scenario. */
        default void command(List<String> words) {
            throw new IllegalArgumentException("this medium takes no commands: " + words);
        }

        /**
         * Makes a zone read-only or offline as a disk does by itself.
         *
         * @return false if this medium does nothing by itself, and is asked through the device
         */
        default boolean breakZone(int zone, boolean offline) {
            return false;
        }

        @Override
        void close();
    }
}
