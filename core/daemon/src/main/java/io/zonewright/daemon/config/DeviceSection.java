package io.zonewright.daemon.config;

import io.zonewright.api.config.Key;
import io.zonewright.api.spi.DeviceIdentity;
import java.util.List;
import java.util.Optional;

/**
 * One device of the file, its name and identity checked; the parts that belong to plugins are not looked at yet.
 *
 * @param identity name and UUID
 * @param path of the device, {@code devices.archive}
 * @param position where its name stands
 * @param backend its back-end; empty if a problem was reported instead
 * @param frontends its front-ends
 */
public record DeviceSection(
        DeviceIdentity identity, String path, Position position, Optional<Part> backend, List<Part> frontends) {
    public DeviceSection {
        frontends = List.copyOf(frontends);
    }

    /** The part of the file that belongs to one plugin, once its type is known. */
    public static final class Part {
        private final Mapping mapping;
        private final List<Key> hostKeys;
        private final Section host;

        Part(Mapping mapping, List<Key> hostKeys) {
            this.mapping = mapping;
            this.hostKeys = hostKeys;
            this.host = Section.of(mapping, hostKeys);
        }

        /** Where the part begins. */
        public Position start() {
            return mapping.start();
        }

        /** Path of the part, {@code devices.archive.frontends[0]}. */
        public String path() {
            return mapping.path();
        }

        /** The text of {@code type} or {@code transport}; empty if it is not there or was wrong. */
        public Optional<String> text(String key) {
            return host.given(key).map(String.class::cast);
        }

        /** Reports that {@code type} or {@code transport} is wrong. */
        public void problem(String key, String what, String fix) {
            host.problem(key, what, fix);
        }

        /** Reads the plugin's own keys. */
        public Section settings(List<Key> keys) {
            return Section.closed(
                    mapping, keys, hostKeys.stream().map(Key::name).toList());
        }
    }
}
